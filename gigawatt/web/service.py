"""What the endpoints ask for: runs on one worker, with answers and runs kept while there is room."""

import asyncio
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

import jax
import numpy as np
import orjson
import xarray as xr

from gigawatt.core.errors import InputError
from gigawatt.core.mechanism import shape_of
from gigawatt.core.plain import plain
from gigawatt.core.result import dataset
from gigawatt.core.run import kept, run_arrays, samples_of
from gigawatt.core.scenario import Scenario
from gigawatt.core.world import World
from gigawatt.study.events import WATCHED
from gigawatt.view.buildout import BINDS
from gigawatt.web.answer import answer, keep_for
from gigawatt.web.controls import DRAWS, charts, judged
from gigawatt.web.recipe import Recipe
from gigawatt.web.worker import Overloaded, Overtaken, Recent, Slow, Worker

T = TypeVar("T")
WAITING = 24  # sessions that may wait for a run
SECONDS = 60.0  # for one request in all, waiting included
ANSWERS = 64 << 20  # bytes of answers that are kept
RESULTS = 400 << 20  # bytes of runs that are kept, for another month, signal or file of the same
LARGEST = 1 << 30  # bytes of one run
MAPS = 20_000  # maps of memory that compiled code may hold: Linux ends a process that has 65,530


class Service:
    """Runs recipes and keeps what they said; nothing of a visitor.

    waiting: sessions that may wait for a run. seconds: for one request in all.
    """

    def __init__(self, waiting: int = WAITING, seconds: float = SECONDS):
        self.worker = Worker(waiting, seconds)
        self.answers: Recent[bytes] = Recent(ANSWERS, len)
        self.results: Recent[xr.Dataset] = Recent(RESULTS, lambda ds: ds.nbytes)
        self.compiled: set[Hashable] = set()
        self.warm = False

    async def answer(
        self,
        recipe: Recipe,
        signals: Sequence[str] | None,
        at: str | None,
        session: Hashable | None = None,
        growth: bool = False,
        quick: bool = False,
        ahead: bool = False,
    ) -> bytes:
        """The answer to a recipe as JSON text: from what is kept, or by a run on the worker.

        quick: computed in 32 bits. ahead: not asked for yet; raises Overtaken where anybody else waits or is served.
        """
        wanted = None if signals is None else tuple(dict.fromkeys(signals))

        def ran(slow: bool, deadline: float) -> tuple[float, World, Sequence[str], xr.Dataset]:
            begin = time.perf_counter()
            scenario = recipe.changed()
            world = scenario.world()
            names = [n for n in charts() if n in world.signals] if wanted is None else wanted
            return begin, world, names, self.run(recipe, scenario, world, names, slow, deadline, quick)

        def told(found: tuple[float, World, Sequence[str], xr.Dataset]) -> bytes:
            begin, world, names, ds = found
            said = answer(ds, names, at, judged(recipe.scenario), keep_for(world, names), growth)
            elapsed = 1e3 * (time.perf_counter() - begin)
            whose = {"recipe": recipe.model_dump(exclude_none=True)}
            return text(whose | said | {"quick": quick, "elapsed_ms": elapsed})

        if ahead and self.worker.busy:
            raise Overtaken
        return await self.ask(("run", recipe.model_dump_json(), wanted, at, growth, quick), ran, session, told)

    async def ask(
        self,
        key: Hashable,
        make: Callable[[bool, float], T],
        session: Hashable | None = None,
        tell: Callable[[T], bytes] | None = None,
    ) -> bytes:
        """What `make(slow, deadline)` returns, as JSON text: what is kept under the key, or made on the worker.

        Of one session the latest waiting request wins, the others raise Overtaken; without a session each stands alone.
        `make` may raise Slow while `slow` is false, to be called again without keeping others waiting. `tell` writes
        while the worker turns to the next.
        """

        def work(slow: bool, deadline: float) -> bytes | Callable[[], bytes]:
            said = self.answers.get(key)  # another session may have asked meanwhile
            return partial(tell or text, make(slow, deadline)) if said is None else said

        said: bytes | Callable[[], bytes] | None = self.answers.get(key)
        if said is None:
            said = await self.worker.ask(session or object(), work)
        if not isinstance(said, bytes):
            said = await asyncio.to_thread(said)
            self.answers.put(key, said)
        return said

    def run(
        self,
        recipe: Recipe,
        scenario: Scenario,
        world: World,
        signals: Sequence[str],
        slow: bool = True,
        deadline: float = np.inf,
        quick: bool = False,
    ) -> xr.Dataset:
        """The run of a recipe with (at least) these signals, `scenario` and `world` being those it means.

        quick: in 32 bits.

        Raises Slow unless `slow` where the world must be compiled first, Overloaded past the deadline, and InputError
        for what cannot be run.
        """
        keep = kept(world, first_look(world, signals) if quick else keep_for(world, signals))
        key = (recipe.model_dump_json(), keep, quick)
        before = self.results.get(key)
        if before is not None:
            return before
        fits(world, keep, recipe.draws, scenario.steps)
        samples = samples_of(scenario, world, recipe.draws, recipe.seed)
        code = (compiled_as(scenario, world, keep, samples), quick)
        if code not in self.compiled and not slow:
            raise Slow

        def in_time(done: int, of: int) -> None:
            if done < of and time.monotonic() > deadline:
                raise Overloaded(5, "the run passed its time: try again, or with fewer draws.")

        known = code in self.compiled
        how: dict[str, Any] = {"compiles": not known, "samples": samples, "single": quick}
        arrays = run_arrays(scenario, world, recipe.draws, recipe.seed, keep, progress=in_time, **how)
        self.compiled.add(code)
        found = dataset(scenario, world, arrays, recipe.draws, recipe.seed)
        self.results.put(key, found)
        if not known:
            self.make_room()
        return found

    def make_room(self) -> None:
        """Drop compiled code well before it holds too many maps of memory."""
        maps = Path("/proc/self/maps")
        if maps.exists() and maps.read_text().count("\n") > MAPS:
            jax.clear_caches()
            self.compiled.clear()

    def warm_up(self, scenario: str, say: Callable[[str], None]) -> None:
        """Compile and run what the first visitor asks for, before anybody comes: quick for sliders, in full at rest."""
        for quick, draws in ((True, DRAWS["drag"]), (False, DRAWS["rest"])):
            begin = time.perf_counter()
            recipe = Recipe(scenario=scenario, draws=draws)
            found = recipe.changed()
            world = found.world()
            self.run(recipe, found, world, [name for name in charts() if name in world.signals], quick=quick)
            say(f"  {draws} draws of {scenario} in {time.perf_counter() - begin:.1f} s")
        self.warm = True


def first_look(world: World, signals: Sequence[str]) -> Sequence[str] | str:
    """What a quick run keeps, which promises no last digit: no more than the page shows by default, if that will do."""
    shown = [*charts(), *(watch.signal for watch in WATCHED), *BINDS]
    return [name for name in shown if name in world.signals] if set(signals) <= set(shown) else keep_for(world, signals)


def fits(world: World, keep: Sequence[str], draws: int, steps: int) -> None:
    """Raise InputError for a run that would take too much memory."""
    size = 8 * steps * sum(int(np.prod(shape_of(world.signals[name], world.axes))) for name in keep)
    if draws * size > LARGEST:
        raise InputError(f"draws is {draws}: with these signals at most {LARGEST // size} fit; ask for fewer.")


def compiled_as(scenario: Scenario, world: World, keep: tuple[str, ...], sampled: Iterable[str]) -> Hashable:
    """What compiled code depends on: of two runs with the same, the second needs no compilation."""
    form = (scenario.use, world.labels, scenario.steps, scenario.steps_per_year, keep)
    inputs = [{path.split(".")[0] + "." + path.split(".")[1] for path in scenario.lever if "." in path}]
    inputs += [{path.split(".")[0] for path in scenario.hold}]
    return (*form, frozenset(sampled), *map(frozenset, inputs))


def text(data: Any) -> bytes:
    """Strict JSON, each number with all its digits; what is not a finite number is null."""
    write = partial(orjson.dumps, option=orjson.OPT_SERIALIZE_NUMPY)
    try:
        return write(data)
    except TypeError:  # keys that are no text, or whatever else JSON does not know
        return write(plain(data))


@lru_cache(maxsize=64)
def described(make: Callable[..., Any], *args: Any) -> bytes:
    """A description that depends on shipped files only, as JSON, made once."""
    return text(make(*args))
