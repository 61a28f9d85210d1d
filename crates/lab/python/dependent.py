"""Child processes that end when this process does, however it ends."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # prctl(2)

libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def with_this_process() -> Callable[[], None]:
    """What `Popen` is to call in the child. A kernel looks for its parent too, but not before it has begun."""
    parent = os.getpid()

    def depend() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it ended in between
                os._exit(1)

    return depend


def end(process: int) -> None:
    """Ends a child that leads a group of its own, with the group."""
    try:
        os.killpg(process, signal.SIGKILL)
    except ProcessLookupError:
        pass
