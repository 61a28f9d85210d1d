"""`cargo lab` before the set-up is complete: JupyterLab opens with all notebooks to read, and cells run as soon as they can.

What is built takes a quarter of an hour, so it is held up here: the cargo that the set-up calls waits for a file before it becomes
the real one. The first group works in a copy of the checkout in which nothing is set up, the others in the checkout itself, in
which nothing is left to compile. JupyterLab runs in a terminal, and its page in Chromium.
"""

import argparse
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from jupyter_client.blocking import BlockingKernelClient
from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

import browser
from browser import Notebook, find_chromium, idle, menu
from checks import Checks, below, run
from test_kernel import SOON, within

START = 300  # seconds for JupyterLab to be there, its packages included
BUILD = 300  # seconds for a set-up that has nothing to compile
CELLS = ".jp-NotebookPanel .jp-CodeCell"
STRIP = "#streamroot-setup"
WAITS = "Waiting for the set-up: engine"

CARGO = """\
#!/bin/sh
# The user's cargo, as soon as a file says what for.
until [ -s '{gate}' ]; do sleep 0.1; done
[ "$(cat '{gate}')" = open ] || set -- "$@" --package no-such-package
exec '{cargo}' "$@"
"""

OPEN = 'let sessions = Sessions::open("../data/sessions.csv")?;'
FIGURE = 'sessions.count_by(Isp)?.bar().title("Users per ISP")'


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True, help="the top of the work tree")
    parser.add_argument("--lab", type=Path, required=True, help="the program `lab`")
    parser.add_argument("--thorough", action="store_true", help="read every notebook, end JupyterLab in every way")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    chromium = find_chromium(root / "target/lab/logs/chromium.log")
    if chromium is None:
        print(f"{browser.NO_CHROMIUM}\n0 passed, 1 failed")
        return 1
    pictures = root / "target/lab/screenshots/minute"
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir(parents=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as directory:
        with playwright.chromium.launch(**browser.chromium_options(chromium)) as chromium:
            lab = Lab(root, arguments.lab, chromium, Path(directory), pictures, arguments.thorough)
            return run((a_fresh_clone, a_set_up_that_ends_well, a_set_up_that_fails, a_killed_jupyterlab), lambda: lab)


class Lab:
    def __init__(self, root: Path, program: Path, chromium, directory: Path, pictures: Path, thorough: bool) -> None:
        self.thorough = thorough
        self.root, self.program, self.chromium, self.pictures = root, program, chromium, pictures
        self.gate, self.cargo, self.state = directory / "gate", directory / "cargo", root / "target/lab/minute"
        real = shutil.which("cargo")
        assert real, "cargo is not on the PATH"
        self.cargo.write_text(CARGO.format(gate=self.gate, cargo=real))
        self.cargo.chmod(0o755)
        self.notebooks = [Notebook(path) for path in sorted((root / "notebooks").glob("[!.]*.ipynb"))]

    @contextmanager
    def held_up(self, root: Path | None = None):
        """`cargo lab` in a terminal, with a set-up that waits at the first crate."""
        root = root or self.root
        self.gate.unlink(missing_ok=True)
        shutil.rmtree(self.state, ignore_errors=True)
        browser.write_settings(self.state)
        environment = {**os.environ, "CARGO": str(self.cargo), "CARGO_MANIFEST_DIR": str(root / "crates/lab"), "TERM": "xterm"}
        terminal = Terminal([self.program, "--no-browser", "--state", self.state], environment)
        try:
            yield terminal
        finally:
            terminal.close()
            shutil.rmtree(self.state, ignore_errors=True)

    @contextmanager
    def page(self):
        context = self.chromium.new_context(viewport={"width": 1300, "height": 800})
        context.set_default_timeout(30_000)
        # The notebooks stay as they are.
        context.route("**/api/contents/**", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
        page = context.new_page()
        try:
            yield page
        finally:
            context.close()

    def picture(self, page: Page, name: str) -> None:
        page.screenshot(path=self.pictures / f"{name}.png")


class Terminal:
    """A program in a terminal of its own, and what is to be seen there."""

    def __init__(self, command: list, environment: dict) -> None:
        self.began = time.monotonic()
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            try:
                os.execve(command[0], [str(part) for part in command], environment)
            finally:
                os._exit(127)
        self.written = b""
        self.status = None
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        while True:
            try:
                part = os.read(self.handle, 65536)
            except OSError:  # nobody writes any more
                return
            if not part:
                return
            self.written += part

    def lines(self) -> list[str]:
        """What stands there: of a line that has been rewritten, the last text."""
        lines = self.written.decode(errors="replace").replace("\r\n", "\n").split("\n")
        return [line.rpartition("\r\x1b[2K")[2] for line in lines]

    def line(self, pattern: str, seconds: float = SOON) -> re.Match:
        """The line that matches, whole, when it is there."""
        until = time.monotonic() + seconds
        while True:
            for line in self.lines():
                if found := re.fullmatch(pattern, line):
                    return found
            assert self.running(), f"it has ended, and there is no {pattern}:\n" + "\n".join(self.lines()[-20:])
            assert time.monotonic() < until, f"there is no {pattern}:\n" + "\n".join(self.lines()[-20:])
            time.sleep(0.05)

    def server(self, seconds: float = SOON) -> browser.Lab:
        return browser.Lab(None, *self.line(r"(http://127\.0\.0\.1:\d+/)lab\?token=([0-9a-f]+)", seconds).groups())

    def type(self, text: str) -> None:
        os.write(self.handle, text.encode())

    def running(self) -> bool:
        if self.status is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if ended else None
        return self.status is None

    def close(self) -> None:
        if self.running():
            os.kill(self.pid, signal.SIGTERM)
            try:
                within(SOON, "JupyterLab ends", lambda: not self.running())
            except AssertionError:
                os.kill(self.pid, signal.SIGKILL)
        os.close(self.handle)


def ends(terminal: Terminal, processes: set[int], code: int) -> None:
    within(SOON, "JupyterLab ends", lambda: not terminal.running())
    assert terminal.status == code, f"it ended with {terminal.status}:\n" + "\n".join(terminal.lines()[-20:])
    are_gone(processes)


def are_gone(processes: set[int]) -> None:
    assert len(processes) > 3, f"there was not much to end: {processes}"
    left = lambda: [pid for pid in processes if Path(f"/proc/{pid}").exists()]
    within(SOON, f"{processes} are gone", lambda: not left())


# On the page


def open_notebook(page: Page, server: browser.Lab, notebook: Notebook) -> None:
    page.goto(server.page(f"lab/tree/{notebook.name}.ipynb") + "&reset")
    page.wait_for_selector(".jp-NotebookPanel .jp-Notebook .jp-Cell")
    page.wait_for_selector(".jp-NotebookPanel .jp-Spinner", state="detached")
    # The kernel, or what waits in its place, has answered this page.
    mine = lambda: [one["kernel"] for one in server.request("GET", "api/sessions") if one["path"] == f"{notebook.name}.ipynb"]
    until = time.monotonic() + SOON
    while not any(kernel["execution_state"] == "idle" and kernel["connections"] for kernel in mine()):
        assert time.monotonic() < until, f"there is no kernel: {mine()}"
        page.wait_for_timeout(100)  # the page's requests go through this process
    idle(page)


def says(page: Page, where: str | int, words: str, seconds: float = SOON) -> None:
    """Waits for words in the strip, or in a cell with code, from 0 on."""
    selector, number = (CELLS, where) if isinstance(where, int) else (where, 0)
    shown = "([selector, number, words]) => document.querySelectorAll(selector)[number]?.innerText.includes(words)"
    try:
        page.wait_for_function(shown, arg=[selector, number, words], timeout=seconds * 1000)
    except PlaywrightTimeout:
        raise AssertionError(f"there is no {words!r} in {text_of(page, where)!r}") from None


def text_of(page: Page, where: str | int) -> str:
    found = page.locator(CELLS).nth(where) if isinstance(where, int) else page.locator(where)
    return found.inner_text() if found.count() else ""


def run_cell(page: Page, number: int, source: str | None = None) -> int:
    page.locator(CELLS).nth(number).locator(".cm-content").click()
    if source is not None:
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")
    return number


def prompts(page: Page) -> list[str]:
    return page.evaluate(browser.PROMPTS)


# The checks


def a_fresh_clone(check: Checks, lab: Lab) -> None:
    copy = lab.root / "target/lab/minute-clone"
    shutil.rmtree(copy, ignore_errors=True)
    try:
        shutil.copytree(lab.root, copy, ignore=shutil.ignore_patterns("target", ".git", "*.csv", "*.parquet"))
        for published in lab.root.glob("data/published*"):
            shutil.copy(published, copy / "data")
        (copy / "target/lab").mkdir(parents=True)
        cache = lab.root / "target/lab/cache"
        cache.mkdir(exist_ok=True)
        (copy / "target/lab/cache").symlink_to(cache)
        with lab.held_up(copy) as terminal, lab.page() as page:
            with check("of a fresh clone, JupyterLab is there before anything is compiled"):
                server = terminal.server(START)
                print(f"    the address is there after {time.monotonic() - terminal.began:.0f} s, which installed the packages")
                terminal.line("The notebooks can be read.*")
                assert not (copy / "target/release").exists(), "something has been compiled"
            for notebook in reversed(lab.notebooks if lab.thorough else lab.notebooks[:2]):
                with check(f"{notebook.name} can be read, with its figures"):
                    open_notebook(page, server, notebook)
                    browser.figures(page, notebook)
            with check("the page and the terminal say what is done, and how long it will take"):
                says(page, STRIP, "Setting up")
                says(page, STRIP, "engine")
                says(page, STRIP, "minutes left")
                assert "minutes left" in terminal.lines()[-1], terminal.lines()[-1]
                bar = page.locator(f"{STRIP} [role=progressbar]")
                assert "engine" in bar.get_attribute("aria-valuetext")
            with check("a notebook that is only read has no changes to be saved"):
                assert page.locator(".lm-DockPanel-tabBar .jp-mod-dirty").count() == 0
            for theme, name in browser.THEMES.items():
                with check(f"that looks right in {theme} (a screenshot to be judged)"):
                    menu(page, "Settings", "Theme", name)
                    page.wait_for_selector(f"body[data-jp-theme-name='{name}']", state="attached")
                    lab.picture(page, f"waiting-{theme}")
            with check("a cell says that it waits, and what for"):
                first = run_cell(page, 0)
                says(page, first, WAITS)
                assert prompts(page)[0] == "[*]:"
            with check("an interrupt ends that, and a cell that is run after it waits again"):
                menu(page, "Kernel", "Interrupt Kernel")
                says(page, first, "has not run")
                idle(page)
                assert WAITS not in text_of(page, first)
                says(page, run_cell(page, 0), WAITS)
            with check("an interrupt ends the queue of Run All"):
                menu(page, "Run", "Run All Cells")
                page.wait_for_function(f"{browser.PROMPTS}.filter(prompt => prompt.includes('*')).length > 5")
                menu(page, "Kernel", "Interrupt Kernel")
                page.wait_for_function(f"!{browser.PROMPTS}.some(prompt => prompt.includes('*'))")
            with check("a build that fails says so in the terminal, on the page and in the cell"):
                says(page, run_cell(page, 0), WAITS)
                lab.gate.write_text("fail")
                terminal.line("The step `engine` failed: .*/engine.log.")
                for where in (STRIP, first):
                    says(page, where, "The step `engine` failed")
                    says(page, where, "target/lab/logs/engine.log")
                says(page, first, "no-such-package")
                lab.picture(page, "failed-dark")
            with check("and on the page, the end of the log"):
                page.locator(STRIP).get_by_role("button", name="Show the end of its log").click()
                says(page, STRIP, "no-such-package")
                lab.picture(page, "failed-log-dark")
            with check("a cell that is run after it says the same"):
                says(page, run_cell(page, 0, "1 + 1"), "The step `engine` failed")
                idle(page)
            processes = below(terminal.pid)
            with check("Ctrl-C ends JupyterLab, with the exit code of a failure"):
                terminal.type("\x03")
                within(SOON, "JupyterLab ends", lambda: not terminal.running())
                assert terminal.status == 1, terminal.status
                within(SOON, "all is gone", lambda: not [pid for pid in processes if Path(f"/proc/{pid}").exists()])
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def a_set_up_that_ends_well(check: Checks, lab: Lab) -> None:
    asked = []
    with lab.held_up() as terminal, lab.page() as page:
        server = terminal.server(START)
        open_notebook(page, server, lab.notebooks[1])
        with check("cells are held, in their order"):
            first = run_cell(page, 0, OPEN)
            second = run_cell(page, 1, FIGURE)
            says(page, first, WAITS)
            says(page, second, WAITS)
        language = language_of(lab, server)
        with check("as soon as the set-up is complete, they run by themselves"):
            lab.gate.write_text("open")
            terminal.line("The set-up is complete.*", BUILD)
            picture = page.locator(CELLS).nth(second).locator(".jp-OutputArea-output img")
            picture.wait_for(timeout=BUILD * 1000)
            assert not [text for text in (text_of(page, first), text_of(page, second)) if "aiting" in text or "starts" in text]
            idle(page)
        with check("the page says that all is ready, and then nothing more"):
            page.wait_for_selector(STRIP, state="detached")
            lab.picture(page, "ready-light")
        with check("what waited has said of itself what the kernel says"):
            assert language == language_of(lab, server), f"{language} and {language_of(lab, server)}"
        with check("a cell's output is passed on as a kernel's own, however much it is"):
            says(page, run_cell(page, 0, 'for i in 0..2000 { println!("line {i}"); }'), "line 1999")
            says(page, run_cell(page, 0, "String::from(\"x\").repeat(300_000).len()"), "300000")
            says(page, run_cell(page, 0, 'let wrong: i32 = "text";'), "mismatched types")
        with check("an interrupt reaches the kernel"):
            long = run_cell(page, 0, 'println!("begun"); loop { std::thread::sleep(std::time::Duration::from_secs(1)); }')
            says(page, long, "begun")
            menu(page, "Kernel", "Interrupt Kernel")
            idle(page)
            says(page, run_cell(page, 0, "40 + 2"), "42")
        with check("a kernel that is restarted is an ordinary one"):
            stand_in = [pid for pid in below(terminal.pid) if "waiting.py" in command_of(pid)]
            assert len(stand_in) == 1, stand_in
            menu(page, "Kernel", "Restart Kernel")
            page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
            within(SOON, "what waited is gone", lambda: not Path(f"/proc/{stand_in[0]}").exists())
            says(page, run_cell(page, 0, "20 + 1"), "21")
            assert not [pid for pid in below(terminal.pid) if "waiting.py" in command_of(pid)]
        with check("a page that is opened now asks once how far the set-up is, and shows nothing"):
            page.on("request", lambda request: asked.append(request.url) if "streamroot/setup" in request.url else None)
            open_notebook(page, server, lab.notebooks[1])
            page.wait_for_timeout(3000)
            assert len(asked) == 1 and page.locator(STRIP).count() == 0, asked
        processes = below(terminal.pid)
        with check("Ctrl-C ends JupyterLab and its kernels"):
            terminal.type("\x03")
            ends(terminal, processes, 0)
            assert not list((lab.state / "runtime").glob("*.json")), os.listdir(lab.state / "runtime")


def language_of(lab: Lab, server: browser.Lab) -> dict:
    """What the kernel of the notebook that was opened last says of its language."""
    name = server.request("GET", "api/sessions")[-1]["kernel"]["id"]
    client = BlockingKernelClient(connection_file=str(lab.state / f"runtime/kernel-{name}.json"))
    client.load_connection_file()
    client.start_channels()
    try:
        # What a saved notebook has of it: nothing that is empty.
        info = client.kernel_info(reply=True, timeout=SOON)["content"]["language_info"]
        return {key: value for key, value in info.items() if value and not key.startswith("pygment")}
    finally:
        client.stop_channels()


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""  # it has ended meanwhile


def a_set_up_that_fails(check: Checks, lab: Lab) -> None:
    with lab.held_up() as terminal, lab.page() as page:
        server = terminal.server(START)
        open_notebook(page, server, lab.notebooks[1])
        says(page, first := run_cell(page, 0, "40 + 2"), WAITS)
        lab.gate.write_text("fail")
        says(page, first, "The step `engine` failed")
        with check("when a later set-up succeeds, the page says so and cells run"):
            done = subprocess.run([lab.program, "setup"], capture_output=True, text=True, timeout=BUILD, check=False)
            assert done.returncode == 0, done.stderr[-2000:]
            page.wait_for_selector(STRIP, state="detached")
            says(page, run_cell(page, 0, "40 + 3"), "43", BUILD)
        with check("and Ctrl-C ends it with the exit code of success"):
            processes = below(terminal.pid)
            terminal.type("\x03")
            ends(terminal, processes, 0)


def a_killed_jupyterlab(check: Checks, lab: Lab) -> None:
    ways = ((signal.SIGKILL, "killed"), (signal.SIGTERM, "told to end"), (signal.SIGHUP, "left by its terminal"))
    for number, name in ways if lab.thorough else ways[:1]:
        with check(f"when JupyterLab is {name}, the set-up and what waits end with it"):
            with lab.held_up() as terminal, lab.page() as page:
                open_notebook(page, terminal.server(START), lab.notebooks[1])
                processes = below(terminal.pid)
                said = [command_of(pid) for pid in processes]
                for what in ("waiting.py", "go-on", str(lab.cargo)):
                    assert any(what in command for command in said), f"there is no {what}: {said}"
                os.kill(terminal.pid, number)
                ends(terminal, processes, -number if number == signal.SIGKILL else 0)
    with check("and the next one takes the set-up up again"):
        done = subprocess.run([lab.program, "setup"], capture_output=True, text=True, timeout=BUILD, check=False)
        assert done.returncode == 0, done.stderr[-2000:]


if __name__ == "__main__":
    sys.exit(main())
