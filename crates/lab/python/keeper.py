"""Keeps one spare kernel, for the next notebook that starts one or the next restart."""

import time
from collections.abc import Awaitable, Callable

from jupyter_server._tz import utcnow
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from tornado.ioloop import PeriodicCallback
from traitlets import Bool, Float, Instance
from traitlets.config import LoggingConfigurable

from recipe import Recipe
from spare import Spare
from warm import Warm

LOOK = 1.0  # seconds from one look to the next
STARTING = 60.0  # seconds after which a kernel that nobody has spoken to counts as idle


class SpareKeeper(LoggingConfigurable):
    """Looks every second whether a spare is to be there, and one that is still good.

    A spare takes some seconds of two cores to start, so one is started only when no kernel has had anything to do for a while;
    and some memory while it waits, so after a longer while without anything to do it goes.
    """

    enabled = Bool(True, help="Keep a spare kernel, so that starting or restarting one takes no time.").tag(config=True)
    quiet = Float(5.0, help="Seconds without a running cell before a spare is started.").tag(config=True)
    patience = Float(900.0, help="Seconds without anything happening after which the spare goes.").tag(config=True)
    kernels = Instance(MappingKernelManager)

    def __init__(self, usual: Callable[[], Awaitable[Recipe | None]], **more) -> None:
        """`usual` says how a kernel is started of which nothing special is asked, or nothing while none can be."""
        super().__init__(**more)
        self.usual = usual
        self.warm = Warm(self.log)
        self.spare: Spare | None = None
        self.given_up: tuple[Recipe, str] | None = None
        self.seen: tuple[Recipe | None, str | None] | None = None
        self.last_use = float("-inf")
        self.last_change = time.monotonic()
        self.looking = PeriodicCallback(self.look, LOOK * 1000)

    def start(self) -> None:
        if self.enabled:
            self.looking.start()

    def stop(self) -> None:
        self.looking.stop()
        self.enabled = False
        self.drop()
        self.warm.stop()

    async def take(self, recipe: Recipe) -> Spare | None:
        """The spare, if it is what would be started now. When the helper crate has been edited there is none, and a kernel that is
        started compiles it sooner than what compiles it for speed here would be done."""
        self.last_use = time.monotonic()
        if not self.enabled or recipe != await self.usual() or (sources := recipe.sources()) is None:
            return None
        if not self.warm.is_ready(recipe, sources):
            self.warm.stop()
            return None
        spare = self.spare
        if spare is None or (spare.recipe, spare.sources) != (recipe, sources) or spare.has_ended():
            return None
        self.spare = None
        return spare

    async def look(self) -> None:
        recipe = await self.usual()
        now = (recipe, recipe and recipe.sources())
        settled = now == self.seen
        if not settled:
            self.seen, self.last_change = now, time.monotonic()
        self.last_use = max(self.last_use, time.monotonic() - self.unused())
        if self.spare is not None and self.spare.has_ended():
            status = self.spare.process.poll()
            self.log.warning("A spare kernel has ended with %s. There is none until something changes.", status)
            self.given_up = (self.spare.recipe, self.spare.sources)
            self.drop()
        nothing_happens = time.monotonic() - max(self.last_use, self.last_change) > self.patience
        if self.spare is not None:
            if nothing_happens or (self.spare.recipe, self.spare.sources) != now:
                self.drop()
        elif settled and not nothing_happens and now != self.given_up and None not in now:
            if time.monotonic() - self.last_use >= self.quiet:
                await self.refill(*now)

    def unused(self) -> float:
        """Seconds since a kernel had something to do, as the server knows it."""
        seconds = [float("inf")]
        for name in self.kernels.list_kernel_ids():
            kernel = self.kernels.get_kernel(name)
            since = (utcnow() - kernel.last_activity).total_seconds()
            is_starting = kernel.execution_state == "starting" and since < STARTING
            seconds.append(0 if is_starting or kernel.execution_state == "busy" else since)
        return min(seconds)

    async def refill(self, recipe: Recipe, sources: str) -> None:
        if not self.warm.is_ready(recipe, sources):
            # Afterwards, it may not be the moment any more.
            if not await self.warm.ready(recipe, sources) and self.warm.making is not None:
                self.given_up = (recipe, sources)
            return
        try:
            self.spare = Spare(recipe, sources)
        except OSError as error:
            self.log.warning("A spare kernel can't be started: %s.", error)
            self.given_up = (recipe, sources)

    def drop(self) -> None:
        if self.spare is not None:
            spare, self.spare = self.spare, None
            spare.end()
