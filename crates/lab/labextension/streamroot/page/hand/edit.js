// A change of code by a hand that goes on for a while: one step for undo, whatever was written in between.

export class Edit {
  /** Begins to change a part of a cell's code. */
  constructor(cell, view, from, to) {
    Object.assign(this, { cell, view, from, to });
    this.before = this.text = view.state.sliceDoc(from, to);
    this.undo = cell.model.sharedModel.undoManager;
    this.timeout = this.undo?.captureTimeout;
    this.undo?.stopCapturing();
    if (this.undo) this.undo.captureTimeout = Infinity;
  }

  /** Writes another text in its place. Nothing is written when somebody else has changed the code there. */
  write(text) {
    const { view, from, to } = this;
    if (text === this.text || view.state.sliceDoc(from, to) !== this.text) return false;
    view.dispatch({ changes: { from, to, insert: text }, userEvent: "input.hand" });
    this.text = text;
    this.to = from + text.length;
    return true;
  }

  end() {
    if (!this.undo) return;
    this.undo.captureTimeout = this.timeout;
    const last = this.undo.undoStack.at(-1);
    if (this.text !== this.before && last) last.meta.set(BY_HAND, this.cell.model.id);
    this.undo.stopCapturing();
  }
}

const BY_HAND = "streamroot:hand";

/** Calls back when a change by hand is taken back, or done again. */
export function onUndo(cell, callback) {
  const undo = cell.model.sharedModel.undoManager;
  if (!undo) return () => {};
  let popping = false;
  const added = ({ stackItem }) => {
    // What takes the step back is put on the other stack, before the step itself is said to be gone.
    if (undo.undoing || undo.redoing) popping = stackItem;
  };
  const popped = ({ stackItem }) => {
    // Undo may be of the whole notebook.
    if (stackItem.meta.get(BY_HAND) !== cell.model.id) return;
    if (popping) popping.meta.set(BY_HAND, cell.model.id);
    popping = false;
    callback();
  };
  undo.on("stack-item-added", added);
  undo.on("stack-item-popped", popped);
  return () => {
    undo.off("stack-item-added", added);
    undo.off("stack-item-popped", popped);
  };
}
