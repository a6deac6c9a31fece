"""Prices: what a fixed capability costs as efficiency improves, and how use rebounds (S24)."""

import jax.numpy as jnp
from jax import Array

from gigawatt.core.maths import power
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import PerLab, Positive, USD_per_Mtok


def serving_cost(cost, efficiency, pass_through, floor):
    """Cost of serving a fixed capability after efficiency has multiplied. [the unit of cost]

    f + (c - f) E^-g: the part above the floor falls with efficiency E, relative to the date of `cost`, at elasticity
    `pass_through` (g); the floor is what the smallest useful model costs to run. A cost at or below the floor stays.
    Arguments may be arrays.
    """
    return jnp.minimum(cost, floor) + jnp.maximum(cost - floor, 0.0) * efficiency**-pass_through


def declining_price(price, years, rate, floor):
    """Price of a fixed capability some years later, at a constant log rate of decline. [the unit of price]

    f + (p - f) e^(-rate t): `serving_cost` for efficiency that grows steadily. The form that `fits.price` fits.
    Arguments may be arrays.
    """
    return serving_cost(price, jnp.exp(1.0 * years), rate, floor)


def marked_up(cost, elasticity):
    """Price that a seller sets who faces a constant elasticity of demand above one. [the unit of cost]

    c e / (e - 1): Lerner (1934), Review of Economic Studies 1(3):157-175. Arguments may be arrays.
    """
    return cost * elasticity / (elasticity - 1.0)


def serving_margin(price, cost):
    """Gross margin on serving. [share]

    1 - c/p: positive while the price lies above the cost of serving. Arguments may be arrays.
    """
    return 1.0 - cost / price


def tokens_used(tokens, price_ratio, elasticity):
    """Tokens that buyers use after the price has changed by a ratio. [the unit of tokens]

    N (p/p0)^-e, a constant elasticity. Arguments may be arrays.
    """
    return tokens * price_ratio**-elasticity


def spending_after(spending, price_ratio, elasticity):
    """Money spent after the price has changed by a ratio. [the unit of spending]

    R (p/p0)^(1 - e): a lower price raises spending only where the elasticity is above one (Jevons 1865, The Coal
    Question, chapter 7). Arguments may be arrays.
    """
    return spending * power(price_ratio, 1.0 - elasticity)


def rebound(elasticity):
    """Share of the compute saved by an efficiency gain that more use takes back; above one it backfires. [ratio]

    The elasticity of use in the price: Berkhout, Muskens & Velthuijsen (2000), Energy Policy 28:425-432, for a price
    that falls one for one with efficiency.
    """
    return 1.0 * elasticity


class CapabilityPrice(Mechanism):
    """The price of the best capability at the start falls as algorithms improve, down to a floor.

    The lab whose algorithms are best sets the price; others must meet it. The price of the best capability of the day
    is another thing: it has not fallen, because each generation costs about as much to serve as the one before.
    """

    price_at_start: USD_per_Mtok = param("List price of the best capability at the start, 3 tokens read per 1 written")
    pass_through: Positive = param("Log fall of the price of a fixed capability per log gain of algorithms")
    floor: USD_per_Mtok = param("Price below which serving any useful model does not fall")

    class Out(Signals):
        price_of_capability: USD_per_Mtok = signal(
            "Price of the capability that was the best at the start", headline=True
        )

    begins = ("price_of_capability",)

    def begin(self) -> dict[str, Array]:
        return {"price_of_capability": self.price_at_start}

    def __call__(
        self,
        *,
        algorithms: PerLab[Positive],
        prev_algorithms: PerLab[Positive],
        prev_price_of_capability: USD_per_Mtok,
    ) -> Out:
        gain = jnp.max(algorithms) / jnp.max(prev_algorithms)
        price = serving_cost(prev_price_of_capability, gain, self.pass_through, self.floor)
        return self.Out(price_of_capability=price)
