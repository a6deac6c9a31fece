"""Lab: what is owed, what comes in, and when the difference is fatal (S18)."""

import jax.numpy as jnp
from jax import Array

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import GW, PerLab, Share, Years, bn_USD, bn_USD_per_year


def committed_total(annual, years):
    """All that a take-or-pay commitment will cost. [bn USD for bn USD/year and years]

    Arguments may be arrays.
    """
    return annual * years


def shortfall(revenue, commitment):
    """Part of a year's commitment that revenue does not cover. [bn USD/year]

    Arguments may be arrays.
    """
    return jnp.maximum(commitment - revenue, 0.0)


def cash_after(cash, finance, revenue, commitment):
    """Cash after a year in which the commitment is paid in full. [bn USD]

    Cash at the start plus new finance plus revenue less commitment; below zero it cannot be paid. Arguments
    may be arrays.
    """
    return cash + finance + revenue - commitment


def is_ruined(cash, finance, revenue, commitment):
    """Whether the commitment exceeds revenue, cash and finance together. [true or false]

    The ruin test of systems.md S18: shortfall > cash + finance. Arguments may be arrays.
    """
    return shortfall(revenue, commitment) > cash + finance


class Accounts(Mechanism):
    """A lab's month: revenue in, bills and other costs out, money raised, and ruin when cash is gone (S20, S22).

    Ruin is absorbing: the lab's customers leave, it orders nothing more, and what its contracts still cost is
    written off by creditors, so that its cash stays at zero. Revenue and costs are run rates at the end of a
    month; cash moves by their mean over the month.
    """

    other_per_revenue: Share = param("Costs other than compute, per revenue (selling, support)")
    other_per_bill: Share = param("Costs other than compute, per compute bill (research staff)")
    credit: PerLab[bn_USD] = param("Credit that a lab can draw when its cash is gone")

    class Out(Signals):
        other_costs: PerLab[bn_USD_per_year] = signal("Costs other than compute")
        profit: PerLab[bn_USD_per_year] = signal("Profit before finance", headline=True)
        written_off: PerLab[bn_USD_per_year] = signal("Bills that creditors lose")
        cash: PerLab[bn_USD] = signal("Cash", headline=True)
        alive: PerLab[Share] = signal("Lab is solvent (1) or ruined (0)", start=1.0, headline=True)

    begins = ("other_costs", "profit")

    def begin(
        self,
        *,
        revenue: PerLab[bn_USD_per_year],
        bill: PerLab[bn_USD_per_year],
        lab_power: PerLab[GW],
        power: PerLab[GW],
    ) -> dict[str, Array]:
        lab_bill = bill * lab_power / power
        other = self.other(revenue, lab_bill)
        return {"other_costs": other, "profit": revenue - lab_bill - other}

    def other(self, revenue: Array, lab_bill: Array) -> Array:
        return self.other_per_revenue * revenue + self.other_per_bill * lab_bill

    def __call__(
        self,
        *,
        revenue: PerLab[bn_USD_per_year],
        lab_bill: PerLab[bn_USD_per_year],
        raised: PerLab[bn_USD_per_year],
        backed: PerLab[bn_USD_per_year],
        prev_profit: PerLab[bn_USD_per_year],
        prev_cash: PerLab[bn_USD],
        prev_alive: PerLab[Share],
        dt: Years,
    ) -> Out:
        other = prev_alive * self.other(revenue, lab_bill)
        profit = revenue - lab_bill - other
        left = prev_cash + (0.5 * (prev_profit + profit) + raised + backed) * dt
        solvent = (left >= -self.credit) & (prev_alive > 0.5)
        return self.Out(
            other_costs=other,
            profit=profit,
            # what is still in the till of a ruined lab goes to its creditors
            written_off=jnp.where(solvent, 0.0, -left / dt),
            cash=jnp.where(solvent, left, 0.0),
            alive=jnp.where(solvent, 1.0, 0.0),
        )
