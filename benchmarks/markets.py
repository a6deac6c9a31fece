"""Markets of four labs against pyblp's solver: same markets, same tolerance, one run.

    pip install --require-hashes -r requirements/bench.txt && pip install --no-deps --no-build-isolation -e .
    python benchmarks/markets.py [markets]

pyblp (Conlon & Gortmaker 2020, RAND Journal of Economics 51:1108) solves markets one after the other by the zeta fixed
point; it gets a sample of the same markets, in one simulation, and its time is counted for solving only, without
building the simulation. gigawatt gets all of them in one call. Prices are compared before anything is timed; the sides
then alternate, and the least wall time counts.
"""

import sys
import time

import jax
import numpy as np
import pyblp
from machine import facts

from gigawatt.decisions import bertrand
from gigawatt.decisions.logit import Market

LABS = 4
SAMPLE = 500  # markets that pyblp solves in a round
ROUNDS = 7
TOLERANCE = 1e-12  # absolute change of prices at which pyblp stops; gigawatt goes to 1e-14, relative


def drawn(markets: int) -> dict[str, np.ndarray]:
    """Quality, sensitivity to price and cost of each lab in each market."""
    rng = np.random.default_rng(20260101)
    return {
        "value": rng.uniform(0.0, 3.0, (markets, LABS)),
        "sensitivity": np.full(markets, 1.0),
        "cost": rng.uniform(0.2, 2.0, (markets, LABS)),
    }


def by_pyblp(given: dict[str, np.ndarray], markets: int):
    """A call that solves the first markets with pyblp and returns prices (markets, labs)."""
    value, cost = given["value"][:markets], given["cost"][:markets]
    products = {
        "market_ids": np.repeat(np.arange(markets), LABS),
        "firm_ids": np.tile(np.arange(LABS), markets),
        "value": value.ravel(),
        "prices": cost.ravel(),
        "shares": np.full(markets * LABS, 0.5 / LABS),
    }
    formulas = pyblp.Formulation("0 + prices + value")
    simulation = pyblp.Simulation(formulas, products, beta=[-1.0, 1.0], xi=np.zeros(markets * LABS))
    iteration = pyblp.Iteration("simple", {"atol": TOLERANCE})

    def solve():
        found = simulation.replace_endogenous(
            costs=cost.reshape(-1, 1), prices=cost.reshape(-1, 1), iteration=iteration
        )
        assert found.fp_converged.all()
        return found.product_data.prices.reshape(markets, LABS)

    return solve


def timed(work):
    wall, cpu = time.perf_counter(), time.process_time()
    found = jax.block_until_ready(work())
    return time.perf_counter() - wall, time.process_time() - cpu, np.asarray(found)


def main(markets: int) -> None:
    pyblp.options.verbose = False
    given = drawn(markets)
    market = Market(**given)
    sides = {
        "gigawatt": (lambda: bertrand.prices(market, limited=False), markets),
        f"pyblp {pyblp.__version__}": (by_pyblp(given, SAMPLE), SAMPLE),
    }
    ours, theirs = (timed(work)[2] for work, _ in sides.values())
    gap = np.abs(ours[:SAMPLE] - theirs).max()
    assert gap < 10 * TOLERANCE, f"prices differ by {gap:.1e}"
    residual = np.abs(ours - given["cost"] - np.asarray(bertrand.best_markup(market, ours))).max()
    times = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, (work, count) in sides.items():
            wall, cpu, _ = timed(work)
            times[name].append((wall / count, cpu / count))
    print(f"\n{markets:,} markets of {LABS} labs, plain logit; seconds per market, least of {ROUNDS} rounds")
    least = {name: np.min(seconds, axis=0) for name, seconds in times.items()}
    for name, (wall, cpu) in least.items():
        print(f"  {name:14} wall {wall:.2e}   processor {cpu:.2e}")
    (ours_wall, ours_cpu), (wall, cpu) = least.values()
    print(f"  ratio          wall {wall / ours_wall:.0f}   processor {cpu / ours_cpu:.0f}")
    print(f"  largest difference of prices {gap:.1e}; largest residual of gigawatt in all markets {residual:.1e}")


if __name__ == "__main__":
    print(facts())
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    print(f"\nafterwards: {facts().splitlines()[1]}")
