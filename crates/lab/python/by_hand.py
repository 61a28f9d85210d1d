"""A hand at notebooks in JupyterLab's page: what the test of it and its measurements share.

The notebooks are written here, into a directory of their own beside links to the helper crate and the data.
"""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import Page

from lab_server import Server, serving

START = 120_000  # milliseconds for a kernel to start, and for a notebook to run
SETTINGS = {
    "docmanager-extension/plugin": {"autosave": False},
    "notebook-extension/tracker": {"windowingMode": "none", "scrollPastEnd": False},
}
STEP = 6  # pixels of a drag for a step, as the page has it

# Where a text stands in an editor.
PLACE = """([cell, text, nth]) => {
    const walker = document.createTreeWalker(cell.querySelector('.cm-content'), NodeFilter.SHOW_TEXT);
    const nodes = [];
    let whole = '';
    while (walker.nextNode()) {
        nodes.push([whole.length, walker.currentNode]);
        whole += walker.currentNode.textContent;
    }
    let at = whole.indexOf(text);
    for (; nth > 0; nth--) at = whole.indexOf(text, at + 1);
    if (at < 0) return null;
    at += Math.floor(text.length / 2);
    const [from, node] = nodes.findLast(([from]) => from <= at);
    const range = document.createRange();
    range.setStart(node, at - from);
    range.setEnd(node, Math.min(at - from + 1, node.length));
    const box = range.getBoundingClientRect();
    return [box.left + 1, box.top + box.height / 2];
}"""

# Notes every change of what a cell shows: when, the code, the outputs, the pictures and the height.
WATCH = """([notebook, i, name]) => {
    const cell = notebook.content.widgets[i];
    const seen = (window[name] = []);
    const hash = text => {
        let sum = 0;
        for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) | 0;
        return sum;
    };
    const note = () => {
        const images = [...cell.outputArea.node.querySelectorAll('.jp-OutputArea-output img')];
        seen.push({
            at: performance.now(),
            code: cell.model.sharedModel.getSource(),
            outputs: cell.model.outputs.toJSON().map(output => output.data?.['text/plain'] ?? output.evalue ?? output.text),
            pictures: images.map(image => hash(image.src)),
            height: cell.outputArea.node.getBoundingClientRect().height,
            loaded: images.every(image => image.naturalWidth > 0),
        });
    };
    const observer = new MutationObserver(note);
    observer.observe(cell.outputArea.node, { childList: true, subtree: true, attributes: true, attributeFilter: ['src'] });
    let last;
    const frame = () => {
        const height = cell.outputArea.node.getBoundingClientRect().height;
        if (height !== last) note();
        last = height;
        requestAnimationFrame(frame);
    };
    frame();
}"""


@contextmanager
def jupyterlab(root: Path, state: Path, notebooks: dict[str, list[str]]) -> Iterator[Server]:
    """JupyterLab on notebooks with these cells."""
    shutil.rmtree(state, ignore_errors=True)
    directory = state / "project/notebooks"
    directory.mkdir(parents=True)
    for name in ("crates", "data"):
        (state / "project" / name).symlink_to(root / name)
    shutil.copy(root / "notebooks/evcxr.toml", directory)
    for name, cells in notebooks.items():
        write(directory / f"{name}.ipynb", cells)
    for name, settings in SETTINGS.items():
        file = state / "settings/@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))
    places = {f"JUPYTERLAB_{name.upper()}_DIR": str(state / name) for name in ("settings", "workspaces")}
    options = ["--LabApp.expose_app_in_browser=True", "--SpareKeeper.enabled=False"]
    with serving(root, directory, state, *options, env=places) as server:
        server.notebooks = directory
        yield server


def write(path: Path, cells: list[str]) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata = {
        "kernelspec": {"display_name": "Streamroot (Rust)", "language": "rust", "name": "streamroot"},
        "language_info": {"name": "Rust", "mimetype": "text/rust", "file_extension": ".rs"},
    }
    nbformat.write(notebook, path)


class Hand:
    """One notebook in a page."""

    def __init__(self, page: Page, server: Server, name: str) -> None:
        self.page, self.server, self.name = page, server, name
        self.down = False

    def open(self) -> "Hand":
        self.page.goto(f"http://127.0.0.1:{self.server.port}/lab/tree/{self.name}.ipynb?token={self.server.token}&reset")
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Notebook .jp-CodeCell")
        self.idle()
        return self

    @property
    def notebook(self):
        """The notebook's panel, in the page."""
        find = "name => [...jupyterapp.shell.widgets('main')].find(one => one.context?.path === `${name}.ipynb`)"
        return self.page.evaluate_handle(find, self.name)

    def idle(self) -> None:
        ask = """notebook => new Promise((resolve, reject) => {
            const end = performance.now() + 60000;
            const look = () => {
                const status = notebook.sessionContext.session?.kernel?.status;
                if (status === 'idle') resolve();
                else if (performance.now() > end) reject(new Error(`the kernel is ${status} after 60 s`));
                else setTimeout(look, 20);
            };
            look();
        })"""
        self.page.evaluate(ask, self.notebook)

    def of(self, i: int, expression: str):
        """What an expression of a cell, `cell`, gives."""
        return self.page.evaluate(f"([notebook, i]) => {{ const cell = notebook.content.widgets[i]; return {expression}; }}", [self.notebook, i])

    def cell(self, i: int):
        return self.page.evaluate_handle("([notebook, i]) => notebook.content.widgets[i].node", [self.notebook, i]).as_element()

    def code(self, i: int) -> str:
        return self.of(i, "cell.model.sharedModel.getSource()")

    def shown(self, i: int) -> list[str]:
        """A cell's outputs as text."""
        return self.of(i, "cell.model.outputs.toJSON().map(o => o.data?.['text/plain'] ?? o.evalue ?? o.text)")

    def pictures(self, i: int) -> list[str]:
        return self.of(i, "[...cell.outputArea.node.querySelectorAll('img')].map(image => image.src)")

    def note(self, i: int) -> str:
        """The line below a cell that says why it was not run."""
        return self.of(i, "cell.node.querySelector('.streamroot-hand-error summary')?.textContent ?? ''")

    def chip(self, i: int) -> str:
        return self.of(i, "cell.node.querySelector('.streamroot-hand-chip')?.textContent ?? ''")

    def run_all(self) -> None:
        self.page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
        self.idle()

    def run(self, i: int) -> None:
        """Runs a cell by its key."""
        self.cursor(i, 0)
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_timeout(50)
        self.idle()

    def cursor(self, i: int, at: int) -> None:
        move = """([notebook, i, at]) => {
            notebook.content.activeCellIndex = i;
            notebook.content.mode = 'edit';
            const editor = notebook.content.widgets[i].editor;
            editor.focus();
            editor.editor.dispatch({ selection: { anchor: at } });
        }"""
        self.page.evaluate(move, [self.notebook, i, at])

    def behind(self, i: int, text: str) -> None:
        """Puts the cursor behind a text."""
        self.cursor(i, self.code(i).index(text) + len(text))

    def place(self, i: int, text: str, nth: int = 0) -> tuple[float, float]:
        cell = self.cell(i)
        cell.scroll_into_view_if_needed()
        found = self.page.evaluate(PLACE, [cell, text, nth])
        assert found, f"{text!r} is not in cell {i}: {self.code(i)!r}"
        return tuple(found)

    @contextmanager
    def drags(self, i: int, text: str, nth: int = 0):
        """Takes a number with Alt; it is let go at the end. Gives what moves it by so many steps from where it was taken."""
        x, y = self.place(i, text, nth)
        self.page.mouse.move(x, y)
        self.page.keyboard.down("Alt")
        self.page.mouse.down()
        try:
            yield lambda steps: self.page.mouse.move(x + STEP * steps + (1 if steps > 0 else -1 if steps < 0 else 0), y)
        finally:
            self.page.mouse.up()
            self.page.keyboard.up("Alt")

    def watch(self, i: int, name: str = "seen") -> None:
        self.page.evaluate(WATCH, [self.notebook, i, name])

    def seen(self, name: str = "seen") -> list[dict]:
        return self.page.evaluate(f"() => window.{name}")

    def until(self, condition, seconds: float = 20, what: str = "what was waited for") -> float:
        """Waits, and gives how long it took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() < began + seconds, f"{what}: not within {seconds} s"
            self.page.wait_for_timeout(20)
        return time.monotonic() - began

    def at_rest(self) -> None:
        """Waits until nothing more runs by itself."""
        self.page.wait_for_timeout(400)
        self.page.wait_for_selector(".streamroot-hand-runs", state="detached")
        self.page.wait_for_timeout(100)
