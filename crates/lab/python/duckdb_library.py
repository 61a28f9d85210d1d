"""Fetches libduckdb.so, DuckDB with its ADBC driver, for the tests that compare the embedded engine with another one.

It comes from the npm package of DuckDB's own Node.js binding, in one pinned version whose hash is checked, and goes to
`target/lab/duckdb`. The package is asked for over HTTPS (through a proxy where the environment names one), and where
that fails through `npm pack`, which follows the user's npm configuration.
"""

import argparse
import base64
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

PACKAGE = "@duckdb/node-bindings-linux-x64"
VERSION = "1.5.6-r.1"
SHA512 = "IXcrZJE6kEqM0Z4wwdVnGBHX/frOS33VPNAwDXQ/Q+Fs84b058Qe94chrCCIcNJlG8Y3UHIUU4eBeCQxW5mN1Q=="
REGISTRY = "https://registry.npmjs.org"
MEMBER = "package/libduckdb.so"
ROOT = Path(__file__).resolve().parents[3]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--into", type=Path, default=ROOT / "target/lab/duckdb", help="the directory of the library")
    into = parser.parse_args().into
    library, stamp = into / "libduckdb.so", into / "version"
    if library.exists() and stamp.exists() and stamp.read_text().strip() == VERSION:
        print(f"{library} is there already, version {VERSION}")
        return 0
    try:
        archive = fetched()
        into.mkdir(parents=True, exist_ok=True)
        extract(archive, library)
        replace(stamp, io.BytesIO(f"{VERSION}\n".encode()))
    except (OSError, RuntimeError, KeyError, tarfile.TarError) as error:
        print(f"libduckdb.so can't be fetched: {error}", file=sys.stderr)
        return 1
    print(f"{library} is DuckDB's, version {VERSION}")
    return 0


def fetched() -> bytes:
    """The package's archive, whose hash is the pinned one."""
    failures = []
    for way in (from_registry, from_npm):
        try:
            archive = way()
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            failures.append(f"{way.__doc__}: {error}")
            continue
        if base64.b64encode(hashlib.sha512(archive).digest()).decode() == SHA512:
            return archive
        failures.append(f"{way.__doc__}: what came is not {PACKAGE} {VERSION}, its hash is another one")
    raise RuntimeError("; ".join(failures))


def from_registry() -> bytes:
    """over HTTPS"""
    url = f"{REGISTRY}/{PACKAGE}/-/{PACKAGE.rpartition('/')[2]}-{VERSION}.tgz"
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read()


def from_npm() -> bytes:
    """through npm"""
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("npm is not on the PATH")
    with tempfile.TemporaryDirectory() as directory:
        command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--silent", "--pack-destination", directory]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        archives = list(Path(directory).glob("*.tgz"))
        if done.returncode != 0 or len(archives) != 1:
            said = done.stderr.strip().splitlines()
            raise RuntimeError(said[-1] if said else f"npm pack ended with status {done.returncode}")
        return archives[0].read_bytes()


def extract(archive: bytes, library: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as files:
        member = files.extractfile(MEMBER)
        if member is None:
            raise RuntimeError(f"{PACKAGE} {VERSION} holds no {MEMBER}")
        replace(library, member)


def replace(path: Path, content) -> None:
    """Writes a file under another name first, so that whoever sees it under its own sees all of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(content, file)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    sys.exit(main())
