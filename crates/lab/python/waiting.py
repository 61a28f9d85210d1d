"""What answers in a kernel's place while the set-up is not complete, and then stands between Jupyter and the kernel.

It takes the ports that the kernel would have, so that a front end finds a kernel there, of which it need not know that it waits.
A cell that is run is held, and says what for. When the set-up is complete, the kernel is started on ports of its own, gets the
cells that are held, in their order, and all that is said from then on passes through here unread, until one of the two ends.
A kernel that is restarted after that is an ordinary one.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import zmq
from jupyter_client.connect import write_connection_file
from jupyter_client.session import Session

import progress

LOOK = 0.25  # seconds from one look at the set-up to the next
REWRITE = 2.0  # seconds for which a cell says the same at least
AGAIN = 0.5  # seconds until a kernel that was not heard is asked again
LEAVE = 2  # seconds for what was said at the end to reach Jupyter
AT_ONCE = 100  # messages of one socket before it is the next one's turn

ENDED = "The kernel ended while it was starting. What it said is in the terminal of `cargo lab`."
INTERRUPTED = "The cell was waiting for the set-up, and has not run."

# As the kernel has it, and as it stands in the notebooks: a notebook that has another one counts as changed.
LANGUAGE = {
    "name": "Rust",
    "mimetype": "text/rust",
    "file_extension": ".rs",
    "pygments_lexer": "rust",
    "codemirror_mode": "rust",
    "version": "",
}


def command(kernel: list[str], connection_file: str, file: Path = progress.FILE) -> list[str]:
    """What is to be started in place of a kernel."""
    return [sys.executable, "-B", __file__, "--progress", str(file), "--connection", connection_file, "--", *kernel]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--progress", type=Path, required=True, help="what the set-up says of itself")
    parser.add_argument("--connection", type=Path, required=True, help="the kernel's connection file")
    parser.add_argument("kernel", nargs="+", help="the kernel's command")
    arguments = parser.parse_args()
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: sys.exit(1))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # interrupts come as messages
    stand_in = StandIn(arguments.connection, arguments.kernel, arguments.progress)
    try:
        return stand_in.run()
    finally:
        stand_in.close()


class StandIn:
    def __init__(self, connection_file: Path, kernel: list[str], progress_file: Path) -> None:
        self.connection_file, self.command, self.progress_file = connection_file, kernel, progress_file
        self.parent = os.getppid()
        self.session = Session()
        connection = read_connection(connection_file)
        self.session.signature_scheme = connection["signature_scheme"]
        self.session.key = connection["key"].encode()
        self.context = zmq.Context()
        self.context.sndhwm = self.context.rcvhwm = 0  # nothing is dropped here, however much a cell prints
        ends = {"shell": zmq.ROUTER, "control": zmq.ROUTER, "stdin": zmq.ROUTER, "hb": zmq.ROUTER, "iopub": zmq.XPUB}
        self.front = {channel: self.bound(kind, connection, channel) for channel, kind in ends.items()}
        self.poller = zmq.Poller()
        for socket in self.front.values():
            self.poller.register(socket, zmq.POLLIN)
        self.held: list[Held] = []
        self.kernel: Kernel | None = None
        self.progress = progress.read(progress_file)
        self.rewritten = 0.0

    def bound(self, kind: int, connection: dict, channel: str) -> zmq.Socket:
        socket = self.context.socket(kind)
        socket.bind(address(connection, channel))
        return socket

    def close(self) -> None:
        if self.kernel is not None:
            self.kernel.close()
        for socket in self.front.values():
            socket.close(linger=LEAVE * 1000)
        self.context.destroy(linger=0)

    def run(self) -> int:
        looked = 0.0
        while True:
            events = dict(self.poller.poll(LOOK * 1000))
            if os.getppid() != self.parent:  # Jupyter was killed
                return 1
            if self.front["hb"] in events:
                self.front["hb"].send_multipart(self.front["hb"].recv_multipart())
            if self.front["iopub"] in events:
                self.front["iopub"].recv()  # somebody listens now
            for channel in ("control", "shell"):
                if self.front[channel] in events and self.answer(channel):
                    return 0
            if self.kernel is not None:
                if self.kernel.process.poll() is not None:
                    self.refuse(ENDED)
                    return self.kernel.process.returncode or 1
                if self.kernel.is_ready():
                    self.hand_over()
                    return self.relay()
            elif time.monotonic() - looked > LOOK:
                looked = time.monotonic()
                self.look()

    # While the set-up goes on

    def look(self) -> None:
        self.progress = progress.read(self.progress_file)
        if self.progress["state"] == "complete":
            self.kernel = Kernel(self.context, self.session, self.command, self.connection_file)
            self.kernel.register(self.poller)
            self.rewrite(at_once=True)
        elif self.progress["state"] == "failed":
            self.refuse(self.failure())
        else:
            self.rewrite()

    def sentence(self) -> str:
        if self.kernel is not None:
            return "The set-up is complete. The kernel starts."
        if self.progress["state"] != "running":
            return "Waiting for the set-up."
        return f"Waiting for the set-up: {', '.join(filter(None, (self.progress['text'], self.progress['left'])))}."

    def failure(self) -> str:
        return f"{self.progress['message']} When `cargo lab setup` succeeds, cells run here."

    def rewrite(self, at_once: bool = False) -> None:
        """Has the cells that are held say what for."""
        if not at_once and time.monotonic() - self.rewritten < REWRITE:
            return
        self.rewritten = time.monotonic()
        sentence = self.sentence()
        for cell in self.held:
            if not cell.is_silent and cell.said != sentence:
                self.say(cell, sentence)

    def say(self, cell: "Held", sentence: str) -> None:
        kind = "update_display_data" if cell.said else "display_data"
        cell.said = sentence
        content = {"data": {"text/plain": sentence}, "metadata": {}, "transient": {"display_id": cell.display}}
        self.publish(kind, content, cell.message)

    def publish(self, kind: str, content: dict, parent: dict) -> None:
        self.session.send(self.front["iopub"], kind, content, parent=parent, ident=kind.encode())

    def answer(self, channel: str) -> bool:
        """Answers a request, or holds it. Whether that was the last one."""
        frames = self.front[channel].recv_multipart()
        try:
            identities, rest = self.session.feed_identities(frames)
            message = self.session.deserialize(rest)
        except (ValueError, KeyError):  # not for us, or not from Jupyter
            return False
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "execute_request" and channel == "shell":
            self.hold(Held(frames, identities, message))
            return False
        self.publish("status", {"execution_state": "busy"}, message)
        if kind == "interrupt_request":
            self.refuse(INTERRUPTED, name="Interrupted")
        reply = self.reply(kind, content)
        if reply is not None:
            kind_of_reply = kind.replace("_request", "_reply")
            self.session.send(self.front[channel], kind_of_reply, reply, parent=message, ident=identities)
        self.publish("status", {"execution_state": "idle"}, message)
        if self.held:
            self.publish("status", {"execution_state": "busy"}, self.held[0].message)
        return kind == "shutdown_request"

    @staticmethod
    def reply(kind: str, content: dict) -> dict | None:
        """What a kernel without a variable answers."""
        cursor = content.get("cursor_pos", 0)
        replies = {
            "kernel_info_request": {
                "protocol_version": "5.3",
                "implementation": "streamroot",
                "implementation_version": "0.1.0",
                "language_info": LANGUAGE,
                "banner": "Rust, as soon as the set-up is complete",
                "help_links": [],
            },
            "is_complete_request": {"status": "complete"},
            "complete_request": {"matches": [], "cursor_start": cursor, "cursor_end": cursor, "metadata": {}},
            "inspect_request": {"found": False, "data": {}, "metadata": {}},
            "history_request": {"history": []},
            "comm_info_request": {"comms": {}},
            "interrupt_request": {},
            "shutdown_request": {"restart": content.get("restart", False)},
        }
        return {"status": "ok"} | replies[kind] if kind in replies else None

    def hold(self, cell: "Held") -> None:
        self.held.append(cell)
        self.publish("status", {"execution_state": "busy"}, cell.message)
        if self.kernel is None:
            self.look()
        if self.held and not cell.is_silent and not cell.said:
            self.say(cell, self.sentence())

    def refuse(self, why: str, name: str = "SetupFailed") -> None:
        """Ends the cells that are held: the first with an error, and those behind it as a queue is after an error."""
        for socket in iter(lambda: self.front["shell"].poll(0), 0):  # what Run All has sent meanwhile belongs to the queue
            frames = self.front["shell"].recv_multipart()
            try:
                identities, rest = self.session.feed_identities(frames)
                message = self.session.deserialize(rest)
            except (ValueError, KeyError):
                continue
            if message["header"]["msg_type"] == "execute_request":
                self.held.append(Held(frames, identities, message))
        held, self.held = self.held, []
        is_aborted = False
        for cell in held:
            self.clear(cell)
            if is_aborted:
                reply = {"status": "aborted"}
            else:
                traceback = [f"{name}: {why}"]
                if name == "SetupFailed" and self.progress.get("log"):
                    traceback += self.progress["log"].splitlines()
                error = {"ename": name, "evalue": why, "traceback": traceback}
                if not cell.is_silent:
                    self.publish("error", error, cell.message)
                reply = {"status": "error", **error, "execution_count": 0, "user_expressions": {}, "payload": []}
                is_aborted = cell.message["content"].get("stop_on_error", True)
            self.session.send(self.front["shell"], "execute_reply", reply, parent=cell.message, ident=cell.identities)
            self.publish("status", {"execution_state": "idle"}, cell.message)

    def clear(self, cell: "Held") -> None:
        if cell.said:
            self.publish("clear_output", {"wait": False}, cell.message)
            cell.said = ""

    # When it is complete

    def hand_over(self) -> None:
        for cell in self.held:
            self.clear(cell)
            self.kernel.sockets["shell"].send_multipart(cell.frames)
        self.held = []

    def relay(self) -> int:
        """Passes everything on, as it is, until the kernel ends."""
        kernel = self.kernel.sockets
        ways = {self.front[channel]: kernel[channel] for channel in ("shell", "control", "stdin")}
        ways |= {there: here for here, there in ways.items()}
        ways |= {kernel["iopub"]: self.front["iopub"], self.front["hb"]: self.front["hb"]}
        ways |= {self.front["iopub"]: None}  # who listens, is of no interest: all is passed on
        looked = time.monotonic()
        while True:
            self.pass_on(ways, LOOK)
            if time.monotonic() - looked > LOOK:
                looked = time.monotonic()
                if os.getppid() != self.parent:
                    return 1
                if self.kernel.process.poll() is not None:
                    break
        while self.pass_on(ways, 0.1):
            pass
        return self.kernel.process.returncode

    def pass_on(self, ways: dict, seconds: float) -> int:
        passed = 0
        for source, _ in self.poller.poll(seconds * 1000):
            destination = ways[source]
            for _ in range(AT_ONCE):
                try:
                    frames = source.recv_multipart(zmq.NOBLOCK, copy=False)
                except zmq.Again:
                    break
                passed += 1
                if destination is not None:
                    destination.send_multipart(frames, copy=False)
        return passed


class Held:
    """A cell that was to be run before there was a kernel."""

    def __init__(self, frames: list[bytes], identities: list[bytes], message: dict) -> None:
        self.frames, self.identities, self.message = frames, identities, message
        self.is_silent = message["content"].get("silent", False)
        self.display = uuid.uuid4().hex
        self.said = ""


class Kernel:
    """The kernel, on ports of its own. It ends by itself when the process that has started it is gone."""

    def __init__(self, context: zmq.Context, session: Session, command: list[str], connection_file: Path) -> None:
        self.session = session
        self.file = connection_file.with_name(f"behind-{os.getpid()}.json")
        given = read_connection(connection_file)
        same = {name: given[name] for name in ("ip", "transport", "signature_scheme")}
        _, connection = write_connection_file(str(self.file), key=given["key"].encode(), **same)
        command = [str(self.file) if part == str(connection_file) else part for part in command]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        # On its stdin channel, a kernel speaks to whoever has sent the cell, by the name that he has on all channels.
        name = uuid.uuid4().bytes
        self.sockets = {channel: context.socket(zmq.DEALER) for channel in ("shell", "control", "stdin")}
        for socket in self.sockets.values():
            socket.routing_id = name
        self.sockets["iopub"] = context.socket(zmq.SUB)
        self.sockets["iopub"].subscribe(b"")
        for channel, socket in self.sockets.items():
            socket.connect(address(connection, channel))
        self.asked = [self.ask()]
        self.replied = self.heard = 0.0

    def ask(self) -> str:
        """Asks what every kernel answers as soon as it can, on both channels."""
        return self.session.send(self.sockets["shell"], "kernel_info_request", {})["header"]["msg_id"]

    def register(self, poller: zmq.Poller) -> None:
        for socket in self.sockets.values():
            poller.register(socket, zmq.POLLIN)

    def is_ready(self) -> bool:
        """Whether it answers, and is heard on the channel of outputs, which is connected some time after it could be."""
        for channel in ("shell", "iopub"):
            while self.sockets[channel].poll(0):
                _, rest = self.session.feed_identities(self.sockets[channel].recv_multipart())
                if self.session.deserialize(rest)["parent_header"].get("msg_id") in self.asked:
                    if channel == "shell":
                        self.replied = time.monotonic()
                    else:
                        self.heard = time.monotonic()
        if self.replied and not self.heard and time.monotonic() - self.replied > AGAIN:
            self.replied = 0.0
            self.asked.append(self.ask())
        return bool(self.replied and self.heard)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.file.unlink(missing_ok=True)


def read_connection(file: Path) -> dict:
    return json.loads(file.read_text(encoding="utf-8"))


def address(connection: dict, channel: str) -> str:
    port, separator = connection[f"{channel}_port"], ":" if connection["transport"] == "tcp" else "-"
    return f"{connection['transport']}://{connection['ip']}{separator}{port}"


if __name__ == "__main__":
    sys.exit(main())
