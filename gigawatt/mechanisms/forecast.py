"""Forecast: profit as the error of a plan, and the research that the error squeezes or feeds (S22)."""

import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, signal
from gigawatt.core.units import GW, Number, PerLab, bn_USD_per_year


def planned_profit(planned, per_revenue, fixed):
    """Profit that a plan promised. [unit of planned]

    Planned revenue less costs that go with revenue (a share of it) and those that do not: the compute is bought, used
    or not. Arguments may be arrays.
    """
    return planned * (1.0 - per_revenue) - fixed


def error_profit(demand, planned, per_revenue):
    """Profit above plan, if all demand is served: what the error of the forecast is worth. [unit of demand]

    profit = plan + k (demand - forecast), with k = 1 less the costs that go with revenue: interview of February 2026.
    Arguments may be arrays.
    """
    return (demand - planned) * (1.0 - per_revenue)


def research_error(served, planned, revenue_per_compute):
    """Compute that research has above plan: what customers did not take, or below it. [compute]

    (planned - served) / revenue per compute that serves. Arguments may be arrays.
    """
    return (planned - served) / revenue_per_compute


class ForecastError(Mechanism):
    """Profit of the month = what the plan promised + what demand beyond the plan brings - what could not be served.

    The plan is the demand expected a lead time ago for today (`orders.Plans`), at the costs of today: compute bought
    then is paid now. Nothing reads this.
    """

    class Out(Signals):
        planned_profit: PerLab[bn_USD_per_year] = signal("Profit that the plan promised, at today's costs")
        error_profit: PerLab[bn_USD_per_year] = signal("Profit from demand above the plan, could all be served")
        unserved_profit: PerLab[bn_USD_per_year] = signal("Profit forgone on demand turned away")
        research_error: PerLab[Number] = signal("Compute left to research above plan, per compute in service")

    def __call__(
        self,
        *,
        planned: PerLab[bn_USD_per_year],
        asked: PerLab[bn_USD_per_year],
        revenue: PerLab[bn_USD_per_year],
        selling_costs: PerLab[bn_USD_per_year],
        staff_costs: PerLab[bn_USD_per_year],
        lab_bill: PerLab[bn_USD_per_year],
        inference: PerLab[GW],
        lab_power: PerLab[GW],
    ) -> Out:
        sold = jnp.maximum(revenue, 1e-9)
        per_revenue = selling_costs / sold
        per_share = sold * lab_power / jnp.maximum(inference, 1e-9)  # revenue if all compute served
        return self.Out(
            planned_profit=planned_profit(planned, per_revenue, lab_bill + staff_costs),
            error_profit=error_profit(asked, planned, per_revenue),
            unserved_profit=error_profit(asked, revenue, per_revenue),
            research_error=jnp.where(revenue > 0.0, research_error(revenue, planned, per_share), 0.0),
        )
