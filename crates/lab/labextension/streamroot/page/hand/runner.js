// What is run of a notebook without anybody pressing a key for it: one cell at a time, and always with what it says by then.
//
// A pass begins with the topmost cell that was changed, and goes down: a cell below is run when it uses a name that was bound anew.
// What changes meanwhile is for the next pass. So no queue builds up, no old picture follows a new one, and the last value is run.

import { Kernel } from "./kernel.js";
import { Marks } from "./marks.js";
import { withoutNumbers } from "./number.js";
import { run, show } from "./run.js";

const SLOW = 2000; // milliseconds from which on a cell is not run while the hand is at it

export class Runner {
  /** @param panel a notebook that is open */
  constructor(panel) {
    this.panel = panel;
    this.marks = new Marks(panel);
    this.wanted = new Set();
    this.held = new Set(); // cells that a hand is at
    this.typed = new Set(); // those of them that it types in
    this.live = false; // whether cells run while they are typed
    this.later = new Set(); // cells to run when it lets go
    this.took = new WeakMap(); // milliseconds that a cell's last run took
    this.byHand = new WeakMap(); // how often a cell was run by its own key
    this.names = new Map(); // by code, whatever its numbers
    this.values = null; // the names that have a value, while that is known
    this.known = new WeakSet(); // cells that are looked at
    this.typing = new WeakMap(); // what forgets that a cell was typed in
    this.running = false;
    this.showing = Promise.resolve(); // what was run last
    panel.sessionContext.connectionStatusChanged.connect(() => this.forget());
    panel.sessionContext.statusChanged.connect((_, status) => {
      if (["restarting", "autorestarting", "dead", "terminating"].includes(status)) this.forget();
    });
  }

  /**
   * The kernel as it is now, or nothing. One that starts or has ended is not asked: JupyterLab keeps what is sent to it, and a
   * new kernel that gets that before JupyterLab's own questions is taken for one that does not answer.
   */
  get kernel() {
    const connection = this.panel.sessionContext.session?.kernel;
    if (connection?.connectionStatus !== "connected" || !["idle", "busy"].includes(connection.status)) return null;
    if (this.asked?.connection !== connection) this.asked = new Kernel(connection);
    return this.asked;
  }

  get cells() {
    return this.panel.content.widgets.filter(cell => cell.model.type === "code");
  }

  /** Runs a cell, with what it says when its turn comes. */
  want(cell) {
    if (!this.kernel) return;
    this.wanted.add(cell);
    this.start();
  }

  /** While a hand is at a cell, slow cells wait for it to let go. */
  hold(cell) {
    this.held.add(cell);
  }

  release(cell) {
    this.held.delete(cell);
    if (this.held.size) return;
    for (const waiting of this.later) this.wanted.add(waiting);
    this.later.clear();
    this.marks.noneWaits();
    if (this.wanted.size) this.start();
    else if (!this.running) this.marks.noneFollows();
  }

  /** A cell is run by its own key: what comes of a run before that is not shown any more. */
  ranByHand(cell) {
    this.byHand.set(cell, (this.byHand.get(cell) ?? 0) + 1);
    this.values = null;
    this.typing.get(cell)?.();
    this.wanted.delete(cell);
    this.later.delete(cell);
    this.marks.clear(cell);
  }

  /** The kernel has ended: what was to be run has nothing to run on. */
  forget() {
    this.wanted.clear();
    this.later.clear();
    this.names.clear();
    this.values = null;
    this.marks.noneWaits();
    this.marks.noneFollows();
    this.asked = null;
  }

  async start() {
    if (this.running) return;
    this.runs(true);
    try {
      do {
        while (this.wanted.size) await this.pass();
        await this.showing;
      } while (this.wanted.size);
    } catch (error) {
      // The kernel has ended, which JupyterLab says.
      console.info(`A run has come to nothing: ${error}`);
      this.wanted.clear();
    } finally {
      this.runs(false);
      if (!this.held.size) this.marks.noneFollows();
    }
  }

  runs(running) {
    this.running = running;
    this.panel.node.classList.toggle("streamroot-hand-runs", running);
  }

  async pass() {
    const changed = new Set();
    // The notebook may change while this goes down, so its cells are looked up again for each.
    for (let at = 0; at < this.cells.length; at += 1) {
      const cell = this.cells[at];
      const asked = this.wanted.delete(cell);
      const code = sourceOf(cell);
      const why = asked || !changed.size ? [] : await this.follows(cell, code, changed);
      if (!asked && !why.length) continue;
      if (this.held.size && this.took.get(cell) > SLOW) {
        this.later.add(cell);
        this.marks.waits(cell, this.took.get(cell), this.typed.size > 0);
        continue;
      }
      this.later.delete(cell);
      if (!asked) this.marks.follows(cell, why);
      for (const name of await this.runOne(cell, code)) changed.add(name);
    }
    // Cells that are not there any more.
    for (const cell of this.wanted) if (cell.isDisposed) this.wanted.delete(cell);
  }

  /** The names, of those bound anew, for which a cell has to run again. */
  async follows(cell, code, changed) {
    await this.know([...this.cells.map(sourceOf), code]);
    const { binds, uses } = this.namesOf(code);
    // What binds a name once more has to do so again, or what is below it would see another's value.
    const why = [...new Set([...uses, ...binds])].filter(name => changed.has(name));
    if (!why.length) return why;
    // What it uses beside that has to be there: a cell whose other names nothing has bound yet is left alone.
    const bound = new Set(this.cells.flatMap(one => this.namesOf(sourceOf(one))?.binds ?? []));
    return uses.every(name => this.values.has(name) || changed.has(name) || !bound.has(name)) ? why : [];
  }

  /** What a code binds and uses, once that is known. */
  namesOf(code) {
    return this.names.get(withoutNumbers(code));
  }

  /** Asks for what is not known yet: the names of some codes, and those that have a value. */
  async know(codes) {
    const unknown = [...new Set(codes)].filter(code => !this.namesOf(code));
    if (!unknown.length && this.values) return;
    if (this.names.size > 1000) this.names.clear(); // what long typing leaves behind
    const { cells, known } = await this.kernel.names(unknown);
    unknown.forEach((code, i) => this.names.set(withoutNumbers(code), cells[i]));
    this.values = new Set(known);
    await this.know(codes);
  }

  /** Runs a cell, shows what comes of it, and gives the names that it has bound. */
  async runOne(cell, code) {
    const byHand = this.byHand.get(cell) ?? 0;
    const began = performance.now();
    const running = run(this.kernel.connection, code, cell);
    // Asked while the cell is compiled, and answered behind it. What a hand drags is known but for the first time.
    const names = this.namesOf(code) ? null : this.kernel.names([code]);
    const { outputs, number, ran, error } = await running;
    this.took.set(cell, performance.now() - began);
    if (error) this.values = null; // some may be lost
    const isLast = () => !cell.isDisposed && (this.byHand.get(cell) ?? 0) === byHand;
    if (!ran || !isLast()) return [];
    // What is wrong with a text that is not there any more is of no interest.
    if (error && sourceOf(cell) !== code) return [];
    if (error && hasGood(cell)) {
      this.marks.failed(cell, error);
      return [];
    }
    this.marks.clear(cell);
    // The next run need not wait for the pictures of this one to be loaded.
    this.showing = this.showing.then(() => (isLast() ? show(cell, outputs, number) : null)).catch(console.error);
    if (error) return [];
    if (names) {
      const { cells, known } = await names;
      this.names.set(withoutNumbers(code), cells[0]);
      this.values = new Set(known);
    }
    const { binds } = this.namesOf(code);
    for (const name of binds) this.values?.add(name);
    return binds;
  }
}

/** Whether a cell shows something that an error should not take away. */
function hasGood(cell) {
  const outputs = cell.model.outputs.toJSON();
  return outputs.every(output => output.output_type !== "error");
}

export const sourceOf = cell => cell.model.sharedModel.getSource();
