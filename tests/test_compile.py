"""Numbers trace, words are static: another number compiles nothing."""

import pytest

import gigawatt.core.run as core_run
from gigawatt.core.run import run

FEW = 4


@pytest.fixture(scope="module")
def compiled(base):
    """Base has run in this process, and what it compiled is still there."""
    run("base", FEW, keep="all")


@pytest.fixture
def traces(monkeypatch, compiled):
    """A list that grows by one whenever the loop over months is traced."""
    seen = []
    real = core_run.simulate_draws

    def counted(*args, **kwargs):
        seen.append(1)
        return real(*args, **kwargs)

    monkeypatch.setattr(core_run, "simulate_draws", counted)
    return seen


def test_a_sweep_over_values_ranges_seeds_and_draws_traces_nothing_anew(base, traces):
    for number, change in enumerate(
        (
            {"spending.noise": 0.1},
            {"spending.noise": 1},  # a whole number
            {"spending.noise": "0.2 1/sqrt(year)"},
            {"spending.noise": {"value": 0.2, "range": [0.1, 0.3]}},
            {"start.revenue": 5.0, "contracts.lead": 2.0},  # one value for all labs
            {"start.revenue.OpenAI": 5.0},
            {"rounds.backing": 1.0, "start.output": 9e4},
        )
    ):
        run("base", FEW + number, seed=number, keep="all", set=change)
    assert len(traces) == 0


def test_every_number_of_the_base_can_be_set_without_tracing_anew(base, base_world, traces):
    """All numbers at once, each a little off its value."""
    kinds = base_world.numbers()
    change = {p: float(base_world.get(p).ravel()[0]) * (1 - 1e-6) for p in kinds}
    run("base", FEW, keep="all", set=change)
    assert len(traces) == 0


def test_scenarios_that_differ_in_numbers_only_share_one_compilation(base, traces):
    for name in ("cost_10", "slow_diffusion_5y", "stall_2y"):
        run(name, FEW, keep="all")
    assert len(traces) == 0


@pytest.mark.slow
def test_another_structure_is_traced_once(base, traces):
    for value in (0.1, 0.2):
        run("base", FEW, keep="spending", until="2026-03", lever={"spending.noise": {"2026-01": value}})
    assert len(traces) == 1
