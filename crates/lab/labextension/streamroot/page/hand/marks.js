// What the page says of cells that run by themselves: which follow another, which wait for the hand, which can't be run.

export class Marks {
  constructor(panel) {
    this.panel = panel;
    this.said = element("span", "streamroot-hand-said", { role: "status" });
    panel.node.append(this.said);
    this.chips = new Map();
    this.notes = new Map();
    this.following = new Map();
  }

  /** A cell runs because of names that were bound anew. */
  follows(cell, names) {
    clearTimeout(this.fading);
    this.following.set(cell, names);
    this.chip(cell, "follows", `follows ${names.join(", ")}`);
    const count = this.following.size;
    this.say(`${count} ${count === 1 ? "cell below follows" : "cells below follow"}.`);
  }

  /** After a while, for a hand that rests to see it. */
  noneFollows() {
    clearTimeout(this.fading);
    this.fading = setTimeout(() => {
      for (const cell of this.following.keys()) this.removeChip(cell, "follows");
      this.following.clear();
    }, 2000);
  }

  /** A cell takes too long to be run while a hand is at it. */
  waits(cell, milliseconds, typed) {
    const when = typed ? "leave the cell that you type in" : "let go";
    const words = `takes ${(milliseconds / 1000).toFixed(1)} s: runs when you ${when}`;
    this.chip(cell, "waits", words);
    this.say(`A cell ${words}.`);
  }

  noneWaits() {
    for (const [cell, { kind }] of this.chips) if (kind === "waits") this.removeChip(cell, "waits");
  }

  /** What the cell says can't be run; what it shows is that of what it said before. */
  failed(cell, { ename, evalue, traceback = [] }) {
    let note = this.notes.get(cell);
    if (!note) {
      note = element("details", "streamroot-hand-error");
      note.append(element("summary", ""), element("pre", ""));
      this.notes.set(cell, note);
      cell.outputArea.node.closest(".jp-Cell-outputWrapper").after(note);
    }
    const [summary, whole] = note.children;
    const line = `${evalue || ename}`.split("\n")[0];
    if (summary.textContent !== line) summary.textContent = line;
    whole.textContent = traceback.join("\n").replace(/\x1b\[[0-9;]*m/g, "") || evalue;
    cell.node.classList.add("streamroot-hand-stale");
    this.say(`Not run: ${line}`);
  }

  /** What the cell shows is what it says. */
  clear(cell) {
    this.notes.get(cell)?.remove();
    if (this.notes.delete(cell)) this.say("");
    cell.node.classList.remove("streamroot-hand-stale");
  }

  chip(cell, kind, words) {
    let chip = this.chips.get(cell);
    if (!chip) {
      chip = { node: element("span", "streamroot-hand-chip") };
      cell.node.append(chip.node);
      this.chips.set(cell, chip);
    }
    chip.kind = kind;
    chip.node.dataset.kind = kind;
    if (chip.node.textContent !== words) chip.node.textContent = words;
  }

  removeChip(cell, kind) {
    const chip = this.chips.get(cell);
    if (chip?.kind !== kind) return;
    chip.node.remove();
    this.chips.delete(cell);
  }

  /** For those who can't see the page. */
  say(words) {
    if (this.said.textContent !== words) this.said.textContent = words;
  }
}

export function element(name, kind, attributes = {}) {
  const node = document.createElement(name);
  if (kind) node.className = kind;
  for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
  return node;
}
