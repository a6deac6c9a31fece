"""Diffusion: how fast work that models can do becomes work that models do (S14, S15)."""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jax.scipy.stats import norm

from gigawatt.core.maths import mean_decay
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import PerIncome, PerSegment, Positive, Rate, Share, Years


def bass_hazard(adopted, innovation, imitation):
    """Chance per year that one not yet using AI starts. [1/year]

    Bass (1969), Management Science 15(5):215-227: p + q F. Arguments may be arrays.
    """
    return innovation + imitation * adopted


def diffuse(adopted, ceiling, rate, dt):
    """Adoption after `dt` years in which a constant share `rate` of the room is taken up. [share]

    Exact solution of dA/dt = r (K - A), systems.md S14: never beyond the ceiling K, at once there for r
    without bound, unmoved for r = 0. A ceiling that has fallen pulls adoption down at the same rate.
    Arguments may be arrays.
    """
    return adopted - (ceiling - adopted) * jnp.expm1(-rate * dt)


def bass_step(adopted, ceiling, innovation, imitation, dt):
    """Adoption after `dt` years of the Bass law towards a ceiling. [share]

    Exact solution of dA/dt = (p + q A/K)(K - A) (Bass 1969, with K for the market), so that no rate and
    no step can overshoot. Adoption never leads its ceiling: one that has fallen below it cuts adoption to
    itself. Arguments may be arrays.
    """
    some = ceiling > 1e-30  # the tail of a distribution can leave a ceiling too small to divide by
    room = jnp.where(some, ceiling, 1.0)
    a = jnp.clip(adopted / room, 0.0, 1.0)
    span = dt * mean_decay((innovation + imitation) * dt)
    left = 1.0 - imitation * (1.0 - a) * span
    # `left` can only vanish where nothing starts (p = 0, a = 0); the gain is zero there.
    gain = (1.0 - a) * bass_hazard(a, innovation, imitation) * span / jnp.maximum(left, 1e-30)
    return jnp.where(some, ceiling * jnp.minimum(a + gain, 1.0), 0.0)


def cleared_gates(cleared, duration, dt):
    """Share of firms past each gate on the way to adoption, after `dt` years. [share]

    Gates stand in series along the last axis (legal, provisioning, security, leadership, rollout: systems.md
    S15), and each takes `duration` years on average: dc_k/dt = (c_{k-1} - c_k) / duration_k with c_0 = 1, so
    that with equal durations the waiting time is Erlang. No gate is passed by more firms than the one before
    it; a gate of duration 0 is open. The rest of the shape may be anything.
    """
    rate = jnp.divide(1.0, duration) + 0.0 * cleared
    before_then = before_now = jnp.ones(())
    gates = []
    for k in range(cleared.shape[-1]):
        # The mean of the queue before the gate at both ends of the step keeps the mean time at `duration`.
        gates.append(diffuse(cleared[..., k], 0.5 * (before_then + before_now), rate[..., k], dt))
        before_then, before_now = cleared[..., k], gates[-1]
    return jnp.stack(gates, axis=-1)


def learning_matrix(segments, ahead):
    """Whom each segment looks to: (segments, segments), rows add to one. [share]

    Segments stand in the order of their adoption: each gives weight `ahead` to the one before it and the rest to its
    own kind; the first has nobody to look to. Contagion between groups: Young (2009), AER 99:1899-1924.
    """
    looks = jnp.eye(segments, k=-1).at[0, 0].set(1.0)
    return (1.0 - ahead) * jnp.eye(segments) + ahead * looks


def seen_adoption(adopted, matrix):
    """Adoption that each segment sees, its own kind's and others' by the weights of a row. [share]

    What enters Bass's hazard in place of the segment's own adoption. Segments along the last axis.
    """
    return jnp.einsum("...j,ij->...i", adopted, matrix)


def worth_reinventing(gain, cost, years, spread):
    """Share of firms for which rebuilding the work around the product pays within `years`. [share]

    Phi(ln(g T / c) / s): the threshold model (David 1969, Stanford memorandum 71), gains lognormal about a median of
    `gain` a year with `spread` in logs, `cost` of rebuilding in the unit of a year's gain. Arguments may be arrays.
    """
    return norm.cdf(jnp.log(gain * years / cost) / spread)


def with_abandonment(adopted, starting, stopping, dt):
    """Adoption after `dt` years in which users stop at a rate and the others start at another. [share]

    Exact solution of dA/dt = h (1 - A) - m A, which settles at h / (h + m). Arguments may be arrays.
    """
    both = starting + stopping
    settled = jnp.where(both > 0.0, starting / jnp.where(both > 0.0, both, 1.0), adopted)
    return adopted - (settled - adopted) * jnp.expm1(-both * dt)


class Segments(Mechanism):
    """Work that models can do becomes work that they do, segment by segment, behind gates (S14, S15).

    In each segment the Bass law runs towards the part of today's automatable work whose owners have passed
    their gates (legal, security, provisioning, roll-out). Work that is newly automatable starts at nothing.
    """

    weight: PerSegment[Share] = param("Weight of the segment in the world's wage bill (made to add to one)")
    innovation: PerSegment[Rate] = param("Rate at which work is handed over unprompted")
    imitation: PerSegment[Rate] = param("Further rate per share of automatable work handed over already")
    gate: PerSegment[Years] = param("Mean time that a buyer's gates take")
    speed: Positive = param("Speed of all diffusion relative to the rates above")

    class Out(Signals):
        done: PerSegment[Share] = signal("Share of the segment's work that AI does", headline=True)
        cleared: PerSegment[Share] = signal("Share of the segment past its gates")
        work_by_ai: Share = signal("Share of the world's work that AI does", headline=True)

    begins = ("done", "work_by_ai")

    def begin(self, *, adopted: PerSegment[Share], automatable: Share) -> dict[str, Array]:
        done = adopted * automatable
        return {"done": done, "work_by_ai": self.total(done)}

    def total(self, done: Array) -> Array:
        return jnp.sum(self.weight * done) / jnp.sum(self.weight)

    def __call__(
        self,
        *,
        automatable: Share,
        prev_automatable: Share,
        prev_done: PerSegment[Share],
        prev_cleared: PerSegment[Share],
        dt: Years,
    ) -> Out:
        opening = jnp.divide(self.speed, jnp.maximum(self.gate, 1e-6))
        cleared = diffuse(prev_cleared, 1.0, opening, dt)
        now = automatable * cleared
        ceiling = jnp.minimum(0.5 * (now + prev_automatable * prev_cleared), now)  # its mean over the month
        done = bass_step(prev_done, ceiling, self.speed * self.innovation, self.speed * self.imitation, dt)
        return self.Out(done=done, cleared=cleared, work_by_ai=self.total(done))


class GatedSegments(Mechanism):
    """Six gates in series stand before each segment; what has passed them is taken up by the inner law (S15).

    The more work models can do, the more compelling the product and the shorter every gate. The inner law keeps its
    weights, rates and speed; its own single gate is replaced.
    """

    inner: Segments
    legal: PerSegment[Years] = param("Mean time of legal review")
    security: PerSegment[Years] = param("Mean time of security and compliance review")
    provisioning: PerSegment[Years] = param("Mean time until accounts, permissions and data are there")
    leadership: PerSegment[Years] = param("Mean time until leaders agree and pay")
    rollout: PerSegment[Years] = param("Mean time of staged roll-out")
    change: PerSegment[Years] = param("Mean time of rewriting tools and habits")
    compelling: Positive = param("How compelling a product that can do all work is, over one that can do none")
    elasticity: Positive = param("Fall of gates' time, in logs, per log of how compelling the product is")

    class Out(Signals):
        done: PerSegment[Share] = signal("Share of the segment's work that AI does", headline=True)
        cleared: PerSegment[Share] = signal("Share of the segment past its gates")
        work_by_ai: Share = signal("Share of the world's work that AI does", headline=True)
        past_legal: PerSegment[Share] = signal("Share of the segment past legal review")
        past_security: PerSegment[Share] = signal("Share of the segment past security and compliance review")
        past_provisioning: PerSegment[Share] = signal("Share of the segment with accounts, permissions and data")
        past_leadership: PerSegment[Share] = signal("Share of the segment whose leaders agreed")
        past_rollout: PerSegment[Share] = signal("Share of the segment past staged roll-out")

    begins = (
        "done",
        "work_by_ai",
        "past_legal",
        "past_security",
        "past_provisioning",
        "past_leadership",
        "past_rollout",
    )

    def begin(self, *, adopted: PerSegment[Share], automatable: Share, cleared: PerSegment[Share]) -> dict[str, Array]:
        """Every gate is taken to have let the same share of those before it through."""
        gates = self.begins[2:]
        past = {name: cleared ** ((k + 1) / (len(gates) + 1)) for k, name in enumerate(gates)}
        return self.inner.begin(adopted=adopted, automatable=automatable) | past

    def __call__(
        self,
        *,
        automatable: Share,
        prev_automatable: Share,
        prev_done: PerSegment[Share],
        prev_cleared: PerSegment[Share],
        prev_past_legal: PerSegment[Share],
        prev_past_security: PerSegment[Share],
        prev_past_provisioning: PerSegment[Share],
        prev_past_leadership: PerSegment[Share],
        prev_past_rollout: PerSegment[Share],
        dt: Years,
    ) -> Out:
        times = (self.legal, self.security, self.provisioning, self.leadership, self.rollout, self.change)
        quicker = self.inner.speed * self.compelling ** (self.elasticity * automatable)
        before = jnp.stack(
            [
                prev_past_legal,
                prev_past_security,
                prev_past_provisioning,
                prev_past_leadership,
                prev_past_rollout,
                prev_cleared,
            ],
            axis=-1,
        )
        duration = jnp.stack(times, axis=-1) / jnp.maximum(quicker, 1e-12)
        past = cleared_gates(before, jnp.maximum(duration, 1e-6), dt)
        legal, security, provisioning, leadership, rollout, cleared = jnp.moveaxis(past, -1, 0)
        # To the inner law what has passed is what there is to do, and its own gate stands open.
        taken = self.inner(
            automatable=automatable * cleared,
            prev_automatable=prev_automatable * prev_cleared,
            prev_done=prev_done,
            prev_cleared=jnp.ones_like(cleared),
            dt=dt,
        )
        return self.Out(
            done=taken.done,
            cleared=cleared,
            work_by_ai=taken.work_by_ai,
            past_legal=legal,
            past_security=security,
            past_provisioning=provisioning,
            past_leadership=leadership,
            past_rollout=rollout,
        )


class SocialSegments(Mechanism):
    """Segments that look to the one ahead, hand work over only where rebuilding pays, and stop again (S15).

    Of what the inner law could take up, firms for which rebuilding the work pays within their patience are the ceiling.
    The hazard is the inner law's, with the adoption that a segment sees in place of its own; users stop at a rate.
    """

    inner: Segments
    ahead: Share = param("Weight of the segment ahead in what a segment sees")
    cost: PerSegment[Years] = param("Median cost of rebuilding the work, in years of what it brings")
    patience: Years = param("Time within which rebuilding has to pay")
    spread: Positive = param("Standard deviation of the log of what rebuilding brings, between firms")
    stopping: PerSegment[Rate] = param("Rate at which users stop")

    class Out(Signals):
        done: PerSegment[Share] = signal("Share of the segment's work that AI does", headline=True)
        cleared: PerSegment[Share] = signal("Share of the segment past its gates")
        work_by_ai: Share = signal("Share of the world's work that AI does", headline=True)
        worth: PerSegment[Share] = signal("Share of the segment for which rebuilding the work pays")

    begins = ("done", "work_by_ai")

    def begin(self, *, adopted: PerSegment[Share], automatable: Share) -> dict[str, Array]:
        return self.inner.begin(adopted=adopted, automatable=automatable)

    def __call__(
        self, *, automatable: Share, prev_done: PerSegment[Share], prev_cleared: PerSegment[Share], dt: Years
    ) -> Out:
        law = self.inner
        cleared = diffuse(prev_cleared, 1.0, law.speed / jnp.maximum(law.gate, 1e-6), dt)
        worth = worth_reinventing(1.0, jnp.maximum(self.cost, 1e-6), self.patience, self.spread)
        ceiling = jnp.maximum(automatable * cleared * worth, 1e-30)
        share = jnp.minimum(prev_done / ceiling, 1.0)
        seen = seen_adoption(share, learning_matrix(share.shape[-1], self.ahead))
        starting = law.speed * bass_hazard(seen, law.innovation, law.imitation)
        done = ceiling * with_abandonment(share, starting, self.stopping, dt)
        return self.Out(done=done, cleared=cleared, work_by_ai=law.total(done), worth=worth)


def begun_behind(adopted, weight, start):
    """Use in each group of countries from that of the world and what each has relative to the first. [share]

    A_g = A s_g / sum of w_g s_g, so that the weighted sum is the world's. Groups along the last axis.
    """
    return adopted * start / jnp.sum(weight * start, axis=-1, keepdims=True)


class IncomeGroups(Mechanism):
    """Segments of high-income countries lead; other groups of countries reach their use later (S15).

    A group moves to what the first has with a mean delay, its lag: dA_g/dt = (A_1 - A_g) / lag_g. The world is the sum
    of the groups by wages, in each segment too. Weights, rates and gates are those of the inner law.
    """

    inner: Segments
    wages: PerIncome[Share] = param("Share of the group of countries in the world's wage bill (made to add to one)")
    lag: PerIncome[Years] = param("Mean time by which the group is behind high-income countries")
    start: PerIncome[Positive] = param("Use at the start relative to that of high-income countries")

    class Out(Signals):
        done: PerSegment[Share] = signal("Share of the segment's work that AI does", headline=True)
        cleared: PerSegment[Share] = signal("Share of the segment past its gates")
        work_by_ai: Share = signal("Share of the world's work that AI does", headline=True)
        leading: PerSegment[Share] = signal("Share of the segment's work that AI does in high-income countries")
        work_by_income: PerIncome[Share] = signal("Share of the work that AI does by group of countries", headline=True)
        wages_by_income: PerIncome[Share] = signal("Share of the group of countries in the world's wage bill")

    begins = ("done", "work_by_ai", "leading", "work_by_income")

    def begin(self, *, adopted: PerSegment[Share], automatable: Share) -> dict[str, Array]:
        """The world begins as in the inner law; high-income countries above it, up to what models can do."""
        world = self.inner.begin(adopted=adopted, automatable=automatable)
        use = begun_behind(world["work_by_ai"], self.weight, self.start)
        leading = jnp.minimum(world["done"] * use[0] / world["work_by_ai"], automatable)
        return world | {"leading": leading, "work_by_income": use}

    @property
    def weight(self) -> Array:
        return self.wages / jnp.sum(self.wages)

    def __call__(
        self,
        *,
        automatable: Share,
        prev_automatable: Share,
        prev_leading: PerSegment[Share],
        prev_cleared: PerSegment[Share],
        prev_work_by_income: PerIncome[Share],
        dt: Years,
    ) -> Out:
        first = self.inner(
            automatable=automatable,
            prev_automatable=prev_automatable,
            prev_done=prev_leading,
            prev_cleared=prev_cleared,
            dt=dt,
        )
        use = diffuse(prev_work_by_income, first.work_by_ai, 1.0 / jnp.maximum(self.lag, 1e-6), dt)
        world = jnp.sum(self.weight * use)
        return self.Out(
            done=first.done * world / jnp.maximum(first.work_by_ai, 1e-30),
            cleared=first.cleared,
            work_by_ai=world,
            leading=first.done,
            work_by_income=use,
            wages_by_income=self.weight,
        )


class RegulatedSegments(Mechanism):
    """Rules make every wait on the way to adoption longer or shorter than under the rules of the start (S35).

    `friction` is a multiple of all waits, so the inner law runs at its speed divided by it.
    """

    inner: Segments

    class Out(Signals):
        done: PerSegment[Share] = signal("Share of the segment's work that AI does")
        cleared: PerSegment[Share] = signal("Share of the segment past its gates")
        work_by_ai: Share = signal("Share of the world's work that AI does", headline=True)

    begins = ("done", "work_by_ai")

    def begin(self, *, adopted: PerSegment[Share], automatable: Share) -> dict[str, Array]:
        return self.inner.begin(adopted=adopted, automatable=automatable)

    def __call__(
        self,
        *,
        automatable: Share,
        prev_automatable: Share,
        prev_done: PerSegment[Share],
        prev_cleared: PerSegment[Share],
        prev_friction: Positive,
        dt: Years,
    ) -> Out:
        law = eqx.tree_at(lambda inner: inner.speed, self.inner, self.inner.speed / prev_friction)
        ruled = law(
            automatable=automatable,
            prev_automatable=prev_automatable,
            prev_done=prev_done,
            prev_cleared=prev_cleared,
            dt=dt,
        )
        return self.Out(done=ruled.done, cleared=ruled.cleared, work_by_ai=ruled.work_by_ai)
