"""A kernel driven over the real Jupyter protocol, with the time that each request takes.

    with Kernel("streamroot", cwd=notebooks, log=log) as kernel:
        result = kernel.run("sessions.count_by(Isp)?")
        result.to_output, result.data, result.stderr, result.errors
"""

import os
import queue
import re
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_core.paths import jupyter_runtime_dir

START = 300  # seconds for a kernel to start; the first start on a machine may compile
REQUEST = 300  # seconds for anything else, after which it counts as hanging
QUIET = 0.05  # seconds without a message after which a cell has said all, since stderr may come after the answer

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Result:
    """What came back for a cell."""

    status: str = ""
    data: dict = field(default_factory=dict)
    stdout: str = ""
    stderr: str = ""
    errors: list = field(default_factory=list)
    to_output: float | None = None
    """Seconds from the request to the last picture or value, if there was one."""
    to_end: float = 0.0
    """Seconds from the request to the kernel being idle again."""

    @property
    def traceback(self) -> str:
        return COLOURS.sub("", "\n".join("\n".join(error["traceback"]) or error["evalue"] for error in self.errors))

    @property
    def said(self) -> str:
        """All that went wrong. A cell that panics, or whose `?` fails, says so on stderr and is answered "ok"."""
        return (self.traceback + self.stderr).strip()


class OneSpec(KernelSpecManager):
    """Knows one kernel spec, which is written down nowhere."""

    def __init__(self, spec: KernelSpec) -> None:
        super().__init__(ensure_native_kernel=False)
        self.spec = spec

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return self.spec


class Kernel:
    """A running kernel. `spec` is the name of an installed kernel, or a spec itself; it has to be up within some seconds."""

    def __init__(
        self, spec: str | KernelSpec, cwd: Path, log: Path, env: dict | None = None, seconds: float = START
    ) -> None:
        runtime = Path(jupyter_runtime_dir())
        runtime.mkdir(parents=True, exist_ok=True)
        log.parent.mkdir(parents=True, exist_ok=True)
        connection = str(runtime / f"kernel-{uuid.uuid4()}.json")
        if isinstance(spec, str):
            self.manager = KernelManager(kernel_name=spec, connection_file=connection)
        else:
            self.manager = KernelManager(kernel_spec_manager=OneSpec(spec), connection_file=connection)
        self.client = None
        self.log = log
        self.started = time.perf_counter()
        with log.open("w") as file:
            self.manager.start_kernel(cwd=str(cwd), stdout=file, stderr=file, env={**os.environ, **(env or {})})
        try:
            self.pid = self.manager.provisioner.process.pid
            self.client = self.manager.blocking_client()
            self.client.start_channels()
            self.client.wait_for_ready(timeout=seconds)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Kernel":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        if self.client is not None:
            self.client.stop_channels()
        self.manager.shutdown_kernel()

    def run(self, code: str, quiet: float = QUIET, seconds: float = REQUEST) -> Result:
        """Runs a cell to its end, which has to come within some seconds."""
        began = time.perf_counter()
        return self.collect(self.client.execute(code, allow_stdin=False), began, quiet, seconds)

    def begin(self, code: str) -> str:
        """Sends a cell, to be collected later."""
        return self.client.execute(code, allow_stdin=False)

    def collect(self, request: str, began: float, quiet: float = QUIET, seconds: float = REQUEST) -> Result:
        result = Result()
        until = time.perf_counter() + seconds
        while not result.to_end:
            try:
                self.take(self.client.get_iopub_msg(timeout=0.5), request, result, began)
            except queue.Empty:
                if not self.manager.is_alive():
                    raise RuntimeError(f"the kernel died; its log is {self.log}") from None
                if time.perf_counter() > until:
                    raise RuntimeError(f"the kernel has not answered for {seconds} s") from None
        reply = self.client.get_shell_msg(timeout=REQUEST)
        while reply["parent_header"].get("msg_id") != request:
            reply = self.client.get_shell_msg(timeout=REQUEST)
        result.status = reply["content"]["status"]
        while True:
            try:
                self.take(self.client.get_iopub_msg(timeout=quiet), request, result, began)
            except queue.Empty:
                return result

    @staticmethod
    def take(message: dict, request: str, result: Result, began: float) -> None:
        if message["parent_header"].get("msg_id") != request:
            return
        kind, content = message["msg_type"], message["content"]
        if kind in ("execute_result", "display_data"):
            result.data.update(content["data"])
            result.to_output = time.perf_counter() - began
        elif kind == "stream" and content["name"] == "stdout":
            result.stdout += content["text"]
        elif kind == "stream":
            result.stderr += content["text"]
        elif kind == "error":
            result.errors.append(content)
        elif kind == "status" and content["execution_state"] == "idle":
            result.to_end = time.perf_counter() - began

    def interrupt(self) -> None:
        """Interrupts, and waits for the answer: what is asked next is asked after it."""
        channel = self.client.control_channel
        channel.send(self.client.session.msg("interrupt_request", {}))
        channel.get_msg(timeout=REQUEST)

    def complete(self, code: str, cursor: int | None = None) -> list[str]:
        return self.client.complete(code, cursor, reply=True, timeout=REQUEST)["content"]["matches"]

    def inspect(self, code: str, cursor: int | None = None) -> dict:
        return self.client.inspect(code, cursor, reply=True, timeout=REQUEST)["content"]
