"""`kernel --warm`: what a cell needs, compiled once for all the kernels that are to start from it."""

import asyncio
import logging
from asyncio.subprocess import DEVNULL, PIPE, Process

import dependent
from recipe import Recipe


class Warm:
    """One compiler at a time."""

    def __init__(self, log: logging.Logger) -> None:
        self.log = log
        self.making: tuple[Recipe, str] | None = None
        self.task: asyncio.Task | None = None
        self.process: Process | None = None

    async def ready(self, recipe: Recipe, sources: str) -> bool:
        """Waits until all is compiled from these sources, by one compiler however many wait. What did not compile is
        not tried again until the sources change."""
        wanted = (recipe, sources)
        while self.making != wanted:
            if self.task is None or self.task.done():
                self.making, self.task = wanted, asyncio.create_task(self.make(recipe))
            else:
                await asyncio.wait([self.task])
        return await asyncio.shield(self.task)

    def is_ready(self, recipe: Recipe, sources: str) -> bool:
        """Whether nothing would have to be waited for."""
        return self.making == (recipe, sources) and self.task.done() and self.task.result()

    async def make(self, recipe: Recipe) -> bool:
        try:
            self.process = await asyncio.create_subprocess_exec(
                recipe.program,
                "--warm",
                cwd=recipe.directory,
                env=dict(recipe.environment),
                stdin=DEVNULL,
                stdout=DEVNULL,
                stderr=PIPE,
                start_new_session=True,
                preexec_fn=dependent.with_this_process(),
            )
        except OSError as error:
            self.log.warning("%s can't be started: %s.", recipe.program, error)
            return False
        _, said = await self.process.communicate()
        if self.process.returncode > 0:
            # The next kernel says it to its notebook.
            self.log.info("What cells need does not compile: %s", said.decode(errors="replace"))
        return self.process.returncode == 0

    def stop(self) -> None:
        """Breaks the compilation off, as if it had not been begun."""
        if self.process is not None and self.process.returncode is None:
            self.making = None
            dependent.end(self.process.pid)
