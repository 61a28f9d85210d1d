"""Has Jupyter's server follow a kernel that comes back on other ports than before.

Usually a kernel that was restarted listens where the one before did, and all sockets find it again by themselves. A spare has its
own ports. For that case the server looks for the ports when a front end opens its websocket anew, which JupyterLab does for the
notebook that it restarts; what else is connected to the same kernel (a console, another window) would hear nothing any more, and
after a crash the server would not know whether the kernel is busy.
"""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager, ServerKernelManager


def follow(kernel: ServerKernelManager) -> None:
    """To be called when a kernel has been started, for the first time or again."""
    kernels, name = kernel.parent, kernel.kernel_id
    if not isinstance(kernels, MappingKernelManager):
        return
    before = kernels._kernel_ports.get(name)
    if before is None or before == kernel.ports:
        return
    kernels.stop_watching_activity(name)
    kernel.execution_state = "starting"
    kernels.start_watching_activity(name)
    for connection in list(ZMQChannelsWebsocketConnection._open_sockets):
        if connection.channels and connection.kernel_id == name:
            reconnect(connection, kernel)
    # Messages that are kept for a front end that is away are still to be had from the sockets of before. The server looks
    # at the ports again when it comes back.
    if name not in kernels._kernel_buffers:
        kernels._kernel_ports[name] = kernel.ports


def reconnect(connection: ZMQChannelsWebsocketConnection, kernel: ServerKernelManager) -> None:
    """Gives a websocket, which stays open, new sockets to the kernel."""
    for stream in connection.channels.values():
        if not stream.closed():
            stream.flush()  # what the kernel of before said last
            stream.close()
    connection.session.key = kernel.session.key
    connection.create_stream()
    for stream in connection.channels.values():
        stream.on_recv_stream(connection.handle_outgoing_message)
