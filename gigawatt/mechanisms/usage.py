"""Usage: tokens as what is bought, between the work that is handed over and the money that is paid (S16, S24)."""

import jax.numpy as jnp
from jax import Array

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import (
    ECI,
    GW,
    ECI_per_year,
    H100e,
    PerLab,
    Rate,
    Tokens_per_compute,
    Tokens_per_year,
    USD_per_Mtok,
    Years,
    bn_USD_per_year,
)

SECONDS = 365.25 * 24 * 3600.0  # in a year
TOKENS_PER_BN = 1e15  # tokens that a billion dollars buys at one dollar per million


def tokens_bought(revenue, price):
    """Tokens that revenue pays for at a price. [token/year for bn USD/year and USD/million tokens]

    Revenue over price: the inverse of `revenue_of_tokens`. Arguments may be arrays.
    """
    return TOKENS_PER_BN * revenue / price


def revenue_of_tokens(tokens, price):
    """Revenue from tokens sold at a price. [bn USD/year for token/year and USD/million tokens]

    Price times tokens. Arguments may be arrays.
    """
    return tokens * price / TOKENS_PER_BN


def mix_price(price, fall, gain, years, points):
    """Price per token of what is sold, after some years in which it became better by some points. [unit of price]

    p exp(-fall (t - points / gain)): the price of a fixed capability falls at `fall` [1/year], and a buyer who climbs
    `gain` points of capability a year pays the same per token as before. `points` since the start [ECI point].
    Arguments may be arrays.
    """
    return price * jnp.exp(-fall * (years - points / gain))


def tokens_per_hour(words_per_minute, tokens_per_word, passes=1.0):
    """Tokens that stand for an hour of a person's reading, writing or thinking. [token/hour]

    60 x words a minute x tokens a word x how often a model goes over the text. Arguments may be arrays.
    """
    return 60.0 * words_per_minute * tokens_per_word * passes


def tokens_of_work(hours, per_hour):
    """Tokens behind hours of work handed over. [token for hours and token/hour]

    Arguments may be arrays.
    """
    return hours * per_hour


def cost_of_hour(per_hour, price):
    """Price of the tokens that stand for an hour of work. [USD/hour for token/hour and USD/million tokens]

    Arguments may be arrays.
    """
    return per_hour * price / 1e6


def tokens_per_compute(tokens, serving):
    """Tokens sold per compute that serves, a second. [token/H100e/s for token/year and H100e]

    Zero where nothing serves. A check on the others: what a chip can serve is known apart. Arguments may be arrays.
    """
    some = jnp.asarray(serving) > 0.0
    return jnp.where(some, tokens / (SECONDS * jnp.where(some, serving, 1.0)), 0.0)


class Tokens(Mechanism):
    """Revenue is tokens times price, every month (S16).

    The price of a fixed capability falls at a rate; buyers move to better models, which cost more per token. A lab
    sells as many tokens as its revenue pays for at that price. Tokens per serving compute are reported, not forced.
    """

    price: USD_per_Mtok = param("Revenue per token sold at the start")
    fall: Rate = param("Log fall of the price of a fixed capability")
    gain: ECI_per_year = param("Points of capability a year at which a buyer pays the same per token")

    class Out(Signals):
        token_price: PerLab[USD_per_Mtok] = signal("Revenue per token sold")
        tokens: PerLab[Tokens_per_year] = signal("Tokens sold")
        tokens_per_compute: PerLab[Tokens_per_compute] = signal("Tokens sold per compute that serves")

    begins = ("token_price",)

    def begin(self, *, revenue: PerLab[bn_USD_per_year]) -> dict[str, Array]:
        return {"token_price": jnp.broadcast_to(self.price, jnp.shape(revenue))}

    def __call__(
        self,
        *,
        revenue: PerLab[bn_USD_per_year],
        capability: PerLab[ECI],
        compute: PerLab[H100e],
        inference: PerLab[GW],
        power: PerLab[GW],
        prev_capability: PerLab[ECI],
        prev_token_price: PerLab[USD_per_Mtok],
        dt: Years,
    ) -> Out:
        price = mix_price(prev_token_price, self.fall, self.gain, dt, capability - prev_capability)
        tokens = tokens_bought(revenue, price)
        serving = compute * inference / jnp.maximum(power, 1e-9)
        return self.Out(token_price=price, tokens=tokens, tokens_per_compute=tokens_per_compute(tokens, serving))
