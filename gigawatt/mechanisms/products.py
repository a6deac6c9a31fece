"""Products: the funnel of uses, surfaces that age, the share of the bare interface, and a lab's own use (S28, S30)."""

import jax
import jax.numpy as jnp
from jax import Array

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import ECI, PerECI, PerLab, Rate, Share, Years


def funnel(experiments, rates):
    """Uses left at each stage, the first included: 1000 tries, 100 start-ups, 10 successes, 2 or 3 ways. [count]

    The running product of the rates of passing along the last axis (systems.md S28).
    """
    rates = jnp.asarray(rates, float)
    kept = jnp.concatenate([jnp.ones_like(rates[..., :1]), jnp.cumprod(rates, axis=-1)], axis=-1)
    return jnp.multiply(*jnp.broadcast_arrays(jnp.asarray(experiments)[..., None], kept))


def passing_rates(counts):
    """Share that passes from each stage to the next: undoes `funnel`. [share]"""
    counts = jnp.asarray(counts, float)
    return counts[..., 1:] / counts[..., :-1]


def fringe(window, opening):
    """Share of uses opened within a window, when uses multiply by e^opening a year. [share]

    1 - e^(-opening window): systems.md S28. Arguments may be arrays.
    """
    return -jnp.expm1(-opening * window)


def obsolescence(pace, per_point):
    """Rate at which a fixed surface becomes irrelevant: in proportion to the pace of capability. [1/year]

    pace in points a year; none where capability stands still. Arguments may be arrays.
    """
    return per_point * jnp.maximum(pace, 0.0)


def surviving(years, pace, per_point):
    """Chance that a surface fixed today still matters after some years. [probability]

    e^(-hazard t). Arguments may be arrays.
    """
    return jnp.exp(-obsolescence(pace, per_point) * years)


def api_share_at_rest(hazard, packaging):
    """Share of use through the bare interface at which packaging and obsolescence balance. [share]

    h / (h + k). Arguments may be arrays.
    """
    return hazard / (hazard + packaging)


def api_share_after(share, hazard, packaging, dt):
    """Share of use through the bare interface after `dt` years. [share]

    Exact solution of da/dt = h (1 - a) - k a: uses are packed into surfaces at rate k (packaging), and fall back to
    the interface when a surface becomes obsolete at rate h. Above zero for ever. Arguments may be arrays.
    """
    total = hazard + packaging
    some = total > 0.0
    rest = jnp.where(some, hazard / jnp.where(some, total, 1.0), share)
    return rest + (share - rest) * jnp.exp(-total * dt)


def launch_time(fit, first, spread):
    """Time at which own use reaches the share that shows fit, and the product is launched. [years]

    Staff take it up on a logistic from `first` at rate `spread`: (logit fit - logit first) / spread. Not before the
    start where the first users are enough. Arguments may be arrays.
    """
    logit = jax.scipy.special.logit
    return jnp.maximum((logit(fit) - logit(first)) / spread, 0.0)


def users(years, people, first, spread, start=0.0):
    """Users at a time, logistic from a share `first` at the start, none before it. [people]

    Verhulst (1838). Arguments may be arrays.
    """
    since = years - start
    now = jax.nn.sigmoid(jax.scipy.special.logit(first) + spread * jnp.maximum(since, 0.0))
    return jnp.where(since < 0.0, 0.0, people * now)


def internal_weight(internal, external, loudness):
    """Weight of own users in the feedback that shapes the next version. [share]

    l I / (l I + E): one own user is heard as much as `loudness` outside ones. None where there is no own user: the
    loop is absent in fields in which the lab does not work. Arguments may be arrays.
    """
    heard = loudness * internal
    some = heard > 0.0
    return jnp.where(some, heard / jnp.where(some, heard + external, 1.0), 0.0)


class Surfaces(Mechanism):
    """Uses move from the bare interface into products, and back when capability outruns a product (S28)."""

    api_at_start: Share = param("Share of use through the bare interface at the start")
    per_point: PerECI = param("Hazard of a fixed product surface per point a year of the best capability")
    packaging: Rate = param("Rate at which uses of the bare interface are packed into products")

    class Out(Signals):
        surface_hazard: Rate = signal("Rate at which a fixed product surface becomes irrelevant")
        api_share: Share = signal("Share of use through the bare interface")

    begins = ("api_share",)

    def begin(self) -> dict[str, Array]:
        return {"api_share": self.api_at_start}

    def __call__(
        self, *, capability: PerLab[ECI], prev_capability: PerLab[ECI], prev_api_share: Share, dt: Years
    ) -> Out:
        pace = (jnp.max(capability) - jnp.max(prev_capability)) / dt
        hazard = obsolescence(pace, self.per_point)
        share = api_share_after(prev_api_share, hazard, self.packaging, dt)
        return self.Out(surface_hazard=hazard, api_share=share)
