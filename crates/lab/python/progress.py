"""How far the set-up is, as `cargo lab` writes it down while somebody waits for it."""

import json
import sys
from pathlib import Path

FILE = Path(sys.prefix).parent / "progress.json"
COMPLETE = {"state": "complete"}


def read(file: Path = FILE) -> dict:
    """What the set-up does, what is left to do, or why it failed. Nothing is written of a set-up that nobody has waited for."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return COMPLETE


def is_complete(file: Path = FILE) -> bool:
    return read(file)["state"] == "complete"


def write(progress: dict, file: Path = FILE) -> None:
    beside = file.with_name(file.name + ".serve.new")
    beside.write_text(json.dumps(progress), encoding="utf-8")
    beside.replace(file)
