"""What the tests of kernels and of `cargo lab` share: a count of checks, groups of them, and the processes below one."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path


class Checks:
    """Counts checks, and names each, with how long it and what led to it took, if that was long."""

    def __init__(self) -> None:
        self.passed = self.failed = 0
        self.last = time.monotonic()

    def report(self, name: str, success: bool, said: str = "") -> None:
        self.passed += success
        self.failed += not success
        now = time.monotonic()
        took = f" ({now - self.last:.0f} s)" if now - self.last > 5 else ""
        self.last = now
        print(f"{name} ... {'ok' if success else 'FAILED'}{took}", flush=True)
        if said and not success:
            print("    " + said.replace("\n", "\n    "), flush=True)

    @contextmanager
    def __call__(self, name: str):
        """A check, which fails when anything in it raises."""
        try:
            yield
        except AssertionError as error:
            self.report(name, False, str(error) or traceback.format_exc())
        except Exception:
            self.report(name, False, traceback.format_exc())
        else:
            self.report(name, True)


Group = Callable[[Checks, object], None]


def run(groups: Iterable[Group], subject: Callable[[], object], at_once: int = 1) -> int:
    """Runs groups of checks, each on a subject, and gives the exit code. Of several groups at once, each has a process of its
    own, and what it says is printed when it has ended."""
    end_on_signals()
    waiting, running = list(groups), {}
    passed = failed = 0
    while waiting or running:
        if at_once == 1:
            counts = [counted(waiting.pop(0), subject)]
        else:
            while waiting and len(running) < at_once:
                one = OfItsOwn(waiting.pop(0), subject)
                running[one.process.sentinel] = one
            counts = [running.pop(ended).count() for ended in multiprocessing.connection.wait(running)]
        passed += sum(count[0] for count in counts)
        failed += sum(count[1] for count in counts)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def counted(group: Group, subject: Callable[[], object]) -> tuple[int, int]:
    """How many checks of a group passed and failed. One that breaks off is a failure."""
    checks = Checks()
    try:
        group(checks, subject())
    except Exception:
        traceback.print_exc(file=sys.stdout)
        checks.report(group.__name__.replace("_", " "), False, "it broke off")
    return checks.passed, checks.failed


class OfItsOwn:
    """A process that runs a group. It ends with this one."""

    def __init__(self, group: Group, subject: Callable[[], object]) -> None:
        self.group, self.subject = group, subject
        self.printed, self.result = tempfile.TemporaryFile(), multiprocessing.SimpleQueue()
        self.process = multiprocessing.get_context("fork").Process(target=self.run, daemon=True)
        sys.stdout.flush()
        self.process.start()

    def run(self) -> None:
        os.dup2(self.printed.fileno(), sys.stdout.fileno())
        count = counted(self.group, self.subject)
        sys.stdout.flush()
        self.result.put(count)

    def count(self) -> tuple[int, int]:
        self.process.join()
        self.printed.seek(0)
        print(self.printed.read().decode(errors="replace"), end="", flush=True)
        if self.result.empty():
            print(f"{self.group.__name__} ended with {self.process.exitcode} ... FAILED")
            return 0, 1
        return self.result.get()


def end_on_signals() -> None:
    """Ends in an orderly way, which stops whatever was started, when told to."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: sys.exit(1))


def below(pid: int) -> set[int]:
    """A process and all below it, by Linux's list of them."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            pass  # it ended meanwhile
    found, new = set(), {pid}
    while new:
        found |= new
        new = {child for child, parent in parents.items() if parent in new} - found
    return found
