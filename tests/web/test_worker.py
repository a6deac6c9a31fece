"""The worker and the guard: who waits, who is overtaken, who is told to come again, and what never gets in."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gigawatt.web.guard import BODY, Guard, host_of
from gigawatt.web.worker import Overloaded, Overtaken, Recent, Slow, Worker


class Gate:
    """A job that waits to be let through, and remembers who ran."""

    def __init__(self):
        self.open, self.ran = threading.Event(), []

    def job(self, name):
        def work(slow, deadline):
            self.open.wait(5)
            self.ran.append(name)
            return name

        return work


def in_a_loop(work):
    """Run it in a thread of its own: a browser test may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def begun(*waiting):
    """Tasks, each begun in turn."""
    tasks = []
    for one in waiting:
        tasks.append(asyncio.ensure_future(one))
        await asyncio.sleep(0.01)
    return tasks


def test_of_a_session_one_runs_and_the_latest_waiting_wins():
    async def main():
        worker, gate = Worker(10, 5.0), Gate()
        tasks = await begun(*(worker.ask("tab", gate.job(i)) for i in range(5)))
        gate.open.set()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert [x if isinstance(x, int) else type(x) for x in found] == [0, Overtaken, Overtaken, Overtaken, 4]
        assert gate.ran == [0, 4]

    in_a_loop(main())


def test_sessions_take_turns_and_one_that_drags_does_not_push_ahead():
    async def main():
        worker, gate = Worker(10, 5.0), Gate()
        asked = [("a", 1), ("b", 2), ("c", 3), ("b", 4), ("a", 5)]
        tasks = await begun(*(worker.ask(session, gate.job(name)) for session, name in asked))
        gate.open.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert gate.ran == [1, 4, 3, 5]

    in_a_loop(main())


def test_too_many_sessions_are_told_to_come_again_and_the_others_are_served():
    async def main():
        worker, gate = Worker(3, 5.0), Gate()
        tasks = await begun(*(worker.ask(i, gate.job(i)) for i in range(8)))
        gate.open.set()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert found[:4] == [0, 1, 2, 3]
        assert all(isinstance(x, Overloaded) and x.seconds > 0 for x in found[4:])

    in_a_loop(main())


def test_an_answer_that_takes_too_long_is_given_up():
    async def main():
        worker, gate = Worker(3, 0.05), Gate()
        with pytest.raises(Overloaded, match="no answer within"):
            await worker.ask("a", gate.job(1))
        gate.open.set()
        assert await worker.ask("a", gate.job(2)) == 2

    in_a_loop(main())


def test_a_slow_job_goes_to_its_own_lane_and_keeps_nobody_waiting():
    async def main():
        worker, gate = Worker(5, 5.0), Gate()

        def compiles(slow, deadline):
            if not slow:
                raise Slow
            return gate.job("slow")(slow, deadline)

        slow = asyncio.ensure_future(worker.ask("a", compiles))
        assert await worker.ask("b", lambda slow, deadline: "quick") == "quick"
        assert not slow.done()
        gate.open.set()
        assert await slow == "slow"

    in_a_loop(main())


def test_a_job_that_fails_tells_its_asker_and_nobody_else():
    async def main():
        worker = Worker(5, 5.0)

        def broken(slow, deadline):
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await worker.ask("a", broken)
        assert await worker.ask("a", lambda slow, deadline: 1) == 1

    in_a_loop(main())


def test_what_was_asked_lately_is_kept_up_to_a_number_of_bytes():
    kept: Recent[bytes] = Recent(10, len)
    for name in "abc":
        kept.put(name, b"1234")
        kept.get("a")
    assert kept.get("a") and kept.get("c") and not kept.get("b")
    kept.put("d", bytes(11))  # larger than all there is
    assert kept.get("d") is None and kept.bytes == 8
    kept.put("a", b"1")
    assert kept.bytes == 5


def scope(**headers):
    named = [(k.encode(), v.encode()) for k, v in headers.items()]
    return {"type": "http", "headers": named, "client": ("10.0.0.1", 1), "query_string": b"", "path": "/"}


@pytest.mark.parametrize(
    "header, name",
    [("localhost:8017", "localhost"), ("[::1]:8017", "::1"), ("127.0.0.1", "127.0.0.1"), ("Evil.com", "evil.com")],
)
def test_the_name_in_a_host_header(header, name):
    assert host_of(header) == name


def test_a_page_elsewhere_cannot_speak_to_this_machine_under_its_own_name():
    guard = Guard(None, hosts={"localhost"})
    assert guard.refuse(scope(host="localhost:8017")) is None
    for header in ("evil.example:8017", "localhost.evil.example", ""):
        assert guard.refuse(scope(host=header))[0] == 421


def test_a_body_that_says_it_is_too_large_is_not_read():
    assert Guard(None).refuse(scope(**{"content-length": str(BODY + 1)}))[0] == 413
    assert Guard(None).refuse(scope(**{"content-length": "9" * 400}))[0] == 413
    assert Guard(None).refuse(scope(**{"content-length": str(BODY)})) is None


def test_a_client_may_drag_but_not_flood():
    guard = Guard(None, rate=200.0, burst=600.0)
    assert all(guard.refuse(scope()) is None for _ in range(590))
    assert [guard.refuse(scope()) for _ in range(200)][-1][0] == 429
    time.sleep(0.05)
    assert guard.refuse(scope()) is None
