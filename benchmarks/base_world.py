"""The base world: seconds to compile, draws a second, and peak memory against draws, each in a fresh process.

    python benchmarks/base_world.py [draws ...]

The compilation cache is off, so that the first chunk pays for compiling; its stages are as JAX reports them.
Memory is the most that the process held.
"""

import os
import subprocess
import sys

from machine import facts

CHILD = """
import resource, sys, time
import jax
import gigawatt as gw

spent = {}

def listen(event, seconds, **_):
    spent[event] = spent.get(event, 0.0) + seconds

jax.monitoring.register_event_duration_secs_listener(listen)
draws = int(sys.argv[1])
start = time.perf_counter()
gw.run("base", 256)
first = time.perf_counter() - start
stages = ("jaxpr_trace", "jaxpr_to_mlir_module", "backend_compile")
trace, lower, compile = (spent[f"/jax/core/compile/{stage}_duration"] for stage in stages)
start = time.perf_counter()
gw.run("base", draws)
rest = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(f"{draws:7d} draws: {draws / rest:6.0f} draws/s; peak {peak:.2f} GB; first chunk {first:5.2f} s,")
print(f"        of which tracing {trace:.2f}, lowering {lower:.2f}, compiling {compile:.2f}")
"""


def main(counts: list[int]) -> None:
    print(facts())
    for draws in counts:
        env = {**os.environ, "GIGAWATT_CACHE": "off"}
        subprocess.run([sys.executable, "-c", CHILD, str(draws)], env=env, check=True)
    print(f"afterwards: {facts().splitlines()[1]}")


if __name__ == "__main__":
    main([int(x) for x in sys.argv[1:]] or [1000, 10_000])
