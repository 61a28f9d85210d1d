// The plot follows the hand: what is changed in a cell is run while it is changed.

import { onUndo } from "./edit.js";
import { knobs } from "./knob.js";
import * as live from "./live.js";
import { Runner } from "./runner.js";
import { Sliders } from "./sliders.js";

const PLUGIN = "streamroot:hand";
// As the schema names them.
const SWITCH = "streamroot-live";
const LIVE = "streamroot:live-cell";

export default async shared => {
  const jupyterlab = ["@jupyterlab/notebook", "@jupyterlab/codemirror", "@jupyterlab/apputils", "@lumino/widgets"];
  const editor = ["@codemirror/state", "@codemirror/view", "@codemirror/language"];
  const [notebook, codemirror, apputils, lumino] = await Promise.all(jupyterlab.map(shared));
  const [state, view, language] = await Promise.all(editor.map(shared));
  const { INotebookTracker, NotebookActions } = notebook;
  const { IEditorExtensionRegistry, EditorExtensionRegistry } = codemirror;

  return {
    id: PLUGIN,
    description: "Runs cells while a hand changes them.",
    autoStart: true,
    requires: [INotebookTracker, IEditorExtensionRegistry],
    optional: [apputils.IToolbarWidgetRegistry, apputils.ICommandPalette],
    activate: (app, tracker, extensions, toolbars, palette) => {
      document.head.append(style());
      const runners = new Map(); // by panel
      const cellOf = editor => {
        const node = editor.dom.closest(".jp-CodeCell");
        if (!node) return null;
        for (const [panel, runner] of runners) {
          if (!panel.node.contains(node)) continue;
          const cell = panel.content.widgets.find(cell => cell.node === node);
          return cell ? { cell, runner } : null;
        }
        return null;
      };
      extensions.addExtension({
        name: PLUGIN,
        factory: () => EditorExtensionRegistry.createImmutableExtension(knobs({ state, view, language }, cellOf)),
      });

      tracker.widgetAdded.connect((_, panel) => {
        const runner = new Runner(panel);
        runners.set(panel, runner);
        panel.disposed.connect(() => runners.delete(panel));
        panel.context.ready.then(() => {
          follow(runner, lumino);
          panel.content.model.cells.changed.connect(() => follow(runner, lumino));
        });
      });
      NotebookActions.executionScheduled.connect((_, { notebook, cell }) => {
        for (const [panel, runner] of runners) if (panel.content === notebook) runner.ranByHand(cell);
      });
      // By then the kernel can be asked, and is not kept from a cell.
      NotebookActions.executed.connect((_, { notebook }) => {
        for (const [panel, runner] of runners) if (panel.content === notebook) runner.kernel?.families();
      });
      // The cell's own toolbar makes way for its code.
      app.commands.addCommand(LIVE, {
        label: "Run This Cell While It Is Typed",
        isToggleable: true,
        isEnabled: () => tracker.activeCell?.model.type === "code",
        isToggled: () => Boolean(tracker.activeCell && live.isLive(tracker.activeCell)),
        execute: () => tracker.activeCell && live.flip(tracker.activeCell),
      });
      palette?.addItem({ command: LIVE, category: "Notebook Cell Operations" });
      toolbars?.addFactory("Notebook", SWITCH, panel => live.notebookSwitch(lumino, panel, one => runners.get(one)));
      toolbars?.addFactory("Cell", SWITCH, cell => live.cellSwitch(lumino, cell));
    },
  };
};

/** Looks at cells that are new. */
function follow(runner, lumino) {
  for (const cell of runner.cells) {
    if (runner.known.has(cell)) continue;
    runner.known.add(cell);
    cell.disposed.connect(onUndo(cell, () => runner.want(cell)));
    new Sliders(cell, runner, lumino);
    runner.typing.set(cell, live.follow(cell, runner));
  }
}

function style() {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("hand.css", import.meta.url).href;
  return link;
}
