"""The worker: one run at a time, of each session the latest waiting request, a bounded number waiting in all."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Overtaken(Exception):
    """A later request of the same session took the place of this one before it ran."""


class Overloaded(Exception):
    """Too many sessions wait, or the answer took too long: try again in `seconds`."""

    def __init__(self, seconds: int, why: str):
        super().__init__(why)
        self.seconds = seconds


@dataclass
class Waiting:
    """A request that waits: what to do, and where the answer goes."""

    job: Callable[[], Any]
    answer: "asyncio.Future[Any]"


class Worker:
    """Runs jobs one after the other in a thread of its own, the longest waiting session first.

    waiting: sessions that may wait; more are told to come again. seconds: how long a request may take in all.
    """

    def __init__(self, waiting: int, seconds: float):
        self.most, self.seconds = waiting, seconds
        self.queue: OrderedDict[Hashable, Waiting] = OrderedDict()
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="model")
        self.task: asyncio.Task[None] | None = None

    async def ask(self, session: Hashable, job: Callable[[], T]) -> T:
        """The result of `job`. Raises Overtaken, Overloaded, and what the job raises."""
        loop = asyncio.get_running_loop()
        mine = Waiting(job, loop.create_future())
        before = self.queue.get(session)
        if before is None and len(self.queue) >= self.most:
            raise Overloaded(1, f"{self.most} sessions wait already: try again in a second.")
        self.queue[session] = mine  # in the place of the one it overtakes
        if before is not None and not before.answer.done():
            before.answer.set_exception(Overtaken())
        if self.task is None or self.task.done():
            self.task = loop.create_task(self.work())
        try:
            return await asyncio.wait_for(mine.answer, self.seconds)
        except TimeoutError:
            raise Overloaded(5, f"no answer within {self.seconds:g} seconds: try again, or with fewer draws.") from None
        finally:
            if self.queue.get(session) is mine:  # given up while it waited
                del self.queue[session]

    async def work(self) -> None:
        """Run what waits until nothing does."""
        loop = asyncio.get_running_loop()
        while self.queue:
            _, next_one = self.queue.popitem(last=False)
            if next_one.answer.done():
                continue
            try:
                found = await loop.run_in_executor(self.thread, next_one.job)
            except Exception as error:
                if not next_one.answer.done():
                    next_one.answer.set_exception(error)
            else:
                if not next_one.answer.done():
                    next_one.answer.set_result(found)


class Recent(Generic[T]):
    """What was asked for lately, bounded in bytes: the least lately used goes first."""

    def __init__(self, most: int, size: Callable[[T], int]):
        self.most, self.size, self.bytes = most, size, 0
        self.held: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable) -> T | None:
        if key in self.held:
            self.held.move_to_end(key)
        return self.held.get(key)

    def put(self, key: Hashable, value: T) -> None:
        if key in self.held:
            self.bytes -= self.size(self.held.pop(key))
        if self.size(value) > self.most:
            return
        self.held[key] = value
        self.bytes += self.size(value)
        while self.bytes > self.most:
            _, gone = self.held.popitem(last=False)
            self.bytes -= self.size(gone)
