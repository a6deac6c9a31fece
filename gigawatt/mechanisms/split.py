"""Split: compute is chosen first, then demand decides how much of it serves customers (S20-S22)."""

import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import (
    GW,
    H100e,
    PerLab,
    PerYear,
    Positive,
    Share,
    Years,
    bn_USD_per_GW_year,
    bn_USD_per_year,
)
from gigawatt.decisions.margins import profit_per_revenue


def split(compute, demand_compute):
    """Compute that serves customers, and compute left for training. [unit of compute, twice]

    min(D, C) and the rest (systems.md S20). Arguments may be arrays.
    """
    inference = jnp.minimum(demand_compute, compute)
    return inference, compute - inference


def revenue_of(inference_compute, gross_margin):
    """Revenue that an amount of inference compute supports. [bn USD/year for compute in bn USD/year]

    I / (1 - g). Arguments may be arrays.
    """
    return inference_compute / (1.0 - gross_margin)


def profit(revenue, compute):
    """Profit when compute, for serving and training alike, is the whole cost. [bn USD/year]

    Arguments may be arrays.
    """
    return revenue - compute


def profit_margin(gross_margin, training_share):
    """Profit over revenue. [share]

    1 - (1 - g) / (1 - s): positive exactly when the gross margin is above the training share (systems.md
    S20). Arguments may be arrays.
    """
    return profit_per_revenue(1.0 - training_share, gross_margin)


def breakeven_inference(compute, gross_margin):
    """Inference compute below which the lab makes a loss. [unit of compute]

    C (1 - g), from revenue I / (1 - g) = C. Arguments may be arrays.
    """
    return compute * (1.0 - gross_margin)


def interior_training_share(worth_of_log_training, value_of_serving, compute):
    """Share of compute that training gets when its returns are logarithmic. [share]

    The s in [0, 1] that maximises B ln(s C) + v (1 - s) C is B / (v C), at most one (systems.md S21). B is what an
    e-fold of training is worth [money/year], v what a unit of compute earns in serving [money/year per unit of
    compute]. Arguments may be arrays.
    """
    return jnp.minimum(worth_of_log_training / (value_of_serving * compute), 1.0)


def training_share_by_revenue(worth):
    """`interior_training_share` where an e-fold of training is worth `worth` times the revenue left. [share]

    B = w v (1 - s) C and s = B / (v C) meet at s = w / (1 + w), for any compute and any price: spending on quality
    over revenue is the elasticity of revenue to quality (Dorfman & Steiner 1954, American Economic Review
    44:826). Arguments may be arrays.
    """
    return worth / (1.0 + worth)


def margin_left(age, window, left, steepness):
    """Part of its margin over serving cost that an old model still fetches without a successor. [share]

    left^((age / window)^steepness): `left` after the window. Steepness 1 is exponential decay with the half-life
    window ln 2 / -ln left; the steeper, the nearer to a cliff at the window. A form of ours for "about two months"
    (fact no-next-model-window, which the register reads as a cliff). Age and window in the same time, `left` in (0, 1);
    arguments may be arrays.
    """
    return left ** ((age / window) ** steepness)


def eroded_price(price, cost, kept):
    """Price of which only a part of the margin over cost is kept; a price below cost stays. [unit of price]

    Arguments may be arrays.
    """
    return price - (1.0 - kept) * jnp.maximum(price - cost, 0.0)


def serve(wanted, greatest, spill):
    """What each lab serves when part of the demand that one turns away goes to others with room. [unit of wanted]

    `wanted` and `greatest` by lab along the last axis; a share `spill` of what is turned away looks elsewhere and
    is spread over the labs in proportion to their room. Nobody serves more than `greatest`.
    """
    first = jnp.minimum(wanted, greatest)
    room = greatest - first
    all_room = jnp.sum(room, axis=-1, keepdims=True)
    moving = spill * jnp.sum(wanted - first, axis=-1, keepdims=True)
    return first + room * jnp.minimum(moving / jnp.maximum(all_room, 1e-12), 1.0)


class Split(Mechanism):
    """Compute is there already; demand decides how much of it serves, and research gets the rest.

    Part of what an owner runs serves its other products (advertising, search, rented cloud), which pay for it
    and grow at a pace of their own; the rest is the lab's. Demand above what a lab will give to serving is turned
    away; part of it goes to labs with room.

    A lab whose `training_worth` is above zero keeps its interior share for training whatever demand is (S21). An
    e-fold is worth a share of the revenue of the time when the new model earns, a lag later at believed growth:
    a lab that sees fast growth trains more. At zero, demand alone decides.
    """

    own_use: PerLab[Share] = param("Share of the owner's compute that serves its other products at the start")
    own_growth: PerYear = param("Log growth of the power that owners' other products use")
    own_max: Share = param("Greatest share of the owner's compute that serves its other products")
    inference_max: Share = param("Greatest share of its compute that a lab gives to serving")
    training_worth: PerLab[Positive] = param("Worth of an e-fold of training, per revenue when the model earns")
    training_lag: Years = param("From training a model to what it earns")
    spill: Share = param("Share of the demand one lab turns away that another can win at once")

    class Out(Signals):
        own_power: PerLab[GW] = signal("Power that the owner's other products use and pay for")
        own_power_growth: PerYear = signal("Log growth of the power that owners' other products use")
        lab_power: PerLab[GW] = signal("Power in service for the lab itself")
        lab_bill: PerLab[bn_USD_per_year] = signal("Compute bill that the lab itself pays")
        inference_limit: PerLab[Share] = signal("Greatest share of its compute that the lab gives to serving")
        inference: PerLab[GW] = signal("Power that serves customers")
        research: PerLab[GW] = signal("Power left for research and training")
        research_compute: PerLab[H100e] = signal("Compute left for research and training")
        revenue: PerLab[bn_USD_per_year] = signal("Revenue run rate", headline=True)
        industry_revenue: bn_USD_per_year = signal("Industry revenue run rate", headline=True)
        turned_away: bn_USD_per_year = signal("Demand that nobody could serve", headline=True)
        asked: PerLab[bn_USD_per_year] = signal("Demand that comes to the lab this month")
        demand_growth: PerLab[Positive] = signal("Demand that comes this month, relative to last month's")

    begins = ("own_power", "lab_power", "lab_bill", "research_compute", "base_revenue_per_power")

    def begin(
        self,
        *,
        power: PerLab[GW],
        compute: PerLab[H100e],
        revenue: PerLab[bn_USD_per_year],
        inference_share: PerLab[Share],
        bill: PerLab[bn_USD_per_year],
    ) -> dict:
        lab = 1.0 - self.own_use
        return {
            "own_power": self.own_use * power,
            "lab_power": lab * power,
            "lab_bill": lab * bill,
            "research_compute": lab * compute * (1.0 - inference_share),
            "base_revenue_per_power": revenue / (inference_share * lab * power),
        }

    def __call__(
        self,
        *,
        power: PerLab[GW],
        compute: PerLab[H100e],
        bill: PerLab[bn_USD_per_year],
        prev_own_power: PerLab[GW],
        prev_alive: PerLab[Share],
        prev_wanted: PerLab[bn_USD_per_year],
        prev_belief: PerLab[PerYear],
        prev_spending_limit: bn_USD_per_year,
        prev_revenue_per_power: PerLab[bn_USD_per_GW_year],
        dt: Years,
    ) -> Out:
        # stocks may end a rounding error below zero when their last contract ends
        in_service = jnp.maximum(power, 0.0)
        own_power = jnp.minimum(prev_own_power * jnp.exp(self.own_growth * dt), self.own_max * in_service)
        lab_power = in_service - own_power
        kept = training_share_by_revenue(self.training_worth * jnp.exp(prev_belief * self.training_lag))
        limit = jnp.minimum(self.inference_max, 1.0 - kept)
        greatest = prev_alive * limit * lab_power * prev_revenue_per_power
        # last month's demand has gone on growing, within what all can spend
        growth = jnp.exp(prev_belief * dt)
        growth *= jnp.minimum(1.0, prev_spending_limit / jnp.maximum(jnp.sum(prev_wanted * growth), 1e-12))
        asked = prev_wanted * growth
        revenue = serve(asked, greatest, self.spill)
        inference = revenue / prev_revenue_per_power
        research = jnp.maximum(lab_power - inference, 0.0)
        return self.Out(
            own_power=own_power,
            own_power_growth=self.own_growth,
            lab_power=lab_power,
            lab_bill=bill * lab_power / jnp.maximum(power, 1e-9),
            inference_limit=limit,
            inference=inference,
            research=research,
            research_compute=jnp.maximum(compute, 0.0) * research / jnp.maximum(power, 1e-9),
            revenue=revenue,
            industry_revenue=jnp.sum(revenue),
            turned_away=jnp.sum(asked - revenue),
            asked=asked,
            demand_growth=growth,
        )


class SplitWithLimit(Mechanism):
    """Split where a lab bounds what it spends on training compute and lets to others what it does not train with (S23).

    Bounded at its peak, the next model costs what the last one did; at nothing, training stops. While training lies
    below a small share of its peak no successor comes, and the margin over the cost of serving decays: the lab gets a
    lower price for the same service. Let compute brings part of its cost.
    """

    inner: Split
    most: PerLab[Positive] = param("Greatest spending on training compute, per its peak so far")
    let_price: Share = param("What let compute brings, per cost")
    least_effort: Share = param("Training, relative to its peak, below which no successor comes")
    window: Years = param("Time without a successor after which the margin is gone")
    left: Share = param("Part of the margin that counts as gone")
    steepness: Positive = param("How sudden the margin goes (1: a constant rate)")

    class Out(Split.Out):
        training_peak: PerLab[bn_USD_per_year] = signal("Most that the lab has spent on training compute")
        let: PerLab[GW] = signal("Power let to others")
        model_age: PerLab[Years] = signal("Time for which no successor has been in training", start=0.0)

    begins = (*Split.begins, "training_peak")

    def begin(
        self,
        *,
        power: PerLab[GW],
        compute: PerLab[H100e],
        revenue: PerLab[bn_USD_per_year],
        inference_share: PerLab[Share],
        bill: PerLab[bn_USD_per_year],
    ) -> dict:
        start = {"power": power, "compute": compute, "revenue": revenue, "inference_share": inference_share}
        found = self.inner.begin(**start, bill=bill)
        return found | {"training_peak": found["lab_bill"] * (1.0 - inference_share)}

    def __call__(
        self,
        *,
        power: PerLab[GW],
        compute: PerLab[H100e],
        bill: PerLab[bn_USD_per_year],
        prev_own_power: PerLab[GW],
        prev_alive: PerLab[Share],
        prev_wanted: PerLab[bn_USD_per_year],
        prev_belief: PerLab[PerYear],
        prev_spending_limit: bn_USD_per_year,
        prev_revenue_per_power: PerLab[bn_USD_per_GW_year],
        prev_training_peak: PerLab[bn_USD_per_year],
        prev_model_age: PerLab[Years],
        dt: Years,
    ) -> Out:
        cost = bill / jnp.maximum(power, 1e-9)
        kept = margin_left(prev_model_age, self.window, self.left, self.steepness)
        price = eroded_price(prev_revenue_per_power, cost, kept)
        found = self.inner(
            power=power,
            compute=compute,
            bill=bill,
            prev_own_power=prev_own_power,
            prev_alive=prev_alive,
            # the same service, at the price that the lab still gets
            prev_wanted=prev_wanted * price / prev_revenue_per_power,
            prev_belief=prev_belief,
            prev_spending_limit=prev_spending_limit,
            prev_revenue_per_power=price,
            dt=dt,
        )
        free = cost * found.research
        spent = jnp.minimum(free, self.most * prev_training_peak)
        trained = spent / jnp.maximum(free, 1e-9)
        peak = jnp.maximum(prev_training_peak, spent)
        effort = jnp.minimum(spent / jnp.maximum(self.least_effort * peak, 1e-9), 1.0)
        changed = {
            "lab_bill": found.lab_bill - self.let_price * (free - spent),
            "research_compute": found.research_compute * trained,
        }
        return self.Out(
            **(vars(found) | changed),
            training_peak=peak,
            let=found.research * (1.0 - trained),
            model_age=(prev_model_age + dt) * (1.0 - effort),
        )
