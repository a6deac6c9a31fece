"""Generations: what a model earns, and what the company earns that is already paying for the next one (S23).

The same money told twice. The view by model charges a generation with what its own training cost; the view of the
company charges the year with what the next one costs. They differ by the growth of training cost and by nothing else.
"""

import jax.numpy as jnp
from jax import Array

from gigawatt.core.maths import mean_decay
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import PerLab, PerYear, Positive, Share, Years, bn_USD, bn_USD_per_year


def model_profit(revenue, serving, training):
    """What a model earns over its life, charged with its own training. [unit of revenue]

    Revenue, cost of serving it and cost of having trained it: interview of February 2026. Arguments may be arrays.
    """
    return revenue - serving - training


def company_profit(revenue, serving, next_training):
    """What the company earns while a model sells and the next one trains. [unit of revenue]

    Arguments may be arrays.
    """
    return revenue - serving - next_training


def gross_margin(revenue, serving):
    """Part of revenue that is left after serving it. [share]

    Arguments may be arrays.
    """
    return (revenue - serving) / revenue


def training_charge(training, revenue):
    """Training cost of a model over what it earns. [share of revenue]

    Arguments may be arrays.
    """
    return training / revenue


def breakeven_multiple(revenue, serving, training):
    """Multiple of training cost from one generation to the next at which the company breaks even. [multiple]

    (R - S) / K: a company whose next model costs more than this times the last one loses money however well each model
    does. Arguments may be arrays.
    """
    return (revenue - serving) / training


def cohorts(first, multiples, earned, margin):
    """Training cost, revenue, serving cost, model's and company's profit by generation. [unit of first, five arrays]

    Generation i costs K_i = first x m_1 x ... x m_i and brings `earned` times that in the period after its training,
    of which `margin` is left after serving; meanwhile generation i + 1 trains. `multiples` run along the last axis,
    one for each successor, so that there are as many generations on sale; the last has one, too. All five have the
    shape of `multiples`.
    """
    multiples = jnp.asarray(multiples, float)
    successor = first * jnp.cumprod(multiples, axis=-1)
    training = successor / multiples
    revenue = earned * training
    serving = (1.0 - margin) * revenue
    return (
        training,
        revenue,
        serving,
        model_profit(revenue, serving, training),
        company_profit(revenue, serving, successor),
    )


class Generations(Mechanism):
    """Each lab has one generation on sale and one in training; after a cycle the second takes the place of the first.

    All compute for research in a cycle, experiments too, is the training cost of the generation that it makes. The view
    by model spreads this cost evenly over the cycle in which it sells (whole steps of time). Nothing is lost between
    the views: what was spent has been charged, waits to be charged, or is in training. Staff is charged as it is paid.
    """

    cycle: Years = param("From one generation of models to the next")

    class Out(Signals):
        launched: PerLab[Share] = signal("A new generation came on sale this month (1) or not (0)")
        generation_age: PerLab[Years] = signal("Time that the generation has been on sale", start=0.0)
        generation_cost: PerLab[bn_USD] = signal("What the generation on sale cost to make")
        generation_multiple: PerLab[Positive] = signal("Cost of the generation on sale over that of the one before")
        generation_revenue: PerLab[bn_USD] = signal("Revenue of the generation on sale so far", start=0.0)
        generation_serving: PerLab[bn_USD] = signal("Cost of serving and selling it so far", start=0.0)
        in_training: PerLab[bn_USD] = signal("Spent so far on the generation in training", start=0.0)
        charge: PerLab[bn_USD_per_year] = signal("Training charged to the generation on sale")
        model_profit: PerLab[bn_USD_per_year] = signal("Profit by model: what sells, charged with its own training")

    begins = ("generation_cost", "generation_multiple")

    def begin(
        self,
        *,
        training_cost: PerLab[bn_USD_per_year],
        order_growth: PerYear,
    ) -> dict[str, Array]:
        """The generation on sale at the start was made in the cycle before, while spending grew as orders did."""
        return {
            "generation_cost": training_cost * self.cycle * mean_decay(order_growth * self.cycle),
            "generation_multiple": jnp.exp(order_growth * self.cycle),
        }

    def __call__(
        self,
        *,
        revenue: PerLab[bn_USD_per_year],
        prev_revenue: PerLab[bn_USD_per_year],
        serving_cost: PerLab[bn_USD_per_year],
        prev_serving_cost: PerLab[bn_USD_per_year],
        selling_costs: PerLab[bn_USD_per_year],
        prev_selling_costs: PerLab[bn_USD_per_year],
        staff_costs: PerLab[bn_USD_per_year],
        training_cost: PerLab[bn_USD_per_year],
        prev_training_cost: PerLab[bn_USD_per_year],
        prev_generation_age: PerLab[Years],
        prev_generation_cost: PerLab[bn_USD],
        prev_generation_multiple: PerLab[Positive],
        prev_generation_revenue: PerLab[bn_USD],
        prev_generation_serving: PerLab[bn_USD],
        prev_in_training: PerLab[bn_USD],
        dt: Years,
    ) -> Out:
        life = dt * jnp.maximum(jnp.ceil(self.cycle / dt - 0.5), 1.0)
        launched = prev_generation_age >= life - 0.5 * dt
        old = jnp.where(launched, 0.0, 1.0)  # what goes on from last month
        multiple = prev_in_training / jnp.maximum(prev_generation_cost, 1e-9)
        cost = jnp.where(launched, prev_in_training, prev_generation_cost)
        running = serving_cost + selling_costs
        sold = 0.5 * (prev_revenue + revenue) * dt
        served = 0.5 * (prev_serving_cost + prev_selling_costs + running) * dt
        charge = cost / life
        return self.Out(
            launched=1.0 - old,
            generation_age=old * prev_generation_age + dt,
            generation_cost=cost,
            generation_multiple=jnp.where(launched, multiple, prev_generation_multiple),
            generation_revenue=old * prev_generation_revenue + sold,
            generation_serving=old * prev_generation_serving + served,
            in_training=old * prev_in_training + 0.5 * (prev_training_cost + training_cost) * dt,
            charge=charge,
            model_profit=revenue - running - staff_costs - charge,
        )
