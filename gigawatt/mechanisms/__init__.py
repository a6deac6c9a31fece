"""What happens in a month, one file per law, listed here in causal order."""

from gigawatt.mechanisms import (
    shocks,
    supply,
    split,
    efficiency,
    scaling,
    capability,
    automation,
    diffusion,
    demand,
    market,
    finance,
    lab,
    orders,
    growth,
)

__all__ = [
    "automation",
    "capability",
    "demand",
    "diffusion",
    "efficiency",
    "finance",
    "growth",
    "lab",
    "market",
    "orders",
    "scaling",
    "shocks",
    "split",
    "supply",
]
