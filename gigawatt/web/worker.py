"""The worker: one run at a time, of each session the latest waiting request, a bounded number waiting in all."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

T = TypeVar("T")
LONGEST = 30  # seconds after which anybody may come again
RECENT = 0.2  # weight of the last job in the pace


class Overtaken(Exception):
    """A later request of the same session took the place of this one before it ran."""


class Overloaded(Exception):
    """Too many sessions wait, or the answer took too long: try again in `seconds`."""

    def __init__(self, seconds: int, why: str):
        super().__init__(why)
        self.seconds = seconds


class Slow(Exception):
    """Raised by a job that would keep others waiting: it is called again, as slow, in a lane of its own."""


@dataclass
class Waiting:
    """A request: what to do, by when, and where the answer goes."""

    job: Callable[[bool, float], Any]
    deadline: float
    answer: "asyncio.Future[Any]"


class Worker:
    """Runs jobs one after the other, the longest waiting session first; slow ones beside, one at a time too.

    waiting: sessions that may wait; more are told to come again. seconds: how long a request may take in all.
    """

    def __init__(self, waiting: int, seconds: float):
        self.most, self.seconds = waiting, seconds
        self.queues: dict[bool, OrderedDict[Hashable, Waiting]] = {False: OrderedDict(), True: OrderedDict()}
        self.threads = {slow: ThreadPoolExecutor(1, thread_name_prefix="model") for slow in (False, True)}
        self.lanes: dict[bool, asyncio.Task[None]] = {}
        self.running: set[Hashable] = set()
        self.pace = 0.0  # seconds of a quick job, of late

    async def ask(self, session: Hashable, job: Callable[[bool, float], T]) -> T:
        """The result of `job(slow, deadline)`. Raises Overtaken, Overloaded, and what the job raises."""
        quick, slow = self.queues[False], self.queues[True]
        mine = Waiting(job, time.monotonic() + self.seconds, asyncio.get_running_loop().create_future())
        before = [queue[session] for queue in (quick, slow) if session in queue]
        if not before and len(quick) + len(slow) >= self.most:
            seconds = min(max(1, round(self.pace * len(quick))), LONGEST)
            raise Overloaded(seconds, f"{self.most} sessions wait already: try again in {seconds} s.")
        slow.pop(session, None)
        quick[session] = mine  # in the place of the one that it overtakes
        for old in before:
            settle(old, Overtaken())
        self.wake()
        try:
            return await asyncio.wait_for(mine.answer, self.seconds)
        except TimeoutError:
            raise Overloaded(5, f"no answer within {self.seconds:g} seconds: try again, or with fewer draws.") from None
        finally:
            for queue in (quick, slow):
                if queue.get(session) is mine:  # given up while it waited
                    del queue[session]

    @property
    def busy(self) -> bool:
        """Whether a quick job runs or waits."""
        return bool(self.queues[False]) or (False in self.lanes and not self.lanes[False].done())

    def wake(self) -> None:
        """Let each lane run that does not."""
        for slow in (False, True):
            if slow not in self.lanes or self.lanes[slow].done():
                self.lanes[slow] = asyncio.get_running_loop().create_task(self.work(slow))

    def take(self, slow: bool) -> tuple[Hashable, Waiting] | None:
        """The longest waiting session of a lane of which nothing runs."""
        queue = self.queues[slow]
        session = next((s for s in queue if s not in self.running), None)
        return None if session is None else (session, queue.pop(session))

    async def work(self, slow: bool) -> None:
        """Run what waits in a lane until nothing does."""
        loop = asyncio.get_running_loop()
        while taken := self.take(slow):
            session, mine = taken
            if mine.answer.done():
                continue
            self.running.add(session)
            begin = time.monotonic()
            try:
                settle(mine, await loop.run_in_executor(self.threads[slow], mine.job, slow, mine.deadline))
                self.pace += 0.0 if slow else RECENT * (time.monotonic() - begin - self.pace)
            except Slow:
                if session in self.queues[False]:
                    settle(mine, Overtaken())
                else:
                    self.queues[True][session] = mine
            except Exception as error:
                settle(mine, error)
            finally:
                self.running.discard(session)
                self.wake()


def settle(waiting: Waiting, found: Any) -> None:
    """Give an answer, or an exception, to whoever still waits for it."""
    if waiting.answer.done():
        return
    if isinstance(found, Exception):
        waiting.answer.set_exception(found)
    else:
        waiting.answer.set_result(found)


class Recent(Generic[T]):
    """What was asked for lately, bounded in bytes: the least lately used goes first. May be used by several threads."""

    def __init__(self, most: int, size: Callable[[T], int]):
        self.most, self.size, self.bytes = most, size, 0
        self.held: OrderedDict[Hashable, T] = OrderedDict()
        self.lock = Lock()

    def get(self, key: Hashable) -> T | None:
        with self.lock:
            if key in self.held:
                self.held.move_to_end(key)
            return self.held.get(key)

    def put(self, key: Hashable, value: T) -> None:
        with self.lock:
            if key in self.held:
                self.bytes -= self.size(self.held.pop(key))
            if self.size(value) > self.most:
                return
            self.held[key] = value
            self.bytes += self.size(value)
            while self.bytes > self.most:
                _, gone = self.held.popitem(last=False)
                self.bytes -= self.size(gone)
