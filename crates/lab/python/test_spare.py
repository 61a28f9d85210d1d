"""The spare kernel: that it is there at once, is what a new one would be, and is gone when it is not wanted.

In JupyterLab's own server, over REST and websockets, as a browser has it. No check measures time.
"""

import argparse
import asyncio
import os
import shutil
import signal
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from jupyter_client.connect import LocalPortCache
from jupyter_server.serverapp import ServerApp

from checks import Checks, below, run
from kernel_client import REQUEST
from lab_server import SOON, Notebook, Server, command, cpu_seconds, memory, parent, rest, serving
from provisioner import register
from serve import configuration
from spare import PORTS
from test_kernel import ASK, FIGURE, OPEN, Project, copied, engine, method, shows, succeeds, warm, within

MEMORY = 450e6  # bytes, at most, of a spare and all its processes, which share some with other kernels
COMPILE = 600  # seconds for the helper crate, on a busy machine
WHO = "std::process::id()"
WHERE = "std::env::current_dir()?.display().to_string()"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True, help="the top of the work tree")
    parser.add_argument("--thorough", action="store_true", help="also what takes longest, such as editing the helper crate")
    arguments = parser.parse_args()
    lab = Lab(arguments.root.resolve(), arguments.thorough)
    groups = [a_start_and_a_restart, several_notebooks, a_crash, nothing_to_do, a_killed_server, ports_are_given_back]
    if arguments.thorough:
        groups = [an_edited_helper_crate, *groups, two_quick_restarts, another_directory, a_spare_that_dies]
    return run(groups, lambda: lab, at_once=2)


class Lab(Project):
    def __init__(self, root: Path, thorough: bool) -> None:
        super().__init__(root)
        self.thorough = thorough

    @contextmanager
    def server(self, *options: str, notebooks: Path | None = None, env: dict | None = None) -> Iterator[Server]:
        state = self.lab / "spare" / uuid.uuid4().hex[:8]
        with serving(self.root, notebooks or self.notebooks, state, *options, env=env) as server:
            yield server

    def of(self, pid: int, lab: Path | None = None) -> list[Path]:
        """The directories of a kernel."""
        kernels = (lab or self.lab) / "kernels"
        return [path for path in kernels.iterdir() if path.name.split("-")[0] == str(pid)]


def the_spare(server: Server, taken: set[int], seconds: float = REQUEST) -> int:
    """The spare kernel, as soon as there is one beside those that were taken, and it waits."""
    within(seconds, f"a spare beside {taken}", lambda: server.spares() - taken)
    (pid,) = server.spares() - taken
    rest(pid)
    return pid


def who(notebook: Notebook) -> int:
    """The kernel that a notebook's cells are run by: the server's child that their process is below."""
    pid = int(shows(notebook, WHO, "text/plain"))
    while (above := parent(pid)) != notebook.server.process.pid:
        assert above > 1, "the cells' process does not belong to the server"
        pid = above
    return pid


def exists(pid: int) -> bool:
    return bool(command(pid))


def a_start_and_a_restart(check: Checks, lab: Lab) -> None:
    with lab.server() as server:
        first = the_spare(server, set())
        with check("a spare starts with the server, with a directory of its own"):
            assert server.kernels() == {first} and len(lab.of(first)) == 1, f"{server.kernels()}, {lab.of(first)}"
        with check("its memory is within its bounds"):
            used = memory(below(first))
            assert used <= MEMORY, f"it takes {used / 1e6:.0f} MB"
            print(f"    {used / 1e6:.0f} MB")
        with check("while it waits, it computes nothing"):
            before = cpu_seconds(below(first))
            time.sleep(5)
            used = cpu_seconds(below(first)) - before
            assert used < 0.05, f"it used {used} s of the processor in 5 s"
        with check("it has no file that its key could be read from, or that would be left behind"):
            assert not [path for path in server.state.rglob("*") if "runtime" in path.parts and path.name.endswith(".json")
                        and "kernel" in path.name], "there is a connection file"

        notebook = Notebook(server, "01-general-analysis.ipynb")
        with check("the first notebook gets it"):
            assert who(notebook) == first
            assert shows(notebook, WHERE, "text/plain") == f'"{lab.notebooks}"'
        with check("it has the notebook's prelude, and draws"):
            succeeds(notebook, OPEN)
            shows(notebook, FIGURE, "image/png")
        second = the_spare(server, {first})
        with check("then there is another one, and no third"):
            assert server.kernels() == {first, second}, server.kernels()

        console = notebook.console()
        assert who(console) == first
        notebook.restart()
        with check("a restart gets that, without the variables of before"):
            assert who(notebook) == second
            result = notebook.run(ASK)
            assert "sessions" in result.said and not result.data, result.said
            succeeds(notebook, OPEN)
            shows(notebook, FIGURE, "image/png")
        with check("a console that was open on the kernel is there with the new one"):
            assert who(console) == second
        with check("the kernel of before is gone, and its directory"):
            within(SOON, "the end of the kernel of before", lambda: not exists(first) and not lab.of(first))
        with check("the server knows whether the kernel is busy, where it is now"):
            within(SOON, "the kernel is idle", lambda: notebook.state() == "idle")
            notebook.begin("std::thread::sleep(std::time::Duration::from_secs(3));")
            within(SOON, "the kernel is busy", lambda: notebook.state() == "busy")
            within(SOON, "the kernel is idle", lambda: notebook.state() == "idle")

        third = the_spare(server, {first, second})
        notebook.close()
        with check("a kernel that was a spare is shut down like any other"):
            within(SOON, "its end", lambda: not exists(second) and not lab.of(second))
            assert server.kernels() == {third}, server.kernels()
    with check("when the server ends, the spare and its directory go"):
        within(SOON, "the end of the spare", lambda: not exists(third) and not lab.of(third))


def several_notebooks(check: Checks, lab: Lab) -> None:
    with lab.server() as server:
        spare = the_spare(server, set())
        with ThreadPoolExecutor() as pool:
            notebooks = list(pool.map(lambda name: Notebook(server, name), ["a.ipynb", "b.ipynb", "c.ipynb"]))
        kernels = [who(notebook) for notebook in notebooks]
        with check("of three notebooks that are opened at once, one gets the spare, and each a kernel of its own"):
            assert kernels.count(spare) == 1 and len(set(kernels)) == 3, f"{kernels}, {spare}"
        with check("and all of them work"):
            for number, notebook in enumerate(notebooks):
                succeeds(notebook, OPEN)
                succeeds(notebook, f"let mark = {number};")
            for number, notebook in enumerate(notebooks):
                assert shows(notebook, "mark", "text/plain") == str(number)
                shows(notebook, FIGURE, "image/png")
        with check("while a cell runs, no spare is started; afterwards, one"):
            within(SOON, "a spare", lambda: server.spares() - {spare})
            the_spare(server, {spare})
            notebooks[0].restart()
            taken = server.spares()
            notebooks[0].begin("std::thread::sleep(std::time::Duration::from_secs(12));")
            within(SOON, "the cell runs", lambda: notebooks[0].state() == "busy")
            while notebooks[0].state() == "busy":
                assert server.spares() <= taken, "a spare was started while a cell ran"
                time.sleep(0.2)
            the_spare(server, taken)


def two_quick_restarts(check: Checks, lab: Lab) -> None:
    with lab.server() as server:
        notebook = Notebook(server, "a.ipynb")  # before there is a spare that waits
        with check("a notebook that is opened at once works"):
            succeeds(notebook, OPEN)
            shows(notebook, FIGURE, "image/png")
        spare = the_spare(server, {who(notebook)})
        notebook.restart()
        notebook.restart()
        with check("after two restarts in a row, the kernel is a new one and works"):
            last = who(notebook)
            assert last != spare, "the second restart got the kernel of the first"
            succeeds(notebook, OPEN)
            shows(notebook, FIGURE, "image/png")
        next_one = the_spare(server, {spare, last})
        with check("and nothing is left of those between"):
            within(SOON, f"the end of {spare}", lambda: not exists(spare) and not lab.of(spare))
            assert server.kernels() == {last, next_one}, server.kernels()


def a_crash(check: Checks, lab: Lab) -> None:
    with lab.server() as server:
        first = the_spare(server, set())
        notebook = Notebook(server, "a.ipynb")
        assert who(notebook) == first
        second = the_spare(server, {first})
        notebook.begin('println!("begun"); loop { std::thread::sleep(std::time::Duration::from_secs(1)); }')
        within(SOON, "the cell runs", lambda: notebook.state() == "busy")
        os.kill(first, signal.SIGKILL)
        with check("when a kernel has crashed in a cell, the front end is told, and the spare takes its place"):
            told = lambda: (message := notebook.receive())["msg_type"] == "status" and (
                message["content"]["execution_state"] == "restarting"
            )
            within(SOON, "the front end is told", told)
            notebook.socket.close()
            notebook.connect()
            assert who(notebook) == second
            succeeds(notebook, OPEN)
            shows(notebook, FIGURE, "image/png")
        with check("the server does not take the kernel for busy for ever"):
            within(SOON, "the kernel is idle", lambda: notebook.state() == "idle")
        with check("and there is a spare again"):
            third = the_spare(server, {first, second})
            within(SOON, "the directory goes", lambda: not lab.of(first))
            assert server.kernels() == {second, third}, server.kernels()


def another_directory(check: Checks, lab: Lab) -> None:
    directory = lab.notebooks / f"test-{uuid.uuid4().hex[:8]}"
    directory.mkdir()
    try:
        with lab.server() as server:
            spare = the_spare(server, set())
            elsewhere = Notebook(server, f"{directory.name}/a.ipynb")
            with check("a notebook in another directory gets a kernel there, not the spare"):
                assert who(elsewhere) != spare
                assert shows(elsewhere, WHERE, "text/plain") == f'"{directory}"'
            with check("and the spare still waits for one that it fits"):
                here = Notebook(server, "a.ipynb")
                assert who(here) == spare
                succeeds(here, OPEN)
    finally:
        shutil.rmtree(directory)


def a_spare_that_dies(check: Checks, lab: Lab) -> None:
    with lab.server() as server:
        spare = the_spare(server, set())
        os.kill(spare, signal.SIGKILL)
        with check("a spare that has died is not tried again"):
            within(SOON, "its directory goes", lambda: not lab.of(spare))
            until = time.monotonic() + 10
            while time.monotonic() < until:
                assert not server.kernels() - {spare}, "another one was started"
                time.sleep(0.2)
        with check("and a notebook gets a new kernel"):
            notebook = Notebook(server, "a.ipynb")
            assert who(notebook) != spare
            succeeds(notebook, OPEN)
            shows(notebook, FIGURE, "image/png")


def nothing_to_do(check: Checks, lab: Lab) -> None:
    with lab.server("--SpareKeeper.enabled=False") as server:
        with check("there is no spare where none is wanted"):
            time.sleep(5)
            assert not server.kernels(), server.kernels()
            notebook = Notebook(server, "a.ipynb")
            succeeds(notebook, OPEN)
            assert server.kernels() == {who(notebook)}
    with lab.server("--SpareKeeper.patience=8", "--SpareKeeper.quiet=1") as server:
        within(REQUEST, "a spare", server.spares)
        (spare,) = server.spares()
        with check("when nothing happens for long, the spare goes, and its directory"):
            within(SOON, "the end of the spare", lambda: not exists(spare) and not lab.of(spare))
            time.sleep(3)
            assert not server.kernels(), server.kernels()
        with check("when something happens, it is back"):
            notebook = Notebook(server, "a.ipynb")
            first = who(notebook)
            within(REQUEST, "a spare", lambda: server.spares() - {first})
            (second,) = server.spares() - {first}
        with check("and goes again, but the notebook's kernel stays"):
            within(SOON, "the end of the spare", lambda: not exists(second))
            assert who(notebook) == first
        with check("a cell that runs is something that happens"):
            within(REQUEST, "a spare", lambda: server.spares() - {first, second})


def a_killed_server(check: Checks, lab: Lab) -> None:
    for name in ("SIGKILL", "SIGTERM", "SIGHUP") if lab.thorough else ("SIGKILL",):
        with lab.server() as server:
            spare = the_spare(server, set())
            processes, directories = below(spare), lab.of(spare)
            server.process.send_signal(getattr(signal, name))
            server.process.wait(timeout=SOON)
            with check(f"after {name}, nothing is left of the spare"):
                within(SOON, f"the end of {processes}", lambda: not any(map(exists, processes)))
                within(SOON, f"the end of {directories}", lambda: not any(path.exists() for path in directories))
    for wait in (0, 0.05, 0.2, 0.5, 1, 2) if lab.thorough else (0.2,):
        before = set((lab.lab / "kernels").iterdir())
        with lab.server() as server:
            within(SOON, "a spare that starts", server.spares)
            time.sleep(wait)
            processes = below(server.process.pid) - {server.process.pid}
            server.process.kill()
            server.process.wait()
            with check(f"after SIGKILL, {wait} s into the start of the spare, nothing is left of it"):
                within(SOON, f"the end of {processes}", lambda: not any(map(exists, processes)))
                left = lambda: {path for path in set((lab.lab / "kernels").iterdir()) - before if int(path.name.split("-")[0]) in processes}
                within(SOON, "the end of its directory", lambda: not left())


class Compilers(threading.Thread):
    """Counts the processes that compile the helper crate into a lab directory, by looking often."""

    def __init__(self, lab: Path) -> None:
        super().__init__(daemon=True)
        self.lab = str(lab).encode()
        self.seen: set[tuple[str, str, bool]] = set()
        self.done = threading.Event()

    def __enter__(self) -> "Compilers":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.done.set()
        self.join()

    def run(self) -> None:
        while not self.done.wait(0.05):
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    words = file.read_bytes()
                    if b"\0--crate-name\0streamroot\0" in words and self.lab in words and b"rustc\0" in words[:200]:
                        began = file.with_name("stat").read_text().rpartition(")")[2].split()[19]
                        self.seen.add((file.parent.name, began, b"opt-level=3" in words))
                except OSError:
                    pass  # it ended meanwhile

    def count(self, quick: bool = False) -> int:
        """How many there were, or how many of those that someone waited for."""
        return sum(not (quick and for_speed) for _, _, for_speed in self.seen)


def an_edited_helper_crate(check: Checks, lab: Lab) -> None:
    """On a copy of the helper crate in a workspace of its own, with a lab directory of its own. See `test_kernel.py`: a kernel
    compares what was compiled with the crate it was built beside, so the record of what was compiled is changed, too."""
    copy = lab.lab / "test-spare"
    shutil.rmtree(copy, ignore_errors=True)
    own, notebooks, source = copied(lab, copy)
    env = {"STREAMROOT_LAB": str(own), "STREAMROOT_ENGINE": str(engine(lab))}
    unchanged, fingerprint = source.read_text(), own / "warm/fingerprint"
    opened = f'let sessions = Sessions::open("{lab.root / "data/sessions.csv"}")?;'

    def edit(text: str) -> None:
        fingerprint.write_text(fingerprint.read_text().replace("sessions.rs ", "sessions.rs 0"))
        source.write_text(unchanged + text)

    try:
        source.write_text(unchanged + method("FIRST"))
        warm(lab, notebooks, env)
        with lab.server(notebooks=notebooks, env=env) as server:
            first = the_spare(server, set())
            notebooks_open = [Notebook(server, "a.ipynb"), Notebook(server, "b.ipynb")]
            for notebook in notebooks_open:
                assert "FIRST" in shows(notebook, "Sessions::answer()", "text/plain")
            kernels = {who(notebook) for notebook in notebooks_open}
            spare = the_spare(server, kernels)
            with check("an edited helper crate is compiled once, and there is a new spare after it"), Compilers(own) as compilers:
                edit(method("SECOND"))
                within(SOON, "the end of a spare that is out of date", lambda: not exists(spare))
                spare = the_spare(server, kernels | {spare}, COMPILE)
                assert compilers.count() == 1, f"it was compiled {compilers.count()} times"
            with check("a running kernel stays with what it has"):
                assert "FIRST" in shows(notebooks_open[0], "Sessions::answer()", "text/plain")
            with check("a restart gets the new spare, with the new helper crate"):
                notebooks_open[0].restart()
                assert who(notebooks_open[0]) == spare
                assert "SECOND" in shows(notebooks_open[0], "Sessions::answer()", "text/plain")

            the_spare(server, server.spares())
            with check("of two restarts and two starts, right after an edit, one compiles for all of them"), Compilers(own) as compilers:
                edit(method("THIRD"))
                with ThreadPoolExecutor() as pool:
                    restarts = [pool.submit(notebook.restart) for notebook in notebooks_open]
                    starts = [pool.submit(Notebook, server, name) for name in ("c.ipynb", "d.ipynb")]
                    for one in restarts:
                        one.result()
                    notebooks_open += [one.result() for one in starts]
                for notebook in notebooks_open:
                    assert "THIRD" in shows(notebook, "Sessions::answer()", "text/plain")
                    succeeds(notebook, opened)
                    shows(notebook, FIGURE, "image/png")
                assert compilers.count(quick=True) == 1, f"it was compiled {compilers.count(quick=True)} times"
                the_spare(server, {who(notebook) for notebook in notebooks_open})
                # One that had begun may have been broken off, so as not to be waited for.
                for_speed = compilers.count() - compilers.count(quick=True)
                assert for_speed in (1, 2), f"it was compiled for speed {for_speed} times"

            taken = server.spares()
            with check("one that does not compile is tried once, and there is no spare of before"), Compilers(own) as compilers:
                edit("\nfn wrong( {}\n")
                within(SOON, "the end of the spare", lambda: server.kernels() <= {who(one) for one in notebooks_open})
                within(COMPILE, "the compilation", compilers.count)
                time.sleep(10)
                assert compilers.count() == 1 and not server.spares() - taken, f"{compilers.count()}, {server.spares() - taken}"
            with check("when it is mended, there is a spare again, and it has what was mended"):
                edit(method("FOURTH"))
                spare = the_spare(server, taken, COMPILE)
                notebooks_open[0].restart()
                assert who(notebooks_open[0]) == spare
                assert "FOURTH" in shows(notebooks_open[0], "Sessions::answer()", "text/plain")
    finally:
        within(SOON, "the kernels of the copy are gone", lambda: not list((own / "kernels").glob("*")))
        shutil.rmtree(copy, ignore_errors=True)


def ports_are_given_back(check: Checks, lab: Lab) -> None:
    """In this process, since no other sees which ports a server keeps for its kernels."""
    asyncio.run(ports_in_use(check, lab))


async def ports_in_use(check: Checks, lab: Lab) -> None:
    server = ServerApp(config=configuration(lab.notebooks, lab.lab / "spare/ports", browser=False))
    server.initialize(argv=[], find_extensions=False, new_httpserver=False)
    keeper, kernels = register(server), server.kernel_manager
    used = LocalPortCache.instance().currently_used_ports

    async def answers(kernel) -> None:
        client = kernel.client()
        client.start_channels()
        await client.wait_for_ready(timeout=REQUEST)
        client.stop_channels()

    async def spare() -> set[int]:
        until = time.monotonic() + REQUEST
        while keeper.spare is None:
            assert time.monotonic() < until, f"no spare within {REQUEST} s"
            await asyncio.sleep(0.1)
        return {keeper.spare.connection[port] for port in PORTS}

    keeper.start()
    try:
        first = await spare()
        name = await kernels.start_kernel(kernel_name="streamroot", path="")
        kernel = kernels.get_kernel(name)
        with check("a kernel that was a spare has the spare's ports, and the server keeps no others"):
            assert set(kernel.ports) == first == used, f"{kernel.ports}, {first}, {used}"
        await answers(kernel)
        second = await spare()
        await kernels.restart_kernel(name)
        with check("after a restart, those of the kernel of before are free again"):
            assert set(kernel.ports) == second == used, f"{kernel.ports}, {second}, {used}"
        await kernels.restart_kernel(name)
        with check("a restart without a spare keeps the ports"):
            assert set(kernel.ports) == second == used, f"{kernel.ports}, {second}, {used}"
        await answers(kernel)
        third = await spare()
        await kernels.shutdown_kernel(name)
        with check("after a shutdown, only the spare has ports"):
            assert used == third, f"{used}, {third}"
    finally:
        keeper.stop()
    with check("and none are left in the end"):
        assert not used, used


if __name__ == "__main__":
    sys.exit(main())
