"""What the tests of kernels and of `cargo lab` share: a count of checks, groups of them, and the processes below one."""

import signal
import sys
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


def run(groups: Iterable[Callable[[Checks, object], None]], subject: Callable[[], object]) -> int:
    """Runs groups of checks, each on a subject, and gives the exit code. A group that breaks off counts as a failure."""
    end_on_signals()
    checks = Checks()
    for group in groups:
        try:
            group(checks, subject())
        except Exception:
            traceback.print_exc(file=sys.stdout)
            checks.report(group.__name__.replace("_", " "), False, "it broke off")
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


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
