"""Context: how long a text a model reads, and what that costs to serve (S12)."""

from dataclasses import dataclass

import jax.numpy as jnp

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.observed import number, table
from gigawatt.core.units import Rate, Tokens, Years

# ---------------------------------------------------------------- memory


def attention_cache(kv_heads, head_dim, width):
    """Key-value cache of one token in one layer: a key and a value for each key-value head. [byte]

    2 h d w. All heads in multi-head attention (Vaswani et al. 2017), one per group in grouped-query attention
    (Ainslie et al. 2023, arXiv:2305.13245), one in multi-query attention (Shazeer 2019, arXiv:1911.02150); `width`
    is bytes per number. Mixtures of experts change nothing: experts hold no cache. Arguments may be arrays.
    """
    return 2.0 * kv_heads * head_dim * width


def latent_cache(latent, rope, width):
    """Key-value cache of one token in one layer of multi-head latent attention. [byte]

    (c + r) w: one compressed vector for all heads and one key that carries the position (DeepSeek-AI 2024,
    arXiv:2405.04434, section 2.1). Arguments may be arrays.
    """
    return (latent + rope) * width


def attended(length, layers, local=0.0, window=jnp.inf):
    """Positions that the last token of a text looks at, summed over layers. [token x layer]

    `local` of the layers see no further back than `window`, as in Mistral (Jiang et al. 2023, arXiv:2310.06825)
    and Gemma 3 (2025, arXiv:2503.19786). Arguments may be arrays.
    """
    return (layers - local) * length + local * jnp.minimum(length, window)


def mean_attended(length, layers, local=0.0, window=jnp.inf):
    """`attended`, averaged over all tokens of a text. [token x layer]

    A token looks back only, so half the length in full layers; m - m^2 / (2 L) with m = min(L, window) in local
    ones. Arguments may be arrays.
    """
    seen = jnp.minimum(length, window)
    return (layers - local) * 0.5 * length + local * seen * (1.0 - 0.5 * seen / jnp.maximum(length, 1.0))


def room_for(memory, weights, each):
    """How many caches of the size `each` fit beside the weights; below one, none does. [count]

    With `each` the cache of a text, the largest batch; with that of a token, the longest text. Arguments may be
    arrays.
    """
    return jnp.maximum(memory - weights, 0.0) / each


# ---------------------------------------------------------------- work and time


def forward_flop(active, heads, score, value, positions):
    """Arithmetic of one token: two per active parameter and attention over `positions`. [FLOP]

    2 N + 2 h (d_score + d_value) x positions, where positions are summed over layers; with d_score = d_value this
    is 2 N + 4 n_layer d_attn x position (Kaplan et al. 2020, arXiv:2001.08361, table 1, where the mean position
    is half the context). Arguments may be arrays.
    """
    return 2.0 * active + 2.0 * heads * (score + value) * positions


def weights_read(total, active, batch):
    """Parameters that one step of decoding reads for a whole batch. [count]

    N (1 - (1 - a/N)^batch): each token calls for a share a/N of the parameters, at random. One token reads the
    active ones, a large batch all; a dense model reads all always. Arguments may be arrays.
    """
    return total * (1.0 - (1.0 - active / total) ** batch)


def step_time(batch, weights, cache, flop, bandwidth, peak):
    """Time in which a batch of texts grows by one token each: memory or arithmetic, whichever is slower. [second]

    max((W + B c) / bandwidth, B f / peak), the roofline of Williams et al. (2009) as used for transformers by
    Pope et al. (2022), arXiv:2211.05102. `weights` and `cache` (of one text) in bytes. Arguments may be arrays.
    """
    return jnp.maximum((weights + batch * cache) / bandwidth, batch * flop / peak)


def dollars_per_million(tokens_per_second, chips, price):
    """Rent of `chips` for a million tokens; `price` per chip and hour. [USD]"""
    return 1e6 / tokens_per_second * chips * price / 3600.0


def training_samples(compute, length, flop):
    """Texts of one length that a training compute pays for; `flop` is the forward work of a mean token. [count]

    C / (3 f L): backward costs twice forward, so a token costs 3 f in all (Kaplan et al. 2020). Longer texts
    leave fewer samples, and more than in proportion once attention counts. Arguments may be arrays.
    """
    return compute / (3.0 * flop * length)


# ---------------------------------------------------------------- length


def quality(served, trained, fall):
    """Quality of answers relative to short texts: one up to the trained length, less beyond. [share]

    min(1, trained / served)^fall, a reading of S12; `fall` is the elasticity of quality in the excess. Arguments
    may be arrays.
    """
    return jnp.minimum(1.0, trained / served) ** fall


def reading_hours(words, per_minute):
    """Time in which a person reads so many words. [hour]"""
    return words / per_minute / 60.0


def growth_between(first, last, years):
    """Log growth of length between two readings. [1/year]"""
    return jnp.log(last / first) / years


def years_until(length, target, growth):
    """Years until a length that grows at a constant log rate reaches the target. [year]

    ln(target / L) / g: the inverse of `longer` below its limit. Arguments may be arrays.
    """
    return jnp.log(target / length) / growth


def longer(length, growth, limit, years):
    """Length after some years of growth, up to a limit; one that is past the limit stays. [token]

    Arguments may be arrays.
    """
    return jnp.maximum(length, jnp.minimum(length * jnp.exp(growth * years), limit))


# ---------------------------------------------------------------- a model on a machine


@dataclass(frozen=True)
class Architecture:
    """The numbers of a transformer that its serving depends on; `architecture` gives published ones by name.

    score, value: sizes of the vectors of one head in scores and values. latent, rope: sizes of the latent cache, 0
    for attention with key-value heads. local_layers look back no further than window [token].
    Raises InputError where the numbers cannot be those of a model.
    """

    layers: float
    heads: float
    kv_heads: float
    score: float
    value: float
    parameters: float
    active: float
    latent: float = 0.0
    rope: float = 0.0
    local_layers: float = 0.0
    window: float = 0.0
    trained_length: float = jnp.inf

    def __post_init__(self):
        if not self.kv_heads and not self.latent:
            raise InputError("Architecture: kv_heads and latent are both 0: give one of them, or nothing is cached.")
        if not 0 <= self.local_layers <= self.layers:
            raise InputError(
                f"Architecture: {self.local_layers:g} local_layers of {self.layers:g}: give 0 to {self.layers:g}."
            )
        if not 0 < self.active <= self.parameters:
            raise InputError(f"Architecture: active is {self.active:g}: give more than 0, up to {self.parameters:g}.")

    def per_layer(self, width=2.0):
        """Cache of one token in one layer, at `width` bytes per number. [byte]"""
        if self.latent:
            return latent_cache(self.latent, self.rope, width)
        return attention_cache(self.kv_heads, 0.5 * (self.score + self.value), width)  # a key and a value

    def cache(self, length, width=2.0):
        """Key-value cache of one text. [byte]"""
        return self.per_layer(width) * attended(length, self.layers, self.local_layers, self.window)

    def read_flop(self, length):
        """Arithmetic of a mean token while a text is read. [FLOP]"""
        positions = mean_attended(length, self.layers, self.local_layers, self.window)
        return forward_flop(self.active, self.heads, self.score, self.value, positions)

    def write_flop(self, length):
        """Arithmetic of one token that is written after `length` others. [FLOP]

        Latent attention then works on the compressed vectors themselves (arXiv:2405.04434, section 2.1).
        """
        positions = attended(length, self.layers, self.local_layers, self.window)
        if self.latent:
            return forward_flop(self.active, self.heads, self.latent + self.rope, self.latent, positions)
        return forward_flop(self.active, self.heads, self.score, self.value, positions)


def architectures() -> list[str]:
    """Names of the published architectures that ship."""
    return [row["model"] for row in table("architectures")]


def architecture(model: str) -> Architecture:
    """A published architecture by name. Raises InputError for another name."""
    rows = {row["model"]: row for row in table("architectures")}
    if model not in rows:
        raise InputError(f"no architecture '{model}'.{did_you_mean(model, rows)} There are {', '.join(rows)}.")
    return Architecture(**{name: number(rows[model], name) for name in Architecture.__dataclass_fields__})


@dataclass(frozen=True)
class Server:
    """Machines that serve one copy of a model together. Memory, bandwidth and peak are those of one chip.

    memory [byte], bandwidth [byte/second], peak [FLOP/second], price [USD/hour]. utilisation: share of bandwidth
    and peak that is reached. width, cache_width: bytes per parameter and per number in the cache.
    """

    chips: float
    memory: float
    bandwidth: float
    peak: float
    price: float
    utilisation: float
    width: float = 1.0
    cache_width: float = 2.0

    def batch(self, model, length):
        """Texts of one length that fit beside the weights; below one, none does. [count]"""
        weights = self.width * model.parameters
        return room_for(self.chips * self.memory, weights, model.cache(length, self.cache_width))

    def writing_speed(self, model, length, batch):
        """Tokens that a batch of texts of this length gains. [token/second]"""
        weights = self.width * weights_read(model.parameters, model.active, batch)
        cache = model.cache(length, self.cache_width)
        reach = self.chips * self.utilisation
        time = step_time(batch, weights, cache, model.write_flop(length), reach * self.bandwidth, reach * self.peak)
        return batch / time

    def reading_speed(self, model, length):
        """Tokens of texts of this length that are read, bound by arithmetic. [token/second]"""
        return self.chips * self.utilisation * self.peak / model.read_flop(length)

    def writing_cost(self, model, length):
        """Rent for a million tokens written at this length with the largest batch; infinite if none fits. [USD]"""
        batch = self.batch(model, length)
        fits = batch >= 1.0
        speed = self.writing_speed(model, length, jnp.where(fits, batch, 1.0))
        return jnp.where(fits, dollars_per_million(speed, self.chips, self.price), jnp.inf)

    def reading_cost(self, model, length):
        """Rent for a million tokens read in texts of this length. [USD]"""
        return dollars_per_million(self.reading_speed(model, length), self.chips, self.price)


class Length(Mechanism):
    """The longest text that models are served with grows, up to what the memory of one machine holds (S12)."""

    growth: Rate = param("Log growth of the longest context served")
    limit: Tokens = param("Longest context whose cache one machine holds")

    class Out(Signals):
        context: Tokens = signal("Longest context served")

    def __call__(self, *, prev_context: Tokens, dt: Years) -> Out:
        return self.Out(context=longer(prev_context, self.growth, self.limit, dt))
