"""How JupyterLab gets its kernels: the spare one, if there is one that fits, and else a new one; or, while the set-up is not
complete, what waits in a kernel's place.

Jupyter asks a provisioner for each kernel's process, at its first start and at each restart. A kernel spec can name one, but only
one that is installed as a package; ours is made known by `register`, and used for every spec that names none.
"""

import asyncio
import os
import time
from importlib.metadata import EntryPoint

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from jupyter_server.serverapp import ServerApp

import progress
import waiting
from follow import follow
from keeper import SpareKeeper
from recipe import CONNECTION_FILE, Recipe
from spare import PORTS, Spare, return_ports

NAME = "streamroot-provisioner"
GOODBYE = 1.0  # seconds for a kernel to end by itself, after which Jupyter takes its own steps


class StreamrootProvisioner(LocalProvisioner):
    keeper: SpareKeeper | None = None
    """The same for all kernels of a server."""

    async def launch_kernel(self, cmd: list[str], **kwargs) -> KernelConnectionInfo:
        if not progress.is_complete():
            stand_in = waiting.command(cmd, os.path.realpath(self.parent.connection_file))
            return await super().launch_kernel(stand_in, **kwargs)
        spare = await self.fitting_spare(cmd, **kwargs)
        if spare is None:
            return await super().launch_kernel(cmd, **kwargs)
        # The kernel has its ports and its key already. Jupyter takes what is returned here for its own.
        return_ports(self.connection_info)
        self.process, self.cwd = spare.process, spare.recipe.directory
        self.pid = self.pgid = spare.process.pid
        self.connection_info = spare.connection
        self.ports_cached = True
        return self.connection_info

    async def fitting_spare(self, cmd: list[str], cwd: str | None = None, env: dict | None = None, **more) -> Spare | None:
        """The spare kernel, unless something is asked for that it is not."""
        ports_and_key = {*PORTS, "key"}
        usual = {"transport": "tcp", "ip": "127.0.0.1", "signature_scheme": "hmac-sha256"}
        if self.keeper is None or more or env is None:
            return None
        if {name: value for name, value in self.connection_info.items() if name not in ports_and_key} != usual:
            return None
        file = os.path.realpath(self.parent.connection_file)
        command = [part.replace(file, CONNECTION_FILE) for part in cmd]
        return await self.keeper.take(Recipe.of(command, cwd or os.getcwd(), env))

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Jupyter looks for the end of a kernel ten times a second. With a spare at hand, that is what a restart would wait for."""
        until = time.monotonic() + GOODBYE
        while restart and self.process is not None and self.process.poll() is None and time.monotonic() < until:
            await asyncio.sleep(0.005)

    async def post_launch(self, **kwargs) -> None:
        await super().post_launch(**kwargs)
        follow(self.parent)


def register(server: ServerApp) -> SpareKeeper:
    """Has a server get its kernels here, and gives what keeps the spare one."""
    factory = KernelProvisionerFactory.instance(parent=server)
    factory.provisioners[NAME] = EntryPoint(NAME, f"{__name__}:StreamrootProvisioner", factory.GROUP_NAME)
    factory.default_provisioner_name = NAME

    async def usual() -> Recipe | None:
        """How a notebook at the top of the server's directory gets its kernel."""
        if not progress.is_complete():
            return None
        try:
            spec = server.kernel_spec_manager.get_kernel_spec(server.kernel_manager.default_kernel_name)
        except (NoSuchKernel, ValueError):  # set-up is writing it
            return None
        launch = await StreamrootProvisioner(kernel_spec=spec).pre_launch()
        return Recipe.of(launch["cmd"], server.root_dir, launch["env"])

    StreamrootProvisioner.keeper = SpareKeeper(usual, kernels=server.kernel_manager, parent=server)
    return StreamrootProvisioner.keeper
