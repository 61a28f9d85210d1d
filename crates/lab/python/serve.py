"""JupyterLab on the notebooks: on this machine only, with a token, and writing nothing outside the state directory.

A cell runs whatever is typed into it, so the address is good for nothing without the token.
"""

import argparse
import fcntl
import os
import secrets
import signal
import sys
from pathlib import Path

from jupyterlab.labapp import LabApp
from traitlets.config import Config

import provisioner
from beside import SetUp

EXTENSION = Path(__file__).resolve().parent.parent / "labextension"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--notebooks", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--browser", action="store_true")
    parser.add_argument("--setup", type=int, help="the process that goes on with the set-up")
    parser.add_argument("more", nargs="*", help="options for JupyterLab")
    arguments = parser.parse_args()

    setup = SetUp(arguments.setup)
    try:
        serve(arguments, setup)
    finally:
        setup.end()
    return 1 if setup.has_failed() else 0


def serve(arguments: argparse.Namespace, setup: SetUp) -> None:
    c = configuration(arguments.notebooks, arguments.state, arguments.browser)
    # Jupyter looks for a free port now, and takes it later. Whoever comes in between waits.
    one_at_a_time = (Path(sys.prefix).parent / "port.lock").open("w")
    fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
    server = LabApp.initialize_server(argv=arguments.more, config=c)
    keeper = provisioner.register(server)
    setup.register(server)
    # A closed terminal stops the kernels too. Jupyter itself would ask before it stops at Ctrl-C.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: server.stop(from_signal=True))

    def announce() -> None:
        one_at_a_time.close()
        token = server.identity_provider.token  # Jupyter's own words for the address leave it out
        print(f"{server.connection_url}lab?token={token}", flush=True)
        if arguments.browser:
            print("Ctrl-C stops it, and its kernels.", file=sys.stderr, flush=True)
        if setup.is_going_on():
            print("The notebooks can be read. Cells run when the set-up is complete.", file=sys.stderr, flush=True)
        keeper.start()

    server.io_loop.add_callback(announce)  # behind Jupyter's own, which takes the port
    try:
        server.start()
    finally:
        keeper.stop()


def configuration(notebooks: Path, state: Path, browser: bool) -> Config:
    c = Config()
    server = c.ServerApp
    server.ip = "127.0.0.1"
    server.open_browser = browser
    server.root_dir = str(notebooks)
    c.Application.log_level = "WARN"
    server.allow_root = True  # in a container there may be nobody else
    c.IdentityProvider.token = secrets.token_hex(24)

    # Nothing is written beside the notebooks but the notebooks.
    c.FileCheckpoints.checkpoint_dir = str(state / "checkpoints")

    # One kernel, and all that it says: a figure is larger than what Jupyter takes for a runaway print.
    c.KernelSpecManager.allowed_kernelspecs = {"streamroot"}
    c.KernelSpecManager.ensure_native_kernel = False
    c.MappingKernelManager.default_kernel_name = "streamroot"
    c.ZMQChannelsWebsocketConnection.limit_rate = False

    # No news, no updates, no catalogue of extensions: the versions are pinned, and nothing is asked of the network.
    c.LabApp.news_url = None
    c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
    c.LabApp.extension_manager = "readonly"

    # What these notebooks add to the page.
    c.LabApp.extra_labextensions_path = [str(EXTENSION)]
    return c


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Python would wait for all threads, and one of the server's may wait for work that never comes any more.
    os._exit(code)
