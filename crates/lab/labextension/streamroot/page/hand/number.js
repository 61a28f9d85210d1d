// A number as it is written in code, and the ones beside it, written alike.

// What may stand before a number, its digits, and what may stand behind it: 0xff, x.0, p2p and 1..2 are left alone.
const NUMBER = /(?<![\w.]|\w\.)(\d+(?:_\d+)*)(?:\.(\d+(?:_\d+)*))?([eE][+-]?\d+)?(_?[iuf](?:8|16|32|64|128|size))?(?!\w|\.\d)/g;
const RANGE = /(?<=\.\.=?)(\d+(?:_\d+)*)()()(_?[iu](?:8|16|32|64|128|size))?(?!\w|\.\d)/g;
// A minus is a sign where no value ends before it.
const SIGN = /(?:^|[([{,;:=<>+*/%&|!~^"']|\breturn|\bAND|\bOR)\s*-$/;

/** The number that a place in a line is in or beside, or nothing. */
export function numberAt(line, place) {
  for (const expression of [NUMBER, RANGE]) {
    for (const found of line.matchAll(expression)) {
      const to = found.index + found[0].length;
      if (place < found.index || place > to) continue;
      const signed = SIGN.test(line.slice(0, found.index));
      return { from: found.index - (signed ? 1 : 0), to, number: new Written(found, signed) };
    }
  }
  return null;
}

/** The numbers of a line, as places. */
export function numbersIn(line) {
  const found = [NUMBER, RANGE].flatMap(expression => [...line.matchAll(expression)]);
  return found.map(({ index, 0: text }) => ({ from: index, to: index + text.length })).sort((a, b) => a.from - b.from);
}

/** A code with the same number in the place of each. What it names does not depend on them. */
export const withoutNumbers = code => code.replace(NUMBER, "0").replace(RANGE, "0");

/** A number, with all that belongs to how it is written. */
export class Written {
  /** The number that a text is, or nothing. */
  static of(text) {
    const found = numberAt(text, text.length);
    return found && found.from === 0 && found.to === text.length ? found.number : null;
  }

  constructor([, whole, fraction = "", exponent = "", suffix = ""], signed) {
    this.point = fraction !== "";
    this.places = fraction.replaceAll("_", "").length;
    this.exponent = exponent;
    this.suffix = suffix;
    this.group = whole.includes("_") ? whole.length - whole.lastIndexOf("_") - 1 : 0;
    this.signed = signed;
    // In units of the last written digit, as exactly as it is written.
    this.units = BigInt((whole + fraction).replaceAll("_", "")) * (signed ? -1n : 1n);
    this.step = stepOf(whole.replaceAll("_", ""), fraction.replaceAll("_", ""));
  }

  /** The number some steps away. Only one that has a sign goes below zero. */
  moved(steps) {
    let units = this.units + this.step * BigInt(steps);
    if (units < 0n && !this.signed) units = 0n;
    return this.written(units);
  }

  /** Another value, with as many places as its step has at least. */
  as(value, step) {
    const places = Math.max(this.places, this.exponent ? 0 : placesOf(step), this.exponent ? 0 : placesOf(value));
    const scaled = Number(value) / 10 ** Number(this.exponent.slice(1) || 0);
    const other = Object.assign(Object.create(Written.prototype), this, { places, point: places > 0 });
    return other.written(BigInt(Math.round(scaled * 10 ** places)));
  }

  /** The step, as a number. */
  get tick() {
    return Number(this.step) * 10 ** (Number(this.exponent.slice(1) || 0) - this.places);
  }

  written(units) {
    const digits = String(units < 0n ? -units : units).padStart(this.places + 1, "0");
    const split = digits.length - this.places;
    const whole = this.group ? grouped(digits.slice(0, split), this.group) : digits.slice(0, split);
    const fraction = this.point ? `.${digits.slice(split)}` : "";
    return `${units < 0n ? "-" : ""}${whole}${fraction}${this.exponent}${this.suffix}`;
  }
}

/** The step that the digits of a number suggest: 100.0 by 1, 0.05 by 0.01, 200 by 10, 2 by 1, 2019 by 1. */
function stepOf(whole, fraction) {
  if (fraction) return fraction === "0" ? 10n : 1n;
  const zeros = whole.length - whole.replace(/0+$/, "").length;
  return 10n ** BigInt(Math.max(0, Math.min(whole.length - 2, zeros)));
}

function grouped(digits, size) {
  const groups = [];
  for (let end = digits.length; end > 0; end -= size) groups.unshift(digits.slice(Math.max(0, end - size), end));
  return groups.join("_");
}

const placesOf = number => (String(number).split(".")[1] ?? "").length;
