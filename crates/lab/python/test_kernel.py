"""The kernel's promises, checked in real kernels over the real Jupyter protocol.

No check measures time, which would fail on a busy machine. What must not take for ever has a limit far above what it
needs.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from checks import Checks, run
from kernel_client import Kernel

SOON = 60  # seconds for what takes a moment on an idle machine
OPEN = 'let sessions = Sessions::open("../data/sessions.csv")?;'
ASK = "sessions.count_by(Isp)?"
FIGURE = "sessions.count_by(Isp)?.bar()"

# Beside the crates, all that makes a workspace of the copied helper crate.
MANIFEST = """\
[workspace]
resolver = "3"
members = ["crates/*"]
exclude = ["lab"]

[workspace.package]
version = "0.1.0"
edition = "2024"
rust-version = "1.95"
license = "MIT OR Apache-2.0"
publish = false
"""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True, help="the top of the work tree")
    root = parser.parse_args().root.resolve()
    checks = (a_changed_helper_crate, a_cell_that_fails, several_kernels, a_start_asks_cargo_nothing)
    return run(checks, lambda: Project(root), at_once=2)


class Project:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.lab = root / "target/lab"
        self.notebooks = root / "notebooks"
        self.started = 0

    def kernel(self, cwd: Path | None = None, env: dict | None = None) -> Kernel:
        self.started += 1
        log = self.lab / "logs" / f"test-kernel-{os.getpid() % 8}-{self.started % 8}.log"
        return Kernel("streamroot", cwd or self.notebooks, log, env)

    def directories(self, kernel: Kernel, lab: Path | None = None) -> list[Path]:
        """The directories that are named after this kernel's process."""
        kernels = (lab or self.lab) / "kernels"
        return [path for path in kernels.iterdir() if path.name.split("-")[0] == str(kernel.pid)]


def succeeds(kernel: Kernel, code: str):
    result = kernel.run(code)
    assert result.status == "ok" and not result.said, f"`{code}` said: {result.said or result.status}"
    return result


def shows(kernel: Kernel, code: str, kind: str):
    result = succeeds(kernel, code)
    assert kind in result.data, f"`{code}` gave {sorted(result.data)} and no {kind}"
    return result.data[kind]


def within(seconds: float, what: str, condition) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"{what}: not within {seconds} s"
        time.sleep(0.1)


def a_cell_that_fails(check: Checks, project: Project) -> None:
    with project.kernel() as kernel:
        succeeds(kernel, OPEN)
        users = shows(kernel, ASK, "text/plain")

        with check("completion knows what the helper crate exports"):
            matches = kernel.complete("sessions.")
            assert any("count_by" in match for match in matches), f"matches: {matches[:20]}"
            matches = kernel.complete("Figure::r")
            assert any("row" in match for match in matches), f"matches: {matches[:20]}"

        with check("hover describes a type, a method and a variable"):
            for code, cursor, expected in [
                ("Sessions::open(", len("Sessions"), "pub struct Sessions"),
                ("Sessions::open(", len("Sessions::open"), "pub fn open(path: &str)"),
                ("sessions.count_by(Isp)?", len("sessions.count_by"), "The number of sessions for each value"),
                ("sessions.count_by(Isp)?", len("sessions"), "Sessions"),
            ]:
                answer = kernel.inspect(code, cursor)
                said = str(answer.get("data", {}).get("text/plain", ""))
                assert answer["found"] and expected in said, f"{code!r} at {cursor}: {answer}"

        with check("a compile error points at the user's line"):
            result = kernel.run('let right = 1;\nlet wrong: i32 = "text";\nright')
            assert result.status == "error" and result.errors, "it compiled"
            assert re.search('^ *2 │ let wrong: i32 = "text";', result.traceback, re.MULTILINE), result.traceback
            assert "mismatched types" in result.traceback, result.traceback

        with check("an unknown method is an error at its own line, and loses nothing"):
            result = kernel.run("sessions\n    .cont_by(Isp)?")
            assert "cont_by" in result.traceback, result.traceback
            assert shows(kernel, ASK, "text/plain") == users

        with check("a panic says its message and keeps the data"):
            result = kernel.run('let bound = 1; let none: Vec<i32> = vec![]; none[bound]')
            assert result.status == "error" and "index out of bounds" in result.traceback, result
            assert shows(kernel, ASK, "text/plain") == users

        with check("a failed `?` says why and keeps the data"):
            result = kernel.run('let other = Sessions::open("nowhere.csv")?;')
            assert result.status == "error" and "nowhere.csv" in result.traceback, result
            result = kernel.run('sessions.filter("no_such_column > 1")?.count()?')
            assert result.status == "error" and "no_such_column" in result.traceback, result
            assert shows(kernel, ASK, "text/plain") == users

        with check("a figure works after all of that"):
            shows(kernel, FIGURE, "image/png")


def cargo_processes(kernel: Kernel) -> list[str]:
    """What the real cargo does for a kernel at the moment. cargo is what is called so, and not a link to the kernel."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_cargo = (process / "exe").resolve().name == "cargo"
            if is_cargo and f"/kernels/{kernel.pid}".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            pass  # it has ended meanwhile
    return found


def a_start_asks_cargo_nothing(check: Checks, project: Project) -> None:
    with project.kernel() as kernel, check("a start gives what cargo has answered before, and cargo has nothing to do"):
        seen, ended = [], threading.Event()

        def look() -> None:
            while not ended.wait(0.003):
                seen.extend(cargo_processes(kernel))

        looking = threading.Thread(target=look)
        looking.start()
        users = shows(kernel, f"{OPEN}\n{ASK}", "text/plain")
        first = list(seen)
        # What is another question has its own answer.
        manifest = kernel.run(":dep no_such_crate = { path = \"/no/such/crate\" }")
        ended.set()
        looking.join()
        assert not first, f"cargo ran: {sorted(set(first))}"
        assert manifest.status == "error" and len(seen) > 0, f"{manifest.said}, {seen}"
        assert shows(kernel, ASK, "text/plain") == users


def several_kernels(check: Checks, project: Project) -> None:
    with project.kernel() as first, project.kernel() as second:
        with check("two kernels at once have a directory each"):
            mine, others = project.directories(first), project.directories(second)
            assert len(mine) == 1 and len(others) == 1 and mine != others, f"{mine} and {others}"

        with check("two kernels at once both answer, at the same time"):
            for kernel in (first, second):
                succeeds(kernel, OPEN)
            succeeds(first, "let mark = 1;")
            succeeds(second, "let mark = 2;")
            began = time.perf_counter()
            requests = [kernel.begin("(mark, sessions.count_by(Isp)?.rows())") for kernel in (first, second)]
            collected = [kernel.collect(request, began) for kernel, request in zip((first, second), requests)]
            answers = [result.data.get("text/plain", result.said) for result in collected]
            assert answers[0].startswith("(1,") and answers[1].startswith("(2,"), answers

        with check("a kernel's directory goes away with it, after kill -9 too"):
            os.kill(second.pid, signal.SIGKILL)
            within(SOON, "the directory of a killed kernel goes away", lambda: not project.directories(second))
            assert project.directories(first), "the other kernel's directory is gone as well"
            shows(first, ASK, "text/plain")

    with check("a kernel's directory goes away when it is shut down"):
        within(SOON, "the directory of a kernel that was shut down goes away", lambda: not project.directories(first))


def a_changed_helper_crate(check: Checks, project: Project) -> None:
    """On a copy of the helper crate in a workspace of its own, with a lab directory of its own.

    The kernel finds out that the helper crate has changed by comparing the one it was built beside with what its warm
    directory was made from. That one is not to be touched here, so the other side of the comparison is changed.
    """
    copy = project.lab / "test-kernel"
    shutil.rmtree(copy, ignore_errors=True)
    try:
        lab, notebooks, source = copied(project, copy)
        env = {"STREAMROOT_LAB": str(lab), "STREAMROOT_ENGINE": str(engine(project))}
        source.write_text(source.read_text() + method("FIRST"))
        warm(project, notebooks, env)
        with project.kernel(notebooks, env) as kernel:
            with check("a copy of the helper crate works from a directory of its own"):
                assert project.directories(kernel, lab), "the kernel is not in the test's own lab directory"
                assert "FIRST" in shows(kernel, "Sessions::answer()", "text/plain")

            source.write_text(source.read_text().replace("FIRST", "SECOND"))
            fingerprint = lab / "warm/fingerprint"
            lines = fingerprint.read_text().splitlines(keepends=True)
            made_otherwise = [line.replace("sessions.rs ", "sessions.rs 0") for line in lines]
            assert made_otherwise != lines, "the fingerprint does not name sessions.rs"
            fingerprint.write_text(older := "".join(made_otherwise))
            with check("a running kernel stays with the helper crate it started with"):
                assert "FIRST" in shows(kernel, "Sessions::answer()", "text/plain")

        with project.kernel(notebooks, env) as kernel:
            with check("a changed helper crate is picked up by a restarted kernel"):
                assert "SECOND" in shows(kernel, "Sessions::answer()", "text/plain")
                succeeds(kernel, f'let sessions = Sessions::open("{project.root / "data/sessions.csv"}")?;')
                shows(kernel, FIGURE, "image/png")
            with check("what cells need is compiled for speed in the background"):

                def made() -> bool:
                    now = fingerprint.read_text() if fingerprint.exists() else older
                    return now != older and not now.endswith("quick\n")

                within(300, "the warm directory is made again", made)
        with project.kernel(notebooks, env) as kernel:
            with check("and the next kernel has it from there"):
                assert "SECOND" in shows(kernel, "Sessions::answer()", "text/plain")
        for file in source.parents[1].rglob("*.rs"):
            file.touch()
        with project.kernel(notebooks, env) as kernel:
            with check("a helper crate whose files are newer, and say the same, is not compiled again"):
                assert "SECOND" in shows(kernel, "Sessions::answer()", "text/plain")
                compiled = {file.stat().st_ino for file in (lab / "warm/target").rglob("libstreamroot-*.rlib")}
                [directory] = project.directories(kernel, lab)
                used = {file.stat().st_ino for file in (directory / "build/target").rglob("libstreamroot-*.rlib")}
                assert used and used <= compiled, "it was"
    finally:
        within(SOON, "the kernels of the copy are gone", lambda: not list((copy / "lab/kernels").glob("*")))
        shutil.rmtree(copy, ignore_errors=True)


def copied(project: Project, copy: Path) -> tuple[Path, Path, Path]:
    """A workspace of the helper crate alone: lab directory, directory of notebooks, and a source file to change."""
    crate = copy / "crates/streamroot"
    crate.mkdir(parents=True)
    (copy / "Cargo.toml").write_text(MANIFEST)
    shutil.copy(project.root / "rust-toolchain.toml", copy)
    shutil.copy(project.root / "crates/streamroot/Cargo.toml", crate)
    shutil.copytree(project.root / "crates/streamroot/src", crate / "src")
    notebooks = copy / "notebooks"
    notebooks.mkdir()
    shutil.copy(project.notebooks / "evcxr.toml", notebooks)
    lab = copy / "lab"
    # What the helper crate depends on is compiled there already.
    shutil.copytree(project.lab / "warm", lab / "warm")
    return lab, notebooks, crate / "src/ask/sessions.rs"


def method(answer: str) -> str:
    return f"""
impl Sessions {{
    /// For a test.
    pub fn answer() -> String {{
        String::from("{answer}")
    }}
}}
"""


def engine(project: Project) -> Path:
    return next((project.root / "target/release").glob("libstreamroot_polars.*[!d]"))


def warm(project: Project, notebooks: Path, env: dict) -> None:
    kernel = project.root / "target/release/kernel"
    done = subprocess.run(
        [kernel, "--warm"], cwd=notebooks, env={**os.environ, **env}, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, f"kernel --warm: {done.stderr}"


if __name__ == "__main__":
    sys.exit(main())
