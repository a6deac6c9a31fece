"""Plans in a world: they take minutes, so each is made in a process of its own, one at a time."""

import asyncio
import hashlib
import json
import os
import sys
from contextlib import suppress
from typing import Annotated, Any, Literal

from pydantic import Field

from gigawatt.core.errors import InputError
from gigawatt.core.scenario import load
from gigawatt.study.bet_file import bet_names
from gigawatt.study.planner import known_lab
from gigawatt.web.recipe import Finite, Name, NumberPath, Setting, Strict, known_scenario
from gigawatt.web.service import text
from gigawatt.web.worker import Overloaded, Recent

KEPT = 16 << 20  # bytes of plans that are kept
LONGEST = 1800.0  # seconds of one plan
JOB = (sys.executable, "-m", "gigawatt.web.plan_job")
LABEL = Annotated[str, Field(max_length=60)]


class Limit(Strict):
    """The limit on ruin: one of them."""

    ruin: Annotated[Finite, Field(ge=0, le=1)] | None = None
    cvar: Finite | None = None
    never_ruin: bool = False


class Order(Strict):
    """What `/api/plan` takes: the arguments of `gigawatt.plan`."""

    scenario: Name = "base"
    lab: LABEL | None = None
    limit: Limit = Limit()
    lead_months: Finite | None = None
    term_years: Finite | None = None
    cash: Finite | None = None
    margin: Finite | None = None
    belief: Annotated[dict[NumberPath | LABEL, Finite | Setting], Field(max_length=100)] | None = None
    rivals: Literal["naive", "cautious", "arms_race"] | None = None
    draws: Annotated[int, Field(ge=64, le=4096)] = 1024
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    discount: Finite | None = None
    terminal_years: Finite | None = None

    @property
    def is_bet(self) -> bool:
        return self.scenario in bet_names()

    def arguments(self) -> dict[str, Any]:
        """What `gigawatt.plan` takes, without what is left out."""
        told = self.model_dump(exclude_none=True)
        return told | told.pop("limit")


class Plans:
    """Jobs of planning, by the hash of what was asked."""

    def __init__(self) -> None:
        self.kept: Recent[bytes] = Recent(KEPT, len)
        self.now: str | None = None
        self.state: dict[str, Any] = {}
        self.task: asyncio.Task[None] | None = None

    def ask(self, order: Order) -> bytes:
        """The plan if it is made already, else {"job": id}. Raises InputError, and Overloaded while another is made."""
        id = hashlib.sha256(order.model_dump_json().encode()).hexdigest()[:16]
        kept = self.kept.get(id)
        if kept is not None:
            return kept
        known_scenario(order.scenario)
        known_lab(load(order.scenario), order.lab)
        if self.now == id:
            return text({"job": id})
        if self.task is not None and not self.task.done():
            raise Overloaded(30, "another plan is being made, one at a time: try again in half a minute.")
        self.now, self.state = id, {"job": id, "progress": [0, 0]}
        self.task = asyncio.get_running_loop().create_task(self.make(id, order))
        return text({"job": id})

    def look(self, id: str) -> bytes:
        """The plan of a job, or how far it is. Raises InputError for none, or for one that failed."""
        kept = self.kept.get(id)
        if kept is not None:
            return kept
        if id != self.now:
            raise InputError("no such plan here any more: ask for it again.")
        if "error" in self.state:
            raise InputError(self.state["error"])
        return text(self.state)

    async def make(self, id: str, order: Order) -> None:
        """Run the job in a process of its own and follow its lines."""
        job = await asyncio.create_subprocess_exec(
            *JOB,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=KEPT,
        )
        assert job.stdin and job.stdout
        try:
            job.stdin.write(text(order.arguments()))
            job.stdin.close()
            async with asyncio.timeout(LONGEST):
                async for line in job.stdout:
                    told = json.loads(line)
                    if "plan" in told:
                        self.kept.put(id, text(told["plan"]))
                    else:
                        self.state = {"job": id, **told}
        except TimeoutError:
            self.state = {"job": id, "error": f"the plan took longer than {LONGEST:g} seconds: use fewer draws."}
        finally:
            with suppress(ProcessLookupError):
                job.kill()
            await job.wait()
            if self.kept.get(id) is None and "error" not in self.state:
                self.state = {"job": id, "error": "the plan ended without an answer: ask again."}

    async def close(self) -> None:
        """End what is still running."""
        if self.task is not None and not self.task.done():
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task


def lower_priority() -> None:
    """Let those who drag a slider go first."""
    with suppress(OSError, AttributeError):
        os.nice(10)
