"""`cargo lab` where something around it is not as usual: no network, a port in use, JupyterLab killed, a wrong clock, an odd
path, a read-only checkout, a moved one, a full disk, several at once, a set-up that was broken off.

It works in the checkout itself, whose files keep their content, and in a copy of the helper crate under a path with spaces
and letters beyond ASCII. What needs another network or other mounts runs in namespaces of Linux; where those are not allowed,
a line says what was left out.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec

from checks import Checks, below, run
from kernel_client import Kernel
from lab_server import Server, announced
from test_kernel import ASK, FIGURE, SOON, Project, copied, engine, shows, succeeds, warm, within

START = 60  # seconds for JupyterLab to start

# In a namespace of its own, the loopback interface is down at first.
LOOPBACK_UP = """
import fcntl, os, socket, struct, sys
with socket.socket() as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up and running
os.execvp(sys.argv[1], sys.argv[1:])
"""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True, help="the top of the work tree")
    parser.add_argument("--lab", type=Path, required=True, help="the program `lab`")
    parser.add_argument("--thorough", action="store_true", help="also what has the helper crate or the engine compiled again")
    arguments = parser.parse_args()
    lab = Lab(arguments.root.resolve(), arguments.lab)
    groups = [
        broken_off_set_ups,
        several_set_ups,
        a_wrong_clock,
        no_network,
        a_read_only_checkout,
        a_full_disk,
        servers,
        a_killed_server,
        a_jupyter_of_ones_own,
        a_container,
    ]
    if arguments.thorough:
        groups += [an_odd_path, a_moved_checkout]
    return run(groups, lambda: lab)


class Lab(Project):
    """The project, and the program that sets it up and opens it."""

    def __init__(self, root: Path, program: Path) -> None:
        super().__init__(root)
        self.program = program
        self.stamps = self.lab / "stamps"

    def setup(self) -> dict[str, str]:
        """Sets up, and returns what was said of each step."""
        done = subprocess.run([self.program, "setup"], capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, f"`lab setup` ended with {done.returncode}:\n{done.stderr[-2000:]}"
        assert "The set-up is complete" in done.stderr, done.stderr
        return {line.split()[0]: line.split(maxsplit=1)[1] for line in done.stderr.splitlines() if line.startswith("  ")}

    @contextmanager
    def server(self, *more: str):
        """A JupyterLab with files of its own, stopped in the end if it still runs."""
        state = self.lab / "surroundings" / uuid.uuid4().hex[:8]
        log = self.lab / "logs/surroundings.log"
        command = [self.program, "--no-browser", "--state", state, *more]
        with log.open("a") as file:
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=file, stdin=subprocess.DEVNULL, text=True, start_new_session=True
            )
            try:
                yield announced(process, state, log)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(timeout=SOON)
                except subprocess.TimeoutExpired:
                    process.kill()
                shutil.rmtree(state, ignore_errors=True)


def left_out(what: str, why: str) -> None:
    print(f"{what} ... left out: {why}", flush=True)


def unshare(*kinds: str) -> list[str] | None:
    """A command that runs another in namespaces of its own, or nothing where that is not allowed."""
    for user in ([], ["--map-root-user"]):
        command = ["unshare", *user, *kinds]
        try:
            if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
                return command
        except FileNotFoundError:
            return None
    return None


# The set-up


def broken_off_set_ups(check: Checks, lab: Lab) -> None:
    with check("a complete set-up has nothing to do"):
        lab.setup()
        steps = lab.setup()
        assert set(steps.values()) == {"up to date"}, steps

    sessions = (lab.root / "data/sessions.csv").read_bytes()
    for damage, content in [("gone", None), ("empty", b""), ("half written", b"46"), ("garbage", b"\0\xff\0 9 9 9")]:
        with check(f"stamps that are {damage} are made anew, and nothing else"):
            stamps = [lab.stamps / name for name in ("data", "sources")]
            assert all(stamp.exists() for stamp in stamps), os.listdir(lab.stamps)
            for stamp in stamps:
                if content is None:
                    stamp.unlink()
                else:
                    stamp.write_bytes(content)
            lab.setup()
            assert (lab.root / "data/sessions.csv").read_bytes() == sessions, "data/sessions.csv has changed"
            steps = lab.setup()
            assert set(steps.values()) == {"up to date"}, steps

    with check("a program that a crash left cut off is built again"):
        program = lab.root / "target/release/reconstruction"
        with program.open("r+b") as file:  # its other names are the same file, and cargo holds it for complete
            file.truncate(program.stat().st_size // 2)
        assert lab.setup()["tools"] != "up to date"
        assert subprocess.run([program, "--help"], capture_output=True, check=False).returncode == 0, "it does not run"

    spec = lab.lab / "venv/share/jupyter/kernels/streamroot/kernel.json"
    good = spec.read_text()
    for damage, content in [
        ("an old kernel spec", good.replace(str(lab.root), "/nowhere").replace("Streamroot", "Old")),
        ("half a kernel spec", good[: len(good) // 2]),
        ("an empty kernel spec", ""),
    ]:
        with check(f"{damage} is replaced"):
            spec.write_text(content)
            assert lab.setup()["spec"] != "up to date"
            assert spec.read_text() == good, spec.read_text()

    with check("a set-up that is killed at any point is taken up again"):
        for delay in (0.05, 0.2, 0.5, 0.9, 1.4):
            (lab.stamps / "data").unlink(missing_ok=True)
            process = subprocess.Popen([lab.program, "setup"], stderr=subprocess.DEVNULL, start_new_session=True)
            time.sleep(delay)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        lab.setup()
        assert (lab.root / "data/sessions.csv").read_bytes() == sessions, "data/sessions.csv has changed"
        steps = lab.setup()
        assert set(steps.values()) == {"up to date"}, steps


def several_set_ups(check: Checks, lab: Lab) -> None:
    with check("set-ups at the same time wait for each other"):
        (lab.stamps / "data").unlink(missing_ok=True)
        command = [lab.program, "setup"]
        started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
        said = [process.communicate(timeout=600)[1] for process in started]
        assert [process.returncode for process in started] == [0, 0, 0], said
        assert any("Waiting" in text for text in said), said


def a_wrong_clock(check: Checks, lab: Lab) -> None:
    file = lab.root / "crates/reconstruction/src/lib.rs"
    for year, seconds in [(2040, 2_208_988_800), (1980, 315_532_800)]:
        with check(f"files from {year} are built once, not at every start"):
            os.utime(file, (seconds, seconds))
            lab.setup()
            lab.setup()  # of a file from the future, the first one knows nothing but that it is younger
            assert lab.setup()["tools"] == "up to date"
    os.utime(file)
    lab.setup()
    stamp = lab.stamps / "sources"
    with check("stamps from the future are as good as others"):
        os.utime(stamp, (2_208_988_800, 2_208_988_800))
        assert set(lab.setup().values()) == {"up to date"}
        os.utime(stamp)


def no_network(check: Checks, lab: Lab) -> None:
    command = unshare("--net")
    if command is None:
        return left_out("no network", "namespaces of one's own are not allowed here")
    command = [*command, sys.executable, "-c", LOOPBACK_UP]
    with check("there is no network in this check"):
        reach = "import socket; socket.create_connection(('192.0.2.1', 80), 3)"
        done = subprocess.run([*command, sys.executable, "-c", reach], capture_output=True, text=True, check=False)
        assert "unreachable" in done.stderr, done.stderr
    with check("without a network, everything is up to date"):
        done = subprocess.run([*command, lab.program, "setup"], capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
    with check("without a network, a notebook runs"):
        run = [*command, lab.program, "run", "01-general-analysis", "--check"]
        done = subprocess.run(run, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0 and "1 passed, 0 failed" in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]


def a_read_only_checkout(check: Checks, lab: Lab) -> None:
    command = unshare("--mount")
    if command is None:
        return left_out("a read-only checkout", "namespaces of one's own are not allowed here")
    mount = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'
    with check("a read-only checkout is said to be one"):
        inside = [*command, "sh", "-c", mount, "sh", lab.root, lab.program, "setup"]
        done = subprocess.run(inside, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 1, f"it ended with {done.returncode}: {done.stderr}"
        said = done.stderr.strip()
        assert "Read-only" in said and "make this checkout writable" in said and "\n" not in said, said


def a_full_disk(check: Checks, lab: Lab) -> None:
    command = unshare("--mount")
    if command is None:
        return left_out("a full disk", "namespaces of one's own are not allowed here")
    program = lab.root / "target/release/reconstruction"
    script = 'mount -t tmpfs -o size=1m tmpfs "$1"; cd "$1"; "$2" --output "$3"; echo "ended with $?"; ls -A'
    for name in ("sessions.csv", "sessions.parquet"):
        with check(f"a full disk while {name} is made is said to be one, and leaves nothing in part"):
            with tempfile.TemporaryDirectory() as directory:
                inside = [*command, "sh", "-c", script, "sh", directory, program, name]
                done = subprocess.run(inside, capture_output=True, text=True, timeout=60, check=False)
            assert done.stdout.split("\n") == ["ended with 1", ""], done.stdout
            said = done.stderr.strip()
            assert name in said and "No space left" in said and "\n" not in said, said


# JupyterLab


def listeners(pids: set[int]) -> set[str]:
    """The addresses that processes listen on, from Linux's own tables: `127.0.0.1` in hexadecimal is 0100007F."""
    sockets = set()
    for pid in pids:
        for handle in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                found = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(handle))
            except OSError:
                continue  # it was closed meanwhile
            sockets |= {found[1]} if found else set()
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    return {row[1].split(":")[0] for row in rows if row[3] == "0A" and row[9] in sockets}


def servers(check: Checks, lab: Lab) -> None:
    with ExitStack() as stack:
        taken = stack.enter_context(closing(socket.socket()))
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8888))
            taken.listen()
        except OSError:
            pass  # it is in use already, which is what this is for
        with check("a port in use is passed by"):
            first = stack.enter_context(lab.server())
            assert first.port != 8888 and first.request("GET", "/api/status")[0] == 200
        with check("several at once have a port each"):
            with ThreadPoolExecutor() as pool:
                others = list(pool.map(lambda _: stack.enter_context(lab.server()), range(3)))
            second = others[0]
            assert len({8888, first.port, *(other.port for other in others)}) == 5, [other.port for other in others]
            assert {server.request("GET", "/api/status")[0] for server in (first, *others)} == {200}
        with check("the server and its kernels are reached from this machine only"):
            first.kernel()[1].stop_channels()
            found = listeners(below(first.process.pid))
            assert found == {"0100007F"}, f"it listens on {found}"
        with check("without the token, nothing is answered and nothing is run"):
            for token in (None, "", "0" * 48, second.token):
                for method, path in [("GET", "/api/kernels"), ("POST", "/api/kernels"), ("GET", "/api/contents/")]:
                    status, _ = first.request(method, path, token=token)
                    assert status == 403, f"{method} {path} with the token {token!r}: {status}"
            status, _ = first.request("GET", "/lab", token=None)
            assert status == 302, f"/lab is answered with {status}, which is not the way to the log-in"
            assert len(json.loads(first.request("GET", "/api/kernels")[1])) == 1
        with check("a page of another site, under a name of its own for this machine, is refused"):
            assert first.request("GET", "/api/status", host="evil.example")[0] == 403
    with check("a port in use that was asked for by number is said to be in use"):
        with closing(socket.socket()) as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
            command = [lab.program, "--no-browser", "--state", lab.lab / "surroundings/port", "--", *options]
            done = subprocess.run(command, capture_output=True, text=True, timeout=START, check=False)
            assert done.returncode != 0 and f"port {port} is not available" in done.stderr, done.stderr
            assert "Traceback" not in done.stderr and "token" not in done.stdout, done.stderr + done.stdout
    shutil.rmtree(lab.lab / "surroundings", ignore_errors=True)


def a_killed_server(check: Checks, lab: Lab) -> None:
    gone = lambda processes: not [pid for pid in processes if Path(f"/proc/{pid}").exists()]
    with lab.server() as server:
        name, client = server.kernel()
        # One waits for a message, and one is in a cell that has no end.
        _, busy = server.kernel()
        busy.execute('println!("begun"); loop { std::hint::black_box(1); }')
        while busy.get_iopub_msg(timeout=SOON)["msg_type"] != "stream":
            pass
        kernels = below(server.process.pid) - {server.process.pid}
        directories = [path for path in (lab.lab / "kernels").iterdir() if int(path.name.split("-")[0]) in kernels]
        with check("two kernels run, with processes for their cells and directories, and perhaps a spare one"):
            assert len(directories) in (2, 3) and len(kernels) >= 4, f"{kernels} {directories}"
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        with check("when JupyterLab is killed, its kernels end, in a cell without end too"):
            within(SOON, f"the end of {kernels}", lambda: gone(kernels))
        with check("and their directories go away"):
            within(SOON, f"the end of {directories}", lambda: not any(path.exists() for path in directories))
        for one in (client, busy):
            one.stop_channels()
    with check("a kernel that is killed in a cell without end takes the process of its cells with it"):
        with Kernel("streamroot", lab.notebooks, lab.lab / "logs/surroundings-kernel.log") as kernel:
            kernel.begin('println!("begun"); loop { std::hint::black_box(1); }')
            while kernel.client.get_iopub_msg(timeout=SOON)["msg_type"] != "stream":
                pass
            processes = below(kernel.pid)
            assert len(processes) > 1, processes
            os.kill(kernel.pid, signal.SIGKILL)
            kernel.manager.provisioner.process.wait()
            within(SOON, f"the end of {processes}", lambda: gone(processes))
    with check("after that, JupyterLab opens as ever"):
        with lab.server() as server:
            assert server.request("GET", "/api/status")[0] == 200


def an_odd_path(check: Checks, lab: Lab) -> None:
    """The helper crate, a kernel's directories, JupyterLab's files and the data under a path with spaces and letters beyond
    ASCII. The engine stays where it is, because it would have to be compiled again."""
    with tempfile.TemporaryDirectory(prefix="ö ä ") as directory:
        copy = Path(directory) / "é x 'y'"
        copy.mkdir()
        own, notebooks, _ = copied(lab, copy)
        env = {"STREAMROOT_LAB": str(own), "STREAMROOT_ENGINE": str(engine(lab))}
        (copy / "data").mkdir()
        shutil.copy(lab.root / "data/sessions.csv", copy / "data")
        with check("cells are compiled under a path with spaces and letters beyond ASCII"):
            warm(lab, notebooks, env)
        with lab.kernel(notebooks, env) as kernel:
            with check("and run"):
                assert lab.directories(kernel, own), "the kernel is not in the directory of the copy"
                succeeds(kernel, 'let sessions = Sessions::open("../data/sessions.csv")?;')
                shows(kernel, ASK, "text/plain")
                shows(kernel, FIGURE, "image/png")
        within(SOON, "the kernel's directory goes away", lambda: not list((own / "kernels").iterdir()))
        with check("JupyterLab opens notebooks and starts kernels there"):
            script = [lab.lab / "venv/bin/python", "-B", lab.root / "crates/lab/python/serve.py"]
            state = copy / "state ñ"
            places = {f"JUPYTER_{name.upper()}_DIR": str(state / name) for name in ("config", "data", "runtime")}
            command = [*script, "--notebooks", notebooks, "--state", state]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **env, **places})
            try:
                line = process.stdout.readline()
                found = re.search(r":(\d+)/lab\?token=([0-9a-f]+)", line)
                server = Server(process, state, lab.lab / "logs/surroundings.log", int(found[1]), found[2])
                assert b"evcxr.toml" in server.request("GET", "/api/contents/")[1]
                client = server.kernel()[1]
                client.execute("std::env::current_dir()", reply=True, timeout=SOON)
                client.stop_channels()
            finally:
                process.terminate()
                process.wait(timeout=SOON)
            within(SOON, "the kernel's directory goes away", lambda: not list((own / "kernels").iterdir()))


def a_moved_checkout(check: Checks, lab: Lab) -> None:
    """A copy of the whole checkout, with all that was built in it, where the checkout itself is out of sight."""
    command = unshare("--mount")
    if command is None:
        return left_out("a moved checkout", "namespaces of one's own are not allowed here")
    surroundings = lab.lab / "surroundings"  # where there is room for it
    surroundings.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=surroundings) as directory, tempfile.TemporaryDirectory() as place:
        copy = Path(directory) / "copy"
        left = shutil.ignore_patterns(".git", "kernels", "cache", "*-venv", "bench", "surroundings")
        shutil.copytree(lab.root, copy, symlinks=True, ignore=left)
        move = 'mount --bind "$1" "$2" && mount -t tmpfs tmpfs "$3" && cd "$2" && shift 3 && exec "$@"'
        program = Path(place) / "target/release/lab"
        inside = [*command, "sh", "-c", move, "sh", copy, place, lab.root, program]
        ask = {"capture_output": True, "text": True, "timeout": 600, "check": False}
        with check("in a checkout that was moved, what knows its place is built again, and nothing else"):
            done = subprocess.run([*inside, "setup"], **ask)
            assert done.returncode == 0, done.stderr[-2000:]
            log = (copy / "target/lab/logs/engine.log").read_text()
            assert re.findall(r"Compiling (\S+)", log) == ["streamroot-polars"], log
        with check("and its notebooks run"):
            done = subprocess.run([*inside, "run", "01-general-analysis", "--check"], **ask)
            assert done.returncode == 0 and "1 passed, 0 failed" in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]
        with check("and nothing has to be done again"):
            done = subprocess.run([*inside, "setup"], **ask)
            steps = [line.split(maxsplit=1)[1] for line in done.stderr.splitlines() if line.startswith("  ")]
            assert set(steps) == {"up to date"}, done.stderr


def a_jupyter_of_ones_own(check: Checks, lab: Lab) -> None:
    data = lab.lab / "surroundings" / "own"
    elsewhere = data / "notebooks elsewhere"
    elsewhere.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "JUPYTER_DATA_DIR": str(data), "JUPYTER_PREFER_ENV_PATH": "0"}
    installed = data / "kernels/streamroot"

    def said(*command) -> str:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=env)
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stderr[-2000:]}"
        return done.stdout

    with check("another Jupyter finds the kernel that is installed for it"):
        assert "there is none" in said(lab.program, "kernel", "list")
        assert str(installed) in said(lab.program, "kernel", "install", "--user")
        assert "the kernel of this checkout" in said(lab.program, "kernel", "list")
        known = json.loads(said(sys.executable, "-m", "jupyter", "kernelspec", "list", "--json"))
        assert known["kernelspecs"]["streamroot"]["resource_dir"] == str(installed), known
    with check("in a directory without settings of its own it draws as here"):
        spec = KernelSpec.from_resource_dir(str(installed))
        with Kernel(spec, elsewhere, lab.lab / "logs/own.log") as kernel:
            succeeds(kernel, f'let sessions = Sessions::open("{lab.root / "data/sessions.csv"}")?;')
            shows(kernel, FIGURE, "image/png")
    with check("it is taken away again"):
        said(lab.program, "kernel", "uninstall", "--user")
        assert not installed.exists() and "there is none" in said(lab.program, "kernel", "list")
    shutil.rmtree(data, ignore_errors=True)


def a_container(check: Checks, lab: Lab) -> None:
    """No container is started: its description is read, and compared with what CI installs where it is missing."""
    with check("a container gets what a fresh machine may lack"):
        described = json.loads((lab.root / ".devcontainer/devcontainer.json").read_text())
        missing = re.findall(r"missing\+=\((.*?)\)", (lab.root / ".ci/run").read_text())
        wanted = {package for packages in missing for package in packages.split()}
        installed = set(described["onCreateCommand"].partition(" install ")[2].split())
        assert wanted and wanted <= installed, f"{wanted - installed} are not installed"


if __name__ == "__main__":
    sys.exit(main())
