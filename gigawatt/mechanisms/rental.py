"""Rental: what compute costs by the hour, and what idle compute brings to who has bought too much (S19, S25)."""

import jax.numpy as jnp

from gigawatt.core.maths import mean_decay
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import (
    GW,
    H100e_per_GW,
    PerLab,
    Positive,
    Share,
    Years,
    bn_USD_per_GW_year,
)

HOURS = 8766.0  # in a year


def rent_per_chip(price, power_per_chip):
    """Rent of one accelerator that returns a price per gigawatt-year, always let. [USD/hour]

    `price` in bn USD per GW of IT power and year, `power_per_chip` in kW of IT power. Arguments may be arrays.
    """
    return price * power_per_chip * 1e3 / HOURS


def one_price(rent, throughput):
    """Rent per unit of compute. [USD per H100e and hour]

    Buyers pay for compute: where they do, it is the same for every chip on offer at one time, old or new. `rent` in
    USD per chip and hour, `throughput` in H100e per chip. Arguments may be arrays.
    """
    return rent / throughput


def spot_rent(contract, premium, passed):
    """Rent for use at once, against the price of a long contract. [unit of contract]

    contract premium^passed: where those who are short would pay `premium` times the price without scarcity, the
    market for spare capacity passes on a part of it, on the log scale. Arguments may be arrays.
    """
    return contract * premium**passed


def bid_and_ask(spot, spread):
    """What a lab gets for idle compute and pays for more of it. [unit of spot, twice]

    (1 - spread) and (1 + spread) times the rent between dealers. Arguments may be arrays.
    """
    return (1.0 - spread) * spot, (1.0 + spread) * spot


def resale_share(spot_over_contract, decline, term, spread):
    """What idle compute brings when let at once, as part of what its contract costs over the term. [share]

    The rent of a machine falls by e^-decline a year as newer ones compute more, its contract's price does not: the
    mean of e^(-decline a) over the term, at the bid. Above one the market pays more than the contract costs. Arguments
    may be arrays; `decline` is a continuous rate and `term` in years.
    """
    return (1.0 - spread) * spot_over_contract * mean_decay(decline * term)


class SpotRental(Mechanism):
    """Labs let what they do not need and rent what they lack, at a spread; the rent follows scarcity.

    What a contract's idle compute brings over its term enters the order: no lab values it at less.
    """

    passed: Positive = param("Log of the rent for use at once per log of the premium for scarce services")
    spread: Share = param("Half spread between letting and renting, per rent")
    term: Years = param("Term over which a contract's idle compute would be let")

    class Out(Signals):
        rent: bn_USD_per_GW_year = signal("Rent of a new gigawatt of IT power for use at once")
        resale: Share = signal("What idle compute brings when let, per price of its contract")

    def __call__(
        self,
        *,
        price: bn_USD_per_GW_year,
        premium: PerLab[Positive],
        lab_power: PerLab[GW],
        density: H100e_per_GW,
        prev_density: H100e_per_GW,
        dt: Years,
    ) -> Out:
        scarce = jnp.sum(premium * lab_power) / jnp.maximum(jnp.sum(lab_power), 1e-9)
        rent = spot_rent(price, jnp.maximum(scarce, 1.0), self.passed)
        decline = jnp.log(density / prev_density) / dt
        # nobody orders in order to let: what the market brings beyond the contract's cost counts as its cost
        resale = jnp.clip(resale_share(rent / price, decline, self.term, self.spread), 0.0, 1.0)
        return self.Out(rent=rent, resale=resale)
