"""Other engines, for real: what can go wrong between a notebook and one, and what must then be said, in cells of the kernel.

That the notebooks show the same on them is checked by `cargo lab run --engine`.
"""

import argparse
import base64
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

from checks import Checks, run
from kernel_client import Kernel, Result
from other_engine import OtherEngine, quoted
from test_kernel import OPEN, Project, succeeds

SECONDS = 20  # for a cell that says what is wrong, with its compilation, on a busy machine
PASSWORD = "hunter2-and-more"
TOKEN = "eyJhbGciOi-hunter2"

# The same questions to two engines: every kind of SQL that is made from a cell, and what engines write differently.
QUESTIONS = [
    "count()",
    "missing()",
    'count_by([Isp, Browser, Connected])',
    'count_by("browser")',
    "share_by(Stream, WithP2p)",
    "share_by([Isp, Browser], CdnOnly)",
    "mean_by(Browser, Offload)",
    "sum_by(Isp, Cdn)",
    "spread_by(Stream, Total)",
    "histogram(Offload, 7)",
    "histogram(Total, 20)",
    "offload()",
    "offload_by([Stream, Isp])",
    "opportunity(Isp, 75.0, 100)",
    "share_interval_by(Isp, NotConnected)",
    "standardised_by(Isp, Stream, Offload)",
    "difference(WithP2p, Stream, Total)",
    "association(Isp, Browser)",
    "filter(Isp.is(r#\"it's \\ \"quoted\"\"#))?.count()",
    'filter("isp IN (\'Fro\', \'Olga\') AND \\"stream\\" >= 7")?.filter(Connected)?.count_by(Stream)',
    'filter("p2p < 0")?.offload()',
    'filter("p2p < 0")?.count_by(Isp)',
    'sql("SELECT isp AS \\"a `b` \\"\\"c\\"\\"\\", \'it\'\'s \\\\ \' || isp AS t FROM sessions GROUP BY isp ORDER BY isp")',
    'sql("WITH big AS (SELECT * FROM sessions WHERE p2p + cdn > 1e8) SELECT isp, QUANTILE_CONT(p2p, 0.9) AS q, '
    'COUNT(*) FILTER (WHERE connected) AS n FROM big GROUP BY isp ORDER BY n DESC")',
]

# And of sessions that have a time.
TIMES = [
    "concurrent(Hour)",
    "concurrent(Day)",
    "filter(Stream.is(3))?.concurrent(Minute)",
    "mean_by(Hour, Offload)",
    "count_by([Day, Isp])",
    "sum_by(Week, Cdn)",
    'filter("start >= TIMESTAMP \'2026-03-05 12:00:00\'")?.offload_by(Hour)',
    'sql("SELECT EXTRACT(hour FROM start) AS hour, MAX(EXTRACT(EPOCH FROM start) + duration) AS last FROM sessions '
    'GROUP BY 1 ORDER BY 1")',
]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True, help="the top of the work tree")
    parser.add_argument("--engine-python", type=Path, required=True, help="the Python that starts engines")
    arguments = parser.parse_args()
    engines = Engines(Project(arguments.root.resolve()), arguments.engine_python.absolute())
    return run((same_answers, what_goes_wrong, a_killed_worker, a_killed_run), lambda: engines)


class Engines:
    def __init__(self, project: Project, python: Path) -> None:
        self.project, self.python = project, python
        self.sessions = project.root / "data/sessions.csv"

    def start(self, kind: str, *more: str) -> OtherEngine:
        return OtherEngine(self.python, kind, self.project.lab, self.sessions, *more)

    def kernel(self, **environment: str) -> Kernel:
        return self.project.kernel(env=environment)


def fails(kernel: Kernel, code: str, *parts: str, seconds: float = SECONDS) -> str:
    """What a cell says that fails with one sentence, in which these parts stand, and where, after at most this time."""
    result = kernel.run(code)
    assert result.said and not result.data, f"`{code}` did not fail"
    sentence, shown, _ = result.said.partition("\n   1 │ ")
    assert shown and "\n" not in sentence, f"`{code}` said more than a sentence and where: {result.said}"
    missing = [part for part in parts if part not in sentence]
    assert not missing, f"`{code}` said {sentence!r}, and not {missing}"
    assert result.to_end < seconds, f"`{code}` took {result.to_end:.0f} s"
    return result.said


def everything(result: Result) -> str:
    return f"{result.data}{result.stdout}{result.said}"


def same_answers(checks: Checks, engines: Engines) -> None:
    with engines.start("sail") as sail, engines.kernel() as kernel:
        succeeds(kernel, f"{OPEN} let other = {sail.line}?;")
        answer_alike(checks, kernel, QUESTIONS)
        week = quoted(str(engines.sessions.with_name("week.csv")))
        connect = f"Sessions::connect({quoted(sail.driver)}, {quoted(sail.uri)}, {quoted('week')})?"
        keep = "let (all, all_others) = (sessions, other);"
        succeeds(kernel, f"{keep}\nlet sessions = Sessions::open({week})?;\nlet other = {connect};")
        answer_alike(checks, kernel, TIMES)
        succeeds(kernel, "let (sessions, other) = (all, all_others);")
        with checks("partitioned Parquet is a table without being made one"):
            files = engines.project.lab.resolve() / "engines/parquet"
            table = f"(SELECT CAST(stream AS BIGINT) AS stream, isp, p2p, cdn FROM parquet.`{files}`)"
            code = f"let other = Sessions::connect({quoted(sail.driver)}, {quoted(sail.uri)}, {quoted(table)})?;"
            ask = "filter(WithP2p)?.count_by([Isp, Stream])?.to_string()"
            code += f'println!("{{}}", sessions.{ask} == other.{ask});'
            assert succeeds(kernel, code).stdout.strip() == "true"
        with checks("Sail can't save a cube, and says so"):
            fails(kernel, 'other.cube("no.parquet", Isp, &[])?', "can't save a cube", "Sessions::open")
        with checks("an engine that is stopped is out of reach, in the cell that asks it"):
            sail.close()
            fails(kernel, "other.count()?", sail.uri, "can't be reached", "start it")
        with checks("the kernel and the embedded engine go on"):
            assert "534,954" in everything(succeeds(kernel, "sessions.count()?"))


def answer_alike(checks: Checks, kernel: Kernel, questions: list[str]) -> None:
    # In one cell, which is compiled once.
    said = "|| -> Result<String, Error> { Ok(SESSIONS.QUESTION?.to_string()) }"
    show = f'println!("{{:?}}\\u{{1}}{{:?}}\\u{{2}}", ({said.replace("SESSIONS", "sessions")})(), '
    show += f'({said.replace("SESSIONS", "other")})());'
    answers = succeeds(kernel, "\n".join(show.replace("QUESTION", question) for question in questions)).stdout
    for question, answer in zip(questions, answers.split("\x02"), strict=False):
        with checks(f"Sail answers `{question}` as the embedded engine does"):
            ours, theirs = answer.strip().split("\x01")
            assert ours == theirs and ours.startswith("Ok"), f"{ours}\n{theirs}"


def what_goes_wrong(checks: Checks, engines: Engines) -> None:
    database = engines.project.lab / "engines" / f"{PASSWORD}.duckdb"
    secrets = {
        "STREAMROOT_TEST_PASSWORD": PASSWORD,
        "STREAMROOT_TEST_TOKEN": f"Bearer {TOKEN}",
        "STREAMROOT_TEST_URI": str(database),
    }
    with (
        engines.start("login") as server,
        engines.start("sail") as sail,
        engines.start("duckdb") as duckdb,
        engines.kernel(**secrets) as kernel,
    ):
        out_of_reach(checks, kernel, server.driver)
        refused_logins(checks, kernel, server, duckdb, database)
        no_such_table(checks, kernel, sail, duckdb)


def out_of_reach(checks: Checks, kernel: Kernel, driver: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        with closing(socket.create_server(("127.0.0.1", 0))) as closed:
            nobody = f"grpc://127.0.0.1:{closed.getsockname()[1]}"
        mute = f"grpc://127.0.0.1:{silent.getsockname()[1]}"

        def connect(driver: str, uri: str) -> str:
            return f'Sessions::connect({quoted(driver)}, {quoted(uri)}, "sessions")?'

        with checks("an address where nobody listens"):
            fails(kernel, connect(driver, nobody), nobody, "can't be reached", "start it there, or correct the address")
        with checks("an address where something listens that never answers"):
            fails(kernel, connect(driver, mute), mute, "can't be reached")
        with checks("a host that there is not"):
            fails(kernel, connect(driver, "grpc://no-such-host.invalid:1"), "no-such-host.invalid", "can't be reached")
        for uri in ("nonsense", "127.0.0.1:32010"):
            with checks(f"the address {uri}, which is none"):
                fails(kernel, connect(driver, uri), uri, "address")
        with checks("a driver that is not there"):
            fails(kernel, connect("/no/such/driver.so", nobody), "/no/such/driver.so", "can't be loaded", "name the")


def refused_logins(
    checks: Checks, kernel: Kernel, server: OtherEngine, duckdb: OtherEngine, database: Path
) -> None:
    hidden = [PASSWORD, TOKEN, base64.b64encode(f"analyst:{PASSWORD}".encode()).decode()]
    shown = []

    def refuses(options: str, *parts: str) -> None:
        code = f'Sessions::connect_options(){options}.connect({quoted(server.driver)}, {quoted(server.uri)}, "sessions")?'
        shown.append(fails(kernel, code, *parts))

    with checks("a login without a credential is refused"):
        refuses("", server.uri, "refuses the login", "connect_options")
    with checks("a user and a password are refused, and the password is not shown"):
        password = '.option("username", "analyst").secret("password", "STREAMROOT_TEST_PASSWORD")'
        refuses(password, server.uri, "refuses the login", "STREAMROOT_TEST_PASSWORD", "Basic …")
    with checks("a token is refused, and is not shown"):
        token = '.secret("adbc.flight.sql.authorization_header", "STREAMROOT_TEST_TOKEN")'
        refuses(token, server.uri, "refuses the login", "STREAMROOT_TEST_TOKEN")
    with checks("a credential whose variable is not set"):
        refuses('.secret("password", "STREAMROOT_TEST_NOT_SET")', "STREAMROOT_TEST_NOT_SET", "not set")
    with checks("a credential in the cell is refused before it is sent"):
        refuses('.option("password", "hunter2")', "password", ".secret(")
    with checks("an address that is a secret works, and is not shown"):
        database.unlink(missing_ok=True)
        database.symlink_to(duckdb.uri)
        try:
            uri = '.secret("uri", "STREAMROOT_TEST_URI")'
            connect = f'Sessions::connect_options(){uri}.connect({quoted(duckdb.driver)}, "", TABLE)?'
            good = succeeds(kernel, f"let other = {connect.replace('TABLE', quoted('sessions'))};\nother")
            assert "534,954 sessions from sessions" in everything(good), everything(good)
            shown.append(everything(good))
            bad = fails(kernel, connect.replace("TABLE", '"sesions"'), "STREAMROOT_TEST_URI", "sesions")
            shown.append(bad)
        finally:
            database.unlink(missing_ok=True)
    with checks("no cell has shown a credential"):
        assert len(shown) == 7, shown
        for text in shown:
            assert not any(secret in text for secret in hidden), text


def no_such_table(checks: Checks, kernel: Kernel, sail: OtherEngine, duckdb: OtherEngine) -> None:
    for name, engine in (("Sail", sail), ("DuckDB", duckdb)):

        def connect(table: str, engine=engine) -> str:
            return f"Sessions::connect({quoted(engine.driver)}, {quoted(engine.uri)}, {quoted(table)})?"

        with checks(f"a table that {name} has not"):
            fails(kernel, connect("sesions"), "the table sesions", engine.uri, "name one that is there")
        with checks(f"a table of {name} that is none of sessions"):
            fails(kernel, connect("(SELECT isp, p2p FROM sessions)"), "no column cdn", "isp, p2p")
    with checks("a directory that is not there, on Sail"):
        table = "parquet.`/no/such/directory`"
        fails(kernel, f"Sessions::connect({quoted(sail.driver)}, {quoted(sail.uri)}, {quoted(table)})?", table)
    with checks("a DuckDB file that is not there is not made"):
        missing = Path(duckdb.uri).with_name("missing.duckdb")
        fails(kernel, f'Sessions::connect({quoted(duckdb.driver)}, {quoted(str(missing))}, "sessions")?', str(missing))
        assert not missing.exists()


def a_killed_worker(checks: Checks, engines: Engines) -> None:
    ask = (
        'sessions.sql("SELECT isp, browser, COUNT(*) AS n, QUANTILE_CONT(p2p, 0.5) AS a, QUANTILE_CONT(p2p + cdn, 0.9) AS b '
        'FROM sessions GROUP BY isp, browser ORDER BY isp, browser")?'
    )
    with engines.start("processes") as sail, engines.kernel() as kernel:
        succeeds(kernel, f"let sessions = {sail.line}?;")
        before = succeeds(kernel, ask)
        workers = sail.ask("workers")
        with checks("Sail runs two workers, each a process"):
            assert len(workers) == 2, workers
        killed = threading.Timer(before.to_end / 3, os.kill, (workers[0], signal.SIGKILL))
        with checks("a query whose worker is killed is answered, or fails with a sentence"):
            request, began = kernel.begin(ask), time.perf_counter()
            killed.start()
            during = kernel.collect(request, began)
            killed.join()
            assert workers[0] not in sail.ask("workers"), "the worker was not killed"
            answered = during.data.get("text/plain") == before.data["text/plain"]
            assert answered or (during.said.count("\n") == 1 and "run the cell again" in during.said), everything(during)
            word = "answered" if answered else "failed with a sentence"
            print(f"    {word} after {during.to_end:.1f} s, where nothing was killed after {before.to_end:.1f} s")
        with checks("and the next one is answered"):
            after = succeeds(kernel, ask)
            assert after.data["text/plain"] == before.data["text/plain"], everything(after)


def a_killed_run(checks: Checks, engines: Engines) -> None:
    """Whoever started an engine is killed without a chance to stop it."""
    script = (
        "import sys, time; from pathlib import Path; from other_engine import OtherEngine; "
        "engine = OtherEngine(*(Path(path) if '/' in path else path for path in sys.argv[1:])); "
        "print(engine.uri, flush=True); time.sleep(600)"
    )
    for kind in ("sail", "processes"):
        with checks(f"{kind} stops when what started it is killed"):
            arguments = [str(engines.python), kind, str(engines.project.lab), str(engines.sessions)]
            here = Path(__file__).parent
            command = [sys.executable, "-B", "-c", script, *arguments]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=here) as run:
                uri = run.stdout.readline().strip()
                run.kill()
            host, port = uri.removeprefix("grpc://").split(":")
            until = time.monotonic() + 20
            while time.monotonic() < until:
                try:
                    socket.create_connection((host, int(port)), timeout=1).close()
                    time.sleep(0.1)
                except OSError:
                    break
            else:
                raise AssertionError(f"{uri} is still there")


if __name__ == "__main__":
    sys.exit(main())
