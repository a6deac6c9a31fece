"""The table of contents: every public name of gigawatt."""

import gigawatt.core.units as units
import gigawatt.mechanisms as mechanisms
from gigawatt.core.cache import use_cache
from gigawatt.core.entry import Entry, Source
from gigawatt.core.errors import InputError
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.parts import Parts
from gigawatt.core.queue import Delay
from gigawatt.core.result import open_result, version
from gigawatt.core.run import again, run
from gigawatt.core.scenario import Scenario, load
from gigawatt.core.schema import schema
from gigawatt.core.world import World
from gigawatt.study.arrival import arrival
from gigawatt.study.attribution import attribute
from gigawatt.study.catalogue import cite
from gigawatt.study.compare import compare
from gigawatt.study.events import events
from gigawatt.study.explain import explain
from gigawatt.study.fit import fit
from gigawatt.study.hindcast import hindcast
from gigawatt.study.labs import players
from gigawatt.study.planner import plan
from gigawatt.study.scoreboard import scoreboard
from gigawatt.study.sensitivity import why
from gigawatt.study.verify import verify
from gigawatt.view.plots import plot
from gigawatt.view.report import write as report

__version__ = version()

__all__ = [
    "Delay",
    "Entry",
    "InputError",
    "Mechanism",
    "Parts",
    "Scenario",
    "Signals",
    "Source",
    "World",
    "__version__",
    "again",
    "arrival",
    "attribute",
    "cite",
    "compare",
    "events",
    "explain",
    "fit",
    "hindcast",
    "load",
    "mechanisms",
    "open_result",
    "param",
    "plan",
    "players",
    "plot",
    "report",
    "run",
    "schema",
    "scoreboard",
    "signal",
    "units",
    "use_cache",
    "verify",
    "why",
]
