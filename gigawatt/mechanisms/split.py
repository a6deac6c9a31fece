"""Split: compute is chosen first, then demand decides how much of it serves customers (S20, S22)."""

import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import GW, H100e, PerLab, Share, bn_USD_per_GW_year, bn_USD_per_year


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
    return 1.0 - (1.0 - gross_margin) / (1.0 - training_share)


def breakeven_inference(compute, gross_margin):
    """Inference compute below which the lab makes a loss. [unit of compute]

    C (1 - g), from revenue I / (1 - g) = C. Arguments may be arrays.
    """
    return compute * (1.0 - gross_margin)


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

    Demand above what a lab will give to serving is turned away; part of it goes to labs with room.
    """

    inference_max: Share = param("Greatest share of compute that a lab gives to serving")
    spill: Share = param("Share of the demand one lab turns away that another can win at once")

    class Out(Signals):
        inference: PerLab[GW] = signal("Power that serves customers")
        research: PerLab[GW] = signal("Power left for research and training")
        research_compute: PerLab[H100e] = signal("Compute left for research and training")
        revenue: PerLab[bn_USD_per_year] = signal("Revenue run rate", headline=True)
        industry_revenue: bn_USD_per_year = signal("Industry revenue run rate", headline=True)
        turned_away: bn_USD_per_year = signal("Demand that nobody could serve", headline=True)

    def __call__(
        self,
        *,
        power: PerLab[GW],
        compute: PerLab[H100e],
        prev_wanted: PerLab[bn_USD_per_year],
        prev_revenue_per_power: PerLab[bn_USD_per_GW_year],
    ) -> Out:
        greatest = self.inference_max * power * prev_revenue_per_power
        revenue = serve(prev_wanted, greatest, self.spill)
        inference = revenue / prev_revenue_per_power
        research = power - inference
        return self.Out(
            inference=inference,
            research=research,
            research_compute=compute * research / jnp.maximum(power, 1e-9),
            revenue=revenue,
            industry_revenue=jnp.sum(revenue),
            turned_away=jnp.sum(prev_wanted - revenue),
        )
