"""Mechanisms: callables whose keyword inputs and named outputs are the wiring of the world.

    class Bass(Mechanism):
        imitation: PerYear = param("Further rate per share of firms that already did")

        class Out(Signals):
            adopted: Share = signal("Firms that pay for AI")

        def __call__(self, *, automatable: Share, prev_adopted: Share, dt: Years) -> Out: ...

`x` reads this month's signal, `prev_x` last month's; `dt` and `year` come from the clock; `normal` and `uniform`
are noise of this mechanism's own.
A parameter takes its value from the entry `bass.imitation` of params/*.toml; no number appears in Python.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache, lru_cache
from typing import Any, ClassVar, get_type_hints

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gigawatt.core.entry import Entry, entries, label_entries
from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.noise import is_noise
from gigawatt.core.units import Kind, default_axes, kinds

CLOCK = {"dt": "year", "year": "calendar year"}


def param(doc: str) -> Any:
    """A parameter of a mechanism. Its value is the entry of the same name; `doc` says what it means."""
    return eqx.field(metadata={"doc": doc})


def signal(doc: str, start: float | None = None, posted: str | None = None, headline: bool = False) -> Any:
    """An output of a mechanism; `doc` is its long name.

    start: value before the first month, where that is a definition (an empty stock, nobody ruined) and not a datum.
    posted: for a `Delay`, the signal that comes back here after the delay.
    headline: kept in results unless the caller asks for others.
    """
    return eqx.field(metadata={"doc": doc, "start": start, "posted": posted, "headline": headline})


class Signals(eqx.Module):
    """Base of each mechanism's `Out`."""


class Mechanism(eqx.Module):
    """A law placed in the month: parameters are fields, `__call__` reads signals and gives an `Out`.

    `Mechanism()` takes its parameters from the shipped entries, `Mechanism(field=value)` overrides some.
    `axes` and `table` are given by the world that builds it: axis labels and resolved entries.
    Raises InputError for an unknown parameter or a missing entry.
    """

    Out: ClassVar[type[Signals]]

    def __init__(
        self,
        axes: Mapping[str, tuple[str, ...]] | None = None,
        table: Mapping[str, Entry] | None = None,
        **values: Any,
    ):
        known, wrapped = params(type(self)), inner(type(self))
        for name in values:
            if name not in known and name not in wrapped:
                raise InputError(f"{type(self).__name__} has no parameter '{name}'.{did_you_mean(name, known)}")
        axes = axes or default_axes()
        table = entries() if table is None else table
        for name, law in wrapped.items():
            object.__setattr__(self, name, values.get(name) or law(axes=axes, table=table))
        for name, kind in known.items():
            for axis in kind.axes:
                if axis not in axes:
                    where = f"'{path_of(type(self))}.{name}'"
                    raise InputError(f"{where} runs per {axis}, an axis without labels: add it under [axes].")
            shape = shape_of(kind, axes)
            if name in values:
                value = jnp.broadcast_to(jnp.asarray(values[name], float), shape)
            else:
                value = entry_value(f"{path_of(type(self))}.{name}", kind, axes, table)
            object.__setattr__(self, name, value)

    def __call__(self, *args: Any, **inputs: Any) -> Any:  # any signature may override it
        raise NotImplementedError


def entry_value(path: str, kind: Kind, axes: Mapping[str, tuple[str, ...]], table: Mapping[str, Entry]) -> Array:
    """The value of a parameter or start value: one entry, or one per label of its axis."""
    values = tuple(e.value for e in entries_for(path, kind, axes, table))
    return constant(values, shape_of(kind, axes), jax.enable_x64.value)


@lru_cache(maxsize=4096)
def constant(values: tuple[float, ...], shape: tuple[int, ...], wide: bool) -> Array:
    """An array of these values along its first axis, the same along any other: made once, since arrays never change.

    A world has hundreds of numbers, and one that is built after another differs from it in a few. wide: in 64 bits.
    """
    along = np.asarray(values).reshape(-1, *[1] * (len(shape) - 1)) if shape else values[0]
    with jax.ensure_compile_time_eval():  # kept: it must outlive a function that is being compiled
        return jnp.asarray(np.broadcast_to(along, shape), jnp.float64 if wide else jnp.float32)


def entries_for(path: str, kind: Kind, axes: Mapping[str, tuple[str, ...]], table: Mapping[str, Entry]) -> list[Entry]:
    """The entries behind a parameter or start value, one per label, with units checked."""
    labels = axes[kind.axes[0]] if kind.axes else ()
    found = label_entries(table, path, labels) if labels else ([table[path]] if path in table else None)
    if found is None:
        missing = next((f"{path}.{x}" for x in labels if f"{path}.{x}" not in table), path)
        raise InputError(f"'{missing}' has no entry: give value, unit, source and grade in params/*.toml or [set].")
    for e in found:
        if e.unit != kind.unit.text:
            raise InputError(
                f"{e.file or 'entry'}: {e.path} is in {e.unit}, but the model takes {kind.unit.text}: convert."
            )
    return found


def shape_of(kind: Kind, axes: Mapping[str, tuple[str, ...]]) -> tuple[int, ...]:
    return tuple(len(axes[a]) for a in kind.axes)


@cache
def path_of(cls: type) -> str:
    """`BigBlob` -> 'big_blob': the first part of its parameters' paths."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()


@cache
def params(cls: type) -> dict[str, Kind]:
    """Parameters of a mechanism class with their kinds."""
    own = kinds(cls)
    return {f.name: own[f.name] for f in fields(cls) if f.name in own}


@cache
def inner(cls: type) -> dict[str, type["Mechanism"]]:
    """Laws that a mechanism class wraps: fields annotated with a mechanism class."""
    hints = get_type_hints(cls)
    return {
        f.name: hints[f.name]
        for f in fields(cls)
        if isinstance(hints[f.name], type) and issubclass(hints[f.name], Mechanism)
    }


def laws(mechanism: "Mechanism") -> list["Mechanism"]:
    """A mechanism and the laws that it wraps."""
    return [mechanism, *(law for name in inner(type(mechanism)) for law in laws(getattr(mechanism, name)))]


@cache
def gives(cls: type[Mechanism]) -> dict[str, Kind]:
    """Signals that a mechanism class gives, with their kinds."""
    return kinds(cls.Out)


@cache
def reads(cls: type[Mechanism]) -> dict[str, Kind | None]:
    """Inputs of a mechanism class as written (`x`, `prev_x`, `due_x`, clock, noise), with their kinds."""
    names = keyword_names(cls.__call__)
    any_name = inspect.Parameter.VAR_KEYWORD
    if any(p.kind is any_name for p in inspect.signature(cls.__call__).parameters.values()):  # a Delay
        return {f"due_{name}": kind for name, kind in gives(cls).items()}
    own = kinds(cls.__call__)
    return {name: own.get(name) for name in names}


@cache
def wires(cls: type[Mechanism]) -> dict[str, Kind | None]:
    """Inputs of a mechanism class that are signals, of this month or the last: neither clock, nor noise, nor due."""
    outside = {n for n in reads(cls) if n in CLOCK or is_noise(n) or n.startswith("due_")}
    return {n: kind for n, kind in reads(cls).items() if n not in outside}


def keyword_names(function: Callable[..., Any]) -> list[str]:
    """Keyword-only arguments of a function or a method."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    return [n for n, p in inspect.signature(function).parameters.items() if p.kind is keyword]


def doc_of(cls: type, name: str) -> str:
    """The sentence given to `param` or `signal`."""
    return next(f.metadata.get("doc", "") for f in fields(cls) if f.name == name)


@cache
def meta_of(cls: type, name: str, key: str) -> Any:
    """What the definition of a parameter or signal says under `key`: doc, start, posted, headline."""
    return next(f.metadata.get(key) for f in fields(cls) if f.name == name)
