"""Runs notebooks from top to bottom in the real kernel, without JupyterLab.

A cell fails when the kernel says so: nbclient stops there, as JupyterLab's Run All does. The stock kernel says so only of
cells that do not compile, so of a run in it, what is committed has to be compared.
"""

import argparse
import copy
import os
import re
import shutil
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

import outputs
from kernel_client import OneSpec
from other_engine import OtherEngine

START = 300  # seconds for a kernel to start; the first start on a machine may compile
CELL = 300  # seconds for a cell

# What a notebook opens, and how its summary names that.
OPENED = 'Sessions::open("../data/sessions.csv")'
OPENED_NAME = "sessions.csv"

# What only the embedded engine does: it keeps rows in the order of the file, of which SQL knows nothing, and saves cubes.
EMBEDDED_ONLY = ("ROW_NUMBER() OVER ()", ".sample(", ".cube(")

COLOURS = re.compile(r"\x1b\[[0-9;]*m")

running: set[AsyncKernelManager] = set()
running_lock = threading.Lock()


class Failed(Exception):
    """A notebook that did not run to its end, with what to tell the user."""


@dataclass
class Result:
    name: str
    cells: int
    seconds: float
    problems: list[str] = field(default_factory=list)
    left_out: int = 0
    """How many cells another engine has nothing for."""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lab", type=Path, required=True, help="where logs and pictures go")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--stock", type=Path, help="run in evcxr's own kernel, which this is, and compare")
    parser.add_argument("--results", type=Path, help="write the results there, not into the notebooks")
    parser.add_argument("--engine", help="compare with what is committed, on another engine")
    parser.add_argument("--engine-python", type=Path, help="the Python that starts it")
    parser.add_argument("--sessions", type=Path, help="the file that it is given")
    parser.add_argument("notebooks", type=Path, nargs="+")
    arguments = parser.parse_args()
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)

    began = time.monotonic()
    engine = None
    if arguments.engine:
        try:
            engine = OtherEngine(arguments.engine_python, arguments.engine, arguments.lab, arguments.sessions)
        except (OSError, RuntimeError) as error:
            print(f"{error}\n0 passed, 1 failed")
            return 1
        print(f"{OPENED} is {engine.line} in this run.", flush=True)
    # Two at a time: a kernel that starts and a kernel that draws keep a small machine's two cores busy.
    pool = ThreadPoolExecutor(max_workers=2)
    failed = 0
    try:
        results = [pool.submit(one, path, arguments, engine) for path in arguments.notebooks]
        for future in results:
            result = wait(future)
            failed += bool(result.problems)
            word = "FAILED" if result.problems else "ok"
            print(f"{result.name:<24} {result.cells:>3} cells {result.seconds:6.1f} s  {word}", flush=True)
            if result.left_out:
                print(f"    left out, for what only the embedded engine does: {result.left_out} cell", flush=True)
            for problem in result.problems:
                print("    " + problem.replace("\n", "\n    "), flush=True)
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        stop_kernels()
        print("Interrupted. Nothing was written in part.", file=sys.stderr, flush=True)
        if engine:
            engine.close()
        os._exit(130)  # the threads still wait for kernels that are gone
    finally:
        if engine:
            engine.close()
    print(f"in {time.monotonic() - began:.1f} s")
    if arguments.results:
        print(f"The results are in {arguments.results}.")
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


def interrupt(*_) -> None:
    raise KeyboardInterrupt


def wait(future) -> Result:
    """The result, in a way that Ctrl-C gets through to."""
    while True:
        try:
            return future.result(timeout=0.5)
        except TimeoutError:
            if future.done():
                raise


def one(path: Path, arguments: argparse.Namespace, engine: OtherEngine | None) -> Result:
    began = time.monotonic()
    result = Result(path.stem, 0, 0.0)
    try:
        committed = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(committed, as_version=4)
        result.cells = sum(cell.cell_type == "code" for cell in notebook.cells)
        before = nbformat.reads(committed, as_version=4)
        if engine:
            result.left_out = leave_out(before, notebook)
            change(notebook, engine.line)
        execute(notebook, path, arguments.lab / "logs" / f"kernel-{path.stem}.log", manager(arguments, path.stem))
        outputs.normalise(notebook)
        if engine:
            before = renamed(before, engine.table)
            result.problems = differing(path.stem, before, notebook, arguments.lab / "check")
        elif arguments.stock:
            result.problems = differing(path.stem, before, notebook, arguments.lab / "check")
        elif arguments.check:
            result.problems = compare(path.stem, committed, notebook, arguments.lab / "check")
        else:
            write(arguments.results / path.name if arguments.results else path, outputs.text(notebook))
    except (Failed, OSError, ValueError) as error:
        result.problems.append(str(error))
    finally:
        shutil.rmtree(stock_build(arguments, path.stem), ignore_errors=True)
    result.seconds = time.monotonic() - began
    return result


def stock_build(arguments: argparse.Namespace, name: str) -> Path:
    """Where the stock kernel of a notebook compiles its cells."""
    return arguments.lab / "stock" / name


def manager(arguments: argparse.Namespace, name: str) -> AsyncKernelManager:
    """A kernel to be started: ours, or the stock one with what a cell needs compiled in the place where it looks."""
    if arguments.stock is None:
        return AsyncKernelManager(kernel_name="streamroot")
    build = stock_build(arguments, name)
    shutil.rmtree(build, ignore_errors=True)
    shutil.copytree(arguments.lab / "warm/target", build / "target")
    shutil.copy(arguments.lab / "warm/Cargo.lock", build)
    argv = [str(arguments.stock), "--control_file", "{connection_file}"]
    env = {"EVCXR_TMPDIR": str(build), "JUPYTER_PATH": str(arguments.lab / "jupyter/none")}
    spec = KernelSpec(argv=argv, env=env, display_name="evcxr", language="rust", interrupt_mode="message")
    return AsyncKernelManager(kernel_spec_manager=OneSpec(spec))


def execute(notebook, path: Path, log: Path, kernel: AsyncKernelManager) -> None:
    """Runs every cell, or fails at the first that does not succeed."""
    log.parent.mkdir(parents=True, exist_ok=True)
    now = {}
    client = NotebookClient(
        notebook,
        km=kernel,
        timeout=CELL,
        startup_timeout=START,
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=lambda cell, cell_index: now.update(cell=cell),
    )
    with log.open("w") as file:
        with running_lock:
            running.add(kernel)
        try:
            client.execute(stdout=file, stderr=file)
        except CellExecutionError as error:
            raise Failed(describe(notebook, now["cell"], error.traceback or f"{error.ename}: {error.evalue}")) from None
        except CellTimeoutError:
            raise Failed(describe(notebook, now["cell"], f"It has run for more than {CELL} s.")) from None
        except DeadKernelError:
            raise Failed(describe(notebook, now["cell"], f"The kernel died. Its log is {log}.")) from None
        except RuntimeError as error:
            raise Failed(f"The kernel did not start: {error}. Its log is {log}.") from error
        finally:
            if kernel.has_kernel:  # nbclient leaves a kernel that it was given to the giver
                run_sync(kernel.shutdown_kernel)()
            with running_lock:
                running.discard(kernel)


def describe(notebook, cell, said: str) -> str:
    number = 1 + [cell.id for cell in notebook.cells if cell.cell_type == "code"].index(cell.id)
    source = cell.source.splitlines()
    excerpt = source if len(source) <= 8 else [*source[:7], f"… {len(source) - 7} lines more"]
    lines = COLOURS.sub("", said).strip().splitlines()
    return "\n".join([f"code cell {number} (id {cell.id}):", *("  | " + line for line in excerpt), *lines])


def change(notebook, line: str) -> None:
    """Has a notebook connect to another engine where it opens the file: the one line that a user changes."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and OPENED in cell.source]
    if not cells:
        raise Failed(f"It has no {OPENED} to put {line} in the place of.")
    for cell in cells:
        cell.source = cell.source.replace(OPENED, line)


def renamed(notebook, table: str):
    """The committed notebook with the one thing in its outputs that is another on another engine: what the summary of
    the sessions names as their source. How many there are, and what is missing in them, stays."""
    notebook = copy.deepcopy(notebook)
    for output in (output for cell in notebook.cells for output in cell.get("outputs", ())):
        for mime, data in output.get("data", {}).items():
            if mime.startswith("text/"):
                output.data[mime] = data.replace(f" sessions from {OPENED_NAME}", f" sessions from {table}")
    return notebook


def leave_out(before, notebook) -> int:
    """Empties the cells that need the embedded engine, and says how many they are."""
    cells = [pair for pair in zip(before.cells, notebook.cells) if any(one in pair[1].source for one in EMBEDDED_ONLY)]
    cells = [(old, new) for old, new in cells if new.cell_type == "code"]
    for old, new in cells:
        new.source, old.outputs, new.outputs = "", [], []
    return len(cells)


def compare(name: str, committed: str, notebook, directory: Path) -> list[str]:
    """What differs from the committed notebook."""
    problems = differing(name, nbformat.reads(committed, as_version=4), notebook, directory)
    if not problems and committed != outputs.text(notebook):
        problems.append("The outputs are the same, but the file is not as `cargo lab run` writes it.")
    if problems:
        problems.append(f"If this is what you meant: cargo lab run {name}")
    return problems


def differing(name: str, before, notebook, directory: Path) -> list[str]:
    """Which outputs differ. Both pictures of a figure that differs are left in the directory."""
    problems = []
    for old, new in zip(before.cells, notebook.cells):
        if new.cell_type != "code":
            continue
        for difference in outputs.differences(old.outputs, new.outputs):
            what = difference.what
            for word, picture in (("committed", difference.committed), ("computed", difference.computed)):
                if picture is not None:
                    directory.mkdir(parents=True, exist_ok=True)
                    file = directory / f"{name}-{new.id}-{word}.png"
                    file.write_bytes(picture)
                    what += f"\n  {word}: {file}"
            problems.append(describe(notebook, new, what))
    return problems


def write(path: Path, text: str) -> None:
    """Writes a notebook whole or not at all, and only if it changes."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def stop_kernels() -> None:
    with running_lock:
        kernels = list(running)
    for kernel in kernels:
        process = getattr(kernel.provisioner, "process", None)
        if process is not None:
            process.kill()  # what it has started ends with it


if __name__ == "__main__":
    sys.exit(main())
