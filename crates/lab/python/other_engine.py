"""Another engine with the sessions in it, started by `engines.py` in an environment of its own, and stopped with this one."""

import json
import subprocess
from pathlib import Path


class OtherEngine:
    """A running engine. It stops when this is closed, and by itself when this process is gone, however that ends."""

    def __init__(self, python: Path, kind: str, lab: Path, sessions: Path, *more: str) -> None:
        script = Path(__file__).with_name("engines.py")
        log = lab / "logs" / f"engine-{kind}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        command = [python, "-B", script, kind, "--lab", lab.resolve(), "--sessions", sessions, *more]
        with log.open("w") as errors:
            # In a session of its own, Ctrl-C reaches it through us and not before us.
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
            )
        told = self.process.stdout.readline()
        if not told:
            self.close()
            said = log.read_text().strip().splitlines()
            raise RuntimeError(f"The engine {kind} does not start: {said[-1] if said else 'it says nothing'}")
        told = json.loads(told)
        self.driver, self.uri, self.table = told["driver"], told["uri"], told["table"]

    @property
    def line(self) -> str:
        """What a notebook connects to it with, in Rust."""
        return f"Sessions::connect({', '.join(quoted(text) for text in (self.driver, self.uri, self.table))})"

    def ask(self, word: str):
        """The answer to a word that this kind of engine knows."""
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        if not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> "OtherEngine":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def quoted(text: str) -> str:
    """A text as Rust has it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
