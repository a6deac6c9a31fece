"""Supply: the build-out of power and compute, and when past orders fall due (S18, S19)."""

import jax.numpy as jnp
from jax import Array

from gigawatt.core.maths import mean_decay
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.queue import Delay
from gigawatt.core.units import (
    GW,
    GW_per_year,
    H100e,
    H100e_per_GW,
    H100e_per_year,
    PerLab,
    PerYear,
    Positive,
    Share,
    Years,
    bn_USD,
    bn_USD_per_GW_year,
    bn_USD_per_year,
    bn_USD_per_year2,
)


def buildout_path(start, growth, years):
    """Power after some years at a constant yearly multiple. [GW, or the unit of start]

    start * growth^years (systems.md S19). Arguments may be arrays.
    """
    return start * jnp.power(1.0 * growth, years)


def stock_from_flow(additions, start=0.0):
    """Stock at the end of each period when the figures are additions, not levels. [GW]

    start + cumulative sum along the last axis; nothing retires. `additions` is an array, `start` may be one
    with the same leading shape and a last axis of one.
    """
    return start + jnp.cumsum(jnp.asarray(additions), axis=-1)


def yearly_cost(power, cost_per_power):
    """What a fleet costs a year. [bn USD/year for GW and bn USD per GW and year]

    Arguments may be arrays.
    """
    return power * cost_per_power


def ramp(total, growth, duration, t):
    """Rate at which orders of the past fall due, `t` years from now. [unit of total, per year]

    Orders came in over a window of `duration` years at a pace that grew by `growth` (continuous rate,
    1/year), and all take equally long, so they fall due in the same rising pattern:
    total * growth * e^(growth t) / (e^(growth duration) - 1) for t in [0, duration], zero outside.
    Integrates to `total`; uniform for growth 0. `duration` is above zero. Arguments may be arrays.
    """
    # Written from the end of the window: e^(growth duration) would overflow for fast growth and long windows.
    last = total / (duration * mean_decay(growth * duration))
    inside = (t >= 0.0) & (t <= duration)
    until_end = jnp.where(inside, duration - t, 0.0)
    return jnp.where(inside, last * jnp.exp(-growth * until_end), 0.0)


def ramp_remaining(total, growth, duration, t):
    """Part of the orders of `ramp` still to fall due after `t` years. [unit of total]

    The integral of `ramp` from t to duration, so that a month receives the exact difference of two values and
    nothing is lost or made. Arguments may be arrays.
    """
    left = jnp.clip(duration - t, 0.0, duration)
    return total * (left / duration) * mean_decay(growth * left) / mean_decay(growth * duration)


class Contracts(Delay):
    """Accepted orders come into service after the lead time, and leave when their contract ends.

    Take-or-pay: from service to end of term the price of the day of order is due, used or not.
    """

    lead: Years = param("From order to service")
    term: Years = param("From service to the end of the contract, and of the chips' economic life")

    class Out(Signals):
        delivered: PerLab[GW_per_year] = signal("Power coming into service", posted="accepted")
        delivered_bill: PerLab[bn_USD_per_year2] = signal(
            "Yearly bill of what comes into service", posted="accepted_bill"
        )
        ended: PerLab[GW_per_year] = signal("Power leaving service", posted="delivered")
        ended_bill: PerLab[bn_USD_per_year2] = signal("Yearly bill of what leaves service", posted="delivered_bill")
        ended_compute: PerLab[H100e_per_year] = signal("Compute leaving service", posted="delivered_compute")
        lapsed: PerLab[GW_per_year] = signal("Orders that will have ended a lead time from now", posted="accepted")

    def after(self) -> dict[str, Array]:
        arrive = dict.fromkeys(("delivered", "delivered_bill"), self.lead)
        return arrive | dict.fromkeys(("ended", "ended_bill", "ended_compute", "lapsed"), self.term)

    def outstanding(
        self,
        *,
        years: Years,
        power: PerLab[GW],
        compute: PerLab[H100e],
        bill: PerLab[bn_USD_per_year],
        backlog: PerLab[GW],
        price: bn_USD_per_GW_year,
        order_growth: PerYear,
    ) -> dict[str, Array]:
        """Past orders grew at a constant pace, so the fleet is young and the backlog arrives at a rising rate."""
        backlog_left = ramp_remaining(backlog, order_growth, self.lead, years)
        fleet_left = ramp_remaining(1.0, order_growth, self.term, years)
        return {
            "delivered": backlog_left,
            "delivered_bill": backlog_left * price,
            "ended": power * fleet_left,
            "ended_bill": bill * fleet_left,
            "ended_compute": compute * fleet_left,
            "lapsed": self.still_valid(power, backlog, order_growth, years),
        }

    def still_valid(self, power: Array, backlog: Array, order_growth: Array, years: Years) -> Array:
        """Power, of what is in service or on order, whose contract still runs a lead time after `years`."""
        old = ramp_remaining(power, order_growth, self.term, years + self.lead)
        new = ramp_remaining(backlog, order_growth, self.lead, years - (self.term - self.lead))
        return old + new

    begins = ("on_order", "position")

    def begin(self, *, power: PerLab[GW], backlog: PerLab[GW], order_growth: PerYear) -> dict[str, Array]:
        return {
            "on_order": backlog,
            "position": self.still_valid(power, backlog, order_growth, jnp.zeros(())),
        }


class Fleet(Mechanism):
    """What is in service, what it can compute, and what it costs: stocks of the contracts.

    Each year's chips compute more per gigawatt than the last year's.
    """

    density_growth: PerYear = param("Log growth of compute per power of new chips")

    class Out(Signals):
        power: PerLab[GW] = signal("Power in service (IT load)", headline=True)
        compute: PerLab[H100e] = signal("Compute in service")
        bill: PerLab[bn_USD_per_year] = signal("Compute bill (take-or-pay)", headline=True)
        on_order: PerLab[GW] = signal("Power ordered and not yet in service")
        position: PerLab[GW] = signal("Power in service a lead time from now if nothing more is ordered")
        delivered_compute: PerLab[H100e_per_year] = signal("Compute coming into service")
        density: H100e_per_GW = signal("Compute per power of new chips")

    def __call__(
        self,
        *,
        delivered: PerLab[GW_per_year],
        delivered_bill: PerLab[bn_USD_per_year2],
        ended: PerLab[GW_per_year],
        ended_bill: PerLab[bn_USD_per_year2],
        ended_compute: PerLab[H100e_per_year],
        lapsed: PerLab[GW_per_year],
        prev_accepted: PerLab[GW_per_year],
        prev_power: PerLab[GW],
        prev_compute: PerLab[H100e],
        prev_bill: PerLab[bn_USD_per_year],
        prev_on_order: PerLab[GW],
        prev_position: PerLab[GW],
        prev_density: H100e_per_GW,
        dt: Years,
    ) -> Out:
        density = prev_density * jnp.exp(self.density_growth * dt)
        newest = delivered * jnp.sqrt(density * prev_density)  # chips of mid-month
        return self.Out(
            power=prev_power + (delivered - ended) * dt,
            compute=prev_compute + (newest - ended_compute) * dt,
            bill=prev_bill + (delivered_bill - ended_bill) * dt,
            on_order=prev_on_order + (prev_accepted - delivered) * dt,
            position=prev_position + (prev_accepted - lapsed) * dt,
            delivered_compute=newest,
            density=density,
        )


class Power(Mechanism):
    """The industry's fleet on the three bases in which gigawatts are quoted: chip, IT and facility."""

    it_per_chip: Positive = param("IT power per chip power (TDP)")
    facility_per_it: Positive = param("Facility power per IT power")

    class Out(Signals):
        chip_power: GW = signal("Industry power, chips (TDP)", headline=True)
        it_power: GW = signal("Industry power, IT load", headline=True)
        facility_power: GW = signal("Industry power, facilities", headline=True)
        industry_compute: H100e = signal("Industry compute in service", headline=True)
        industry_bill: bn_USD_per_year = signal("Industry compute bill", headline=True)

    def __call__(self, *, power: PerLab[GW], compute: PerLab[H100e], bill: PerLab[bn_USD_per_year]) -> Out:
        total = jnp.sum(power)
        return self.Out(
            chip_power=total / self.it_per_chip,
            it_power=total,
            facility_power=total * self.facility_per_it,
            industry_compute=jnp.sum(compute),
            industry_bill=jnp.sum(bill),
        )


class Price(Mechanism):
    """Price of a new contract for a gigawatt-year. Chips get better, gigawatts stay about as dear."""

    trend: PerYear = param("Log growth of the price of new contracts")

    class Out(Signals):
        price: bn_USD_per_GW_year = signal("Price of a new contract per IT power and year")

    def __call__(self, *, prev_price: bn_USD_per_GW_year, dt: Years) -> Out:
        return self.Out(price=prev_price * jnp.exp(self.trend * dt))


def mean_life_left(growth, term):
    """Mean time that the contracts in service still run, when those of the past grew at a constant pace. [year]

    The integral of `ramp_remaining` of one unit over the term: (1 - d) / (g d) with d = mean_decay(g T); T/2 without
    growth. Growth in 1/year, `term` in years. Arguments may be arrays.
    """
    turns = growth * term
    near = jnp.abs(turns) < 1e-4
    safe = jnp.where(near, 1.0, turns)
    decay = mean_decay(safe)
    return term * jnp.where(near, 0.5 + turns / 12.0, (1.0 - decay) / (safe * decay))


class Commitments(Mechanism):
    """What take-or-pay contracts will still cost, in service and not yet begun: beside the balance, as in filings."""

    contracts: Contracts

    class Out(Signals):
        committed: PerLab[bn_USD] = signal("Still to be paid for contracts in service")
        committed_ahead: PerLab[bn_USD] = signal("To be paid for contracts that have not begun")

    begins = ("committed", "committed_ahead")

    def begin(
        self, *, bill: PerLab[bn_USD_per_year], backlog: PerLab[GW], price: bn_USD_per_GW_year, order_growth: PerYear
    ) -> dict[str, Array]:
        term = self.contracts.term
        return {"committed": bill * mean_life_left(order_growth, term), "committed_ahead": backlog * price * term}

    def __call__(
        self,
        *,
        accepted_bill: PerLab[bn_USD_per_year2],
        delivered_bill: PerLab[bn_USD_per_year2],
        bill: PerLab[bn_USD_per_year],
        prev_bill: PerLab[bn_USD_per_year],
        prev_committed: PerLab[bn_USD],
        prev_committed_ahead: PerLab[bn_USD],
        dt: Years,
    ) -> Out:
        begun = delivered_bill * self.contracts.term
        signed = accepted_bill * self.contracts.term
        return self.Out(
            committed=prev_committed + (begun - 0.5 * (prev_bill + bill)) * dt,
            committed_ahead=prev_committed_ahead + (signed - begun) * dt,
        )


# ---------------------------------------------------------------- a clause to cancel


def part_given_up(arriving, spare, covered, dt):
    """Part of what arrives that a lab gives up: what it holds beyond its wish, as far as the clause covers it. [share]

    min(spare / (arriving dt), 1) covered. `arriving` in GW a year, `spare` in GW. Arguments may be arrays.
    """
    coming = arriving * dt
    some = coming > 0.0
    beyond = jnp.maximum(spare, 0.0) / jnp.where(some, coming, 1.0)
    return jnp.where(some, covered * jnp.minimum(beyond, 1.0), 0.0)


class CancellableContracts(Delay):
    """`supply.Contracts` whose orders arrive first and are then taken or given up.

    What is not taken never enters service and never leaves it. What is taken leaves the count of a lead time ahead by
    one lead time before its term ends, so terms must be longer than lead times.
    """

    contracts: Contracts

    class Out(Signals):
        arriving: PerLab[GW_per_year] = signal("Orders of the past that arrive", posted="accepted")
        arriving_bill: PerLab[bn_USD_per_year2] = signal("Yearly bill of orders that arrive", posted="accepted_bill")
        ended: PerLab[GW_per_year] = signal("Power leaving service", posted="delivered")
        ended_bill: PerLab[bn_USD_per_year2] = signal("Yearly bill of what leaves service", posted="delivered_bill")
        ended_compute: PerLab[H100e_per_year] = signal("Compute leaving service", posted="delivered_compute")
        lapsed: PerLab[GW_per_year] = signal("Contracts that will have ended a lead time from now", posted="delivered")

    def after(self) -> dict[str, Array]:
        lead, term = self.contracts.lead, self.contracts.term
        arrive = dict.fromkeys(("arriving", "arriving_bill"), lead)
        return arrive | dict.fromkeys(("ended", "ended_bill", "ended_compute"), term) | {"lapsed": term - lead}

    def outstanding(
        self,
        *,
        years: Years,
        power: PerLab[GW],
        compute: PerLab[H100e],
        bill: PerLab[bn_USD_per_year],
        backlog: PerLab[GW],
        price: bn_USD_per_GW_year,
        order_growth: PerYear,
    ) -> dict[str, Array]:
        left = self.contracts.outstanding(
            years=years,
            power=power,
            compute=compute,
            bill=bill,
            backlog=backlog,
            price=price,
            order_growth=order_growth,
        )
        arriving = {"arriving": left.pop("delivered"), "arriving_bill": left.pop("delivered_bill")}
        in_service = ramp_remaining(power, order_growth, self.contracts.term, years + self.contracts.lead)
        return arriving | left | {"lapsed": in_service}  # what arrives lapses as what is taken of it

    begins = ("on_order", "position")

    def begin(self, *, power: PerLab[GW], backlog: PerLab[GW], order_growth: PerYear) -> dict[str, Array]:
        return self.contracts.begin(power=power, backlog=backlog, order_growth=order_growth)


class CancellableFleet(Mechanism):
    """`supply.Fleet` of labs that give up what arrives while they hold more than they want.

    A lab wants what its own rule of orders says (`target`). What it gives up costs it a part of its price until the
    contract would have ended, as in the bets (`decisions.tree.Contract.cancellation`).
    """

    fleet: Fleet
    covered: PerLab[Share] = param("Part of its orders that a lab may give up when they arrive")
    fee: Share = param("Part of its price that an order given up costs until its contract would have ended")

    class Out(Signals):
        delivered: PerLab[GW_per_year] = signal("Power coming into service")
        delivered_bill: PerLab[bn_USD_per_year2] = signal("Yearly bill of what comes into service, and fees")
        given_up: PerLab[GW_per_year] = signal("Orders given up when they arrive")
        power: PerLab[GW] = signal("Power in service (IT load)", headline=True)
        compute: PerLab[H100e] = signal("Compute in service")
        bill: PerLab[bn_USD_per_year] = signal("Compute bill, and fees of orders given up", headline=True)
        on_order: PerLab[GW] = signal("Power ordered and not yet in service")
        position: PerLab[GW] = signal("Power in service a lead time from now if nothing more is ordered")
        delivered_compute: PerLab[H100e_per_year] = signal("Compute coming into service")
        density: H100e_per_GW = signal("Compute per power of new chips")

    begins = ("target",)

    def begin(self, *, position: PerLab[GW]) -> dict[str, Array]:
        return {"target": position}

    def __call__(
        self,
        *,
        arriving: PerLab[GW_per_year],
        arriving_bill: PerLab[bn_USD_per_year2],
        ended: PerLab[GW_per_year],
        ended_bill: PerLab[bn_USD_per_year2],
        ended_compute: PerLab[H100e_per_year],
        lapsed: PerLab[GW_per_year],
        prev_target: PerLab[GW],
        prev_accepted: PerLab[GW_per_year],
        prev_power: PerLab[GW],
        prev_compute: PerLab[H100e],
        prev_bill: PerLab[bn_USD_per_year],
        prev_on_order: PerLab[GW],
        prev_position: PerLab[GW],
        prev_density: H100e_per_GW,
        dt: Years,
    ) -> Out:
        spare = prev_position - prev_target
        part = part_given_up(arriving, spare, self.covered, dt)
        given_up = part * arriving
        delivered = arriving - given_up
        delivered_bill = arriving_bill * (1.0 - (1.0 - self.fee) * part)
        out = self.fleet(
            delivered=delivered,
            delivered_bill=delivered_bill,
            ended=ended,
            ended_bill=ended_bill,
            ended_compute=ended_compute,
            lapsed=lapsed + given_up,
            prev_accepted=prev_accepted,
            prev_power=prev_power,
            prev_compute=prev_compute,
            prev_bill=prev_bill,
            prev_on_order=prev_on_order - given_up * dt,
            prev_position=prev_position,
            prev_density=prev_density,
            dt=dt,
        )
        return self.Out(delivered=delivered, delivered_bill=delivered_bill, given_up=given_up, **vars(out))
