// Numbers in a code cell that can be dragged, with Alt or by a handle, or stepped with Alt+Up and Alt+Down; and words that the same
// keys change for their kin.

import { Edit } from "./edit.js";
import { element } from "./marks.js";
import { numberAt, numbersIn } from "./number.js";

const STEP = 6; // pixels of a drag for a step
const MANY = 10; // steps with Shift
const EVERY = 40; // milliseconds from one change of the code to the next, at least, while a number is dragged

/**
 * The extension of the editor.
 *
 * @param of gives the cell that a view is of and its notebook's runner, or nothing
 */
export function knobs({ state, view, language }, of) {
  const isComment = (editor, place) => language.syntaxTree(editor).resolveInner(place, 1).name.includes("omment");

  const numberIn = (editor, place) => {
    const line = editor.doc.lineAt(place);
    const found = numberAt(line.text, place - line.from);
    if (!found || isComment(editor, line.from + found.to - 1)) return null;
    return { ...found, from: line.from + found.from, to: line.from + found.to };
  };

  /** Drags the number at a place from where the pointer is, until it is let go. */
  const drag = (editor, place, pointer) => {
    const whose = of(editor);
    const found = numberIn(editor.state, place);
    if (!whose || !found) return false;
    const { cell, runner } = whose;
    const edit = new Edit(cell, editor, found.from, found.to);
    runner.hold(cell);
    document.body.classList.add("streamroot-hand-dragging");
    let steps = 0;
    let next = 0; // when the code may be changed again
    let waiting;
    const write = text => {
      clearTimeout(waiting);
      waiting = undefined;
      next = performance.now() + EVERY;
      if (edit.write(text)) runner.want(cell);
    };
    const moved = () => write(found.number.moved(steps));
    const move = event => {
      steps = Math.trunc((event.clientX - pointer.clientX) / STEP) * (event.shiftKey ? MANY : 1);
      waiting ??= setTimeout(moved, next - performance.now());
      event.preventDefault();
      event.stopPropagation();
    };
    const end = () => {
      if (waiting !== undefined) moved();
      removeEventListener("mousemove", move, true);
      removeEventListener("mouseup", up, true);
      removeEventListener("keydown", key, true);
      removeEventListener("blur", end);
      document.body.classList.remove("streamroot-hand-dragging");
      edit.end();
      runner.release(cell);
    };
    const up = event => {
      move(event);
      end();
    };
    const key = event => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      write(edit.before);
      end();
    };
    addEventListener("mousemove", move, true);
    addEventListener("mouseup", up, true);
    addEventListener("keydown", key, true);
    addEventListener("blur", end);
    return true;
  };

  const press = {
    mousedown(event, editor) {
      if (!event.altKey || event.button !== 0) return false;
      const place = editor.posAtCoords({ x: event.clientX, y: event.clientY });
      if (place === null || !drag(editor, place, event)) return false;
      event.preventDefault();
      editor.focus();
      return true;
    },
    // Where Alt would drag, the pointer says so.
    mousemove(event, editor) {
      editor.dom.classList.toggle("streamroot-hand-alt", event.altKey);
      return false;
    },
  };

  /** Steps the number at the cursor, or the word, and says whether there is one. */
  const step = steps => editor => {
    const whose = of(editor);
    if (!whose) return false;
    const { head } = editor.state.selection.main;
    const number = numberIn(editor.state, head);
    if (number) {
      stepper.to(whose, editor, number, steps);
      return true;
    }
    const { kernel } = whose.runner;
    const word = wordIn(editor.state, head);
    if (!kernel || !word) return false;
    if (!kernel.kin) {
      // What is done with the key is known when the kernel has said it.
      const { doc } = editor.state;
      const soon = performance.now() + 1000;
      kernel.families().then(() => {
        if (editor.state.doc === doc && performance.now() < soon) step(steps)(editor);
      });
      return true;
    }
    const family = kernel.kin.find(family => family.includes(word.text));
    if (!family) return false;
    const at = steps => (((family.indexOf(word.text) + steps) % family.length) + family.length) % family.length;
    stepper.to(whose, editor, { ...word, number: { moved: steps => family[at(steps)] } }, Math.sign(steps));
    return true;
  };
  const stepper = new Stepper();

  const wordIn = (editor, place) => {
    const word = editor.wordAt(place);
    if (!word || /comment|string/i.test(language.syntaxTree(editor).resolveInner(place, 0).name)) return null;
    return { from: word.from, to: word.to, text: editor.sliceDoc(word.from, word.to) };
  };

  const keys = [
    { key: "Alt-ArrowUp", run: step(1), shift: step(MANY) },
    { key: "Alt-ArrowDown", run: step(-1), shift: step(-MANY) },
  ];
  const letGo = {
    keyup: event => {
      if (event.key === "Alt") stepper.end();
      return false;
    },
    blur: () => {
      stepper.end();
      return false;
    },
  };

  const handle = view.hoverTooltip((editor, place) => {
    const found = of(editor) && numberIn(editor.state, place);
    if (!found) return null;
    return {
      pos: found.from,
      end: found.to,
      above: true,
      create: () => {
        const dom = element("span", "streamroot-hand-handle", { title: "Drag to change the number (or drag it with Alt)" });
        dom.textContent = "↔";
        dom.addEventListener("mousedown", event => {
          if (event.button === 0 && drag(editor, found.to, event)) event.preventDefault();
        });
        return { dom };
      },
    };
  });

  const mark = view.Decoration.mark({ class: "streamroot-hand-number" });
  const numbers = view.ViewPlugin.define(
    editor => new Numbers(editor, view.Decoration, mark, of),
    { decorations: plugin => plugin.decorations },
  );

  return [
    state.Prec.highest([view.EditorView.domEventHandlers(press), view.keymap.of(keys)]),
    view.EditorView.domEventHandlers(letGo),
    handle,
    numbers,
  ];
}

/** Steps by keys, of which those in a row are one step for undo, by the step that the first one has seen. */
class Stepper {
  to({ cell, runner }, editor, found, steps) {
    const goesOn = this.edit?.view === editor && this.edit.from <= found.to && found.from <= this.edit.to;
    if (!goesOn) {
      this.end();
      this.edit = new Edit(cell, editor, found.from, found.to);
      this.runner = runner;
      this.number = this.known(editor, found);
      this.steps = 0;
      runner.hold(cell);
    }
    this.steps += steps;
    if (!this.edit.write(this.number.moved(this.steps))) return;
    runner.want(cell);
  }

  /** The number, with the step that it had when it was last written here: 210 came of 200, and goes on by ten. */
  known(editor, { from, number }) {
    const { last } = this;
    const isSame = last?.editor === editor && last.from === from && editor.state.sliceDoc(from, last.to) === last.text;
    if (isSame && number.step) number.step = last.step;
    return number;
  }

  end() {
    if (!this.edit) return;
    const { from, to, text } = this.edit;
    this.last = { editor: this.edit.view, from, to, text, step: this.number.step };
    this.edit.end();
    this.runner.release(this.edit.cell);
    this.edit = null;
  }
}

/** Marks the numbers that are in view, for the pointer to show that they can be dragged. */
class Numbers {
  constructor(editor, Decoration, mark, of) {
    Object.assign(this, { Decoration, mark, of });
    this.update({ view: editor, docChanged: true });
  }

  update({ view, docChanged, viewportChanged }) {
    if (!docChanged && !viewportChanged) return;
    const found = view.visibleRanges.flatMap(({ from, to }) => {
      const first = view.state.doc.lineAt(from).number;
      const last = view.state.doc.lineAt(to).number;
      const lines = Array.from({ length: last - first + 1 }, (_, i) => view.state.doc.line(first + i));
      return lines.flatMap(line => numbersIn(line.text).map(n => this.mark.range(line.from + n.from, line.from + n.to)));
    });
    this.decorations = this.Decoration.set(found, true);
  }
}
