"""How long a notebook's user waits: these notebooks, beside pandas and seaborn, beside polars in a stock evcxr kernel.

All kernels are driven by one client over the Jupyter protocol. A time is that from sending a cell to receiving its
picture or table. The kernels take turns, so that what else the machine does falls on all alike, and each run has
another title or number in its cell, so that no picture or table can be taken from an earlier one. What a figure asks of the
engine stays the same, as it does for a user who changes a title, and the engine remembers its answers; pandas has its rows.

The figures are those of the notebooks, read from the notebooks' own cells. `PANDAS` draws the same from the same file.
"""

import argparse
import datetime
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpec

from checks import end_on_signals
from kernel_client import Kernel, Result
from lab_server import Notebook, Server, rest, serving
from test_kernel import FIGURE, Project, copied, engine, method, warm, within

NAMES = {"ours": "these notebooks", "pandas": "pandas, seaborn", "stock": "stock evcxr, polars"}
FIGURES = ["01-general-analysis", "02-streams", "03-connection", "04-data"]
HEADLESS = [*FIGURES, "05-conclusions"]
FIRST_FIGURE = "Users per ISP"
CHANGES = 3  # of the helper crate, after each of which all is compiled again
QUIET_BEFORE = 3  # seconds before a start that finds no spare kernel, for what ran before it to end
SECONDS = 300  # for what takes some on an idle machine
FIRST_STOCK_START = 3600  # seconds for a stock kernel to compile polars
STOCK_STARTS = 3  # of a stock kernel: each takes half a minute, and half a minute more or less makes no difference

OPEN = 'let sessions = Sessions::open("../data/sessions.csv")?;'
FILTER = 'sessions.filter("p2p + cdn > {n}e6 AND p2p > 0")?.count_by(Browser)?'
SQL = 'sessions.sql("SELECT isp, AVG(p2p / (p2p + cdn)) AS offload_{n} FROM sessions GROUP BY isp")?'
LOAD = """\
{
let begun = std::time::Instant::now();
let loaded = Sessions::open("../data/sessions.csv")?;
println!("{} s {n}", begun.elapsed().as_secs_f64());
drop(loaded);
}"""

# Every aggregation of the notebooks 01 to 05, once.
AGGREGATIONS = """\
{
let begun = std::time::Instant::now();
let not_connected = sessions.filter(NotConnected)?;
let stream7 = sessions.filter("stream = 7")?;
let datch_telecam = sessions.filter("isp = 'Datch Telecam'")?;
let large = sessions.filter("p2p + cdn > 100e6")?;
let (large_p2p, large_cdn) = (large.filter(WithP2p)?, large.filter(CdnOnly)?);
let numbers = [
    sessions.count()?, sessions.filter(Connected)?.count()?, sessions.share(Connected)?, sessions.share(CdnOnly)?,
    sessions.filter(Connected)?.share(CdnOnly)?, not_connected.count()?, not_connected.mean(P2p)?,
    datch_telecam.share("stream = 7")?, datch_telecam.share(WithP2p)?, stream7.share(CdnOnly)?,
    sessions.filter(Connected)?.mean(Total)?, not_connected.mean(Total)?, sessions.mean(P2p)?, sessions.mean(Cdn)?,
];
let tables = [
    sessions.count_by(Stream)?, sessions.count_by(Isp)?, sessions.count_by(Browser)?, sessions.count_by([Isp, Stream])?,
    stream7.count_by(Isp)?, sessions.filter(Connected)?.count_by(Stream)?,
    not_connected.count_by(Isp)?, not_connected.count_by(Browser)?, large.count_by(Stream)?,
    large_p2p.count_by(Isp)?, large_p2p.count_by(Browser)?, large_cdn.count_by(Isp)?, large_cdn.count_by(Browser)?,
    sessions.share_by(Stream, Connected)?, sessions.share_by(Isp, Connected)?, sessions.share_by(Browser, Connected)?,
    sessions.share_by(Isp, NotConnected)?, sessions.share_by(Browser, NotConnected)?,
    sessions.share_by(Isp, WithP2p)?, sessions.share_by(Browser, WithP2p)?,
    sessions.mean_by(Connected, Total)?, sessions.mean_by(Stream, Total)?,
    sessions.mean_by(Isp, P2p)?, sessions.mean_by(Isp, Cdn)?, sessions.mean_by(Browser, P2p)?,
    sessions.mean_by(Browser, Cdn)?, sessions.mean_by(Stream, Offload)?, sessions.mean_by(Isp, Offload)?,
    sessions.mean_by(Browser, Offload)?, sessions.mean_by([Isp, Browser], Offload)?,
];
println!("{} s {} {n}", begun.elapsed().as_secs_f64(), numbers.len() + tables.len());
}"""


class Pandas:
    """The same in Python. pandas reads with pyarrow, and keeps text as pyarrow's strings, which is its quickest way.

    pyarrow takes no row that is cut off, and the file ends in one, so here there is one session less.
    """

    IMPORTS = """\
import time
import pandas as pd
import seaborn as sns
import matplotlib.pyplot as plt
%matplotlib inline"""
    READ = 'pd.read_csv("../data/sessions.csv", engine="pyarrow", on_bad_lines="skip")'
    OPEN = f'sessions = {READ}.rename(columns={{"#stream": "stream"}})'
    PREPARE = """\
stream7 = sessions[sessions.stream == 7]
not_connected = sessions[~sessions.connected]
large = sessions[sessions.p2p + sessions.cdn > 100e6]
large_p2p, large_cdn = large[large.p2p > 0], large[large.p2p == 0]
def counts(data, column, axes, title, palette):
    sns.countplot(data=data, x=column, hue=column, palette=palette, legend=False, ax=axes).set_title(title)
def panels(one, two):
    figure, axes = plt.subplots(1, 2, figsize=(12, 4), sharey=True)
    counts(*one[:2], axes[0], *one[2:])
    counts(*two[:2], axes[1], *two[2:])
def values(axes, form):
    for bars in axes.containers:
        axes.bar_label(bars, fmt=form)"""
    # By the title of the first chart of our cell. `{n}` is the number of the run.
    FIGURES = {
        "Users per stream": """\
axes = sns.countplot(data=sessions, x="stream", hue="stream", palette="tab10", legend=False)
axes.set_title("Users per stream {n}"); values(axes, "{:,.0f}")""",
        "Users per ISP": """\
panels((sessions, "isp", "Users per ISP {n}", "Blues"), (sessions, "browser", "Users per browser", "BuGn_r"))""",
        "Connected users, per stream": """\
axes = sns.barplot(data=sessions, x="stream", y="connected", errorbar=None)
axes.set_title("Connected users, per stream {n}"); axes.set_ylabel("share of the stream's users")""",
        "Users of stream 7, per ISP": """\
stream7 = sessions[sessions.stream == 7]
axes = sns.countplot(data=stream7, x="isp", hue="isp", palette="Blues", legend=False)
axes.set_title("Users of stream 7, per ISP {n}"); values(axes, "{:,.0f}")""",
        "Which streams each ISP's users watch": """\
axes = sns.histplot(data=sessions, x="isp", hue="stream", multiple="stack", palette="tab10", discrete=True, shrink=0.8)
axes.set_title("Which streams each ISP's users watch {n}")""",
        "Users not connected, per ISP": """\
panels((not_connected, "isp", "Users not connected, per ISP {n}", "RdPu"),
       (not_connected, "browser", "Users not connected, per browser", "Greens"))""",
        "Not connected, of each ISP's users": """\
figure, axes = plt.subplots(1, 2, figsize=(12, 4))
for ax, column, whose in zip(axes, ["isp", "browser"], ["ISP's users {n}", "browser's users"]):
    sns.barplot(x=sessions[column], y=~sessions.connected, errorbar=None, ax=ax)
    ax.set_title("Not connected, of each " + whose); values(ax, "{:.1%}")""",
        "Over 100 MB, P2P + CDN": """\
panels((large_p2p, "isp", "Over 100 MB, P2P + CDN {n}", "RdPu"),
       (large_cdn, "isp", "Over 100 MB, CDN only", "Greens"))""",
        "Over 100 MB, P2P + CDN (2)": """\
panels((large_p2p, "browser", "Over 100 MB, P2P + CDN {n}", "BrBG"),
       (large_cdn, "browser", "Over 100 MB, CDN only", "RdBu"))""",
        "Users with P2P, of each browser's users": """\
axes = sns.barplot(x=sessions.browser, y=sessions.p2p > 0, errorbar=None)
axes.set_title("Users with P2P, of each browser's users {n}"); values(axes, "{:.1%}")""",
    }
    FILTER = """\
large = sessions[(sessions.p2p + sessions.cdn > {n}e6) & (sessions.p2p > 0)]
large.groupby("browser").size().to_frame("users")"""
    SQL = '(sessions.p2p / (sessions.p2p + sessions.cdn)).groupby(sessions.isp).mean().to_frame("offload_{n}")'
    TIMED = "begun = time.perf_counter()\nloaded = {read}\nprint(time.perf_counter() - begun, 's {{n}}')"
    LOAD = TIMED.format(read=READ)
    # pandas' own reader, which takes the last row, too.
    LOAD_WHOLE = TIMED.format(read='pd.read_csv("../data/sessions.csv")')
    AGGREGATIONS = """\
begun = time.perf_counter()
connected, not_connected = sessions[sessions.connected], sessions[~sessions.connected]
stream7 = sessions[sessions.stream == 7]
datch_telecam = sessions[sessions.isp == "Datch Telecam"]
total = sessions.p2p + sessions.cdn
offload = sessions.p2p / total
with_p2p, without_p2p = sessions.p2p > 0, sessions.p2p == 0
large = sessions[total > 100e6]
large_p2p, large_cdn = large[large.p2p > 0], large[large.p2p == 0]
def rate(condition, column):
    return condition.groupby(sessions[column]).mean()
numbers = [
    len(sessions), len(connected), sessions.connected.mean(), without_p2p.mean(),
    (connected.p2p == 0).mean(), len(not_connected), not_connected.p2p.mean(),
    (datch_telecam.stream == 7).mean(), (datch_telecam.p2p > 0).mean(), (stream7.p2p == 0).mean(),
    (connected.p2p + connected.cdn).mean(), (not_connected.p2p + not_connected.cdn).mean(),
    sessions.p2p.mean(), sessions.cdn.mean(),
]
tables = [
    sessions.stream.value_counts(), sessions.isp.value_counts(), sessions.browser.value_counts(),
    sessions.groupby(["isp", "stream"]).size(),
    stream7.isp.value_counts(), connected.stream.value_counts(),
    not_connected.isp.value_counts(), not_connected.browser.value_counts(), large.stream.value_counts(),
    large_p2p.isp.value_counts(), large_p2p.browser.value_counts(),
    large_cdn.isp.value_counts(), large_cdn.browser.value_counts(),
    rate(sessions.connected, "stream"), rate(sessions.connected, "isp"), rate(sessions.connected, "browser"),
    rate(~sessions.connected, "isp"), rate(~sessions.connected, "browser"),
    rate(with_p2p, "isp"), rate(with_p2p, "browser"),
    rate(total, "connected"), rate(total, "stream"),
    rate(sessions.p2p, "isp"), rate(sessions.cdn, "isp"), rate(sessions.p2p, "browser"), rate(sessions.cdn, "browser"),
    rate(offload, "stream"), rate(offload, "isp"), rate(offload, "browser"),
    offload.groupby([sessions.isp, sessions.browser]).mean(),
]
print(time.perf_counter() - begun, "s", len(numbers) + len(tables), {n})"""


class Stock:
    """The same with polars and plotters as plain dependencies of the notebook, as one writes it without helpers."""

    CONFIG = """\
[evcxr]
opt_level = "0"

[dependencies]
plotters = {{ version = "{plotters}", default-features = false, features = ["evcxr", "all_series", "all_elements"] }}
polars = {{ version = "{polars}", default-features = false, features = ["csv", "lazy", "fmt", "strings", "temporal"] }}
"""
    IMPORTS = """\
use plotters::prelude::*;
use polars::prelude::*;
fn bars(area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>, data: &DataFrame, by: &str, title: &str)
    -> Result<(), Box<dyn std::error::Error>> {
    let counted = data.clone().lazy().group_by([col(by)]).agg([len().alias("users")])
        .sort(["users"], SortMultipleOptions::default().with_order_descending(true)).collect()?;
    let names: Vec<String> = counted.column(by)?.str()?.iter().flatten().map(str::to_owned).collect();
    let users: Vec<u32> = counted.column("users")?.u32()?.iter().flatten().collect();
    let most = users.iter().copied().max().unwrap_or(1);
    let mut chart = ChartBuilder::on(area).caption(title, ("sans-serif", 18)).margin(8)
        .x_label_area_size(32).y_label_area_size(64)
        .build_cartesian_2d((0..names.len() as u32).into_segmented(), 0..most + most / 20)?;
    chart.configure_mesh().disable_x_mesh().x_labels(names.len()).x_label_formatter(&|at| match at {
        SegmentValue::CenterOf(n) => names.get(*n as usize).cloned().unwrap_or_default(),
        _ => String::new(),
    }).draw()?;
    chart.draw_series(Histogram::vertical(&chart).margin(8).style(BLUE.mix(0.6).filled())
        .data(users.iter().enumerate().map(|(n, users)| (n as u32, *users))))?;
    Ok(())
}"""
    OPEN = """\
let sessions: DataFrame = CsvReadOptions::default().with_has_header(true)
    .try_into_reader_with_file_path(Some("{csv}".into()))?.finish()?;"""
    FIGURE = """\
evcxr_figure((1200, 400), |root| {
    let (left, right) = root.split_horizontally(600);
    bars(&left, &sessions, "isp", "Users per ISP {n}")?;
    bars(&right, &sessions, "browser", "Users per browser")?;
    Ok(())
})"""
    FILTER = """\
sessions.clone().lazy().filter((col("p2p") + col("cdn")).gt(lit({n}e6)).and(col("p2p").gt(lit(0.0))))
    .group_by([col("browser")]).agg([len().alias("users")]).collect()?"""
    SQL = """\
sessions.clone().lazy().group_by([col("isp")])
    .agg([(col("p2p") / (col("p2p") + col("cdn"))).mean().alias("offload_{n}")]).collect()?"""


@dataclass
class Measure:
    """One line of the table: what each way took, in seconds."""

    name: str
    reach: float | None = None
    """Seconds that are to be reached, at most."""
    times_quicker: float | None = None
    """How many times quicker than pandas it is to be."""
    runs: dict[str, list[float]] = field(default_factory=dict)

    def add(self, way: str, seconds: float) -> None:
        self.runs.setdefault(way, []).append(seconds)

    def quartiles(self, way: str) -> tuple[float, float, float]:
        runs = self.runs[way]
        return tuple(statistics.quantiles(runs, n=4, method="inclusive")) if len(runs) > 1 else (runs[0],) * 3

    def median(self, way: str) -> float | None:
        return self.quartiles(way)[1] if way in self.runs else None

    def verdict(self) -> str:
        ours, pandas = self.median("ours"), self.median("pandas")
        if self.reach is not None and ours is not None:
            return f"{self.reach:g} s: {'reached' if ours <= self.reach else 'MISSED'}"
        if self.times_quicker is not None and ours and pandas:
            what = f"{self.times_quicker:g} times quicker than pandas"
            return f"{what}: {pandas / ours:.1f}, {'reached' if pandas / ours >= self.times_quicker else 'MISSED'}"
        return ""

    def cell(self, way: str) -> str:
        if way not in self.runs:
            return ""
        low, middle, high = self.quartiles(way)
        digits = 3 if middle < 1 else 2 if middle < 10 else 1
        return f"**{middle:.{digits}f} s** ({low:.{digits}f} to {high:.{digits}f})"


class Bench:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self.root: Path = arguments.root
        self.lab = self.root / "target/lab"
        self.notebooks = self.root / "notebooks"
        self.repeat: int = arguments.repeat
        self.pandas_python: Path = arguments.pandas_python
        self.stock: Path | None = arguments.stock
        self.measures: list[Measure] = []

    def measure(self, name: str, **reach: float) -> Measure:
        self.measures.append(Measure(name, **reach))
        return self.measures[-1]

    def kernel(self, way: str) -> Kernel:
        """A kernel of one of the ways, just started."""
        log = self.lab / "logs" / f"bench-{way}.log"
        if way == "ours":
            return Kernel("streamroot", self.notebooks, log)
        if way == "pandas":
            argv = [str(self.pandas_python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            spec = KernelSpec(argv=argv, display_name="pandas", language="python")
            return Kernel(spec, self.notebooks, log, {"MPLCONFIGDIR": str(self.lab / "bench/matplotlib")})
        argv = [str(self.stock), "--control_file", "{connection_file}"]
        spec = KernelSpec(argv=argv, display_name="stock", language="rust", interrupt_mode="message")
        # At its start it looks for a kernel spec of evcxr's and writes its own over it. There is none in this place.
        env = {"EVCXR_TMPDIR": str(self.lab / "bench/stock-build"), "JUPYTER_PATH": str(self.lab / "bench/none")}
        return Kernel(spec, self.lab / "bench/stock-notebook", log, env, seconds=FIRST_STOCK_START)

    def take_turns(self, kernels: dict[str, Kernel], cells: list[tuple[Measure, dict[str, str]]], kind: str) -> None:
        """Runs cells as often as asked for, after a first run of each that does not count."""
        for run in range(self.repeat + 1):
            for measure, codes in cells:
                for way, code in codes.items():
                    result = ran(kernels[way], numbered(code, run), kind)
                    if run:
                        measure.add(way, result.to_output)

    def ways(self) -> list[str]:
        return ["ours", "pandas", *(["stock"] if self.stock else [])]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True, help="the top of the work tree")
    parser.add_argument("--pandas-python", type=Path, required=True, help="the Python that has pandas and seaborn")
    parser.add_argument("--stock", type=Path, help="a stock evcxr_jupyter, to be measured with polars and plotters")
    parser.add_argument("--repeat", type=int, default=10, help="runs of each measure")
    arguments = parser.parse_args()
    end_on_signals()
    machine = this_machine(arguments.root)
    say(f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}; load before: {machine['load before']}")
    bench = Bench(arguments)
    if bench.stock:
        prepare_stock(bench)
    measure_cells(bench)
    measure_engine(bench)
    measure_starts(bench)
    measure_changed_crate(bench)
    measure_spare(bench)
    measure_headless(bench)
    crates = compile_graph(bench.root)

    print(table(bench, machine, crates))
    path = bench.lab / "bench.json"
    write(path, bench, machine, crates)
    print(f"\nAll runs are in {path.relative_to(bench.root)}.")
    return 0


def measure_cells(bench: Bench) -> None:
    """Every cell with a figure, and one with a filter and one in SQL, run again and again with another text."""
    for name in FIGURES:
        figures = list(figure_cells(bench.notebooks / f"{name}.ipynb"))
        say(f"{name}: {len(figures)} figures")
        kernels = {}
        try:
            for way in bench.ways() if name == FIGURES[0] else ["ours", "pandas"]:
                kernels[way] = bench.kernel(way)
            for code in code_cells(bench.notebooks / f"{name}.ipynb"):
                ran(kernels["ours"], code)
            for code in (Pandas.IMPORTS, Pandas.OPEN, Pandas.PREPARE):
                ran(kernels["pandas"], code)
            if "stock" in kernels:
                for code in (Stock.IMPORTS, stock_open(bench)):
                    ran(kernels["stock"], code)
            cells = []
            for title, code in figures:
                is_headline = title == FIRST_FIGURE
                what = "two panels over all sessions, with another title" if is_headline else f"{name[:2]}: {title}"
                measure = bench.measure(what, reach=0.15 if is_headline else 0.30)
                codes = {"ours": code}
                if title in Pandas.FIGURES:
                    codes["pandas"] = Pandas.FIGURES[title]
                if is_headline and "stock" in kernels:
                    codes["stock"] = Stock.FIGURE
                cells.append((measure, codes))
                if is_headline:
                    compiled = bench.measure("the same, with other code, which is compiled", reach=0.25)
                    cells.append((compiled, {"ours": code + "\n// {n}"}))
            bench.take_turns(kernels, cells, "image/")
            if name == FIGURES[0]:
                say("tables")
                tables = []
                for what, codes in (
                    ("a filter and the table it gives", (FILTER, Pandas.FILTER, Stock.FILTER)),
                    ("SQL and the table it gives", (SQL, Pandas.SQL, Stock.SQL)),
                ):
                    codes = {way: code for way, code in zip(NAMES, codes) if way in kernels}
                    tables.append((bench.measure(what, reach=0.25), codes))
                bench.take_turns(kernels, tables, "text/")
        finally:
            close(kernels.values())
    bench.measures.sort(key=lambda measure: measure.name[:2].isdigit())  # the headline first, then the notebooks


def measure_engine(bench: Bench) -> None:
    """What the engine takes by itself, as a cell tells it."""
    say("load and aggregations")
    whole = bench.measure("load the CSV, inside the cell", times_quicker=2)
    load = bench.measure("load the CSV, beside pyarrow's reader, which leaves the cut-off row out", times_quicker=2)
    aggregations = bench.measure("all 44 aggregations of 01 to 05 on a file just opened, inside the cell", times_quicker=5)
    again = bench.measure("the same once more", times_quicker=5)
    kernels = {}
    try:
        for way in ("ours", "pandas"):
            kernels[way] = bench.kernel(way)
        ran(kernels["pandas"], Pandas.IMPORTS)
        opened = {"ours": OPEN, "pandas": Pandas.OPEN}
        for run in range(bench.repeat + 1):
            for measure, codes in (
                (whole, {"ours": LOAD, "pandas": Pandas.LOAD_WHOLE}),
                (load, {"ours": LOAD, "pandas": Pandas.LOAD}),
                (aggregations, {"ours": AGGREGATIONS, "pandas": Pandas.AGGREGATIONS}),
                (again, {"ours": AGGREGATIONS, "pandas": Pandas.AGGREGATIONS}),
            ):
                for way, code in codes.items():
                    if measure is aggregations:
                        # Opened anew, so that nothing the engine keeps of earlier answers helps.
                        ran(kernels[way], opened[way])
                    said = ran(kernels[way], numbered(code, run)).stdout.split()
                    if run:
                        measure.add(way, float(said[0]))
                    if measure in (aggregations, again) and said[2] != "44":
                        raise RuntimeError(f"{way} has {said[2]} aggregations, not 44")
    finally:
        close(kernels.values())


def measure_starts(bench: Bench) -> None:
    """From nothing to the first figure, as when a notebook is opened and run; and when it has been open for a while."""
    say("starts")
    cold = bench.measure("start of the kernel to its first figure", reach=8)
    waited = bench.measure("first cells to first figure, kernel up for 10 s", reach=4)
    figure = dict(figure_cells(bench.notebooks / f"{FIGURES[0]}.ipynb"))[FIRST_FIGURE]
    cells = {
        "ours": [OPEN, figure],
        "pandas": [Pandas.IMPORTS, Pandas.OPEN, Pandas.PREPARE + "\n" + Pandas.FIGURES[FIRST_FIGURE]],
        "stock": [Stock.IMPORTS, stock_open(bench), Stock.FIGURE],
    }
    for run in range(bench.repeat):
        for measure, up in ((cold, 0), (waited, 10)):
            for way in bench.ways():
                if way == "stock" and run >= STOCK_STARTS:
                    continue
                with bench.kernel(way) as kernel:
                    begun = kernel.started
                    if up:
                        time.sleep(max(0.0, up - (time.perf_counter() - kernel.started)))
                        begun = time.perf_counter()
                    *before, last = cells[way]
                    for code in before:
                        ran(kernel, code, quiet=0)
                    sent = time.perf_counter()
                    result = ran(kernel, numbered(last, run), "image/", quiet=0)
                    measure.add(way, sent - begun + result.to_output)


def measure_changed_crate(bench: Bench) -> None:
    """A kernel that is started after the helper crate has been changed, to its first figure, on a copy of that crate."""
    say("a changed helper crate")
    measure = bench.measure("start of the kernel to its first figure, when the helper crate has changed", reach=10)
    project = Project(bench.root)
    with changing_crate(bench) as (env, notebooks, change):
        for run in range(CHANGES):
            made_anew = change(run)
            with project.kernel(notebooks, env) as kernel:
                begun = kernel.started
                ran(kernel, f'let sessions = Sessions::open("{bench.root / "data/sessions.csv"}")?;', quiet=0)
                sent = time.perf_counter()
                measure.add("ours", sent - begun + ran(kernel, FIGURE, "image/", quiet=0).to_output)
                assert f"change {run}" in str(ran(kernel, "Sessions::answer()", "text/").data), "the change is not there"
                within(SECONDS, "the warm directory is made again", made_anew)


@contextmanager
def changing_crate(bench: Bench):
    """A copy of the helper crate, compiled: the environment of its kernels, their directory, and what changes it. That gives
    what says whether it has been compiled anew."""
    project = Project(bench.root)
    copy = bench.lab / "bench/changed"
    shutil.rmtree(copy, ignore_errors=True)
    lab, notebooks, source = copied(project, copy)
    env = {"STREAMROOT_LAB": str(lab), "STREAMROOT_ENGINE": str(engine(project))}
    unchanged = source.read_text(encoding="utf-8")
    fingerprint = lab / "warm/fingerprint"

    def change(run: int) -> Callable[[], bool]:
        # The kernel compares with the crate that it was built beside, which is not to be touched.
        older = fingerprint.read_text(encoding="utf-8").replace("sessions.rs ", f"sessions.rs {run}")
        fingerprint.write_text(older, encoding="utf-8")
        source.write_text(unchanged + method(f"change {run}"), encoding="utf-8")
        return lambda: fingerprint.exists() and fingerprint.read_text(encoding="utf-8") != older

    warm(project, notebooks, env)
    yield env, notebooks, change
    within(SECONDS, "the kernels of the copy are gone", lambda: not list((lab / "kernels").glob("*")))
    shutil.rmtree(copy, ignore_errors=True)  # what the last kernel leaves may just be going away


def measure_spare(bench: Bench) -> None:
    """Starts and restarts as JupyterLab does them, over its server, with a spare kernel that waits and without."""
    ready = bench.measure("JupyterLab: start of a notebook's kernel to its first figure", reach=1.0)
    again = bench.measure("JupyterLab: restart, then first figure", reach=1.0)
    cold = bench.measure("JupyterLab: start to first figure without a spare kernel")
    cold_again = bench.measure("JupyterLab: restart, then first figure without a spare kernel")
    edited = bench.measure("JupyterLab: helper crate edited, restart at once, then first figure", reach=8)
    figure = dict(figure_cells(bench.notebooks / f"{FIGURES[0]}.ipynb"))[FIRST_FIGURE]
    for start, restart, options in ((ready, again, []), (cold, cold_again, ["--SpareKeeper.enabled=False"])):
        say(restart.name)
        with serving(bench.root, bench.notebooks, bench.lab / "bench/server", *options) as server:
            taken = set()
            for run in range(bench.repeat):
                taken = spare_waits(server, taken, bool(options))
                notebook = Notebook(server, f"{FIGURES[0]}.ipynb")
                start.add("ours", to_figure(notebook, OPEN, numbered(figure, run)))
                taken = spare_waits(server, taken, bool(options))
                notebook.restart()
                restart.add("ours", to_figure(notebook, OPEN, numbered(figure, run)))
                notebook.close()

    say(edited.name)
    with changing_crate(bench) as (env, notebooks, change):
        with serving(bench.root, notebooks, bench.lab / "bench/server", env=env) as server:
            notebook = Notebook(server, "a.ipynb")
            taken = set()
            for run in range(CHANGES):
                taken = spare_waits(server, taken)
                change(run)
                notebook.restart()
                opened = f'let sessions = Sessions::open("{bench.root / "data/sessions.csv"}")?;'
                edited.add("ours", to_figure(notebook, opened, FIGURE))
                assert f"change {run}" in str(ran(notebook, "Sessions::answer()", "text/").data), "the change is not there"


def spare_waits(server: Server, taken: set[int], there_is_none: bool = False) -> set[int]:
    """Waits for a spare kernel beside those that were handed out; and for the machine to be quiet, where there is none."""
    if there_is_none:
        time.sleep(QUIET_BEFORE)
        return taken
    within(SECONDS, "a spare kernel", lambda: server.spares() - taken)
    found = server.spares() - taken
    for pid in found:
        rest(pid, until=SECONDS)
    return taken | found


def to_figure(notebook: Notebook, opened: str, figure: str) -> float:
    """Seconds from when a kernel was asked for to the first figure."""
    ran(notebook, opened, quiet=0)
    sent = time.perf_counter()
    return sent - notebook.began + ran(notebook, figure, "image/", quiet=0).to_output


def measure_headless(bench: Bench) -> None:
    """`cargo lab run` on the five notebooks, with everything set up."""
    say("headless")
    measure = bench.measure("notebooks 01 to 05, headless", reach=60)
    command = [sys.executable, "-B", str(bench.root / "crates/lab/python/run.py"), "--lab", str(bench.lab)]
    command += ["--results", str(bench.lab / "bench/results")]
    command += [str(bench.notebooks / f"{name}.ipynb") for name in HEADLESS]
    for _ in range(bench.repeat):
        begun = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"the notebooks did not run:\n{done.stdout}{done.stderr}")
        measure.add("ours", time.perf_counter() - begun)


def code_cells(notebook: Path) -> list[str]:
    cells = nbformat.read(notebook, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code" and cell.source.strip()]


def figure_cells(notebook: Path):
    """The cells that gave a picture when the notebook was last run, by their first title, with `{n}` put into it."""
    seen = {}
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code" or not any("image/png" in output.get("data", {}) for output in cell.outputs):
            continue
        title = re.search(r'\.title\("([^"]*)"\)', cell.source)
        if title is None:
            raise RuntimeError(f"{notebook.name} has a figure without a title, and the title is what each run changes")
        name = title[1]
        seen[name] = seen.get(name, 0) + 1
        code = cell.source[: title.end(1)] + " {n}" + cell.source[title.end(1) :]
        yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), code


def numbered(code: str, run: int) -> str:
    """The cell of one run. A threshold in MB is set with it, and there are sessions on both sides of 90 MB."""
    return code.replace("{n}", str(90 + run))


def ran(kernel: Kernel, code: str, kind: str | None = None, quiet: float = 0.02, seconds: float = 300) -> Result:
    """Runs a cell that has to succeed, and has to show what it is for."""
    result = kernel.run(code, quiet, seconds)
    picture = any(mime.startswith("image/") or "<svg" in str(data) for mime, data in result.data.items())
    shown = {None: True, "image/": picture, "text/": bool(result.data)}[kind]
    if result.status != "ok" or result.errors or not shown or "panicked" in result.stderr:
        said = result.said or f"it gave {sorted(result.data)}"
        raise RuntimeError(f"A cell did not do what it should ({kernel.log.stem}):\n{code}\n{said}")
    return result


def close(kernels) -> None:
    for kernel in kernels:
        kernel.close()


def prepare_stock(bench: Bench) -> None:
    """The stock kernel's first start, in which polars is compiled as a cell's dependency."""
    directory = bench.lab / "bench/stock-notebook"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "evcxr.toml").write_text(Stock.CONFIG.format(**versions(bench.root, "polars", "plotters")))
    say("stock evcxr: its first start compiles polars, which takes about a quarter of an hour once")
    begun = time.perf_counter()
    with bench.kernel("stock") as kernel:
        for code in (Stock.IMPORTS, stock_open(bench)):
            ran(kernel, code)
        ran(kernel, numbered(Stock.FIGURE, 0), "image/")
    say(f"stock evcxr: {time.perf_counter() - begun:.0f} s")


def stock_open(bench: Bench) -> str:
    return Stock.OPEN.replace("{csv}", str(bench.root / "data/sessions.csv"))


def versions(root: Path, *packages: str) -> dict[str, str]:
    """The versions of packages in this workspace's lock file."""
    lock = (root / "Cargo.lock").read_text(encoding="utf-8")
    return {package: re.search(rf'name = "{package}"\nversion = "([^"]+)"', lock)[1] for package in packages}


def compile_graph(root: Path) -> int:
    """How many crates a cell is compiled against, the helper crate included."""
    command = ["cargo", "tree", "--package", "streamroot", "--edges", "normal", "--prefix", "none", "--locked"]
    tree = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return len({" ".join(line.split()[:2]) for line in tree.stdout.splitlines() if line.strip()})


def this_machine(root: Path) -> dict:
    def first(file: str, pattern: str) -> str | None:
        try:
            found = re.search(pattern, Path(file).read_text(encoding="utf-8"), re.MULTILINE)
        except OSError:
            return None
        return found and found[1].strip()

    kilobytes = first("/proc/meminfo", r"^MemTotal: *(\d+)")
    rustc = subprocess.run(["rustc", "--version"], cwd=root, capture_output=True, text=True, check=False).stdout.strip()
    return {
        "processor": first("/proc/cpuinfo", r"^model name\s*:(.*)") or platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory": f"{int(kilobytes) / 2**20:.0f} GB" if kilobytes else "unknown memory",
        "load before": f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "unknown",
        "system": platform.platform(),
        "rustc": rustc,
        "date": datetime.date.today().isoformat(),
    }


def table(bench: Bench, machine: dict, crates: int) -> str:
    """The results in Markdown."""
    ways = bench.ways()
    lines = [
        "",
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}, load before {machine['load before']}, "
        f"{machine['date']}. Medians of {bench.repeat} runs (quartiles).",
        "",
        "| | " + " | ".join(NAMES[way] for way in ways) + " | to reach |",
        "|---" * (len(ways) + 2) + "|",
    ]
    for measure in bench.measures:
        lines.append(f"| {' | '.join([measure.name, *map(measure.cell, ways), measure.verdict()])} |")
    lines += ["", f"A cell is compiled against {crates} crates."]
    return "\n".join(lines)


def write(path: Path, bench: Bench, machine: dict, crates: int) -> None:
    measures = []
    for measure in bench.measures:
        entry = {"name": measure.name, "to reach": measure.verdict()}
        for way, runs in measure.runs.items():
            low, middle, high = measure.quartiles(way)
            entry[way] = {"median": middle, "quartiles": [low, high], "seconds": [round(run, 4) for run in runs]}
        measures.append(entry)
    everything = {"machine": machine, "runs": bench.repeat, "crates": crates, "measures": measures}
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    beside.write_text(json.dumps(everything, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(str(error))
