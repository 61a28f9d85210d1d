"""Another engine with the sessions in it, for as long as standard input is open.

    python engines.py sail --lab target/lab --sessions data/sessions.csv

It runs in the environment of `engines-requirements.txt`. What it says and is told are lines of JSON: the first is what a
notebook connects to, `{"driver": …, "uri": …, "table": …}`. When standard input ends, because whoever started this is done
or is gone, what was started here is stopped. The kinds are:

    sail       Sail with a driver and two workers, in one process, on hive-partitioned Parquet
    processes  Sail as it runs in Kubernetes, each worker a process of its own, on `--copies` of the sessions;
               the line `workers` is answered with their process ids
    duckdb     DuckDB, on a database file
    login      a Flight server that lets nobody in
"""

import argparse
import csv
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from contextlib import ExitStack, closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import adbc_driver_flightsql
import adbc_driver_manager
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

START = 60  # seconds for Sail to listen
WORKERS = 2
SAIL = Path(sys.executable).with_name("sail")
FLIGHT_SQL = Path(adbc_driver_flightsql.__file__).with_name("libadbc_driver_flightsql.so")
PR_SET_PDEATHSIG = 1  # linux/prctl.h

COLUMNS = "stream, isp, browser, connected, p2p, cdn"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=["sail", "processes", "duckdb", "login"])
    parser.add_argument("--lab", type=Path, required=True, help="where data, logs and libduckdb.so are")
    parser.add_argument("--sessions", type=Path, required=True, help="the CSV file of the sessions")
    parser.add_argument("--copies", type=int, default=8)
    arguments = parser.parse_args()
    for name in ("SIGTERM", "SIGHUP", "SIGINT"):
        signal.signal(getattr(signal, name), lambda *_: sys.exit(1))
    with ExitStack() as started:
        kind = {"sail": sail, "processes": processes, "duckdb": duckdb, "login": login}[arguments.kind]
        told = kind(arguments, started)
        say({key: str(value) for key, value in told.items() if key != "workers"})
        for line in sys.stdin:
            if line.strip() == "workers" and "workers" in told:
                say(told["workers"]())
    return 0


def say(what) -> None:
    print(json.dumps(what), flush=True)


# ---------------------------------------------------------------- the data


def partitioned(sessions: Path, lab: Path, copies: int = 1) -> Path:
    """The sessions as Parquet, a directory for each stream, written unless they are there already. What is missing in the
    file is missing there; `row` is the place in the file, which nothing else in the directories tells."""
    directory = lab / "engines" / ("parquet" if copies == 1 else f"parquet-{copies}")
    status = sessions.stat()
    stamp, made_from = directory / "_made_from", f"{status.st_size} {status.st_mtime_ns}"
    if stamp.exists() and stamp.read_text() == made_from:
        return directory
    shutil.rmtree(directory, ignore_errors=True)
    table = read(sessions)
    streams = table["stream"].unique().to_pylist()
    for stream in streams:
        place = directory / f"stream={stream}"
        place.mkdir(parents=True)
        part = table.filter(pa.compute.equal(table["stream"], stream)).drop_columns("stream")
        pa.parquet.write_table(pa.concat_tables([part] * copies), place / "part-0.parquet")
    stamp.write_text(made_from)
    return directory


def read(sessions: Path) -> pa.Table:
    with sessions.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        names = [name.lstrip("#") for name in next(rows)]
        if names != COLUMNS.split(", "):
            raise SystemExit(f"{sessions} has the columns {', '.join(names)}, and not {COLUMNS}.")
        # The last row of the file ends before its last value.
        columns = list(zip(*(row + [""] * (len(names) - len(row)) for row in rows)))
    numbers = {"stream": pa.int64(), "p2p": pa.float64(), "cdn": pa.float64()}
    truth = {"true": True, "false": False}
    table = {}
    for name, values in zip(names, columns):
        if name in numbers:
            table[name] = pa.array([value or None for value in values]).cast(numbers[name])
        elif name == "connected":
            table[name] = pa.array([truth[value.lower()] if value else None for value in values])
        else:
            table[name] = pa.array([value or None for value in values])
    table["row"] = pa.array(range(len(columns[0])), pa.int64())
    return pa.table(table)


def week(sessions: Path, lab: Path) -> Path:
    """The sessions of a week, which have a time, as one Parquet file, written unless it is there already."""
    made_from = sessions.with_name("week.csv")
    path = lab / "engines/week.parquet"
    if not path.exists() or path.stat().st_mtime < made_from.stat().st_mtime:
        beside = path.with_suffix(f".{os.getpid()}.new")
        path.parent.mkdir(parents=True, exist_ok=True)
        pa.parquet.write_table(pa.csv.read_csv(made_from), beside)
        beside.replace(path)
    return path


def execute(statements: list[str], **database: str) -> None:
    with (
        adbc_driver_manager.AdbcDatabase(**database) as opened,
        adbc_driver_manager.AdbcConnection(opened) as connection,
    ):
        for sql in statements:
            with adbc_driver_manager.AdbcStatement(connection) as statement:
                statement.set_sql_query(sql)
                answer, _ = statement.execute_query()
                # Some drivers do nothing before they are asked for the answer.
                pa.RecordBatchReader.from_stream(answer).read_all()


# ---------------------------------------------------------------- Sail


def sail(arguments: argparse.Namespace, started: ExitStack) -> dict:
    return serve(arguments, started, partitioned(arguments.sessions, arguments.lab), {"SAIL_MODE": "local-cluster"})


def processes(arguments: argparse.Namespace, started: ExitStack) -> dict:
    log = log_file(arguments, started, "sail-workers")
    pods = Pods(log)
    started.callback(pods.close)
    config = arguments.lab / "engines" / f"kubernetes-{os.getpid()}.json"
    started.callback(config.unlink, missing_ok=True)
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(json.dumps(pods.config()))
    environment = {
        "SAIL_MODE": "kubernetes-cluster",
        "KUBECONFIG": str(config),
        # A worker that is gone is missed after this long, and not after the usual two minutes.
        "SAIL_CLUSTER__WORKER_HEARTBEAT_INTERVAL_SECS": "1",
        "SAIL_CLUSTER__WORKER_HEARTBEAT_TIMEOUT_SECS": "10",
        "SAIL_CLUSTER__RPC_RETRY_STRATEGY__FIXED__DELAY_SECS": "1",
    }
    directory = partitioned(arguments.sessions, arguments.lab, arguments.copies)
    # Without the view: putting millions of rows in order takes longer than everything else.
    return {**serve(arguments, started, directory, environment), "table": "partitioned", "workers": pods.running}


def serve(arguments: argparse.Namespace, started: ExitStack, directory: Path, environment: dict) -> dict:
    """Starts Sail on loopback with the tables `sessions` and `week`.

    Sail takes the values of a directory's name for text, so the table says that streams are numbers. The view has the
    columns and the rows in the order of the file, which partitions don't keep.
    """
    log = log_file(arguments, started, "sail")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, **environment, "SAIL_CLUSTER__WORKER_INITIAL_COUNT": str(WORKERS)}
    command = [str(SAIL), "flight", "server", "--ip", "127.0.0.1", "--port", str(port)]
    server = start(command, environment, log)
    started.callback(stop, server)
    until = time.monotonic() + START
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"Sail does not start; its log is {log.name}.") from None
            time.sleep(0.05)
    uri = f"grpc://127.0.0.1:{port}"

    def location(path: Path) -> str:
        return str(path.resolve()).replace("\\", "\\\\").replace("'", "\\'")

    table = (
        "CREATE TABLE partitioned (isp STRING, browser STRING, connected BOOLEAN, p2p DOUBLE, cdn DOUBLE, row BIGINT, "
        f"stream BIGINT) USING parquet PARTITIONED BY (stream) LOCATION '{location(directory)}'"
    )
    of_a_week = f"CREATE TABLE week USING parquet LOCATION '{location(week(arguments.sessions, arguments.lab))}'"
    view = f"CREATE VIEW sessions AS SELECT {COLUMNS} FROM partitioned ORDER BY row"
    execute([table, of_a_week, view], driver=str(FLIGHT_SQL), uri=uri)
    return {"driver": FLIGHT_SQL, "uri": uri, "table": "sessions"}


class Pods(HTTPServer):
    """As much of the Kubernetes API as Sail asks for: a pod is made by starting what it should run, here.

    One thread answers all requests, because a process that is to end with its parent ends with the thread that started it.
    """

    def __init__(self, log) -> None:
        self.log, self.workers, self.lock = log, [], threading.Lock()
        super().__init__(("127.0.0.1", 0), PodRequest)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def config(self) -> dict:
        """A kubeconfig file, which may be JSON."""
        server = {"server": f"http://127.0.0.1:{self.server_address[1]}"}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "here", "cluster": server}],
            "users": [{"name": "nobody", "user": {}}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "nobody"}}],
            "current-context": "here",
        }

    def make(self, pod: dict) -> None:
        container = pod["spec"]["containers"][0]
        environment = {one["name"]: one["value"] for one in container["env"] if "value" in one}
        # In a pod it listens to all of the network, at an address that the pod has of its own.
        here = {"SAIL_CLUSTER__WORKER_LISTEN_HOST": "127.0.0.1", "SAIL_CLUSTER__WORKER_EXTERNAL_HOST": "127.0.0.1"}
        with self.lock:
            command = [str(SAIL), *container["args"]]
            self.workers.append(start(command, {**os.environ, **environment, **here}, self.log))

    def running(self) -> list[int]:
        with self.lock:
            return [worker.pid for worker in self.workers if worker.poll() is None]

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        with self.lock:
            for worker in self.workers:
                stop(worker)


class PodRequest(BaseHTTPRequestHandler):
    server: Pods

    def do_POST(self) -> None:
        pod = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.make(pod)
        pod["metadata"]["uid"] = str(uuid.uuid4())
        self.answer(201, pod)

    def do_DELETE(self) -> None:
        self.answer(200, {"apiVersion": "v1", "kind": "PodList", "metadata": {}, "items": []})

    def answer(self, status: int, document: dict) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


# ---------------------------------------------------------------- DuckDB, and a server that lets nobody in


def duckdb(arguments: argparse.Namespace, _: ExitStack) -> dict:
    directory = partitioned(arguments.sessions, arguments.lab)
    library = arguments.lab / "duckdb/libduckdb.so"
    database = arguments.lab / "engines/sessions.duckdb"
    beside = database.with_suffix(f".{os.getpid()}.new")
    files = str(directory.resolve() / "*/*.parquet").replace("'", "''")
    create = (
        f"CREATE TABLE sessions AS SELECT {COLUMNS} FROM read_parquet('{files}', hive_partitioning = true, "
        "hive_types = {'stream': BIGINT}) ORDER BY row"
    )
    try:
        execute([create], driver=str(library), entrypoint="duckdb_adbc_init", path=str(beside))
        beside.replace(database)
    finally:
        beside.unlink(missing_ok=True)
    return {"driver": library, "uri": database, "table": "sessions"}


def login(_: argparse.Namespace, started: ExitStack) -> dict:
    # Imported here, because it takes a while.
    from pyarrow import flight

    class NobodyGetsIn(flight.ServerMiddlewareFactory):
        def start_call(self, info, headers):
            given = [value for name, values in headers.items() if name.lower() == "authorization" for value in values]
            # A server that repeats what it was given is the worst that can happen to a credential.
            raise flight.FlightUnauthenticatedError(f"nobody gets in with {given}")

    class Server(flight.FlightServerBase):
        pass

    server = Server("grpc://127.0.0.1:0", middleware={"login": NobodyGetsIn()})
    started.callback(server.shutdown)
    return {"driver": FLIGHT_SQL, "uri": f"grpc://127.0.0.1:{server.port}", "table": "sessions"}


# ---------------------------------------------------------------- processes


def log_file(arguments: argparse.Namespace, started: ExitStack, name: str):
    directory = arguments.lab / "logs"
    directory.mkdir(parents=True, exist_ok=True)
    return started.enter_context((directory / f"{name}.log").open("w"))


def start(command: list[str], environment: dict, log) -> subprocess.Popen:
    """Starts a process that ends with this one, even if this one is killed."""
    libc = ctypes.CDLL(None)

    def end_with_us() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    nothing = subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, stdin=nothing, stdout=log, stderr=log, preexec_fn=end_with_us)


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        # Sail would wait for its clients to go.
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
