"""Compiled code on disk: found again by the next process, never in the way of a run."""

import os
import subprocess
import sys

from gigawatt.core.cache import processor

PROGRAM = """
import jax, jax.numpy as jnp
from gigawatt.core.cache import cached
with cached() as folder:
    hits = []
    jax.monitoring.register_event_listener(lambda name, **more: hits.append(name.endswith("cache_hits")))
    print(jax.jit(lambda x: jnp.sin(x) + 1)(jnp.ones(3)).sum() > 5, any(hits), folder)
"""


def process(cache):
    """(a cache hit, the cache folder) of a fresh process, which must compute and say nothing on stderr."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("JAX_")} | {"GIGAWATT_CACHE": str(cache)}
    done = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM], env=env, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    right, hit, folder = done.stdout.split()
    assert right == "True"
    return hit == "True", folder


def test_the_second_process_reads_and_a_damaged_entry_is_written_anew(tmp_path):
    assert not process(tmp_path)[0]
    assert process(tmp_path)[0]
    for entry in tmp_path.rglob("*-cache"):  # as a process leaves it that is killed while it writes
        entry.write_bytes(entry.read_bytes()[:100])
    process(tmp_path)
    assert not process(tmp_path)[0]
    assert process(tmp_path)[0]


def test_a_cache_can_be_off_or_impossible(tmp_path):
    assert process("off") == (False, "None")
    (tmp_path / "file").write_text("in the way")
    assert process(tmp_path / "file") == (False, "None")


def test_the_folder_is_named_after_jaxlib_and_processor(tmp_path):
    import jaxlib

    assert process(tmp_path)[1] == str(tmp_path / f"jaxlib-{jaxlib.__version__}-{processor()}")
