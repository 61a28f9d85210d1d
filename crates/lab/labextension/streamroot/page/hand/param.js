// What a comment at the end of a line asks for: `let percentile = 100.0; //@param {type:"slider", min:0, max:100, step:5}`.

import { Written } from "./number.js";

const LINE = /^(\s*let\s+(?:mut\s+)?([\p{L}_][\p{L}\d_]*)\s*(?::[^=]+)?=\s*)(.*?)\s*;\s*\/\/\s*@param\b\s*(.*)$/u;
const FORMS = '{type:"slider", min:0, max:100, step:5}, {type:"number"}, {type:"boolean"}, or a list of values';

/**
 * The controls that a cell's code asks for: each with the name it is for, the place and the text of the value, and what it is. One
 * that can't be made has a sentence instead, `wrong`.
 */
export function paramsOf(code) {
  const params = [];
  let start = 0;
  for (const line of code.split("\n")) {
    const found = LINE.exec(line);
    if (found) {
      const [, before, name, text, asked] = found;
      const from = start + before.length;
      params.push({ name, from, to: from + text.length, text, ...control(name, text, asked) });
    }
    start += line.length + 1;
  }
  return params;
}

function control(name, text, asked) {
  let form;
  try {
    form = read(asked);
  } catch {
    return { wrong: `The @param of ${name} can't be read: write ${FORMS}.` };
  }
  const { type, values, min, max, step } = form;
  if (values) {
    const options = values.map(value => (typeof value === "string" && isText(text) ? JSON.stringify(value) : String(value)));
    return { type: "list", options: options.includes(text) ? options : [text, ...options] };
  }
  if (type === "boolean") {
    return text === "true" || text === "false" ? { type } : { wrong: `${name} is not true or false, as its @param has it.` };
  }
  if (!["slider", "number", "integer"].includes(type)) return { wrong: `The @param of ${name} has no known type: write ${FORMS}.` };
  const number = Written.of(text);
  if (!number) return { wrong: `${name} is not a number, as its @param has it.` };
  const limits = { min, max, step: step ?? number.tick };
  if (type === "slider" && !(min < max)) return { wrong: `The slider of ${name} needs a min and a larger max.` };
  return { type: type === "slider" ? "slider" : "number", ...limits, number };
}

/** The form, whose names need no quotes: {type:"slider", min:0}; or a list of values. */
function read(asked) {
  const list = /^\[.*?\]/.exec(asked);
  if (list) return { values: JSON.parse(list[0]) };
  return JSON.parse(asked.trim().replace(/([{,]\s*)(\w+)\s*:/g, '$1"$2":'));
}

const isText = text => text.startsWith('"');
