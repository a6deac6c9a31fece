"""What the endpoints do: runs on one worker, answers kept, lists that describe a scenario."""

import json
import time
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from threading import Lock
from typing import Any

import xarray as xr

from gigawatt.core.plain import plain
from gigawatt.core.run import run
from gigawatt.web.answer import answer, keep_for
from gigawatt.web.controls import charts, judged
from gigawatt.web.recipe import Recipe
from gigawatt.web.worker import Recent, Worker

WAITING = 24  # sessions that may wait for a run
SECONDS = 60.0  # for one request in all, waiting included
ANSWERS = 64 << 20  # bytes of answers that are kept
RESULTS = 400 << 20  # bytes of runs that are kept, for another month, signal or file of the same


class TooSlow(Exception):
    """A run passed its time."""


class Service:
    """Runs recipes and keeps what they said."""

    def __init__(self, waiting: int = WAITING, seconds: float = SECONDS):
        self.seconds = seconds
        self.worker = Worker(waiting, seconds)
        self.answers: Recent[bytes] = Recent(ANSWERS, len)
        self.results: Recent[xr.Dataset] = Recent(RESULTS, lambda ds: ds.nbytes)
        self.lock = Lock()
        self.warm = False

    async def answer(
        self, recipe: Recipe, signals: Sequence[str] | None, at: str | None, session: Hashable | None = None
    ) -> bytes:
        """The answer to a recipe as JSON text: from what is kept, or by a run on the worker."""
        wanted = tuple(charts() if signals is None else dict.fromkeys(signals))
        key = (recipe.model_dump_json(), wanted, at)
        kept = self.held(self.answers, key)
        if kept is not None:
            return kept
        return await self.worker.ask(session or object(), lambda: self.say(key, recipe, wanted, signals is None, at))

    async def result(self, recipe: Recipe, signals: Sequence[str], session: Hashable | None = None) -> xr.Dataset:
        """The run behind a recipe, for files."""
        return await self.worker.ask(session or object(), lambda: self.run(recipe, signals, self.deadline()))

    def deadline(self) -> float:
        return time.monotonic() + self.seconds

    def say(self, key: Hashable, recipe: Recipe, signals: Sequence[str], given: bool, at: str | None) -> bytes:
        kept = self.held(self.answers, key)  # another session may have asked meanwhile
        if kept is not None:
            return kept
        begin = time.perf_counter()
        world = recipe.changed().world()
        if given:  # what is shown by default, as far as this world has it
            signals = [name for name in signals if name in world.signals]
        ds = self.run(recipe, signals, self.deadline())
        found = answer(ds, signals, at, judged(recipe.scenario))
        told = {"recipe": recipe.model_dump(exclude_none=True), **found}
        told["elapsed_ms"] = 1e3 * (time.perf_counter() - begin)
        text = json.dumps(plain(told), allow_nan=False, separators=(",", ":"), ensure_ascii=False).encode()
        with self.lock:
            self.answers.put(key, text)
        return text

    def run(self, recipe: Recipe, signals: Sequence[str], deadline: float) -> xr.Dataset:
        scenario = recipe.changed()
        keep = keep_for(scenario.world(), signals)
        key = (recipe.model_dump_json(), keep)
        kept = self.held(self.results, key)
        if kept is not None:
            return kept

        def in_time(done: int, of: int) -> None:
            if done < of and time.monotonic() > deadline:
                raise TooSlow

        found = run(scenario, recipe.draws, recipe.seed, keep=keep, progress=in_time)
        with self.lock:
            self.results.put(key, found)
        return found

    def held(self, store: Recent[Any], key: Hashable) -> Any:
        with self.lock:
            return store.get(key)

    def warm_up(self, scenario: str, draws: Sequence[int], say: Callable[[str], None]) -> None:
        """Compile and answer what the first visitor will ask, before anybody comes."""
        for n in draws:
            begin = time.perf_counter()
            self.run(Recipe(scenario=scenario, draws=n), charts(), begin + 1e9)
            say(f"{scenario}, {n} draws: {time.perf_counter() - begin:.1f} s")
        self.warm = True


@lru_cache(maxsize=64)
def cached_json(make: Callable[..., Any], *args: Any) -> bytes:
    """A description that depends on shipped files only, made once."""
    return json.dumps(plain(make(*args)), allow_nan=False, separators=(",", ":"), ensure_ascii=False).encode()
