"""How JupyterLab gets its kernels: a new one, or, while the set-up is not complete, what waits in a kernel's place.

Jupyter asks a provisioner for each kernel's process, at its first start and at each restart. A kernel spec can name one, but only
one that is installed as a package; ours is made known by `register`, and used for every spec that names none.
"""

import os
from importlib.metadata import EntryPoint

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from jupyter_server.serverapp import ServerApp

import progress
import waiting

NAME = "streamroot-provisioner"


class StreamrootProvisioner(LocalProvisioner):
    async def launch_kernel(self, cmd: list[str], **kwargs) -> KernelConnectionInfo:
        if not progress.is_complete():
            cmd = waiting.command(cmd, os.path.realpath(self.parent.connection_file))
        return await super().launch_kernel(cmd, **kwargs)


def register(server: ServerApp) -> None:
    """Has a server get its kernels here."""
    factory = KernelProvisionerFactory.instance(parent=server)
    factory.provisioners[NAME] = EntryPoint(NAME, f"{__name__}:StreamrootProvisioner", factory.GROUP_NAME)
    factory.default_provisioner_name = NAME
