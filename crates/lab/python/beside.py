"""JupyterLab's side of a set-up that goes on beside it.

The process that goes on with the set-up is a child of this one, and leads a group with all that it starts. It ends when JupyterLab
does. JupyterLab tells its page how far it is, and keeps out of the line that the set-up rewrites on a terminal.
"""

import os
import signal
import sys
import time

from jupyter_server.base.handlers import APIHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.ioloop import PeriodicCallback

import progress

LOOK = 500  # milliseconds from one look at the process to the next
SOON = 5.0  # seconds in which what is compiled can be given up

ENDED = "The set-up was ended from outside. `cargo lab setup` takes it up again."


class SetUp:
    """A set-up that goes on, or none."""

    def __init__(self, process: int | None) -> None:
        self.process = process
        if process is not None and sys.stderr.isatty():
            sys.stderr = Behind(sys.stderr)
            if sys.stdout.isatty():
                sys.stdout = Behind(sys.stdout)

    def register(self, server: ServerApp) -> None:
        """Has a server tell how far the set-up is."""
        address = url_path_join(server.base_url, "streamroot", "setup")
        server.web_app.add_handlers(".*$", [(address, ProgressHandler)])
        if self.process is not None:
            self.looks = PeriodicCallback(self.look, LOOK)
            self.looks.start()

    def is_going_on(self) -> bool:
        return not progress.is_complete()

    def has_failed(self) -> bool:
        return progress.read()["state"] == "failed"

    def look(self) -> None:
        """Takes note of the end of the process, which has mostly said itself how it ended."""
        if self.process is None:
            self.looks.stop()
            return
        ended, status = os.waitpid(self.process, os.WNOHANG)
        if not ended:
            return
        self.process = None
        if progress.read()["state"] == "running":
            done = os.waitstatus_to_exitcode(status) == 0
            progress.write(progress.COMPLETE if done else {"state": "failed", "message": ENDED, "log": ""})

    def end(self) -> None:
        """Ends the process with all that it has started."""
        if self.process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process, number)
            except ProcessLookupError:
                break
            until = time.monotonic() + SOON
            while time.monotonic() < until and self.is_there():
                time.sleep(0.02)
        self.process = None
        if isinstance(sys.stderr, Behind):
            sys.stderr.write("")

    def is_there(self) -> bool:
        """Whether anything of the group is left."""
        try:
            os.waitpid(-self.process, os.WNOHANG)
        except ChildProcessError:
            pass  # it has ended, and what it had started may be left
        try:
            os.killpg(self.process, 0)
        except ProcessLookupError:
            return False
        return True


class Behind:
    """A terminal on which a line is being rewritten: what is written here takes its place. It is written in one piece, so that
    nothing comes in between."""

    def __init__(self, terminal) -> None:
        self.terminal = terminal
        self.pending = ""

    def __getattr__(self, name: str):
        return getattr(self.terminal, name)

    def write(self, text: str) -> int:
        whole, end, self.pending = (self.pending + text).rpartition("\n")
        if end or not text:
            self.terminal.flush()
            os.write(self.terminal.fileno(), f"\r\x1b[2K{whole}{end}".encode(errors="replace"))
        return len(text)


class ProgressHandler(APIHandler):
    @web.authenticated
    def get(self) -> None:
        self.finish(progress.read())
