"""gigawatt: the compute bet as an open, sourced simulator. See README.md and docs/.

This file is the table of contents. Importing it switches JAX to 64-bit floats.
"""

import os
import warnings

import jax

if os.environ.get("JAX_ENABLE_X64", "1").lower() in ("0", "false"):
    warnings.warn("gigawatt runs in 32 bits because JAX_ENABLE_X64=0: large numbers lose digits.", stacklevel=2)
else:
    jax.config.update("jax_enable_x64", True)

from gigawatt import mechanisms
from gigawatt.core import units
from gigawatt.core.entry import Entry, Source
from gigawatt.core.errors import InputError
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.queue import Delay
from gigawatt.core.result import open_result, version
from gigawatt.core.run import again, run
from gigawatt.core.scenario import Scenario, load, schema
from gigawatt.core.world import World

__version__ = version()

__all__ = [
    "Delay",
    "Entry",
    "InputError",
    "Mechanism",
    "Scenario",
    "Signals",
    "Source",
    "World",
    "again",
    "load",
    "mechanisms",
    "open_result",
    "param",
    "run",
    "schema",
    "signal",
    "units",
]
