"""What all tests share: 64 bits, strict shapes, one cache of compiled code, and one run of the base world."""

import gc
from pathlib import Path

import jax
import pytest
from shared import DRAWS

from gigawatt.core.cache import use_cache
from gigawatt.core.run import run
from gigawatt.core.scenario import load

MAPS = 20_000  # maps of memory that compiled code may hold

jax.config.update("jax_numpy_rank_promotion", "raise")


def pytest_configure(config):
    # what one worker or one session compiled, the next one reads
    use_cache(config.cache.mkdir("compiled"))
    # two workers may meet in one entry; the reader then compiles for itself
    config.addinivalue_line("filterwarnings", "ignore:Error (reading|writing) persistent compilation cache")


@pytest.fixture(scope="module", autouse=True)
def room_for_compiled_code():
    """Compiled code holds maps of memory, and Linux ends a process that has 65,530: it is dropped well before."""
    yield
    maps = Path("/proc/self/maps")
    if maps.exists() and maps.read_text().count("\n") > MAPS:
        jax.clear_caches()
        gc.collect()


@pytest.fixture(scope="session")
def base():
    """The base scenario with all signals, dims (draw, month, ...)."""
    return run("base", DRAWS, keep="all")


@pytest.fixture(scope="session")
def base_world():
    return load("base").world()
