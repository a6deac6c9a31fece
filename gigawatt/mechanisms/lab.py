"""Lab: what is owed, what comes in, what lenders and the state take, and when the difference is fatal (S18, S27)."""

import jax.numpy as jnp
from jax import Array

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import GW, PerLab, Rate, Share, Years, bn_USD, bn_USD_per_year


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


def tax_due(income, losses, rate, offset):
    """Income tax, and the losses carried forward after it. [the unit of income, twice]

    Losses of earlier years lower taxable income by at most the share `offset` of it: 26 U.S.C. 11(b) for the rate,
    172(a)(2) for the offset. A loss is taxed at nothing and added to those carried forward. Income before tax of one
    period and losses in the same money; arguments may be arrays.
    """
    gain = jnp.maximum(income, 0.0)
    used = jnp.minimum(losses, offset * gain)
    return rate * (gain - used), losses - used + jnp.maximum(-income, 0.0)


def draw_debt(cash, debt, limit):
    """What a lab borrows now: what cash lacks, as far as lenders go. [bn USD]

    `cash` before borrowing, `debt` already owed, `limit` of all debt. A lab whose limit fell below its debt borrows
    nothing more. Arguments may be arrays.
    """
    return jnp.minimum(jnp.maximum(-cash, 0.0), jnp.maximum(limit - debt, 0.0))


class Accounts(Mechanism):
    """A lab's month: revenue in, bills and other costs out, money raised and lent, ruin when all is gone (S20, S22).

    Debt is drawn last, when cash would fall below zero, up to a share of the valuation; it is repaid over its
    maturity. Profit less interest is taxed, after losses carried forward. Ruin is absorbing: the lab's customers
    leave, it orders nothing more, its debt and what its contracts still cost are written off by creditors, so that
    its cash stays at zero. Revenue and costs are run rates at the end of a month; cash moves by their mean over it.
    """

    other_per_revenue: Share = param("Costs other than compute, per revenue (selling, support)")
    other_per_bill: Share = param("Costs other than compute, per compute bill (research staff)")
    debt_limit: Share = param("Greatest debt, per valuation")
    interest_rate: Rate = param("Interest on debt, above inflation")
    maturity: Years = param("Time over which debt is repaid")
    tax_rate: Share = param("Tax on income")
    loss_offset: Share = param("Greatest share of income that earlier losses free from tax")
    credit: PerLab[bn_USD] = param("Credit that a lab can draw when cash and debt are exhausted")

    class Out(Signals):
        selling_costs: PerLab[bn_USD_per_year] = signal("Costs of selling and support")
        staff_costs: PerLab[bn_USD_per_year] = signal("Costs of research staff")
        other_costs: PerLab[bn_USD_per_year] = signal("Costs other than compute")
        profit: PerLab[bn_USD_per_year] = signal("Profit before finance", headline=True)
        interest: PerLab[bn_USD_per_year] = signal("Interest on debt")
        tax: PerLab[bn_USD_per_year] = signal("Tax on income")
        losses: PerLab[bn_USD] = signal("Losses carried forward", start=0.0)
        borrowed: PerLab[bn_USD_per_year] = signal("Debt drawn less debt repaid")
        written_off: PerLab[bn_USD_per_year] = signal("Bills that creditors lose")
        defaulted: PerLab[bn_USD_per_year] = signal("Debt that lenders lose")
        cash: PerLab[bn_USD] = signal("Cash", headline=True)
        debt: PerLab[bn_USD] = signal("Debt")
        liquid: PerLab[bn_USD] = signal("Cash before borrowing, and all that lenders would still lend")
        alive: PerLab[Share] = signal("Lab is solvent (1) or ruined (0)", start=1.0, headline=True)

    begins = ("selling_costs", "staff_costs", "other_costs", "profit")

    def begin(
        self,
        *,
        revenue: PerLab[bn_USD_per_year],
        bill: PerLab[bn_USD_per_year],
        lab_power: PerLab[GW],
        power: PerLab[GW],
    ) -> dict[str, Array]:
        lab_bill = bill * lab_power / power
        selling, staff = self.other_per_revenue * revenue, self.other_per_bill * lab_bill
        other = selling + staff
        profit = revenue - lab_bill - other
        return {"selling_costs": selling, "staff_costs": staff, "other_costs": other, "profit": profit}

    def __call__(
        self,
        *,
        revenue: PerLab[bn_USD_per_year],
        lab_bill: PerLab[bn_USD_per_year],
        valuation: PerLab[bn_USD],
        raised: PerLab[bn_USD_per_year],
        backed: PerLab[bn_USD_per_year],
        prev_profit: PerLab[bn_USD_per_year],
        prev_losses: PerLab[bn_USD],
        prev_cash: PerLab[bn_USD],
        prev_debt: PerLab[bn_USD],
        prev_alive: PerLab[Share],
        dt: Years,
    ) -> Out:
        selling = prev_alive * self.other_per_revenue * revenue
        staff = prev_alive * self.other_per_bill * lab_bill
        profit = revenue - lab_bill - (selling + staff)
        earned = 0.5 * (prev_profit + profit)
        interest = self.interest_rate * prev_debt
        tax, losses = tax_due(prev_alive * (earned - interest) * dt, prev_losses, self.tax_rate, self.loss_offset)
        repaid = -prev_debt * jnp.expm1(-dt / self.maturity)
        before = prev_cash + (earned - interest + raised + backed) * dt - tax
        limit, owed = self.debt_limit * valuation, prev_debt - repaid
        drawn = draw_debt(before - repaid, owed, limit)
        left = before - repaid + drawn
        solvent = (left >= -self.credit) & (prev_alive > 0.5)
        return self.Out(
            selling_costs=selling,
            staff_costs=staff,
            other_costs=selling + staff,
            profit=profit,
            interest=interest,
            tax=tax / dt,
            losses=jnp.where(solvent, losses, 0.0),
            borrowed=jnp.where(solvent, drawn - repaid, 0.0) / dt,
            # what is still in the till of a ruined lab goes to its creditors
            written_off=jnp.where(solvent, 0.0, -before / dt),
            defaulted=jnp.where(solvent, 0.0, prev_debt / dt),
            cash=jnp.where(solvent, left, 0.0),
            debt=jnp.where(solvent, owed + drawn, 0.0),
            liquid=jnp.where(solvent, before - repaid + jnp.maximum(limit - owed, 0.0), 0.0),
            alive=jnp.where(solvent, 1.0, 0.0),
        )
