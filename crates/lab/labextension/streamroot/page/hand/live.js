// Cells that run while they are typed: those of a notebook whose switch is on, and those that are live themselves.

import { element } from "./marks.js";

const PAUSE = 300; // milliseconds without typing after which a cell is run
const KEY = "streamroot"; // of a cell's metadata

export const isLive = cell => cell.model.getMetadata(KEY)?.live === true;

/** Makes a cell live, or not any more. */
export function flip(cell) {
  if (isLive(cell)) cell.model.deleteMetadata(KEY);
  else cell.model.setMetadata(KEY, { live: true });
}

/** Runs a cell some time after the last change of its code, if it is live by then. */
export function follow(cell, runner) {
  let waiting;
  const type = (_, change) => {
    if (!change.sourceChange) return;
    clearTimeout(waiting);
    // What is dragged or slid is run already.
    if (runner.held.has(cell) && !runner.typed.has(cell)) return;
    if (!runner.live && !isLive(cell)) return;
    waiting = setTimeout(() => {
      runner.typed.add(cell);
      runner.hold(cell);
      runner.want(cell);
      if (!cell.editor?.hasFocus()) leave();
    }, PAUSE);
  };
  const leave = () => {
    if (!runner.typed.delete(cell)) return;
    runner.release(cell);
  };
  const show = () => cell.node.classList.toggle("streamroot-hand-is-live", isLive(cell));
  show();
  const { model } = cell;
  const { sharedModel } = model;
  model.metadataChanged.connect(show);
  sharedModel.changed.connect(type);
  // A cell that is moved is shown by another widget.
  cell.disposed.connect(() => {
    clearTimeout(waiting);
    model.metadataChanged.disconnect(show);
    sharedModel.changed.disconnect(type);
  });
  cell.node.addEventListener("focusout", event => {
    if (!cell.editorWidget?.node.contains(event.relatedTarget)) leave();
  });
  return () => clearTimeout(waiting);
}

/** A switch that says whether it is on. */
function newSwitch({ Widget }, words, title, flip) {
  const widget = new Widget();
  widget.addClass("jp-Toolbar-item");
  const button = element("button", "streamroot-hand-live", { type: "button", role: "switch", title });
  button.textContent = words;
  button.addEventListener("click", flip);
  widget.node.append(button);
  widget.set = on => button.setAttribute("aria-checked", on);
  return widget;
}

/** The switch of a notebook, off at first. */
export function notebookSwitch(lumino, panel, runnerOf) {
  const flip = () => {
    const runner = runnerOf(panel);
    if (!runner) return;
    runner.live = !runner.live;
    widget.set(runner.live);
  };
  const widget = newSwitch(lumino, "Live", "Run each cell of this notebook while it is typed", flip);
  widget.set(false);
  return widget;
}

/** The switch of a cell, which the notebook remembers. */
export function cellSwitch(lumino, cell) {
  if (cell.model.type !== "code") {
    const nothing = new lumino.Widget();
    nothing.hide();
    return nothing;
  }
  const widget = newSwitch(lumino, "Live", "Run this cell while it is typed", () => flip(cell));
  const show = () => widget.set(isLive(cell));
  show();
  const { model } = cell;
  model.metadataChanged.connect(show);
  widget.disposed.connect(() => model.metadataChanged.disconnect(show));
  return widget;
}
