"""lab_pnl_v1: one lab orders compute ahead of uncertain demand; as a world of mechanisms and as plain NumPy.

Specification, stored paths and Monte Carlo numbers: tests/reference/planning/lab_pnl_v1.json and _paths.csv.
A unit of compute is what costs 1 bn USD a year at the prices of the first month. The calendar starts at year 0.
"""

import json
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from gigawatt.core.entry import Entry
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.queue import Delay
from gigawatt.core.run import in_chunks, run_chunk
from gigawatt.core.units import (
    Date,
    Number,
    PerSqrtYear,
    PerYear,
    Positive,
    Share,
    Years,
    bn_USD,
    bn_USD_per_year,
)
from gigawatt.core.world import World

REFERENCE = Path(__file__).parents[1] / "reference" / "planning"
STORED = json.loads((REFERENCE / "lab_pnl_v1.json").read_text())
SPEC = STORED["spec"]["parameters"]
MONTHS = STORED["spec"]["months"]
LEAD, TERM = SPEC["lead_L_months"], SPEC["contract_Tc_months"]
D0, W0, RHO, SHARE_MAX = SPEC["D0"], SPEC["W0"], SPEC["rho"], SPEC["inference_share_max"]
STAFF, SIGMA, MARGIN, FADE = SPEC["staff_share"], SPEC["sigma"], SPEC["margin"], SPEC["tau_years"]
# from the formulas of the specification, which are text
LAST, BELIEVED = np.log(1.3), np.log(4.0)
FIXED, FIXED_GROWTH, DISCOUNT, PRICE_FALL, TRAINING = 0.5, 1.2, 1.1, 0.25, 0.5
BASE_CONTRACT = np.concatenate([np.full(12, 8.0), np.full(24, 16.0), np.zeros(MONTHS)])  # by month


class Shock(Mechanism):
    """This month's shock to demand: none, unless prescribed path by path."""

    class Out(Signals):
        shock: Number = signal("Standard normal shock")

    def __call__(self) -> Out:
        return self.Out(shock=jnp.zeros(()))


class Demand(Mechanism):
    """Demand starts to grow on a date, fast at first, and its growth fades to a long-run rate."""

    last: PerYear = param("Growth in the long run")
    fade: Years = param("Time in which growth above the long run falls by a factor e")
    begins: Date = param("Date before which demand only scatters")
    volatility: PerSqrtYear = param("Volatility")

    class Out(Signals):
        demand: bn_USD_per_year = signal("Demand this month")
        next_demand: bn_USD_per_year = signal("Demand next month")
        excess: PerYear = signal("Growth above the long run, next month")

    def __call__(
        self, *, prev_next_demand: bn_USD_per_year, prev_excess: PerYear, shock: Number, year: Date, dt: Years
    ) -> Out:
        begun = year - 0.5 * dt > self.begins
        growth = jnp.where(begun, (self.last + prev_excess) * dt, 0.0)
        return self.Out(
            demand=prev_next_demand,
            next_demand=prev_next_demand * jnp.exp(growth + self.volatility * jnp.sqrt(dt) * shock),
            excess=prev_excess * jnp.where(begun, jnp.exp(-dt / self.fade), 1.0),
        )


class Contracts(Delay):
    """Orders come into service after the lead time and leave when their term ends."""

    lead: Years = param("From order to service")
    term: Years = param("From service to the end of the contract")

    class Out(Signals):
        arrived: Positive = signal("Compute coming into service, per year", posted="order")
        ended: Positive = signal("Compute leaving service, per year", posted="order")
        lapsed: Positive = signal("Orders one term ago, per year", posted="order")

    def after(self):
        return {"arrived": self.lead, "ended": self.lead + self.term, "lapsed": self.term}


class Fleet(Mechanism):
    """Compute under contract and its bill at the prices of the day of order."""

    lead: Years = param("From order to service")
    term: Years = param("From service to the end of the contract")
    price_fall: PerYear = param("Rate at which the price of new contracts falls")

    class Out(Signals):
        ordered: Positive = signal("Compute in service from orders", start=0.0)
        ordered_bill: bn_USD_per_year = signal("Its bill", start=0.0)
        base: Positive = signal("Compute under the base contract, at 1 bn USD a unit and year")
        base_ahead: Positive = signal("The same one lead time from now")

    def __call__(
        self,
        *,
        prev_ordered: Positive,
        prev_ordered_bill: bn_USD_per_year,
        arrived: Positive,
        ended: Positive,
        year: Date,
        dt: Years,
    ) -> Out:
        def price(since):
            return jnp.exp(-self.price_fall * (year - dt - since))

        def base(date):
            return jnp.where(date < 1.0, 8.0, jnp.where(date < 3.0, 16.0, 0.0))

        bill = arrived * price(self.lead) - ended * price(self.lead + self.term)
        return self.Out(
            ordered=prev_ordered + (arrived - ended) * dt,
            ordered_bill=prev_ordered_bill + bill * dt,
            base=base(year - 0.5 * dt),
            base_ahead=base(year - 0.5 * dt + self.lead),
        )


class Books(Mechanism):
    """Revenue, profit, cash and present value of the month."""

    revenue_per_unit: bn_USD_per_year = param("Revenue of a unit of compute used for inference")
    inference_max: Share = param("Greatest share of compute used for inference")
    staff: Share = param("Staff cost per revenue")
    fixed: bn_USD_per_year = param("Fixed cost at the start")
    fixed_growth: Positive = param("Multiple of the fixed cost in a year")
    discount: Positive = param("Multiple by which money a year later is worth less")

    class Out(Signals):
        capacity: Positive = signal("Compute in service")
        revenue: bn_USD_per_year = signal("Revenue")
        bill: bn_USD_per_year = signal("Bill for compute")
        inference: Share = signal("Share of compute used for inference")
        cash: bn_USD = signal("Cash")
        least_cash: bn_USD = signal("Least cash so far")
        present_value: bn_USD = signal("Present value of the cash flow so far", start=0.0)

    def __call__(
        self,
        *,
        demand: bn_USD_per_year,
        ordered: Positive,
        ordered_bill: bn_USD_per_year,
        base: Positive,
        prev_cash: bn_USD,
        prev_least_cash: bn_USD,
        prev_present_value: bn_USD,
        year: Date,
        dt: Years,
    ) -> Out:
        t = year - dt
        capacity, bill = ordered + base, ordered_bill + base
        revenue = jnp.minimum(demand, self.revenue_per_unit * self.inference_max * capacity)
        flow = ((1.0 - self.staff) * revenue - bill - self.fixed * self.fixed_growth**t) * dt
        cash = prev_cash + flow
        return self.Out(
            capacity=capacity,
            revenue=revenue,
            bill=bill,
            inference=revenue / (self.revenue_per_unit * capacity),
            cash=cash,
            least_cash=jnp.minimum(prev_least_cash, cash),
            present_value=prev_present_value + flow * self.discount**-t,
        )


class Orders(Mechanism):
    """Orders fill the gap between the compute wanted at delivery and what is under contract until then."""

    margin: Share = param("Margin over expected demand")
    inference: Share = param("Share of compute planned for inference")
    revenue_per_unit: bn_USD_per_year = param("Revenue of a unit of compute used for inference")
    believed: PerYear = param("Growth assumed at the start")
    last: PerYear = param("Growth assumed in the long run")
    fade: Years = param("Time in which assumed growth above the long run falls by a factor e")
    lead: Years = param("From order to service")

    class Out(Signals):
        position: Positive = signal("Compute ordered within the last term", start=0.0)
        order: Positive = signal("Orders, per year", start=0.0)

    def __call__(
        self,
        *,
        demand: bn_USD_per_year,
        base_ahead: Positive,
        lapsed: Positive,
        prev_position: Positive,
        prev_order: Positive,
        year: Date,
        dt: Years,
    ) -> Out:
        above = (self.believed - self.last) * self.fade * jnp.exp(-(year - dt) / self.fade)
        growth = self.last * self.lead - above * jnp.expm1(-self.lead / self.fade)
        wanted = (1.0 + self.margin) * jnp.exp(growth) / (self.revenue_per_unit * self.inference) * demand
        position = prev_position + (prev_order - lapsed) * dt
        return self.Out(position=position, order=jnp.maximum(wanted - position - base_ahead, 0.0) / dt)


def world() -> World:
    """The lab in regime `fast`."""
    lead, term = LEAD / 12, TERM / 12
    start = {"next_demand": (D0, "bn USD/year"), "cash": (W0, "bn USD"), "least_cash": (W0, "bn USD")}
    start["excess"] = (0.0, "1/year")
    paths = {f"start.{n}": value for n, value in start.items()}
    table = {p: Entry(p, x, unit, x, x, source=("lab_pnl_v1",), grade="definition") for p, (x, unit) in paths.items()}
    return World(
        [
            Shock(),
            Demand(last=LAST, fade=FADE, begins=0.0, volatility=SIGMA),
            Contracts(lead=lead, term=term),
            Fleet(lead=lead, term=term, price_fall=PRICE_FALL),
            Books(
                revenue_per_unit=RHO,
                inference_max=SHARE_MAX,
                staff=STAFF,
                fixed=FIXED,
                fixed_growth=FIXED_GROWTH,
                discount=DISCOUNT,
            ),
            Orders(
                margin=MARGIN,
                inference=TRAINING,
                revenue_per_unit=RHO,
                believed=BELIEVED,
                last=LAST,
                fade=FADE,
                lead=lead,
            ),
        ],
        table=table,
    )


def regimes(names):
    """First growth above the long run and date of its beginning, by path."""
    table = SPEC["regimes"]
    first = {n: np.log(float(r["g0"].removeprefix("ln "))) - LAST for n, r in table.items()}
    begins = {n: r.get("starts_after_years", 0.0) for n, r in table.items()}
    return np.array([first[n] for n in names]), np.array([begins[n] for n in names])


def draw(n, seed=123):
    """Regimes and shocks of the stored Monte Carlo: excess (n,), begins (n,), shocks (months, n)."""
    table = SPEC["regimes"]
    rng = np.random.default_rng(seed)
    regime = rng.choice(len(table), size=n, p=[r["prob"] for r in table.values()])
    excess, begins = regimes(table)
    return excess[regime], begins[regime], rng.standard_normal((MONTHS, n))


def by_world(lab, excess, begins, shocks, chunk, keep=("least_cash", "present_value"), months=slice(-1, None)):
    """The kept signals of the wanted months, (months, n), from the world; `chunk` divides the number of paths."""
    n = excess.size
    wanted = range(MONTHS)[months]
    out = {name: np.empty((len(wanted), n), shocks.dtype) for name in keep}

    def work(ids):
        part = slice(ids[0], ids[-1] + 1)
        samples = {"start.excess": excess[part], "demand.begins": begins[part]}
        held = {"shock": shocks[:, part]}
        found = run_chunk(lab, samples, ids, 0, 0.0, {}, {}, held, steps=MONTHS, steps_per_year=12, keep=keep)
        for name, values in found.items():
            out[name][:, part] = np.asarray(values)[months]

    in_chunks(work, n, chunk)
    return out


def by_numpy(excess, begins, shocks):
    """Least cash and present value of each path, by the steps of the specification, all paths at once."""
    n = excess.size
    price = np.exp(-PRICE_FALL * np.arange(MONTHS) / 12)
    orders = np.zeros((MONTHS, n))
    demand, cash = np.full(n, D0), np.full(n, W0)
    least, value = cash.copy(), np.zeros(n)
    ordered, ordered_bill, position = np.zeros(n), np.zeros(n), np.zeros(n)
    for m in range(MONTHS):
        t, base = m / 12, BASE_CONTRACT[m]
        # 1, 2: what is in service, and its bill
        if m >= LEAD:
            ordered += orders[m - LEAD]
            ordered_bill += orders[m - LEAD] * price[m - LEAD]
        if m >= LEAD + TERM:
            ordered -= orders[m - LEAD - TERM]
            ordered_bill -= orders[m - LEAD - TERM] * price[m - LEAD - TERM]
        # 3, 4: revenue, cash, present value
        inference = np.minimum(demand / RHO, SHARE_MAX * (ordered + base))
        revenue = RHO * inference
        flow = (revenue - (ordered_bill + base) - (STAFF * revenue + FIXED * FIXED_GROWTH**t)) / 12
        cash += flow
        least = np.minimum(least, cash)
        value += flow * DISCOUNT**-t
        # 5: orders
        if m >= TERM:
            position -= orders[m - TERM]
        growth = LAST * LEAD / 12 + (BELIEVED - LAST) * FADE * np.exp(-t / FADE) * (1 - np.exp(-LEAD / 12 / FADE))
        wanted = (1 + MARGIN) * demand * np.exp(growth) / (RHO * TRAINING)
        orders[m] = np.maximum(0.0, wanted - position - BASE_CONTRACT[m + LEAD])
        position += orders[m]
        # 6: next month's demand
        since = t - begins
        rate = np.where(since < 0, 0.0, LAST + excess * np.exp(-since / FADE))
        demand = demand * np.exp(rate / 12 + SIGMA * np.sqrt(1 / 12) * shocks[m])
    return {"least_cash": least, "present_value": value}
