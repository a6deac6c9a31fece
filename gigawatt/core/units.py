"""Units and axes: what a number means and along which names it runs.

A signal or parameter is annotated with an alias such as `GW` or `PerLab[bn_USD_per_year]`.
To a type checker these are arrays; to the world they carry a unit and named axes.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

from jax import Array

T = TypeVar("T")


@dataclass(frozen=True)
class Unit:
    """A unit as text, and the least and greatest value that make sense in it."""

    text: str
    least: float = float("-inf")
    greatest: float = float("inf")


@dataclass(frozen=True)
class Axis:
    """A named axis; its labels belong to the world."""

    name: str


Number = Annotated[Array, Unit("1")]
Positive = Annotated[Array, Unit("1", 0.0)]
Share = Annotated[Array, Unit("share", 0.0, 1.0)]
Years = Annotated[Array, Unit("year", 0.0)]
Months = Annotated[Array, Unit("month", 0.0)]
Date = Annotated[Array, Unit("calendar year", 1900.0, 3000.0)]
Hours = Annotated[Array, Unit("hour", 0.0)]
PerYear = Annotated[Array, Unit("1/year")]
Rate = Annotated[Array, Unit("1/year", 0.0)]
PerSqrtYear = Annotated[Array, Unit("1/sqrt(year)", 0.0)]
GW = Annotated[Array, Unit("GW", 0.0)]
GW_per_year = Annotated[Array, Unit("GW/year", 0.0)]
H100e = Annotated[Array, Unit("H100e", 0.0)]
H100e_per_year = Annotated[Array, Unit("H100e/year", 0.0)]
H100e_per_GW = Annotated[Array, Unit("H100e/GW", 0.0)]
FLOP = Annotated[Array, Unit("FLOP", 0.0)]
YFLOP = Annotated[Array, Unit("1e24 FLOP", 0.0)]  # within the range of 32 bits where algorithms multiply it
Tokens = Annotated[Array, Unit("token", 0.0)]
Tokens_per_year = Annotated[Array, Unit("token/year", 0.0)]
Tokens_per_compute = Annotated[Array, Unit("token/H100e/s", 0.0)]
USD_per_Mtok = Annotated[Array, Unit("USD/million tokens", 0.0)]
Nats = Annotated[Array, Unit("nat/token", 0.0)]  # loss of a language model
ECI = Annotated[Array, Unit("ECI point")]
ECI_per_year = Annotated[Array, Unit("ECI point/year", 0.0)]
PerECI = Annotated[Array, Unit("1/ECI point")]
Mn = Annotated[Array, Unit("million", 0.0)]  # of people or machines, as the name says
Mn_per_year = Annotated[Array, Unit("million/year", 0.0)]
bn_USD = Annotated[Array, Unit("bn USD")]
bn_USD_per_year = Annotated[Array, Unit("bn USD/year")]
bn_USD_per_year2 = Annotated[Array, Unit("bn USD/year/year")]
bn_USD_per_GW = Annotated[Array, Unit("bn USD/GW", 0.0)]
USD_per_MWh = Annotated[Array, Unit("USD/MWh", 0.0)]
bn_USD_per_GW_year = Annotated[Array, Unit("bn USD/GW/year", 0.0)]

PerLab = Annotated[T, Axis("lab")]
PerSegment = Annotated[T, Axis("segment")]
PerIncome = Annotated[T, Axis("income")]
PerStage = Annotated[T, Axis("stage")]
PerIncomeGroup = Annotated[T, Axis("income_group")]
PerRegion = Annotated[T, Axis("region")]


@dataclass(frozen=True)
class Kind:
    """Unit and axes of one signal or parameter."""

    unit: Unit
    axes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.unit.text} per {' x '.join(self.axes)}" if self.axes else self.unit.text


def kind_of(hint: Any) -> Kind:
    """Read unit and axes from an annotation made with the aliases of this file.

    Raises TypeError where the annotation carries no unit.
    """
    args = get_args(hint)[1:]
    unit = next((a for a in args if isinstance(a, Unit)), None)
    if unit is None:
        raise TypeError(f"annotation {hint!r} carries no unit: use an alias of gigawatt.units")
    # PerLab[PerSegment[Share]] flattens to (Share, segment, lab): the outermost axis comes last, and is dimension 0.
    axes = tuple(a.name for a in reversed(args) if isinstance(a, Axis))
    return Kind(unit, axes)


@cache
def kinds(owner: Any) -> dict[str, Kind]:
    """Kinds of all annotated names of a class or function that carry a unit."""
    # postponed annotations of a function name the class's own `Out`, which only the class can see
    names = None if isinstance(owner, type) else {"Out": Any}
    hints = get_type_hints(owner, localns=names, include_extras=True)
    return {name: kind_of(hint) for name, hint in hints.items() if any(isinstance(a, Unit) for a in get_args(hint)[1:])}


@cache
def default_axes() -> dict[str, tuple[str, ...]]:
    """Labels of each axis in the base world, from params/axes.toml."""
    text = resources.files("gigawatt").joinpath("params/axes.toml").read_text(encoding="utf-8")
    return {name: tuple(labels) for name, labels in tomllib.loads(text).items()}
