"""Trade: what may be sold to whom, controls that yield to money, and what they do to the gap in compute (S39)."""

import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import (
    H100e,
    H100e_per_year,
    PerLab,
    PerYear,
    Positive,
    Share,
    Years,
    bn_USD_per_year,
)

GOODS = ("cures", "models", "chips", "sites")  # each class has a switch of its own


def enforcement(sales, resolve):
    """Share of barred sales that a control stops, when sellers push with the sales that are at stake. [share]

    R/(R + V): the contest of Tullock (1980) between the state's resolve R and the sales V; half holds where V = R. It
    falls as sales rise (facts `chip-controls-blocked`, `market-pushes-benefits`). Both in the same unit; arguments may
    be arrays.
    """
    return resolve / (resolve + sales)


def passes(allowed, held):
    """Share of what is wanted that arrives: all where the class is allowed, else what enforcement lets through. [share]

    Arguments may be arrays.
    """
    return allowed + (1.0 - allowed) * (1.0 - held)


def stock_after(stock, inflow, life, dt):
    """Compute after `dt` years of a constant inflow, with chips that leave service at a rate 1/life. [H100e]

    Exact solution of dS/dt = F - S/L. Arguments may be arrays.
    """
    return stock - (inflow * life - stock) * jnp.expm1(-dt / life)


def held_back(share_before, added_world, added_here):
    """Share of what a buyer would have bought at its earlier share that it did not buy. [share]

    1 - b/(s B): b its additions and B the world's since, s its share before. What enforcement shows in data. Arguments
    may be arrays.
    """
    return 1.0 - added_here / (share_before * added_world)


def years_behind(ratio, growth):
    """How long ago the leader had what the follower has now. [years]

    ln ratio / g, for a leader whose log grows by g a year. Arguments may be arrays.
    """
    return jnp.log(ratio) / growth


class Trade(Mechanism):
    """What the second bloc gets of each class of goods, and its compute with and without the control of chips (S39).

    It wants a share of the compute that the industry adds, makes chips of its own, and builds sites with the first
    bloc's makers elsewhere; the push against a control is the sales that it bars.
    """

    cures: Share = param("Cures may be sold to the second bloc (1) or not (0)")
    models: Share = param("Use of models may be sold to it (1) or not (0)")
    chips: Share = param("Chips may be sold to it (1) or not (0)")
    sites: Share = param("Data centres may be built for it (1) or not (0)")
    resolve: bn_USD_per_year = param("Sales at stake at which half of a control holds")
    wanted_chips: Share = param("Chips that the second bloc would buy, as a share of what the industry adds")
    wanted_sites: Share = param("Compute that it would have built for it elsewhere, as a share of the same")
    home_growth: PerYear = param("Log growth of its own making of chips")
    crowding: Share = param("Share of imports that take the place of its own chips")
    life: Years = param("Time that its chips stay in service")

    class Out(Signals):
        enforcement: Share = signal("Share of barred sales of chips that the control stops")
        rival_chips: H100e_per_year = signal("Compute that the second bloc makes itself")
        rival_imports: H100e_per_year = signal("Compute that the second bloc gets from the first")
        rival_compute: H100e = signal("Compute of the second bloc")
        rival_open: H100e = signal("Compute it would have had without control since the start")
        control_gap: Positive = signal("How many times as large the gap in compute is for the control since the start")
        cures_abroad: Share = signal("Share of wanted cures that reach the second bloc")
        models_abroad: Share = signal("Share of wanted use of models that reaches the second bloc")

    begins = ("rival_open",)

    def begin(self, *, rival_compute: H100e) -> dict:
        return {"rival_open": rival_compute}

    def __call__(
        self,
        *,
        delivered_compute: PerLab[H100e_per_year],
        industry_bill: bn_USD_per_year,
        prev_rival_chips: H100e_per_year,
        prev_rival_compute: H100e,
        prev_rival_open: H100e,
        dt: Years,
    ) -> Out:
        added = jnp.sum(delivered_compute)
        held = enforcement((self.wanted_chips + self.wanted_sites) * industry_bill, self.resolve)
        by_sale, by_site = self.wanted_chips * passes(self.chips, held), self.wanted_sites * passes(self.sites, held)
        imports, free = (by_sale + by_site) * added, (self.wanted_chips + self.wanted_sites) * added
        made = prev_rival_chips * jnp.exp(self.home_growth * dt)
        compute = stock_after(
            prev_rival_compute, jnp.maximum(made - self.crowding * imports, 0.0) + imports, self.life, dt
        )
        opened = stock_after(prev_rival_open, jnp.maximum(made - self.crowding * free, 0.0) + free, self.life, dt)
        return self.Out(
            enforcement=held,
            rival_chips=made,
            rival_imports=imports,
            rival_compute=compute,
            rival_open=opened,
            control_gap=opened / compute,
            cures_abroad=passes(self.cures, held),
            models_abroad=passes(self.models, held),
        )
