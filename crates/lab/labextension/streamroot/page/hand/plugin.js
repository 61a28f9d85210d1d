// The plot follows the hand: what is changed in a cell is run while it is changed.

import { onUndo } from "./edit.js";
import { knobs } from "./knob.js";
import { Runner } from "./runner.js";

const PLUGIN = "streamroot:hand";

export default async shared => {
  const names = ["@jupyterlab/notebook", "@jupyterlab/codemirror", "@codemirror/state", "@codemirror/view", "@codemirror/language"];
  const [notebook, codemirror, state, view, language] = await Promise.all(names.map(shared));
  const { INotebookTracker, NotebookActions } = notebook;
  const { IEditorExtensionRegistry, EditorExtensionRegistry } = codemirror;

  return {
    id: PLUGIN,
    description: "Runs cells while a hand changes them.",
    autoStart: true,
    requires: [INotebookTracker, IEditorExtensionRegistry],
    activate: (app, tracker, extensions) => {
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
          follow(runner);
          panel.content.model.cells.changed.connect(() => follow(runner));
        });
      });
      NotebookActions.executionScheduled.connect((_, { notebook, cell }) => {
        for (const [panel, runner] of runners) if (panel.content === notebook) runner.ranByHand(cell);
      });
    },
  };
};

/** Looks at cells that are new. */
function follow(runner) {
  for (const cell of runner.cells) {
    if (cell.streamrootHand) continue;
    cell.streamrootHand = true;
    cell.disposed.connect(onUndo(cell, () => runner.want(cell)));
  }
}

function style() {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("hand.css", import.meta.url).href;
  return link;
}
