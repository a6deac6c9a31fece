"""Regions: who gets the growth, catch-up that rests on the value of labour, and inequality between regions (S33)."""

import jax.numpy as jnp
from jax import Array

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Mn, Number, PerRegion, PerYear, Positive, Rate, Share, Years, bn_USD_per_year


def grown(growth, years):
    """What one unit becomes at a constant growth rate. [multiple]

    (1 + g)^t. Arguments may be arrays.
    """
    return jnp.power(1.0 + growth, years)


def catch_up(speed, gap, labour_value, capacity):
    """Growth per person above the leaders' from catching up. [1/year]

    b ln(y*/y) is conditional convergence (Barro & Sala-i-Martin 1992, eq. 3), where foreign capital and skill meet
    cheap labour; times the value v that labour has left, plus what local capacity k in AI puts in its place:
    v + (1 - v) k (facts `catch-up-mechanism`, `catch-up-fails`; the form is ours). Nothing once labour is worth nothing
    and nothing is local. `gap` is relative to the start's. Arguments may be arrays.
    """
    return speed * gap * (labour_value + (1.0 - labour_value) * capacity)


def closeness(distance, compute, size, local):
    """Weight of a region's output in what AI adds to the world's. [1]

    (1 - l) exp(-d) + l c/s: social distance d as a gravity of ideas, and compute in the region relative to its share of
    output (a stated form). Arguments may be arrays.
    """
    return (1.0 - local) * jnp.exp(-distance) + local * compute / size


def shared_out(total, weights, size):
    """Growth by region that adds up to a total when weighted by size. [as total]

    total x w_i / sum(s_j w_j). Regions along the last axis.
    """
    return total * weights / jnp.sum(size * weights, axis=-1)


def theil(output, people):
    """Theil's T between regions: 0 if all have the same per person. [nat]

    sum s ln(s / p), s and p the shares of output and of people (Theil 1967, chapter 4). Regions along the last axis.
    """
    s = output / jnp.sum(output, axis=-1, keepdims=True)
    p = people / jnp.sum(people, axis=-1, keepdims=True)
    return jnp.sum(s * jnp.log(s / p), axis=-1)


def gini(output, people):
    """Gini coefficient between regions, each person counted with the mean of the region. [share]

    sum_ij p_i p_j |y_i - y_j| / (2 mean). Regions along the last axis.
    """
    p = people / jnp.sum(people, axis=-1, keepdims=True)
    y = output / people
    mean = jnp.sum(p * y, axis=-1)
    apart = jnp.abs(y[..., :, None] - y[..., None, :])
    return jnp.einsum("...i,...j,...ij->...", p, p, apart) / (2.0 * mean)


class Regions(Mechanism):
    """The world's output by region: own pace, catch-up, and a share of what AI adds that falls with social distance.

    What AI adds is what the world's growth leaves after own pace and catch-up, so that regions add up to the world.
    """

    output: PerRegion[bn_USD_per_year] = param("Output at the start (made to add to the world's)")
    people: PerRegion[Mn] = param("People at the start")
    people_growth: PerRegion[PerYear] = param("Growth of the number of people")
    pace: PerRegion[PerYear] = param("Growth of output per person without AI and catch-up")
    speed: PerRegion[Rate] = param("Growth of output per person from catching up at the start")
    distance: PerRegion[Positive] = param("Social distance from where AI is made, in e-folds of what it adds")
    compute: PerRegion[Share] = param("Share of the world's AI compute in the region (made to add to one)")
    local: Share = param("Weight of compute in the region against social distance")
    leader: PerRegion[Share] = param("Regions that others catch up with (1), and those that do (0)")
    catching: Positive = param("Catch-up relative to what it was")

    class Out(Signals):
        region_output: PerRegion[bn_USD_per_year] = signal("Regional output")
        region_people: PerRegion[Mn] = signal("People")
        region_growth: PerRegion[Number] = signal("Growth of output over a year at this month's pace")
        region_catch_up: PerRegion[PerYear] = signal("Growth per person from catching up")
        theil: Positive = signal("Theil's T between regions, output per person")
        gini: Share = signal("Gini coefficient between regions, output per person")

    begins = ("region_output", "region_people")

    def begin(self, *, output: bn_USD_per_year) -> dict[str, Array]:
        return {"region_output": self.output / jnp.sum(self.output) * output, "region_people": self.people}

    def gap(self, output: Array, people: Array) -> Array:
        """Log of the leaders' output per person over the region's."""
        leaders = jnp.sum(self.leader * output) / jnp.sum(self.leader * people)
        return jnp.maximum(jnp.log(leaders * people / output), 0.0)

    def __call__(
        self,
        *,
        output: bn_USD_per_year,
        labour_value: Positive,
        prev_output: bn_USD_per_year,
        prev_region_output: PerRegion[bn_USD_per_year],
        prev_region_people: PerRegion[Mn],
        dt: Years,
    ) -> Out:
        size = prev_region_output / jnp.sum(prev_region_output)
        compute = self.compute / jnp.sum(self.compute)
        first = self.output / jnp.sum(self.output)
        at_first = jnp.maximum(self.gap(self.output, self.people), 1e-9)
        gap = self.gap(prev_region_output, prev_region_people) / at_first * (1.0 - self.leader)
        value = jnp.minimum(labour_value, 1.0)
        catching = self.catching * catch_up(self.speed, gap, value, jnp.minimum(compute / first, 1.0))
        own = self.pace + self.people_growth + catching
        added = jnp.log(output / prev_output) / dt - jnp.sum(size * own)
        # growth that falls short of the regions' own is nothing that AI adds: all lose alike, in the last line
        by_ai = shared_out(jnp.maximum(added, 0.0), closeness(self.distance, compute, first, self.local), size)
        raw = prev_region_output * jnp.exp((own + by_ai) * dt)
        return self.told(raw * output / jnp.sum(raw), prev_region_output, prev_region_people, catching, dt)

    def told(self, output: Array, before: Array, people_before: Array, catching: Array, dt: Array) -> Out:
        people = people_before * jnp.exp(self.people_growth * dt)
        return self.Out(
            region_output=output,
            region_people=people,
            region_growth=jnp.expm1(jnp.log(output / before) / dt),
            region_catch_up=catching,
            theil=theil(output, people),
            gini=gini(output, people),
        )


class TwoSpeed(Mechanism):
    """World output as linked places that boom after the genius level, and a rest that goes on as before (S33).

    For a scenario that states both. In place of `growth.Output`.
    """

    linked_at_start: bn_USD_per_year = param("Output of the linked places at the start")
    linked: PerYear = param("Growth of linked places after the genius level")
    elsewhere: PerYear = param("Growth of output elsewhere, and of all before the genius level")

    class Out(Signals):
        output: bn_USD_per_year = signal("World output", headline=True)
        output_growth: Number = signal("Growth of world output over a year at this month's pace", headline=True)
        linked_output: bn_USD_per_year = signal("Output of the linked places")

    begins = ("linked_output",)

    def begin(self) -> dict[str, Array]:
        return {"linked_output": self.linked_at_start}

    def __call__(
        self, *, genius: Share, prev_output: bn_USD_per_year, prev_linked_output: bn_USD_per_year, dt: Years
    ) -> Out:
        boom = genius * (jnp.log1p(self.linked) - self.elsewhere)
        linked = prev_linked_output * jnp.exp((self.elsewhere + boom) * dt)
        output = linked + (prev_output - prev_linked_output) * jnp.exp(self.elsewhere * dt)
        growth = jnp.expm1(jnp.log(output / prev_output) / dt)
        return self.Out(output=output, output_growth=growth, linked_output=linked)


class LinkedRegions(Mechanism):
    """Regions where the first, the linked places, has what `TwoSpeed` gives it; the rest go their own pace."""

    inner: Regions

    class Out(Regions.Out):
        """What `Regions` gives."""

    begins = ("region_output", "region_people")

    def begin(self, *, output: bn_USD_per_year, linked_output: bn_USD_per_year) -> dict[str, Array]:
        rest = self.inner.output.at[0].set(0.0)
        region = (rest / jnp.sum(rest) * (output - linked_output)).at[0].set(linked_output)
        return {"region_output": region, "region_people": self.inner.people}

    def __call__(
        self,
        *,
        output: bn_USD_per_year,
        labour_value: Positive,
        linked_output: bn_USD_per_year,
        prev_linked_output: bn_USD_per_year,
        prev_output: bn_USD_per_year,
        prev_region_output: PerRegion[bn_USD_per_year],
        prev_region_people: PerRegion[Mn],
        dt: Years,
    ) -> Out:
        usual = self.inner(
            output=output,
            labour_value=labour_value,
            prev_output=prev_output,
            prev_region_output=prev_region_output,
            prev_region_people=prev_region_people,
            dt=dt,
        )
        # elsewhere each keeps its own pace and catch-up, and nothing of the boom
        own = self.inner.pace + self.inner.people_growth + usual.region_catch_up
        rest = (prev_region_output * jnp.exp(own * dt)).at[0].set(0.0)
        region = (rest / jnp.sum(rest) * (output - linked_output)).at[0].set(linked_output)
        told = self.inner.told(region, prev_region_output, prev_region_people, usual.region_catch_up, dt)
        return self.Out(**vars(told))
