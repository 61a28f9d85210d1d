// The controls above a cell that its comments ask for.

import { Edit } from "./edit.js";
import { element } from "./marks.js";
import { paramsOf } from "./param.js";
import { sourceOf } from "./runner.js";

let made = 0;

/** Shows the controls of a cell, as its code has them. */
export class Sliders {
  constructor(cell, runner, { Widget }) {
    Object.assign(this, { cell, runner });
    this.widget = new Widget();
    this.widget.addClass("streamroot-hand-params");
    this.widget.node.setAttribute("role", "group");
    this.widget.node.setAttribute("aria-label", "Parameters of the cell");
    this.controls = new Map(); // by name
    this.refresh();
    const { sharedModel } = cell.model;
    const refresh = (_, change) => {
      if (change.sourceChange) this.refresh();
    };
    sharedModel.changed.connect(refresh);
    // A cell that is moved is shown by another widget.
    cell.disposed.connect(() => {
      sharedModel.changed.disconnect(refresh);
      this.widget.dispose();
    });
  }

  refresh() {
    const params = paramsOf(sourceOf(this.cell));
    const kept = new Map();
    for (const param of params) {
      const kind = JSON.stringify([param.wrong, param.type, param.min, param.max, param.step, param.options]);
      const known = this.controls.get(param.name);
      const control = known?.kind === kind ? known : this.make(param, kind);
      control.set?.(param.text);
      kept.set(param.name, control);
    }
    const nodes = [...kept.values()].map(control => control.node);
    if (nodes.some((node, i) => this.widget.node.children[i] !== node) || nodes.length !== this.widget.node.children.length) {
      this.widget.node.replaceChildren(...nodes);
    }
    this.controls = kept;
    // Without any, nothing is added to the cell.
    if (nodes.length && !this.widget.parent) this.cell.layout.insertWidget(1, this.widget);
    else if (!nodes.length && this.widget.parent) this.widget.parent = null;
  }

  make(param, kind) {
    const node = element("div", "streamroot-hand-param");
    if (param.wrong) {
      node.textContent = param.wrong;
      node.dataset.wrong = "";
      return { kind, node };
    }
    const id = `streamroot-hand-${(made += 1)}`;
    const label = element("label", "", { for: id });
    label.textContent = param.name.replaceAll("_", " ");
    node.append(label);
    return { kind, node, set: MAKE[param.type](node, id, param, text => this.write(param.name, text), () => this.end()) };
  }

  /** Writes a value into the code, in the place of the one that stands there. */
  write(name, value) {
    const view = this.cell.editor?.editor;
    const param = paramsOf(sourceOf(this.cell)).find(param => param.name === name);
    if (!view || !param || param.wrong) return;
    if (this.name !== name) this.end();
    if (!this.edit) {
      this.edit = new Edit(this.cell, view, param.from, param.to);
      this.name = name;
      this.runner.hold(this.cell);
    }
    if (this.edit.write(typeof value === "function" ? value(param) : value)) this.runner.want(this.cell);
  }

  end() {
    if (!this.edit) return;
    this.edit.end();
    this.edit = this.name = null;
    this.runner.release(this.cell);
  }
}

/** Each puts its control into a node, and gives what shows a value there. */
const MAKE = {
  slider(node, id, { min, max, step }, write, end) {
    const input = element("input", "", { id, type: "range", min, max, step });
    const value = element("output", "", { for: id });
    node.append(input, value);
    listen(input, () => write(param => param.number.as(input.value, step)), end);
    return text => {
      value.textContent = text;
      input.setAttribute("aria-valuetext", text);
      const number = numeric(text);
      if (Number(input.value) !== number) input.value = number;
    };
  },

  number(node, id, { min, max, step }, write, end) {
    const limits = Object.fromEntries(Object.entries({ min, max, step }).filter(([, value]) => value !== undefined));
    const input = element("input", "", { id, type: "number", ...limits });
    node.append(input);
    const change = () => {
      if (input.value !== "") write(param => param.number.as(input.value, step));
    };
    listen(input, change, end);
    return text => {
      const number = numeric(text);
      if (Number(input.value) !== number) input.value = number;
    };
  },

  boolean(node, id, _, write, end) {
    const input = element("input", "", { id, type: "checkbox" });
    node.append(input);
    listen(input, () => write(String(input.checked)), end);
    return text => {
      input.checked = text === "true";
    };
  },

  list(node, id, { options }, write, end) {
    const input = element("select", "", { id });
    for (const option of options) {
      const one = element("option", "", { value: option });
      one.textContent = option.replace(/^"(.*)"$/, "$1");
      input.append(one);
    }
    node.append(input);
    listen(input, () => write(input.value), end);
    return text => {
      input.value = text;
    };
  },
};

const numeric = text => Number(text.replaceAll("_", "").replace(/[iuf](8|16|32|64|128|size)$/, ""));

function listen(input, change, end) {
  // The notebook's keys are not for what has the focus here.
  input.setAttribute("data-lm-suppress-shortcuts", "true");
  input.addEventListener("input", change);
  input.addEventListener("change", end);
}
