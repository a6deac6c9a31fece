"""What happens in a month, one file per law, listed here in causal order."""

from gigawatt.mechanisms import (
    automation,
    capability,
    demand,
    diffusion,
    efficiency,
    finance,
    growth,
    lab,
    market,
    orders,
    scaling,
    shocks,
    split,
    supply,
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
