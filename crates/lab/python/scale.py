"""How time and memory grow with the number of sessions: these notebooks, DuckDB behind the same helper crate, pandas.

All of a notebook's aggregations, as `bench.py` has them, over files of 1, 10, 100 and 200 times the sessions of the data
set. Each way has a kernel of its own for each size: it opens the file, asks everything once, asks everything again, and
says how much memory its processes took at most: in all, with the parts of files that the system keeps at hand for it and takes
back when memory is short, and of its own. DuckDB is asked the same SQL about the same Parquet file, with as many
threads. pandas takes part as long as its table fits into what memory is free.
"""

import argparse
import json
import statistics
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

import bench
from bench import Pandas, numbered, ran, say
from checks import below, end_on_signals
from kernel_client import Kernel
from jupyter_client.kernelspec import KernelSpec

SESSIONS = 534_954
SIZES = [1, 10, 100, 200]
RUNS = {1: 5, 10: 3}  # of larger files, one
SECONDS = 1800  # for a cell, after which it has taken too long
PANDAS_BYTES = 250  # of memory for each session, while it aggregates
CSV_MEMORY = 1 << 30

OURS = 'let sessions = Sessions::open("{file}")?;'
OURS_CSV = f'let sessions = Sessions::options().memory({CSV_MEMORY}).open("{{file}}")?;'
DUCKDB = 'let sessions = Sessions::connect("{duckdb}", ":memory:", "read_parquet(\'{file}\')")?;'
PANDAS = 'sessions = pd.read_parquet("{file}", dtype_backend="pyarrow")'
TIMED = "let begun = std::time::Instant::now();\n{code}\nprintln!(\"{}\", begun.elapsed().as_secs_f64());"
PROCESS = 'println!("{}", std::process::id());'
TIMED_PANDAS = "import time\nbegun = time.perf_counter()\n{code}\nprint(time.perf_counter() - begun)"
PROCESS_PANDAS = "import os\nprint(os.getpid())"
EVERY = 0.05  # seconds from one look at a process' memory to the next


@dataclass
class Taken:
    """What one way took for one size: seconds, and bytes of memory."""

    way: str
    size: int
    runs: int
    open: float
    first: float
    again: float
    memory: float
    own: float


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True, help="the top of the work tree")
    parser.add_argument("--pandas-python", type=Path, required=True, help="the Python that has pandas")
    parser.add_argument("--reconstruction", type=Path, required=True, help="the program that makes sessions")
    parser.add_argument("--duckdb", type=Path, required=True, help="libduckdb.so")
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="the largest size, in times the data set")
    arguments = parser.parse_args()
    end_on_signals()
    machine = bench.this_machine(arguments.root)
    taken: list[Taken] = []
    sizes = [size for size in SIZES if size <= arguments.largest]
    for size in sizes:
        file = made(arguments, size, "parquet")
        ways = ["ours", "duckdb"] + (["pandas"] if size * SESSIONS * PANDAS_BYTES < free_memory() else [])
        for way in ways:
            taken.append(measured(arguments, way, size, file))
    taken.append(measured(arguments, "ours, CSV", sizes[-1], made(arguments, sizes[-1], "csv")))
    print(table(taken, machine))
    path = arguments.root / "target/lab/scale.json"
    path.write_text(json.dumps({"machine": machine, "taken": [asdict(one) for one in taken]}, indent=1) + "\n")
    print(f"\nAll numbers are in {path.relative_to(arguments.root)}.")
    return 0


def made(arguments: argparse.Namespace, size: int, ending: str) -> Path:
    """The file of this size, made unless it is there."""
    directory = arguments.root / "target/lab/scale"
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / f"sessions-{size}x.{ending}"
    if not file.exists():
        say(f"making {file.name}")
        beside = file.with_name(f"new-{file.name}")
        command = [arguments.reconstruction, "--sessions", str(size * SESSIONS), "--output", beside]
        subprocess.run(command, check=True)
        beside.replace(file)
    return file


def measured(arguments: argparse.Namespace, way: str, size: int, file: Path) -> Taken:
    runs = RUNS.get(size, 1)
    say(f"{way}, {size}x" + (f", {runs} runs" if runs > 1 else ""))
    each = []
    for run in range(runs):
        with kernel(arguments, way) as started:
            each.append(list(asked(arguments, started, way, file, run)))
    medians = [statistics.median(values) for values in zip(*each)]
    return Taken(way, size, runs, *medians)


def asked(arguments: argparse.Namespace, started: Kernel, way: str, file: Path, run: int):
    """Seconds to open the file, to ask everything, to ask it again; bytes of memory, in all and of its own."""
    python = way == "pandas"
    timed, process = (TIMED_PANDAS, PROCESS_PANDAS) if python else (TIMED, PROCESS)
    if python:
        ran(started, Pandas.IMPORTS)
    taken = Memory(int(said(started, process)))
    code = {"ours": OURS, "ours, CSV": OURS_CSV, "duckdb": DUCKDB, "pandas": PANDAS}[way]
    code = code.replace("{file}", str(file)).replace("{duckdb}", str(arguments.duckdb))
    yield float(said(started, timed.replace("{code}", code)).split()[0].strip('"'))
    aggregations = Pandas.AGGREGATIONS if python else bench.AGGREGATIONS
    for _ in range(2):
        yield float(said(started, numbered(aggregations, run)).split()[0])
    yield from taken.end()


class Memory:
    """Looks at the memory of a process and all below it, again and again."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.most = (0, 0)
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self) -> None:
        while not self.done.wait(EVERY):
            now = [memory(pid) for pid in below(self.pid)]
            self.most = tuple(max(most, sum(each)) for most, each in zip(self.most, zip(*now)))

    def end(self) -> tuple[int, int]:
        """The most that they took, in all and of their own."""
        self.done.set()
        self.thread.join()
        return self.most


def memory(pid: int) -> tuple[int, int]:
    """Bytes of memory of a process, in all and of its own."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0, 0  # it has ended
    sizes = {line.partition(":")[0]: line.split()[1] for line in lines if line.endswith(" kB")}
    return int(sizes.get("VmRSS", 0)) * 1024, int(sizes.get("RssAnon", 0)) * 1024


def said(started: Kernel, code: str) -> str:
    return ran(started, code, seconds=SECONDS).stdout


def kernel(arguments: argparse.Namespace, way: str) -> Kernel:
    log = arguments.root / "target/lab/logs" / f"scale-{way.split(',')[0]}.log"
    if way != "pandas":
        return Kernel("streamroot", arguments.root / "notebooks", log)
    argv = [str(arguments.pandas_python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    return Kernel(KernelSpec(argv=argv, display_name="pandas", language="python"), arguments.root / "notebooks", log)


def free_memory() -> int:
    lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


def table(taken: list[Taken], machine: dict) -> str:
    """The results in Markdown."""
    lines = [
        "",
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}, load before {machine['load before']}, "
        f"{machine['date']}.",
        "",
        "| sessions | | open | all 44 aggregations | again | memory | of its own |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in taken:
        seconds = [f"{value:.3f} s" if value < 1 else f"{value:.1f} s" for value in (one.open, one.first, one.again)]
        rows = f"{one.size * SESSIONS / 1e6:.1f} million"
        lines.append(f"| {rows} | {one.way} | {' | '.join(seconds)} | {one.memory / 2**30:.2f} GiB | {one.own / 2**30:.2f} GiB |")
    return "\n".join(lines)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        sys.exit(str(error))
