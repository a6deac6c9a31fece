"""Statement: income, cash flow and balance of a lab, month by month (S20, S23, S27).

Compute is rented by contract and expensed as it is used, as a buyer of cloud services does; nothing is capitalised, so
there is no depreciation and no investing cash flow, and cash and income fall into the same month, so there are no
receivables. Take-or-pay contracts are disclosed beside the balance (`supply.Commitments`), as filings disclose
leases that have not commenced. docs/laws/statement.md gives the reasons.
"""

import jax.numpy as jnp
from jax import Array

from gigawatt.core.mechanism import Mechanism, Signals, signal
from gigawatt.core.units import GW, PerLab, Share, Years, bn_USD, bn_USD_per_year


def compute_cost(bill, power_used, power):
    """Part of a compute bill that falls on the power used for one purpose. [unit of bill]

    All power in service costs alike: bill x used / power, nothing without power. Arguments may be arrays.
    """
    return bill * power_used / jnp.maximum(power, 1e-9)


def net_income(revenue, serving, training, selling, staff, interest, tax):
    """Income of a period after everything. [unit of revenue]

    Arguments may be arrays.
    """
    return revenue - serving - training - selling - staff - interest - tax


def equity(assets, liabilities):
    """What is left for the owners: the balance sheet read from the other side. [unit of assets]

    Arguments may be arrays.
    """
    return assets - liabilities


class Statement(Mechanism):
    """Income, cash flow and balance: paid-in capital and retained earnings are kept apart from cash and debt.

    Cash less debt moves with flows of money, equity with income and what owners pay in; that both agree in every
    month is the balance. The balance opens at the start: what owners had paid in and lost before is one number. What
    creditors write off is a gain to the equity of a lab that has none left.
    """

    class Out(Signals):
        serving_cost: PerLab[bn_USD_per_year] = signal("Compute cost of serving")
        training_cost: PerLab[bn_USD_per_year] = signal("Compute cost of research and training")
        gross_profit: PerLab[bn_USD_per_year] = signal("Revenue less the compute that serves it")
        net_income: PerLab[bn_USD_per_year] = signal("Income after interest and tax, over the month")
        financing: PerLab[bn_USD_per_year] = signal("Cash from owners and lenders, over the month")
        paid_in: PerLab[bn_USD] = signal("Capital paid in, from the opening balance")
        retained: PerLab[bn_USD] = signal("Earnings retained since the start", start=0.0)

    begins = ("serving_cost", "training_cost", "paid_in")

    def begin(
        self,
        *,
        bill: PerLab[bn_USD_per_year],
        power: PerLab[GW],
        lab_power: PerLab[GW],
        inference_share: PerLab[Share],
        cash: PerLab[bn_USD],
        debt: PerLab[bn_USD],
    ) -> dict[str, Array]:
        lab_bill = compute_cost(bill, lab_power, power)
        serving = lab_bill * inference_share
        return {"serving_cost": serving, "training_cost": lab_bill - serving, "paid_in": equity(cash, debt)}

    def __call__(
        self,
        *,
        revenue: PerLab[bn_USD_per_year],
        bill: PerLab[bn_USD_per_year],
        lab_bill: PerLab[bn_USD_per_year],
        inference: PerLab[GW],
        power: PerLab[GW],
        profit: PerLab[bn_USD_per_year],
        prev_profit: PerLab[bn_USD_per_year],
        interest: PerLab[bn_USD_per_year],
        tax: PerLab[bn_USD_per_year],
        raised: PerLab[bn_USD_per_year],
        backed: PerLab[bn_USD_per_year],
        borrowed: PerLab[bn_USD_per_year],
        written_off: PerLab[bn_USD_per_year],
        defaulted: PerLab[bn_USD_per_year],
        prev_paid_in: PerLab[bn_USD],
        prev_retained: PerLab[bn_USD],
        dt: Years,
    ) -> Out:
        serving = compute_cost(bill, inference, power)
        income = 0.5 * (prev_profit + profit) - interest - tax
        return self.Out(
            serving_cost=serving,
            training_cost=lab_bill - serving,
            gross_profit=revenue - serving,
            net_income=income,
            financing=raised + backed + borrowed,
            paid_in=prev_paid_in + (raised + backed) * dt,
            retained=prev_retained + (income + written_off + defaulted) * dt,
        )
