"""A kernel that was started before anybody asked for one."""

import json
import os
import tempfile
import uuid

from jupyter_client.connect import LocalPortCache
from jupyter_client.launcher import launch_kernel
from jupyter_client.localinterfaces import localhost

import dependent
from recipe import Recipe

PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


class Spare:
    """The process, listening on ports of its own, and the connection that it was told.

    Nobody speaks to it while it waits: what it does when a client comes and goes before it has started is its own affair.
    """

    def __init__(self, recipe: Recipe, sources: str) -> None:
        self.recipe, self.sources = recipe, sources
        ip = localhost()
        self.connection = {port: LocalPortCache.instance().find_available_port(ip) for port in PORTS}
        self.connection |= {"transport": "tcp", "ip": ip, "signature_scheme": "hmac-sha256", "key": uuid.uuid4().hex.encode()}
        try:
            # A file without a name: nobody finds the key there, it is there as long as the kernel, and then it is gone.
            with tempfile.TemporaryFile("w") as file:
                json.dump(self.connection | {"key": self.connection["key"].decode()}, file)
                file.flush()
                self.process = launch_kernel(
                    recipe.with_connection(f"/dev/fd/{file.fileno()}"),
                    cwd=recipe.directory,
                    env=dict(recipe.environment),
                    pass_fds=[file.fileno()],
                    preexec_fn=dependent.with_this_process(),
                )
        except OSError:
            return_ports(self.connection)
            raise

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def end(self) -> None:
        """Ends the process and those that it has started. Its directory is removed by what watches it."""
        dependent.end(self.process.pid)
        self.process.wait()
        return_ports(self.connection)


def return_ports(connection: dict) -> None:
    """Lets the next kernel have the ports of a connection that is no more."""
    for port in PORTS:
        LocalPortCache.instance().return_port(connection[port])
