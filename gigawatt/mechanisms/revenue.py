"""Revenue: what work is worth under the wage bill, how growth bends, and what a run rate is (S16, S17)."""

import jax
import jax.numpy as jnp

from gigawatt.core.errors import InputError

# How labs turn what they counted into a yearly rate: measure -> periods in a year.
RUN_RATE_PERIODS = {"28 days": 13.0, "month": 12.0, "quarter": 4.0, "half year": 2.0, "year": 1.0}

FARTHEST = 60.0  # log odds: no group lies further from the middle
HALVINGS = 70  # of that range, below the last digit of float64
STRAIGHT = 1e-12  # a bend so small is none: what divides by it would lose all digits


def run_rate(amount, period="month"):
    """Yearly run rate of an amount that came in over one period. [the unit of amount, per year]

    Amount times periods in a year; `period` is one of RUN_RATE_PERIODS. A lab that grows earns less in the year than
    its run rate at the end: see `year_of_run_rate`. Arguments may be arrays. Raises InputError for another period.
    """
    if period not in RUN_RATE_PERIODS:
        raise InputError(f"run_rate: period '{period}' is not known: take one of {', '.join(RUN_RATE_PERIODS)}.")
    return jnp.asarray(amount) * RUN_RATE_PERIODS[period]


def mixed_run_rate(consumption, subscriptions):
    """Run rate of a lab that sells by use and by subscription. [the unit of the amounts, per year]

    Consumption of the last 28 days x 13 + subscriptions of the month x 12: the definition that Anthropic states
    (Epoch AI, AI Companies). Arguments may be arrays.
    """
    return run_rate(consumption, "28 days") + run_rate(subscriptions, "month")


def year_of_run_rate(rate, growth, years=1.0):
    """What comes in over the last `years`, as a yearly rate, from the run rate at their end. [the unit of rate]

    R (1 - e^{-g s}) / (g s): the mean of an exponential; the run rate itself without growth. growth: d ln R / dt
    [1/year]. Arguments may be arrays.
    """
    turns = jnp.asarray(growth) * years
    safe = jnp.where(turns == 0.0, 1.0, turns)
    return rate * jnp.where(turns == 0.0, 1.0, -jnp.expm1(-safe) / safe)


def bent_growth(revenue, reference, growth, bend):
    """Growth d ln R / dt of a seller whose growth falls with its size. [1/year]

    g (R / R_ref)^-bend, so that d ln g / d ln R = -bend; `growth` is that at `reference`. Arguments may be arrays.
    """
    return growth * (revenue / reference) ** -bend


def bent_path(revenue, growth, bend, years):
    """Revenue after some years of growth that falls with size. [the unit of revenue]

    R (1 + bend g t)^(1/bend): the exact solution of `bent_growth` from R with growth g now; a power of revenue rises
    in a straight line, and bend 0 is the exponential. Arguments may be arrays.
    """
    bend = jnp.asarray(bend, float)
    some = jnp.abs(bend) > STRAIGHT
    safe = jnp.where(some, bend, 1.0)
    grown = jnp.log1p(jnp.maximum(safe * growth * years, -1.0)) / safe
    return revenue * jnp.exp(jnp.where(some, grown, growth * years))


def bent_years(revenue, target, growth, bend):
    """Years until revenue reaches a target under growth that falls with size: inverse of `bent_path`. [years]

    ((T/R)^bend - 1) / (bend g). Arguments may be arrays.
    """
    bend, log_ratio = jnp.asarray(bend, float), jnp.log(target / revenue)
    some = jnp.abs(bend) > STRAIGHT
    safe = jnp.where(some, bend, 1.0)
    return jnp.where(some, jnp.expm1(safe * log_ratio) / safe, log_ratio) / growth


def value_of_work(wages, weights, automatable):
    """Value of the work that models can do, by group. [the unit of wages]

    W w_k a_k with w the share of group k (segment or occupations) in the wage bill, made to add to one along the
    last axis, and a the share of its work that models can do. The sum never exceeds the wage bill: nobody pays more
    for work than it costs to have it done by people. Arguments may be arrays.
    """
    weights = jnp.asarray(weights, float)
    return wages * weights / jnp.sum(weights, axis=-1, keepdims=True) * jnp.clip(automatable, 0.0, 1.0)


def reached(total, exposed, weights):
    """Share of each group's work that models can do once they can do `total` of all work. [share]

    a_k = 1 / (1 + e^-(logit e_k + s)), with one s for all such that sum w_k a_k = total: groups keep their order and
    their distances in log odds (Rasch 1960, Probabilistic Models for Some Intelligence and Attainment Tests), and the
    parts add up to the whole. exposed: how far each group's work is open to models, inside (0, 1). weights: shares in
    the wage bill, made to add to one. Groups run along the last axis; `total` broadcasts against the others.
    """
    exposed, weights, total = jnp.broadcast_arrays(
        jnp.asarray(exposed, float), jnp.asarray(weights, float), jnp.asarray(total, float)[..., None]
    )
    far = jnp.log(exposed) - jnp.log1p(-exposed)
    share = weights / jnp.sum(weights, axis=-1, keepdims=True)

    def halve(_, ends):
        middle = 0.5 * (ends[0] + ends[1])
        short = jnp.sum(share * jax.nn.sigmoid(far + middle), axis=-1, keepdims=True) < total[..., :1]
        return jnp.where(short, middle, ends[0]), jnp.where(short, ends[1], middle)

    end = jnp.full((*far.shape[:-1], 1), FARTHEST)
    low, high = jax.lax.fori_loop(0, HALVINGS, halve, (-end, end))
    return jax.nn.sigmoid(far + 0.5 * (low + high))


def captured_value(value, adopted, capture):
    """Revenue of sellers from work that models can do. [the unit of value]

    Value x share that is handed over x share of its value that sellers keep; both are shares, so that revenue never
    exceeds value. Arguments may be arrays.
    """
    return value * jnp.clip(adopted, 0.0, 1.0) * jnp.clip(capture, 0.0, 1.0)


def surplus_left(value, adopted, capture):
    """What buyers keep of the value of the work that they hand over. [the unit of value]

    Value handed over less `captured_value`. Arguments may be arrays.
    """
    return captured_value(value, adopted, 1.0) - captured_value(value, adopted, capture)


def spending_per_user(spending, users):
    """Spending on each of the people that a contract covers. [the unit of spending, per person]

    Arguments may be arrays.
    """
    return spending / users


def trillions_year(arrival, lag):
    """Year in which revenue reaches trillions, from arrival of the genius level and a lag. [calendar year]

    Arrival + lag: systems.md S17. Arguments may be arrays.
    """
    return arrival + lag


def longest_lag(arrival, deadline):
    """Longest lag from an arrival that still meets a deadline, zero at least. [years]

    Arguments may be arrays.
    """
    return jnp.maximum(deadline - arrival, 0.0)


def lag_weights(weights):
    """Weights of selectable lags, made to add to one. [probability]

    The last axis runs over lags. Arguments may be arrays.
    """
    weights = jnp.asarray(weights, float)
    return weights / jnp.sum(weights, axis=-1, keepdims=True)


def trillions_by(date, arrival, lags, weights):
    """Chance that revenue is in the trillions by a date, when the lag is one of several. [probability]

    Sum of the weights of the lags with arrival + lag <= date. `date` and `arrival` may be arrays of one shape, such as
    draws of the arrival; lags and weights are along a further last axis.
    """
    arrival, lags = jnp.asarray(arrival, float), jnp.asarray(lags, float)
    along = (1,) * arrival.ndim + (-1,)
    met = trillions_year(arrival[..., None], lags.reshape(along)) <= jnp.asarray(date)[..., None]
    return jnp.sum(lag_weights(weights).reshape(along) * met, axis=-1)
