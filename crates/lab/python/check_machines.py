"""Whether everything compiles for machines that this one is not: a Mac, and Linux on 64-bit ARM.

    python check_machines.py --root .

It runs in the environment of `machines-requirements.txt`. Rust's type checker goes through every crate, the standard library
included, which is compiled from its sources (`rust-src`), so no toolchain of the other machine is needed; C is compiled
by zig. Nothing is linked, and nothing runs.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from checks import Checks, run

# What Rust and zig call a machine.
MACHINES = {"aarch64-apple-darwin": "aarch64-macos", "aarch64-unknown-linux-gnu": "aarch64-linux-gnu"}

PACKAGES = ["streamroot", "streamroot-polars", "reconstruction", "kernel", "lab"]

# What is given for the machine to be compiled for in clang's words, where zig has its own.
OF_CLANG = ("--target=", "-mmacosx-version-min=", "-arch", "arm64")

COMPILER = """#!{python}
import os, sys
given = [word for word in sys.argv[1:] if not word.startswith({of_clang})]
os.execv({python!r}, [{python!r}, "-m", "ziglang", {tool!r}, *{target}, *given])
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, required=True, help="the top of the work tree")
    root = parser.parse_args().root.resolve()
    return run([compile_everything], lambda: root)


def compile_everything(checks: Checks, root: Path) -> None:
    place = root / "target/lab/machines"
    place.mkdir(parents=True, exist_ok=True)
    for machine, of_zig in MACHINES.items():
        name = machine.replace("-", "_")
        environment = {
            **os.environ,
            "CARGO_TARGET_DIR": str(place / "target"),
            # The standard library of another machine is built by an unstable option, which a stable compiler has too.
            "RUSTC_BOOTSTRAP": "1",
            "SDKROOT": str(place),
            f"CC_{name}": tool(place / f"cc-{of_zig}", "cc", ["-target", of_zig]),
            f"CXX_{name}": tool(place / f"c++-{of_zig}", "c++", ["-target", of_zig]),
            f"AR_{name}": tool(place / f"ar-{of_zig}", "ar", []),
        }
        for package in PACKAGES:
            with checks(f"{package} compiles for {machine}"):
                command = ["cargo", "check", "-Zbuild-std", "--locked", "--all-targets", "--target", machine]
                command += ["--package", package, "--quiet"]
                done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
                assert done.returncode == 0, done.stderr[-4000:]


def tool(path: Path, name: str, target: list[str]) -> str:
    """A program that is called as any C compiler, or `ar`, is."""
    path.write_text(COMPILER.format(python=sys.executable, of_clang=OF_CLANG, tool=name, target=target))
    path.chmod(0o755)
    return str(path)


if __name__ == "__main__":
    sys.exit(main())
