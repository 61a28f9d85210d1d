"""JupyterLab as a user meets it: started by `cargo lab`, driven in Chromium.

It is the user's JupyterLab on the user's notebooks, because a copy of them elsewhere would not find the helper crate by
`evcxr.toml`. What keeps the notebooks as they are: automatic saving is off, a save is refused should one be tried, and
the last check compares the files. Settings and workspaces are the test's own, in `target/lab/browser`.

A page keeps all cells of a notebook in the document here, where JupyterLab by itself keeps those in view, so that each
output can be looked at.
"""

import argparse
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from checks import below

START = 120_000  # milliseconds for a kernel to start
RUN = 300_000  # milliseconds for a notebook to run
SETTINGS = {
    "docmanager-extension/plugin": {"autosave": False},
    "notebook-extension/tracker": {"windowingMode": "none", "scrollPastEnd": False},
}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# What is run in JupyterLab unless all is: every kind of figure, the oldest notebook, and sliders.
SOME = ("00-gallery", "01-general-analysis", "08-opportunity")
NO_CHROMIUM = (
    "Chromium is missing, and the browser tests need it. On Debian: apt install chromium. "
    "STREAMROOT_CHROMIUM names one that is not on the PATH."
)

# All pictures of a page, when every one of them has been loaded or has failed.
PICTURES = """async selector => {
    const images = [...document.querySelectorAll(selector)];
    await Promise.all(images.map(image => image.decode().catch(() => {})));
    return images.map(image => ({
        kind: image.src.slice(5, image.src.search(/[;,]/)),
        natural: [image.naturalWidth, image.naturalHeight],
        shown: [image.getBoundingClientRect().width, image.getBoundingClientRect().height],
    }));
}"""
ALL_SHOWN = "([selector, count]) => document.querySelectorAll(selector).length === count"
FIGURES = ".jp-NotebookPanel .jp-OutputArea-output img"
# Errors, and what is on stderr: JupyterLab draws both as the same.
BAD = ".jp-NotebookPanel .jp-OutputArea [data-mime-type='application/vnd.jupyter.stderr']"
PROMPTS = "[...document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell .jp-InputPrompt')].map(p => p.textContent)"
BUSY = f"() => {PROMPTS}.some(prompt => prompt.includes('*'))"
# As many cells have a number as hold code, and none waits. A kernel that dies opens a dialog and runs nothing more.
ALL_RAN = f"""cells => {{
    const dialog = document.querySelector('.jp-Dialog');
    if (dialog) throw new Error(dialog.textContent);
    const prompts = {PROMPTS};
    return prompts.filter(prompt => /[0-9]/.test(prompt)).length === cells && !prompts.some(p => p.includes('*'));
}}"""


class Wrong(Exception):
    """What a check found, in a sentence."""


class Checks:
    """Counts checks, and names each."""

    def __init__(self, screenshots: Path) -> None:
        self.passed = self.failed = 0
        self.screenshots = screenshots
        self.page = None

    @contextmanager
    def check(self, name: str):
        began = time.monotonic()
        try:
            yield
        except (Wrong, PlaywrightError, OSError, subprocess.SubprocessError) as error:
            self.failed += 1
            first, *rest = str(error).strip().splitlines() or [type(error).__name__]
            print(f"{name} ... FAILED: {first}", *("    " + line for line in rest[:12]), sep="\n", flush=True)
            self.keep_what_was_seen(name)
        else:
            self.passed += 1
            print(f"{name} ... ok ({time.monotonic() - began:.1f} s)", flush=True)

    def keep_what_was_seen(self, name: str) -> None:
        if self.page is not None:
            path = self.screenshots / ("FAILED-" + re.sub(r"[^\w-]+", "-", name) + ".png")
            try:
                self.page.screenshot(path=path)
                print(f"    seen: {path}", flush=True)
            except PlaywrightError:
                pass  # the page is gone, and the failure is counted


@dataclass
class Notebook:
    """What is committed, which is what must be seen."""

    path: Path

    def __post_init__(self) -> None:
        self.name = self.path.stem
        self.bytes = self.path.read_bytes()
        cells = nbformat.reads(self.bytes.decode(), as_version=4).cells
        self.code = [cell for cell in cells if cell.cell_type == "code" and cell.source.strip()]
        outputs = [output for cell in self.code for output in cell.outputs]
        self.outputs = len(outputs)
        self.sizes = [
            (size["width"], size["height"]) for o in outputs if (size := o.get("metadata", {}).get("image/png"))
        ]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--lab", type=Path, required=True, help="the program behind `cargo lab`")
    parser.add_argument("--thorough", action="store_true", help="run every notebook, and not only some")
    arguments = parser.parse_args()
    target = arguments.root / "target" / "lab"
    screenshots = target / "screenshots"
    shutil.rmtree(screenshots, ignore_errors=True)
    screenshots.mkdir(parents=True)
    checks = Checks(screenshots)
    for name in ("SIGTERM", "SIGHUP"):  # end as at Ctrl-C, so that the server and its kernels are stopped
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)

    chromium = find_chromium(target / "logs" / "chromium.log")
    if chromium is None:
        print(NO_CHROMIUM)
        print("0 passed, 1 failed")
        return 1
    notebooks = [Notebook(path) for path in sorted((arguments.root / "notebooks").glob("[!.]*.ipynb"))]

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium_options(chromium))
        try:
            with server(arguments.lab, target / "browser", target / "logs" / "browser.log") as lab:
                some = [notebook for notebook in notebooks if arguments.thorough or notebook.name in SOME]
                in_jupyterlab(checks, browser, lab, some)
                process = lab.process
                kernels = below(process.pid)
            with checks.check("Ctrl-C stops JupyterLab and its kernels"):
                stopped(process, kernels)
            without_kernel(checks, browser, arguments.lab, target / "browser-export", notebooks)
        finally:
            browser.close()
    with checks.check("the notebooks are as they were"):
        changed = [notebook.name for notebook in notebooks if notebook.path.read_bytes() != notebook.bytes]
        expect(not changed, f"changed: {', '.join(changed)}")
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


def expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Wrong(otherwise)


# Chromium and the server


def find_chromium(log: Path) -> str | None:
    """Chromium's path. Where this runs as root on Debian, as it does in a fresh container, Chromium is installed."""
    named = os.environ.get("STREAMROOT_CHROMIUM")
    if named:
        return shutil.which(named)
    found = next((path for name in CHROMIUMS if (path := shutil.which(name))), None)
    if found or not shutil.which("apt-get") or os.geteuid() != 0:
        return found
    print(f"Installing Chromium with apt-get (log: {log})", flush=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
            environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            done = subprocess.run(["apt-get", *command], stdout=file, stderr=file, env=environment, check=False)
            if done.returncode:
                print(f"`apt-get {' '.join(command)}` ended with {done.returncode}.")
    return shutil.which("chromium")


def chromium_options(path: str) -> dict:
    """How Chromium is started."""
    sandbox = [] if not hasattr(os, "geteuid") or os.geteuid() else ["--no-sandbox"]  # root has none
    return {"executable_path": path, "args": sandbox}


@dataclass
class Lab:
    process: subprocess.Popen
    address: str
    token: str

    def page(self, path: str) -> str:
        return f"{self.address}{path}?token={self.token}"

    def request(self, method: str, path: str):
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(self.address + path, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            body = answer.read()
        return json.loads(body) if body else None


def write_settings(state: Path) -> None:
    """What the tests have set otherwise than a user."""
    for name, settings in SETTINGS.items():
        file = state / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))


@contextmanager
def server(program: Path, state: Path, log: Path):
    """`cargo lab --no-browser`, stopped as by Ctrl-C."""
    shutil.rmtree(state, ignore_errors=True)
    write_settings(state)
    command = [program, "--no-browser", "--state", state]
    with log.open("w") as file:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=file, stdin=subprocess.DEVNULL, text=True, start_new_session=True
        )
        try:
            ready, _, _ = select.select([process.stdout], [], [], START / 1000)
            line = process.stdout.readline().strip() if ready else ""
            found = re.fullmatch(r"(http://127\.0\.0\.1:\d+/)lab\?token=([0-9a-f]+)", line)
            if not found:
                raise SystemExit(f"JupyterLab gave no address but {line!r}. Its log is {log}.\n0 passed, 1 failed")
            yield Lab(process, *found.groups())
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()


def stopped(process: subprocess.Popen, processes: set[int]) -> None:
    expect(process.returncode == 0, f"it ended with exit code {process.returncode}")
    expect(len(processes) > 1, "there was no kernel to stop")
    for _ in range(50):
        left = [pid for pid in processes if Path(f"/proc/{pid}").exists()]
        if not left:
            return
        time.sleep(0.1)
    raise Wrong(f"processes {left} are still there after 5 s")


# In JupyterLab


def in_jupyterlab(checks: Checks, browser, lab: Lab, notebooks: list[Notebook]) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, device_scale_factor=2)
    context.set_default_timeout(30_000)
    context.route("**/api/contents/**", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    page = checks.page = context.new_page()
    for notebook in notebooks:
        with checks.check(f"{notebook.name}: opens with its committed figures"):
            open_notebook(page, lab, notebook)
            figures(page, notebook)
        with checks.check(f"{notebook.name}: every cell runs"):
            menu(page, "Edit", "Clear Outputs of All Cells")
            expect(page.locator(FIGURES).count() == 0, "the committed figures are still there")
            menu(page, "Run", "Run All Cells")
            ran(page, notebook)
        with checks.check(f"{notebook.name}: every figure is there"):
            figures(page, notebook)
        for theme, name in THEMES.items():
            with checks.check(f"{notebook.name}: looks right in {theme} (a screenshot to be judged)"):
                menu(page, "Settings", "Theme", name)
                page.wait_for_selector(f"body[data-jp-theme-name='{name}']", state="attached")
                screenshot(page, checks.screenshots / f"{notebook.name}-{theme}.png")
                figures(page, notebook)
        if notebook is first_with_title(notebooks):
            change_and_complete(checks, page, notebook)
            slips(checks, page, lab, notebook)
        for session in lab.request("GET", "api/sessions"):
            lab.request("DELETE", f"api/sessions/{session['id']}")
    with checks.check("a cell's title can be changed in some notebook"):
        expect(first_with_title(notebooks) is not None, 'no notebook has a cell with .title("…")')
    checks.page = None
    # The last one is left running, for Ctrl-C to stop.
    if notebooks:
        open_notebook(page, lab, notebooks[0])
    context.close()


def first_with_title(notebooks: list[Notebook]) -> Notebook | None:
    return next((notebook for notebook in notebooks if titled(notebook) is not None), None)


def titled(notebook: Notebook) -> int | None:
    """The first cell that draws one figure with a title."""
    cells = enumerate(notebook.code)
    return next((i for i, cell in cells if '.title("' in cell.source and any(is_figure(o) for o in cell.outputs)), None)


def is_figure(output) -> bool:
    return "image/png" in output.get("data", {})


def open_notebook(page: Page, lab: Lab, notebook: Notebook) -> None:
    page.goto(lab.page(f"lab/tree/{notebook.name}.ipynb") + "&reset")
    page.wait_for_selector(".jp-NotebookPanel .jp-Notebook .jp-Cell")
    idle(page)


def idle(page: Page) -> None:
    page.wait_for_selector(".jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=START)


def menu(page: Page, *path: str) -> None:
    """Chooses from the menu bar. An entry that asks first ends in "…"."""
    page.locator(".lm-MenuBar-item").filter(has_text=re.compile(f"^{path[0]}$")).click()
    for name in path[1:]:
        page.locator(".lm-Menu-itemLabel").filter(has_text=re.compile(f"^{re.escape(name)}…?$")).click()


def ran(page: Page, notebook: Notebook) -> None:
    """Waits until every cell has run, and looks for errors."""
    page.wait_for_function(ALL_RAN, arg=len(notebook.code), timeout=RUN)
    idle(page)
    bad = page.locator(BAD)
    expect(bad.count() == 0, f"{bad.count()} outputs are errors or on stderr; the first is: {text(bad)}")
    outputs = page.locator(".jp-NotebookPanel .jp-OutputArea-output").count()
    expect(outputs == notebook.outputs, f"{outputs} outputs are shown, and {notebook.outputs} are committed")


def text(locator) -> str:
    return locator.first.inner_text()[:500] if locator.count() else ""


def figures(page: Page, notebook: Notebook) -> None:
    """Each committed figure is on the page, has been loaded, and has the size that it was drawn for."""
    try:
        page.wait_for_function(ALL_SHOWN, arg=[FIGURES, len(notebook.sizes)], timeout=10_000)
    except PlaywrightTimeout:
        pass  # what is there instead is said below
    compare(page.evaluate(PICTURES, FIGURES), notebook)


def compare(pictures: list[dict], notebook: Notebook) -> None:
    expect(len(pictures) == len(notebook.sizes), f"{len(pictures)} figures are shown of {len(notebook.sizes)}")
    for number, (picture, size) in enumerate(zip(pictures, notebook.sizes), 1):
        (width, height), kind = picture["natural"], picture["kind"]
        expect(width > 0 and height > 0, f"figure {number} of {len(pictures)} has not been loaded")
        scale = 2 if kind == "image/png" else 1  # a PNG has twice the pixels
        natural = (width // scale, height // scale)
        expect(natural == size, f"figure {number} is {kind} of {width} x {height}, and {size} is committed")
        shown = picture["shown"]
        expect(shown[0] > 0, f"figure {number} is not shown")
        off = abs(shown[0] / shown[1] - size[0] / size[1])
        expect(off < 0.02, f"figure {number} is shown as {shown}, distorted from {size}")


def screenshot(page: Page, path: Path) -> None:
    """The whole notebook in one picture: the window is made as high as the notebook for it."""
    height = page.evaluate(
        """() => {
            const outer = document.querySelector('.jp-NotebookPanel .jp-WindowedPanel-outer');
            return window.innerHeight - outer.clientHeight + outer.scrollHeight;
        }"""
    )
    before = page.viewport_size
    page.set_viewport_size({"width": before["width"], "height": min(int(height), 8000)})
    page.wait_for_timeout(500)  # JupyterLab lays out after a resize
    page.locator(".jp-NotebookPanel").screenshot(path=path)
    page.set_viewport_size(before)


def change_and_complete(checks: Checks, page: Page, notebook: Notebook) -> None:
    """What an analyst does all day."""
    index = titled(notebook)
    cell = page.locator(".jp-NotebookPanel .jp-CodeCell").nth(index)
    image = cell.locator(".jp-OutputArea-output img")
    source = notebook.code[index].source

    with checks.check(f"{notebook.name}: a changed title changes the picture"):
        before = image.first.get_attribute("src")
        edit(page, cell, re.sub(r'\.title\("[^"]*"\)', '.title("Another title")', source, count=1))
        began = time.monotonic()
        page.keyboard.press("Shift+Enter")
        page.wait_for_function(
            "([cell, before]) => { const i = cell.querySelector('.jp-OutputArea-output img');"
            " return i && i.src !== before && i.complete && i.naturalWidth > 0; }",
            arg=[cell.element_handle(), before],
            polling=20,
        )
        print(f"    the new picture is on the page after {time.monotonic() - began:.2f} s")
        edit(page, cell, source)
        page.keyboard.press("Shift+Enter")
        page.wait_for_function(
            "([cell, before]) => cell.querySelector('.jp-OutputArea-output img')?.src === before",
            arg=[cell.element_handle(), before],
        )

    with checks.check(f"{notebook.name}: the kernel restarts, and all cells run again"):
        restart_and_run_all(page, notebook)

    with checks.check(f"{notebook.name}: `sessions.` completes"):
        page.locator(".jp-NotebookPanel .jp-Notebook-footer").click()  # adds a cell
        page.keyboard.press("Enter")
        page.keyboard.type("sessions.")
        page.wait_for_timeout(300)
        page.keyboard.press("Tab")
        completer = page.locator(".jp-Completer:visible")
        completer.wait_for()
        offered = completer.inner_text()
        expect("count_by" in offered, f"it offers: {' '.join(offered.split())[:300]}")
        screenshot_now = checks.screenshots / f"{notebook.name}-completion.png"
        page.screenshot(path=screenshot_now)
        page.keyboard.press("Escape")


def restart_and_run_all(page: Page, notebook: Notebook) -> None:
    menu(page, "Kernel", "Restart Kernel and Run All Cells")
    page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    page.wait_for_selector(".jp-Dialog", state="detached")
    page.wait_for_function(BUSY)
    ran(page, notebook)
    figures(page, notebook)


def slips(checks: Checks, page: Page, lab: Lab, notebook: Notebook) -> None:
    """What a hand does by mistake, on a page whose kernel has just run the notebook."""
    name = notebook.name
    with checks.check(f"{name}: Tab behind a whole name, and all goes on"):
        expect(last_cell(page, "let total = 7;") == "", "a binding shows something")
        add_cell(page, "let other = total")
        page.keyboard.press("Tab")
        page.wait_for_timeout(1000)
        page.keyboard.press("Escape")
        expect(last_cell(page, "total") == "7", "total is lost")

    with checks.check(f"{name}: an interrupt while nothing runs, and all goes on"):
        menu(page, "Kernel", "Interrupt Kernel")
        page.wait_for_timeout(500)
        expect(last_cell(page, "total") == "7", "total is lost")

    with checks.check(f"{name}: Run All stops at a failed `?`"):
        open_notebook(page, lab, notebook)
        for source in ("let total = 8;", 'Sessions::open("missing.csv")?;', "let total = 9;"):
            add_cell(page, source)
        menu(page, "Run", "Run All Cells")
        error = page.locator(BAD)
        error.first.wait_for(timeout=RUN)
        idle(page)
        expect("missing.csv" in error.first.inner_text(), f"the error is: {error.first.inner_text()}")
        page.screenshot(path=checks.screenshots / f"{name}-failed.png")
        expect(last_cell(page, "total") == "8", "the cell behind the failed one was run")

    with checks.check(f"{name}: with a spare at hand, the kernel restarts and all cells run again"):
        for _ in range(600):
            if any(is_spare(process) for process in below(lab.process.pid)):
                break
            time.sleep(0.2)
        else:
            raise Wrong("there is no spare kernel after two minutes")
        open_notebook(page, lab, notebook)
        began = time.monotonic()
        restart_and_run_all(page, notebook)
        print(f"    all cells have run after {time.monotonic() - began:.1f} s")


def is_spare(process: int) -> bool:
    """Whether this is a kernel that nobody has asked for yet: Jupyter gives the others a file with a name."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"--control_file" in words and any(word.startswith(b"/dev/fd/") for word in words)


def add_cell(page: Page, source: str) -> None:
    page.locator(".jp-NotebookPanel .jp-Notebook-footer").click()
    page.keyboard.press("Enter")
    page.keyboard.insert_text(source)


def last_cell(page: Page, source: str) -> str:
    """What a new cell shows."""
    add_cell(page, source)
    page.keyboard.press("Control+Enter")
    cell = page.locator(".jp-NotebookPanel .jp-CodeCell").last
    page.wait_for_function(
        "cell => /[0-9]/.test(cell.querySelector('.jp-InputPrompt').textContent)", arg=cell.element_handle(), timeout=RUN
    )
    idle(page)
    outputs = cell.locator(".jp-OutputArea-output")
    return outputs.first.inner_text().strip() if outputs.count() else ""


def edit(page: Page, cell, source: str) -> None:
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)


# Without a kernel


def without_kernel(checks: Checks, browser, lab: Path, to: Path, notebooks: list[Notebook]) -> None:
    """The committed notebooks as pages, opened from disk and without a network."""
    shutil.rmtree(to, ignore_errors=True)

    def export(*options) -> None:
        done = subprocess.run([lab, "export", "--to", to, *options], capture_output=True, text=True, check=False)
        expect(done.returncode == 0, f"`lab export` ended with {done.returncode}:\n{done.stderr[-2000:]}")

    with checks.check("the committed notebooks become web pages"):
        export("--html")
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, device_scale_factor=2, offline=True)
    asked = []
    context.route(re.compile("^https?://"), lambda route: (asked.append(route.request.url), route.abort()))
    page = context.new_page()
    for notebook in notebooks:
        with checks.check(f"{notebook.name}: the web page shows every figure without a kernel, and asks no other for anything"):
            page.goto((to / f"{notebook.name}.html").as_uri(), wait_until="load")
            compare(page.evaluate(PICTURES, ".jp-OutputArea-output img"), notebook)
            expect(not asked, f"it asks for {asked}")
    with checks.check("and paper, without code if it is not wanted"):
        one = next(notebook for notebook in notebooks if notebook.name == "08-opportunity")
        export("--no-code", one.name)
        pdf = (to / f"{one.name}.pdf").read_bytes()
        pictures = len(re.findall(rb"/Subtype */Image", pdf))
        expect(pdf.startswith(b"%PDF-") and pictures >= len(one.sizes), f"{len(pdf)} bytes with {pictures} pictures")
        page.goto((to / f"{one.name}.html").as_uri(), wait_until="load")
        expect(page.locator(".jp-InputArea-editor").count() == 0, "there is code")
        compare(page.evaluate(PICTURES, ".jp-OutputArea-output img"), one)
    context.close()


if __name__ == "__main__":
    sys.exit(main())
