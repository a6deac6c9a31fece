"""A world: mechanisms in causal order, checked when it is built.

List order is causal order. A mechanism may read what stands above it this month (`x`), and anything of last
month (`prev_x`). State is last month's signals: what somebody reads as `prev_x` is remembered, nothing else.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jax import Array

from gigawatt.core.entry import Entry, entries
from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.mechanism import (
    Mechanism,
    entries_for,
    entry_value,
    gives,
    inner,
    keyword_names,
    laws,
    meta_of,
    params,
    path_of,
    shape_of,
)
from gigawatt.core.queue import Delay
from gigawatt.core.units import Kind, default_axes
from gigawatt.core.wiring import (
    Classes,
    check,
    givers_of,
    needed_for,
    number_kinds,
    remembered,
    signals_of,
    start_kind,
    start_readers,
)


class World(eqx.Module):
    """Mechanisms in causal order with the labels of their axes and their start values.

    mechanisms: instances, or classes (then built from the entries).
    axes: labels by axis name. table: resolved entries; the shipped ones if not given.
    Raises InputError with place and cure where the wiring is wrong.
    """

    mechanisms: tuple[Mechanism, ...]
    start: dict[str, Array]
    labels: tuple[tuple[str, tuple[str, ...]], ...] = eqx.field(static=True)

    def __init__(
        self,
        mechanisms: Iterable[Mechanism | type[Mechanism]],
        axes: Mapping[str, tuple[str, ...]] | None = None,
        table: Mapping[str, Entry] | None = None,
    ):
        axes = {**default_axes(), **(axes or {})}
        table = entries() if table is None else table
        self.labels = tuple((name, tuple(labels)) for name, labels in sorted(axes.items()))
        self.mechanisms = tuple(m if isinstance(m, Mechanism) else m(axes=axes, table=table) for m in mechanisms)
        check(self.classes, frozenset(axes))
        self.start = {
            name: entry_value(f"start.{name}", kind, axes, table) for name, kind in start_kinds(self, table).items()
        }

    @property
    def axes(self) -> dict[str, tuple[str, ...]]:
        return dict(self.labels)

    @property
    def classes(self) -> Classes:
        """The classes of the mechanisms: all that the wiring depends on."""
        return tuple(type(m) for m in self.mechanisms)

    @property
    def signals(self) -> Mapping[str, Kind]:
        """All signals with their kinds, in order of giving."""
        return signals_of(self.classes)

    @property
    def remembers(self) -> tuple[str, ...]:
        """Signals read as `prev_` by somebody: the state that travels from month to month."""
        return remembered(self.classes)

    @property
    def delays(self) -> tuple[Delay, ...]:
        return tuple(m for m in self.mechanisms if isinstance(m, Delay))

    @property
    def givers(self) -> Mapping[str, type[Mechanism]]:
        """The mechanism class that gives each signal."""
        return givers_of(self.classes)

    def giver(self, name: str) -> type[Mechanism]:
        """The mechanism class that gives a signal."""
        return self.givers[name]

    def numbers(self) -> Mapping[str, Kind]:
        """Every settable number by dotted path: parameters and start values."""
        inside = tuple(type(law) for m in self.mechanisms for law in laws(m))
        return number_kinds(self.classes, inside, tuple(self.start))

    def set(self, values: Mapping[str, Any]) -> "World":
        """The same world with other numbers: {'bass.imitation': 0.3}. Arrays broadcast to the number's axes.

        Raises InputError for an unknown path.
        """
        if not values:
            return self
        known, axes = self.numbers(), self.axes
        new: dict[str, Array] = {}
        for path, value in values.items():
            if path not in known:
                raise InputError(f"no parameter '{path}' in this world.{did_you_mean(path, known)}")
            new[path] = jnp.broadcast_to(jnp.asarray(value, float), shape_of(known[path], axes))

        def changed(m: Mechanism) -> Mechanism:
            prefix = path_of(type(m))
            fields: dict[str, Any] = {n: new[f"{prefix}.{n}"] for n in params(type(m)) if f"{prefix}.{n}" in new}
            fields |= {n: changed(getattr(m, n)) for n in inner(type(m))}
            return eqx.tree_at(lambda x: [getattr(x, n) for n in fields], m, list(fields.values())) if fields else m

        start = {n: new.get(f"start.{n}", v) for n, v in self.start.items()}
        return eqx.tree_at(lambda w: (w.mechanisms, w.start), self, (tuple(changed(m) for m in self.mechanisms), start))

    def swap(self, *others: Mechanism | type[Mechanism], table: Mapping[str, Entry] | None = None) -> "World":
        """Replace the mechanisms that give the same signals.

        The new one takes the place of the first it replaces. Raises InputError where it replaces nothing.
        """
        return self.rebuilt(swapped(self.mechanisms, others), table)

    def add(
        self,
        mechanism: Mechanism | type[Mechanism],
        before: str | None = None,
        table: Mapping[str, Entry] | None = None,
    ) -> "World":
        """Insert a mechanism before the one named (snake case, as in paths), or at the end."""
        names = [path_of(type(m)) for m in self.mechanisms]
        if before is not None and before not in names:
            raise InputError(f"no mechanism '{before}' in this world.{did_you_mean(before, names)}")
        at = names.index(before) if before else len(names)
        return self.rebuilt((*self.mechanisms[:at], mechanism, *self.mechanisms[at:]), table)

    def rebuilt(self, mechanisms: Iterable[Mechanism | type[Mechanism]], table: Mapping[str, Entry] | None) -> "World":
        """A world of other mechanisms with the start values of this one, where both have them."""
        other = World(mechanisms, self.axes, table)
        return other.set({f"start.{n}": value for n, value in self.start.items() if n in other.start})

    def get(self, path: str) -> Array:
        """The value of a number by dotted path."""
        owner, _, name = path.partition(".")
        if owner == "start":
            return self.start[name]
        return getattr(next(x for m in self.mechanisms for x in laws(m) if path_of(type(x)) == owner), name)

    def needed(self, signals: Iterable[str]) -> "World":
        """The part of the world that these signals depend on: the same values, and nothing else computed.

        A law that only reports costs nothing where nobody asks for what it gives.
        """
        classes = self.needed_classes(signals)
        part = tuple(m for m in self.mechanisms if type(m) in classes)
        asked = start_readers(classes)
        start = {n: v for n, v in self.start.items() if n in asked}
        return eqx.tree_at(lambda w: (w.mechanisms, w.start), self, (part, start))

    def needed_classes(self, signals: Iterable[str]) -> Classes:
        """The classes of the laws that these signals depend on, in order."""
        classes = self.classes
        return tuple(classes[i] for i in needed_for(classes, frozenset(self.start), frozenset(signals)))

    def start_values(self) -> dict[str, Any]:
        """Values before the first month: entries, definitions, and what `begin` derives from them, in list order."""
        known: dict[str, Any] = {}
        for m in self.mechanisms:
            for name in gives(type(m)):
                known[name] = meta_of(type(m).Out, name, "start")
        known |= self.start
        for m in self.mechanisms:
            begin = getattr(m, "begin", None)
            if begin:
                known |= begin(**{n: known[n] for n in keyword_names(begin)})
        return known

    def first_state(self) -> dict[str, Array]:
        """Values of the remembered signals before the first month."""
        known, axes, signals = self.start_values(), self.axes, self.signals
        return {n: jnp.broadcast_to(jnp.asarray(known[n], float), shape_of(signals[n], axes)) for n in self.remembers}


def class_of(m: Mechanism | type[Mechanism]) -> type[Mechanism]:
    return m if isinstance(m, type) else type(m)


def swapped(
    mechanisms: Iterable[Mechanism | type[Mechanism]], others: Iterable[Mechanism | type[Mechanism]]
) -> tuple[Mechanism | type[Mechanism], ...]:
    """The list with each of `others` in place of those that give any of the same signals."""
    found = tuple(mechanisms)
    for other in others:
        mine = set(gives(class_of(other)))
        hits = [i for i, m in enumerate(found) if mine & set(gives(class_of(m)))]
        if not hits:
            raise InputError(
                f"{class_of(other).__name__} gives {', '.join(sorted(mine))}, which no mechanism here gives: "
                "add it with a place, { add = ..., before = ... }."
            )
        found = tuple(other if i == hits[0] else m for i, m in enumerate(found) if i == hits[0] or i not in hits)
    return found


def start_kinds(world: World, table: Mapping[str, Entry]) -> dict[str, Kind]:
    """Kinds of the start values that must come from entries. Raises InputError where an entry is missing."""
    found = {}
    for name, who in start_readers(world.classes).items():
        kind = start_kind(world.classes, name)
        try:
            entries_for(f"start.{name}", kind, world.axes, table)
        except InputError as error:
            raise InputError(f"{who} needs a start value: {error}") from None
        found[name] = kind
    return found
