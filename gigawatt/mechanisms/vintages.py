"""Vintages: accelerators of each year compute more per gigawatt, earn less as they age, and retire (S19).

Machines of one vintage never change; new ones are better, so that the rent of the old falls: Solow, Tobin, von
Weizsaecker & Yaari (1966), Review of Economic Studies 33(2):79-115. A machine goes when its rent no longer pays what it
costs to keep it running: Malcomson (1975), Journal of Economic Theory 10:24-41.
"""

import jax.numpy as jnp

from gigawatt.core.maths import mean_decay


def density_of(start, growth, years):
    """Compute per power of the machines of a vintage. [unit of start]

    start e^(growth years), with `growth` a continuous rate and `years` after the vintage of `start`. May be arrays.
    """
    return start * jnp.exp(growth * years)


def rent_of_age(rent, decline, age):
    """What a gigawatt of some age earns a year where a new one earns `rent`. [unit of rent]

    Buyers pay for compute, whatever machine gives it. Where a new gigawatt keeps its price and computes e^decline more
    each year, an old one earns rent e^(-decline age). Arguments may be arrays.
    """
    return rent * jnp.exp(-decline * age)


def economic_life(rent, running, decline, slot=0.0):
    """Age at which a machine no longer pays for itself. [years]

    rent e^(-decline L) = running + slot, with `running` what can be saved by switching it off and `slot` what its
    place and power would earn under a new machine, net of that machine's capital: nothing where chips are short, much
    where power is. Zero if it never pays. `decline` is above zero. Arguments may be arrays.
    """
    return jnp.maximum(jnp.log(rent / (running + slot)), 0.0) / decline


def value_of_age(rent, running, decline, interest, age, slot=0.0):
    """Worth of a machine of some age: what it will earn until it retires, discounted. [bn USD for rents per year]

    The integral over [0, L - a] of (rent e^(-decline (a + t)) - running - slot) e^(-interest t); nothing from the
    economic life L on. Rates are continuous. Arguments may be arrays.
    """
    left = jnp.maximum(economic_life(rent, running, decline, slot) - age, 0.0)
    earned = rent_of_age(rent, decline, age) * left * mean_decay((decline + interest) * left)
    return earned - (running + slot) * left * mean_decay(interest * left)


def book_value(cost, life, age):
    """What accounts still show of a machine: straight line over its book life. [unit of cost]

    Arguments may be arrays.
    """
    return cost * jnp.clip(1.0 - age / life, 0.0, 1.0)


def retirements(bought, life, dt):
    """What leaves service in each step, when all that is bought stays for `life` years. [unit of bought, per step]

    `bought` (..., T) per step of `dt` years, all of it alive at the start of its step. A life that is no whole number
    of steps splits each vintage between two. Retired and in service add up to what was bought, exactly.
    """
    total = jnp.cumsum(jnp.asarray(bought), axis=-1)
    lag = life / dt
    whole = jnp.floor(lag).astype(int)
    part = lag - whole
    steps = jnp.arange(total.shape[-1])

    def earlier(by):
        return jnp.where(steps >= by, jnp.take(total, jnp.maximum(steps - by, 0), axis=-1), 0.0)

    gone = (1.0 - part) * earlier(whole) + part * earlier(whole + 1)
    return jnp.diff(gone, axis=-1, prepend=0.0)


def in_service(bought, life, dt):
    """What is in service at the end of each step: all that was bought less all that retired. [unit of bought]

    Arguments as in `retirements`.
    """
    return jnp.cumsum(jnp.asarray(bought) - retirements(bought, life, dt), axis=-1)
