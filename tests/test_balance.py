"""What flows in flows out or stays: gigawatts, computers, bills and dollars, in all months, draws and scenarios."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from shared import DRAWS

from gigawatt.core.mechanism import path_of
from gigawatt.core.path import year_of
from gigawatt.core.run import run_arrays, run_chunk, samples_of, uncertain
from gigawatt.core.scenario import load
from gigawatt.core.scenario_file import scenario_names

pytestmark = pytest.mark.slow

# Worlds that strain every account. They differ from the base in numbers only, so nothing is compiled for them.
HARSH = {
    "everyone is ruined": {"start.cash": 0.01, "order_up_to.committed": 400.0, "rounds.dilution": 0.001},
    "nobody pays": {"spending.capture": 1e-6, "spending.settling": 0.1},
    "everybody pays at once": {"spending.capture": 0.95, "spending.settling": 0.1, "segments.speed": 50.0},
    "orders take six years": {"contracts.lead": 6.0},
    "orders take a quarter": {"contracts.lead": 0.25},
    "contracts are short": {"contracts.term": 0.5, "contracts.lead": 0.3},
    "markets are nervous": {"logit.taste_noise": 3.0, "logit.switching": 0.1, "spending.noise": 2.0},
    "progress stalls at once": {"stall.hazard": 50.0, "stall.recovery": 0.0},
}


@dataclasses.dataclass
class Outcome:
    """One run with everything that it came from. Signals have dims (draw, month, ...)."""

    scenario: object
    world: object
    samples: dict
    signals: dict

    def __getitem__(self, name):
        return self.signals[name]

    def number(self, path):
        """A number by draw, (draws, 1) or (draws, 1, labels): ready to meet a signal."""
        value = self.samples.get(path, np.broadcast_to(self.world.get(path), (DRAWS, *self.world.get(path).shape)))
        return value[:, None]

    @property
    def dt(self):
        return 1.0 / self.scenario.steps_per_year

    def arrives(self, name):
        """What was ordered and arrives, before a clause to cancel lets a lab give it up."""
        before = name.replace("delivered", "arriving")
        return before if before in self.world.signals else name


@pytest.fixture(scope="module", params=[*scenario_names(), *HARSH])
def outcome(request):
    if request.param in HARSH:
        scenario = load("base").change(HARSH[request.param])
    else:
        scenario = load(request.param)
    world = scenario.world()
    signals = run_arrays(scenario, world, DRAWS, 0, tuple(world.signals))
    return Outcome(scenario, world, samples_of(scenario, world, DRAWS, 0), signals)


def check_finite(world, signals, row_of=lambda draw: ""):
    """Every signal is a number; where one is not, the first of its draw in time and order is the one to mend."""
    wrong = {n: ~np.isfinite(signals[n]) for n in world.signals}
    wrong = {n: w.reshape(*w.shape[:2], -1).any(axis=2) for n, w in wrong.items()}
    months = np.stack([np.where(w.any(axis=1), w.argmax(axis=1), w.shape[1]) for w in wrong.values()])
    for draw in np.flatnonzero(months.min(axis=0) < next(iter(wrong.values())).shape[1]):
        name = list(wrong)[months[:, draw].argmin()]
        where = f"draw {draw}, month {months[:, draw].min()}"
        raise AssertionError(f"{name} of {world.giver(name).__name__} is not finite: {where}. {row_of(draw)}")


def check_limits(world, signals):
    """Every signal stays within what its unit allows."""
    for name, kind in world.signals.items():
        slack = 1e-9 * np.max(np.abs(signals[name]))  # rounding of stocks that run empty
        least, greatest = signals[name].min(), signals[name].max()
        assert kind.unit.least - slack <= least and greatest <= kind.unit.greatest + slack, (
            f"{name} of {world.giver(name).__name__} runs from {least:g} to {greatest:g} {kind.unit.text}"
        )


def test_every_signal_is_finite_and_within_its_unit(outcome):
    check_finite(outcome.world, outcome.signals)
    check_limits(outcome.world, outcome.signals)


STOCKS = {
    "power": ({"delivered": 1, "ended": -1}, {}),
    "compute": ({"delivered_compute": 1, "ended_compute": -1}, {}),
    "bill": ({"delivered_bill": 1, "ended_bill": -1}, {}),
    "on_order": ({"delivered": -1}, {"accepted": 1}),
    "cash": (
        {"profit": 0.5, "raised": 1, "backed": 1, "borrowed": 1, "written_off": 1, "interest": -1, "tax": -1},
        {"profit": 0.5},
    ),
    "debt": ({"borrowed": 1, "defaulted": -1}, {}),
    "paid_in": ({"raised": 1, "backed": 1}, {}),
    "retained": ({"net_income": 1, "written_off": 1, "defaulted": 1}, {}),
}


def test_profit_is_revenue_less_all_costs(outcome):
    costs = outcome["lab_bill"] + outcome["other_costs"]
    np.testing.assert_allclose(outcome["profit"], outcome["revenue"] - costs, rtol=0, atol=1e-12 * np.max(costs))


@pytest.mark.parametrize("stock", STOCKS)
def test_a_stock_changes_by_what_comes_in_less_what_goes_out(outcome, stock):
    now, before = STOCKS[stock]
    if stock == "on_order":
        now = {outcome.arrives(n): sign for n, sign in now.items()}
    flow = sum(sign * outcome[n][:, 1:] for n, sign in now.items())
    flow = flow + sum(sign * outcome[n][:, :-1] for n, sign in before.items())
    scale = np.max(np.abs(outcome[stock])) + outcome.dt * np.max(np.abs(flow))
    np.testing.assert_allclose(np.diff(outcome[stock], axis=1), flow * outcome.dt, rtol=0, atol=1e-10 * scale)


def posted_back(posted, delays, per_year):
    """What comes back, by plain bookkeeping. posted: (draw, month, lab); delays: (draw,) in years."""
    out = np.zeros_like(posted)
    months = posted.shape[1]
    for draw, delay in enumerate(delays * per_year):
        whole, part = int(np.floor(delay)), delay - np.floor(delay)
        for shift, weight in ((whole, 1.0 - part), (whole + 1, part)):
            if shift < months:
                out[draw, shift:] += weight * posted[draw, : months - shift]
    return out


@pytest.mark.parametrize(
    ("back", "origin", "delay"),
    [
        ("delivered", "accepted", "contracts.lead"),
        ("delivered_bill", "accepted_bill", "contracts.lead"),
        ("ended", "delivered", "contracts.term"),
        ("ended_bill", "delivered_bill", "contracts.term"),
        ("ended_compute", "delivered_compute", "contracts.term"),
    ],
)
def test_what_was_posted_comes_back_whole_after_its_delay(outcome, back, origin, delay):
    years = np.broadcast_to(outcome.number(delay)[:, 0], DRAWS)
    back = outcome.arrives(back)
    expected = posted_back(outcome[origin], years, outcome.scenario.steps_per_year)
    # before that, what was outstanding at the start comes back as well
    only = (np.arange(expected.shape[1]) >= np.ceil(years * outcome.scenario.steps_per_year)[:, None])[..., None]
    scale = np.max(np.abs(outcome[back]))
    np.testing.assert_allclose(np.where(only, outcome[back] - expected, 0.0), 0.0, atol=1e-10 * scale)
    assert np.all(outcome[back] - expected >= -1e-10 * scale)


def test_the_open_orders_of_the_start_all_come_into_service(outcome):
    years = np.broadcast_to(outcome.number("contracts.lead")[:, 0], DRAWS)
    due = outcome[outcome.arrives("delivered")] - posted_back(
        outcome["accepted"], years, outcome.scenario.steps_per_year
    )
    done = np.ceil(years * outcome.scenario.steps_per_year) <= outcome.scenario.steps
    backlog = np.broadcast_to(outcome.number("start.backlog")[:, 0], due.sum(axis=1).shape)
    np.testing.assert_allclose(due.sum(axis=1)[done] * outcome.dt, backlog[done], rtol=1e-9)


def test_market_shares_sum_to_one_or_to_zero_when_nobody_is_left(outcome):
    total = outcome["share"].sum(axis=2)
    before = np.concatenate([np.ones((DRAWS, 1)), outcome["alive"][:, :-1].max(axis=2)], axis=1)
    np.testing.assert_allclose(total, before, atol=1e-12)


def test_ruin_lasts_and_a_ruined_lab_has_no_cash_no_orders_no_customers(outcome):
    alive = outcome["alive"]
    assert np.all(np.isin(alive, (0.0, 1.0)))
    assert np.all(np.diff(alive, axis=1) <= 0.0)
    ruined = alive[:, :-2] == 0.0
    for name in ("cash", "debt", "accepted", "share", "raised", "backed", "borrowed", "other_costs", "tax"):
        assert np.all(outcome[name][:, 2:][ruined] == 0.0), name
    for name in ("written_off", "defaulted"):
        assert np.all(outcome[name][alive == 1.0] == 0.0), name


def near(a, b, scale):
    np.testing.assert_allclose(a, b, rtol=0, atol=1e-11 * np.max(np.abs(scale)))


def test_assets_are_liabilities_and_equity_in_every_month_of_every_draw(outcome):
    """Equity adds up income and what owners paid in; it knows neither cash nor debt."""
    near(outcome["cash"], outcome["debt"] + outcome["paid_in"] + outcome["retained"], outcome["paid_in"])


def test_income_is_what_the_lines_of_the_statement_leave(outcome):
    lines = [outcome[n] for n in ("serving_cost", "training_cost", "selling_costs", "staff_costs")]
    near(outcome["profit"], outcome["revenue"] - sum(lines), outcome["revenue"])
    near(outcome["gross_profit"], outcome["revenue"] - lines[0], outcome["revenue"])


def test_cash_moves_by_income_and_financing_while_a_lab_lives(outcome):
    moved = np.diff(outcome["cash"], axis=1)
    flows = (outcome["net_income"] + outcome["financing"] + outcome["written_off"])[:, 1:] * outcome.dt
    near(moved, flows, outcome["cash"])


def test_creditors_lose_what_a_ruined_lab_still_owes(outcome):
    """After the month of ruin nothing comes in, so that all bills are written off, month after month."""
    ruined = outcome["alive"][:, :-3] == 0.0
    bills = 0.5 * (outcome["lab_bill"][:, 3:] + outcome["lab_bill"][:, 2:-1])
    lost = outcome["written_off"][:, 3:]
    near(lost[ruined], bills[ruined], outcome["lab_bill"])


def test_the_views_by_model_and_by_company_differ_by_the_growth_of_training_cost(outcome):
    near(outcome["model_profit"] + outcome["charge"] - outcome["training_cost"], outcome["profit"], outcome["revenue"])


def test_what_was_spent_on_training_is_in_training_or_in_a_generation_that_was_launched(outcome):
    mean = 0.5 * (outcome["training_cost"][:, 1:] + outcome["training_cost"][:, :-1]) * outcome.dt
    moved = np.diff(outcome["in_training"], axis=1) + outcome["launched"][:, 1:] * outcome["generation_cost"][:, 1:]
    near(moved, mean, outcome["generation_cost"])


def test_profit_is_the_plan_and_the_error_of_the_forecast(outcome):
    terms = np.stack([outcome["planned_profit"], outcome["error_profit"], -outcome["unserved_profit"]])
    # rounding goes by the terms, which may be far larger than profit; a lab of less than a dollar a year has no margin
    assert np.all(np.abs(terms.sum(axis=0) - outcome["profit"]) <= 1e-9 + 1e-11 * np.abs(terms).sum(axis=0))


def test_a_plan_matures_after_the_lead_that_it_was_made_for(outcome):
    years = np.broadcast_to(outcome.number("order_up_to.lead")[:, 0], DRAWS)
    expected = posted_back(outcome["expected"], years, outcome.scenario.steps_per_year)
    only = (np.arange(expected.shape[1]) >= np.ceil(years * outcome.scenario.steps_per_year)[:, None])[..., None]
    near(np.where(only, outcome["planned"] - expected, 0.0), 0.0, outcome["planned"])


def test_commitments_run_out_as_contracts_are_paid(outcome):
    assert outcome["committed_ahead"].min() >= -1e-9 * outcome["committed_ahead"].max()
    # the opening balance is an integral over ages, the month's bill a mean of its ends: equal up to the square of dt
    assert outcome["committed"].min() >= -1e-3 * outcome["committed"][:, 0].max()


def test_a_ruined_lab_earns_nothing(outcome):
    ruined = outcome["alive"][:, :-2] == 0.0
    assert np.all(outcome["revenue"][:, 2:][ruined] == 0.0)


def test_a_lab_sells_no_more_than_its_capacity(outcome):
    revenue, capacity = outcome["revenue"][:, 1:], outcome["inference_limit"][:, 1:] * outcome["lab_power"][:, 1:]
    most = capacity * outcome["revenue_per_power"][:, :-1]
    assert np.all(revenue <= most * (1 + 1e-9) + 1e-9)
    parts = outcome["inference"] + outcome["research"]
    np.testing.assert_allclose(parts, outcome["lab_power"], rtol=1e-9, atol=1e-9)


def test_all_revenue_is_demand_and_all_demand_stays_below_its_share_of_output(outcome):
    revenue, asked = outcome["industry_revenue"], outcome["asked"].sum(axis=2)
    assert np.all(revenue <= asked * (1 + 1e-9))
    np.testing.assert_allclose(revenue + outcome["turned_away"], asked, rtol=1e-9, atol=1e-9)
    law = path_of(outcome.world.giver("spending"))
    wages = dict.fromkeys(("spending", "spending_by_income"), "spending.labour_share")
    labour_or_ceiling = wages | {"trend": "trend.ceiling"}
    most = outcome.number(labour_or_ceiling[law])
    assert np.all(outcome["spending"][:, 1:] <= most * outcome["output"][:, :-1] * (1 + 1e-9))
    assert np.all(outcome["industry_revenue"][:, 1:] <= most * outcome["output"][:, :-1] * (1 + 1e-9))


def test_the_industry_is_the_sum_of_its_labs(outcome):
    for whole, part in {"it_power": "power", "industry_bill": "bill", "industry_revenue": "revenue"}.items():
        np.testing.assert_allclose(outcome[whole], outcome[part].sum(axis=2), rtol=1e-12, atol=1e-9)


def test_suppliers_accept_no_more_than_was_wanted_nor_than_they_can(outcome):
    accepted, wanted = outcome["accepted"], outcome["wanted_order"]
    assert np.all(accepted <= wanted * (1 + 1e-12))
    limit = outcome.signals.get("order_limit", np.inf)
    assert np.all(accepted.sum(axis=2) <= limit * (1 + 1e-9) + 1e-9)


def test_world_output_never_grows_threefold_in_a_year(outcome):
    assert outcome["output_growth"].max() < 3.0
    yearly = (
        outcome["output"][:, outcome.scenario.steps_per_year :]
        / outcome["output"][:, : -outcome.scenario.steps_per_year]
    )
    assert yearly.max() < 4.0


def test_what_cannot_be_unlearnt_never_falls(outcome):
    for name in ("training_run", "capability", "genius"):
        assert np.all(np.diff(outcome[name], axis=1) >= -1e-9 * np.abs(outcome[name][:, 1:])), name


# --- corners of the space of parameters -----------------------------------------------------------------


def corner(rng, entry, rows):
    """The entry at its 1st, 50th or 99th percentile, by row."""
    return entry.quantile(rng.choice([0.01, 0.5, 0.99], rows))


@pytest.mark.parametrize("seed", range(4))
def test_no_corner_of_the_parameters_breaks_the_world(seed):
    """Every uncertain number at its 1st, 50th or 99th percentile: 256 combinations at a time, compiled once."""
    scenario = load("base")
    world = scenario.world()
    rng = np.random.default_rng(seed)
    groups, kinds = uncertain(scenario, world), world.numbers()
    chosen = {e.path: corner(rng, e, DRAWS) for p in sorted(groups) for e in groups[p]}
    samples = {p: np.stack([chosen[e.path] for e in group], axis=1) for p, group in groups.items()}
    samples = {p: jnp.asarray(x if kinds[p].axes else x[:, 0]) for p, x in samples.items()}
    got = run_chunk(
        world,
        samples,
        jnp.arange(DRAWS),
        jnp.asarray(seed),
        jnp.asarray(year_of(scenario.begin)),
        {},
        {},
        steps=scenario.steps,
        steps_per_year=scenario.steps_per_year,
        keep=tuple(world.signals),
    )
    signals = {n: np.moveaxis(np.asarray(x), 0, 1) for n, x in got.items()}
    middle = {e.path: e.value for group in groups.values() for e in group}

    def extremes(draw):
        return {p: round(float(x[draw]), 4) for p, x in chosen.items() if not np.isclose(x[draw], middle[p])}

    check_finite(world, signals, extremes)
    check_limits(world, signals)
    assert signals["output_growth"].max() < 3.0
    np.testing.assert_array_equal(np.isin(signals["alive"], (0.0, 1.0)), True)
