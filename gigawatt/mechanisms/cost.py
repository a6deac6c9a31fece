"""Cost: what a gigawatt of computers costs to own for a year, piece by piece (S19)."""

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import (
    Number,
    PerYear,
    Positive,
    USD_per_MWh,
    Years,
    bn_USD_per_GW,
    bn_USD_per_GW_year,
)

MWH_PER_GW_YEAR = 8.766e6  # a year of 365.25 days


class Breakdown(NamedTuple):
    """A gigawatt-year by what it pays for, all in bn USD per GW of IT power and year. The sum is the cost."""

    chips: Array
    servers: Array
    network: Array
    building: Array
    plant: Array
    financing: Array
    energy: Array
    operation: Array

    @property
    def total(self) -> Array:
        """What a gigawatt-year costs its owner."""
        return sum(self[1:], self[0])


def annuity(rate, life):
    """Yearly payment that returns one unit of capital with interest over a life. [1/year]

    r / (1 - (1 + r)^-n), and 1/n without interest (Brealey, Myers & Allen, Principles of Corporate Finance, ch. 2).
    `rate` is interest per year, compounded yearly, above -1; `life` in years, above zero. Arguments may be arrays.
    """
    none = jnp.abs(rate) < 1e-9
    some = jnp.where(none, 1.0, rate)
    return jnp.where(none, 1.0 / life, some / -jnp.expm1(-life * jnp.log1p(some)))


def energy_cost(price, load):
    """What the energy of a gigawatt of IT power costs a year. [bn USD/GW/year]

    `price` in USD per MWh; `load` is the mean draw of the facility per nameplate IT power: how busy the machines are
    times what cooling and losses add. Arguments may be arrays.
    """
    return price * load * MWH_PER_GW_YEAR * 1e-9


def cost_of_gigawatt_year(
    chips, servers, network, building, plant, chip_life, site_life, interest, energy_price, load, operation
) -> Breakdown:
    """What it costs to own a gigawatt of IT power for a year, by what it pays for.

    Five kinds of capital in bn USD per GW: accelerators, the rest of their servers, network (all three live
    `chip_life` years), building with its electrical and cooling plant, and the supply of power (both `site_life`).
    Each wears straight over its life; financing is what the annuity asks beyond that. Operation is all running cost
    but energy, in bn USD per GW and year. Arguments may be arrays.
    """
    machines, site = chips + servers + network, building + plant
    lasting = machines * annuity(interest, chip_life) + site * annuity(interest, site_life)
    worn = machines / chip_life + site / site_life
    return Breakdown(
        chips=chips / chip_life,
        servers=servers / chip_life,
        network=network / chip_life,
        building=building / site_life,
        plant=plant / site_life,
        financing=lasting - worn,
        energy=energy_cost(energy_price, load),
        operation=operation,
    )


def per_basis(cost_per_it, it_per_chip, facility_per_it):
    """The same cost per gigawatt of chips, of IT and of facility. [bn USD/GW/year, three times]

    Who quotes a cost per gigawatt seldom says which. Arguments may be arrays.
    """
    return cost_per_it * it_per_chip, cost_per_it, cost_per_it / facility_per_it


class GigawattYear(Mechanism):
    """What a new gigawatt costs those who build it: to buy, and to own for a year."""

    chips: bn_USD_per_GW = param("Accelerators per IT power")
    servers: bn_USD_per_GW = param("Servers without accelerators and network, per IT power")
    network: bn_USD_per_GW = param("Network per IT power")
    building: bn_USD_per_GW = param("Building, electrical plant and cooling, per IT power")
    plant: bn_USD_per_GW = param("Supply of power (generators, turbines), per IT power")
    chip_life: Years = param("Economic life of accelerators, servers and network")
    site_life: Years = param("Economic life of a site")
    interest: PerYear = param("Cost of capital")
    energy_price: USD_per_MWh = param("Price of energy")
    load: Positive = param("Mean draw of a facility per nameplate IT power")
    operation: bn_USD_per_GW_year = param("Running cost other than energy")

    class Out(Signals):
        unit_cost: bn_USD_per_GW_year = signal("Cost of owning a new gigawatt of IT power for a year")
        capital_per_power: bn_USD_per_GW = signal("Capital that a new gigawatt of IT power takes")
        price_over_cost: Number = signal("Price of a new contract over the cost of owning")

    def breakdown(self) -> Breakdown:
        """The parts of `unit_cost`."""
        return cost_of_gigawatt_year(
            self.chips,
            self.servers,
            self.network,
            self.building,
            self.plant,
            self.chip_life,
            self.site_life,
            self.interest,
            self.energy_price,
            self.load,
            self.operation,
        )

    def __call__(self, *, price: bn_USD_per_GW_year) -> Out:
        total = self.breakdown().total
        capital = self.chips + self.servers + self.network + self.building + self.plant
        return self.Out(unit_cost=total, capital_per_power=capital, price_over_cost=price / total)
