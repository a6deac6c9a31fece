"""A toy world for tests of the core: orders that grow, a delay, and the stock that results."""

import jax.numpy as jnp

from gigawatt.core.entry import Entry
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.queue import Delay
from gigawatt.core.units import GW, GW_per_year, Number, PerSqrtYear, PerYear, Years
from gigawatt.core.world import World

AXES = {"lab": ("A", "B"), "segment": ("x", "y", "z")}


class Pipeline(Delay):
    """Orders arrive after the lead time."""

    lead: Years = param("From order to arrival")

    class Out(Signals):
        arrived: GW_per_year = signal("Power arriving", posted="ordered")

    def after(self):
        return {"arrived": self.lead}

    def outstanding(self, *, years: Years, backlog: GW):
        return {"arrived": backlog * jnp.maximum(1.0 - years, 0.0)}  # falls due evenly within a year


class Buyer(Mechanism):
    """Orders grow and scatter."""

    pace: PerYear = param("Log growth of orders")
    scatter: PerSqrtYear = param("Noise of orders")

    class Out(Signals):
        ordered: GW_per_year = signal("Orders")

    def __call__(self, *, prev_ordered: GW_per_year, normal: Number, dt: Years) -> Out:
        shock = self.scatter * jnp.sqrt(dt) * normal
        return self.Out(ordered=prev_ordered * jnp.exp(self.pace * dt + shock))


class Stock(Mechanism):
    """What has arrived, and what is on its way."""

    class Out(Signals):
        stock: GW = signal("Power in service", start=0.0, headline=True)
        waiting: GW = signal("Power on order")

    begins = ("waiting",)

    def begin(self, *, backlog: GW):
        return {"waiting": backlog}

    def __call__(
        self, *, ordered: GW_per_year, arrived: GW_per_year, prev_stock: GW, prev_waiting: GW, dt: Years
    ) -> Out:
        return self.Out(stock=prev_stock + arrived * dt, waiting=prev_waiting + (ordered - arrived) * dt)


class Doubler(Mechanism):
    """A reader of this month's stock, with noise of its own."""

    class Out(Signals):
        twice: GW = signal("Twice the stock")
        luck: Number = signal("Noise")

    def __call__(self, *, stock: GW, normal: Number) -> Out:
        return self.Out(twice=2.0 * stock, luck=normal)


class Constant(Mechanism):
    """A mechanism that reads nothing at all."""

    level: GW_per_year = param("Orders")

    class Out(Signals):
        ordered: GW_per_year = signal("Orders")

    def __call__(self) -> Out:
        return self.Out(ordered=self.level)


class Tail(Mechanism):
    """A new signal at the end of the list."""

    class Out(Signals):
        half: GW = signal("Half the stock")

    def __call__(self, *, prev_stock: GW) -> Out:
        return self.Out(half=0.5 * prev_stock)


def entry(path, value, unit, **other):
    """An entry as a params file would give it."""
    return Entry(path, value, unit, other.pop("low", value), other.pop("high", value), source=("toy",), **other)


TABLE = {
    e.path: e
    for e in (
        entry("pipeline.lead", 1.5, "year", low=1.0, high=2.0, shape="lognormal"),
        entry("buyer.pace", 0.3, "1/year"),
        entry("buyer.scatter", 0.1, "1/sqrt(year)"),
        entry("start.ordered", 2.0, "GW/year"),
        entry("start.backlog", 3.0, "GW"),
    )
}

LIST = (Pipeline, Buyer, Stock, Doubler)


def world(*mechanisms, table=TABLE, axes=AXES):
    """A world of these mechanisms, or of the whole toy list."""
    return World(mechanisms or LIST, axes, table)
