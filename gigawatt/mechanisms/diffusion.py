"""Diffusion: how fast work that models can do becomes work that models do (S14, S15)."""

import equinox as eqx
import jax.numpy as jnp
from jax import Array

from gigawatt.core.maths import mean_decay
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import PerSegment, Positive, Rate, Share, Years


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
        done: PerSegment[Share] = signal("Share of the segment's work that AI does")
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
        done: PerSegment[Share] = signal("Share of the segment's work that AI does")
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
