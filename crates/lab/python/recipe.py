"""What a kernel is started with, and what its cells are compiled against: as long as both stay the same, a kernel that was
started a while ago is as good as one that is started now.
"""

import functools
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

CONNECTION_FILE = "{connection_file}"
# They say which notebook and which server a kernel is for. Nothing that a cell compiles or runs depends on them.
OF_THE_OCCASION = {"JPY_SESSION_NAME", "JPY_PARENT_PID"}

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Recipe:
    """The command, directory and environment of a kernel. In the command, `{connection_file}` stands for its connection."""

    command: tuple[str, ...]
    directory: str
    environment: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, command: Sequence[str], directory: str | os.PathLike, environment: Mapping[str, str]) -> "Recipe":
        lasting = ((name, value) for name, value in environment.items() if name not in OF_THE_OCCASION)
        return cls(tuple(command), os.path.realpath(directory), tuple(sorted(lasting)))

    @property
    def program(self) -> str:
        return self.command[0]

    def with_connection(self, file: str) -> list[str]:
        return [part.replace(CONNECTION_FILE, file) for part in self.command]

    def sources(self) -> str | None:
        """A digest of what `kernel --warm` looks at in this directory; nothing, when there is no helper crate to compile."""
        settings = Path(self.directory) / "evcxr.toml"
        try:
            text = settings.read_bytes()
        except OSError:
            return None
        together = hashlib.blake2b(text)
        for file in sorted({ROOT / "Cargo.lock", ROOT / "rust-toolchain.toml", *helper_crates(text, settings.parent)}):
            together.update(f"{file} {digest(file)}\n".encode())
        try:
            program = os.stat(self.program)
        except OSError:
            return None
        together.update(f"{program.st_size} {program.st_mtime_ns}".encode())
        return together.hexdigest()


def helper_crates(settings: bytes, directory: Path) -> Iterator[Path]:
    """The files of the crates that an `evcxr.toml` names by their paths: manifests and all under `src`."""
    try:
        dependencies = tomllib.loads(settings.decode()).get("dependencies", {})
    except ValueError:  # it is being written
        return
    for dependency in dependencies.values():
        if isinstance(dependency, dict) and isinstance(path := dependency.get("path"), str):
            crate = directory / path
            yield crate / "Cargo.toml"
            for place, _, names in os.walk(crate / "src"):
                yield from (Path(place) / name for name in names)


def digest(file: Path) -> str:
    """Of a file's content. The file is read again only when it looks changed."""
    try:
        looks = file.stat()
    except OSError:
        return "gone"
    return digest_of(file, looks.st_ino, looks.st_size, looks.st_mtime_ns, looks.st_ctime_ns)


@functools.lru_cache(maxsize=4096)
def digest_of(file: Path, *_looks: int) -> str:
    try:
        return hashlib.blake2b(file.read_bytes()).hexdigest()
    except OSError:
        return "gone"
