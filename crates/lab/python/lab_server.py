"""JupyterLab's server with the notebooks' kernels, and notebooks that use it as a browser does: kernels are started and restarted
over REST, and spoken to over a websocket, which is opened anew after each restart.

    with serving(root, notebooks, state) as server:
        notebook = Notebook(server, "01-general-analysis.ipynb")
        notebook.run("1 + 1").data
        notebook.restart()
"""

import copy
import http.client
import json
import os
import queue
import re
import select
import shutil
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import websocket
from jupyter_client.blocking import BlockingKernelClient

from checks import below
from kernel_client import QUIET, REQUEST, Kernel, Result

SOON = 60  # seconds for what takes a moment on an idle machine
START = 60  # seconds for JupyterLab to start
TICK = os.sysconf("SC_CLK_TCK")  # of the clock that processes' times are counted by


class Server:
    def __init__(self, process: subprocess.Popen, state: Path, log: Path, port: int, token: str) -> None:
        self.process, self.state, self.log, self.port, self.token = process, state, log, port, token

    def request(self, method: str, path: str, body=None, token: str | None = "its own", host: str | None = None):
        """The status and the answer, as the given token, or none, gets it."""
        headers = {} if token is None else {"Authorization": f"token {self.token if token == 'its own' else token}"}
        headers |= {} if host is None else {"Host": host}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=REQUEST)) as connection:
            connection.request(method, path, body and json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def asked(self, method: str, path: str, body=None):
        """The answer to what has to succeed."""
        status, answer = self.request(method, path, body)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {answer[:500]}")
        return json.loads(answer) if answer else None

    def kernel(self) -> tuple[str, BlockingKernelClient]:
        """Starts a kernel, and speaks to it without the server."""
        status, answer = self.request("POST", "/api/kernels", {"name": "streamroot"})
        assert status == 201, f"{status}: {answer[:500]}"
        name = json.loads(answer)["id"]
        client = BlockingKernelClient(connection_file=str(self.state / f"runtime/kernel-{name}.json"))
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=SOON)
        return name, client

    def kernels(self) -> set[int]:
        """The processes that are kernels, the spare one among them."""
        return {pid for pid in below(self.process.pid) if parent(pid) == self.process.pid and is_kernel(pid)}

    def spares(self) -> set[int]:
        """Those that were started before anybody asked for them, handed out or not."""
        return {pid for pid in self.kernels() if any(word.startswith("/dev/fd/") for word in command(pid))}


@contextmanager
def serving(root: Path, notebooks: Path, state: Path, *options: str, env: dict | None = None) -> Iterator[Server]:
    """JupyterLab's server, stopped in the end if it still runs. It writes below `state`, which is removed."""
    script = [root / "target/lab/venv/bin/python", "-B", root / "crates/lab/python/serve.py"]
    places = {f"JUPYTER_{name.upper()}_DIR": str(state / name) for name in ("config", "data", "runtime")}
    log = root / "target/lab/logs/test-server.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as file:
        process = subprocess.Popen(
            [*script, "--notebooks", notebooks, "--state", state, "--", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
            env={**os.environ, **places, **(env or {})},
            start_new_session=True,
        )
    try:
        yield announced(process, state, log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=SOON)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(state, ignore_errors=True)


def announced(process: subprocess.Popen, state: Path, log: Path) -> Server:
    """The server that a process says it is."""
    ready, _, _ = select.select([process.stdout], [], [], START)
    line = process.stdout.readline().strip() if ready else ""
    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/lab\?token=([0-9a-f]{32,})", line)
    assert found, f"JupyterLab gave no address but {line!r}; its log is {log}"
    return Server(process, state, log, int(found[1]), found[2])


class Notebook:
    """A notebook that is open in a browser. The file need not exist; its directory is the kernel's."""

    def __init__(self, server: Server, path: str) -> None:
        self.server, self.log = server, server.log
        self.began = time.perf_counter()
        asked = {"path": path, "name": Path(path).name, "type": "notebook", "kernel": {"name": "streamroot"}}
        session = server.asked("POST", "/api/sessions", asked)
        self.session, self.kernel = session["id"], session["kernel"]["id"]
        self.client = uuid.uuid4().hex
        self.connect()

    def connect(self) -> None:
        """Opens the websocket, and waits until the kernel has answered on it."""
        address = f"ws://127.0.0.1:{self.server.port}/api/kernels/{quote(self.kernel)}/channels?session_id={self.client}"
        headers = {"Authorization": f"token {self.server.token}"}
        self.socket = websocket.create_connection(address, header=headers, timeout=REQUEST)
        self.socket.settimeout(None)
        self.messages = queue.SimpleQueue()
        threading.Thread(target=keep_receiving, args=(self.socket, self.messages), daemon=True).start()
        request = self.send("kernel_info_request", {})
        while not self.is_reply(self.receive(), request):
            pass

    def console(self) -> "Notebook":
        """Another window with the same kernel."""
        other = copy.copy(self)
        other.client = uuid.uuid4().hex
        other.connect()
        return other

    def restart(self) -> None:
        self.began = time.perf_counter()
        self.server.asked("POST", f"/api/kernels/{self.kernel}/restart", {})
        self.socket.close()
        self.connect()

    def close(self) -> None:
        """Shuts the kernel down."""
        self.socket.close()
        self.server.asked("DELETE", f"/api/sessions/{self.session}")

    def state(self) -> str:
        """Whether the kernel is busy, as the server knows it."""
        return self.server.asked("GET", f"/api/kernels/{self.kernel}")["execution_state"]

    def run(self, code: str, quiet: float = QUIET, seconds: float = REQUEST) -> Result:
        """Runs a cell to its end, which has to come within some seconds of the last message."""
        began = time.perf_counter()
        request = self.begin(code)
        result, replied = Result(), False
        while True:
            ended = result.to_end and replied
            if ended and not quiet:
                return result
            try:
                message = self.receive(quiet if ended else seconds)
            except queue.Empty:
                if ended:
                    return result
                raise RuntimeError(f"the kernel has not answered for {seconds} s") from None
            if message["channel"] == "iopub":
                Kernel.take(message, request, result, began)
            elif self.is_reply(message, request):
                result.status, replied = message["content"]["status"], True

    def begin(self, code: str) -> str:
        """Sends a cell."""
        return self.send("execute_request", {"code": code, "silent": False, "allow_stdin": False, "stop_on_error": True})

    def send(self, kind: str, content: dict) -> str:
        name = uuid.uuid4().hex
        header = {"msg_id": name, "username": "", "session": self.client, "msg_type": kind, "version": "5.3", "date": ""}
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}
        self.socket.send(json.dumps(message | {"buffers": []}))
        return name

    def receive(self, seconds: float = REQUEST) -> dict:
        return self.messages.get(timeout=seconds)

    @staticmethod
    def is_reply(message: dict, request: str) -> bool:
        return message["channel"] == "shell" and message["parent_header"].get("msg_id") == request


def keep_receiving(socket: websocket.WebSocket, messages: queue.SimpleQueue) -> None:
    """Until the websocket is closed. The server closes one that does not answer its pings, which happens in here too."""
    try:
        while text := socket.recv():
            messages.put(json.loads(text))
    except (websocket.WebSocketException, OSError):
        pass


# Processes, as Linux shows them


def command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def is_kernel(pid: int) -> bool:
    return "--control_file" in command(pid)


def cpu_seconds(pids: set[int]) -> float:
    """The time that processes, and those of their children that have ended, have been computing."""
    ticks = 0
    for pid in pids:
        try:
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
        except OSError:
            pass  # it ended meanwhile, and is counted at its parent
    return ticks / TICK


def memory(pids: set[int]) -> int:
    """Bytes of memory of processes, with their shares of what they have in common with others."""
    found = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        found += 1024 * int(re.search(r"^Pss: +(\d+)", text, re.MULTILINE)[1])
    return found


def rest(pid: int, seconds: float = 2, until: float = REQUEST) -> None:
    """Waits until a kernel has nothing more to do: it and all below it have not computed for some seconds."""
    last, since = -1.0, time.monotonic()
    end = since + until
    while time.monotonic() < end:
        assert command(pid), f"process {pid} has ended"
        pids = below(pid)
        now = cpu_seconds(pids)
        if now - last > 0.02 or len(pids) < 2:  # a kernel has a process for its cells
            last, since = now, time.monotonic()
        elif time.monotonic() - since > seconds:
            return
        time.sleep(0.1)
    raise AssertionError(f"process {pid} has not come to rest within {until} s")
