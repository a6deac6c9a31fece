"""How the mechanisms of a world are wired: who gives, reads and begins what, checked. A matter of their classes alone.

Worked out once for each list of classes, since worlds that differ only in numbers are built by the dozen a second.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.mechanism import (
    CLOCK,
    Mechanism,
    gives,
    keyword_names,
    meta_of,
    params,
    path_of,
    reads,
    wires,
)
from gigawatt.core.noise import is_noise, stream_of
from gigawatt.core.queue import Delay, outstanding_reads, posted
from gigawatt.core.units import Kind, kinds

Classes = tuple[type[Mechanism], ...]
once = lru_cache(maxsize=1024)


@once
def signals_of(classes: Classes) -> Mapping[str, Kind]:
    """All signals with their kinds, in order of giving."""
    return MappingProxyType({name: kind for cls in classes for name, kind in gives(cls).items()})


@once
def givers_of(classes: Classes) -> Mapping[str, type[Mechanism]]:
    """The class that gives each signal."""
    return MappingProxyType({name: cls for cls in classes for name in gives(cls)})


@once
def remembered(classes: Classes) -> tuple[str, ...]:
    """Signals read as `prev_` by somebody."""
    names = {n.removeprefix("prev_") for cls in classes for n in reads(cls) if n.startswith("prev_")}
    return tuple(n for n in signals_of(classes) if n in names)


@once
def number_kinds(classes: Classes, laws: Classes, start: tuple[str, ...]) -> Mapping[str, Kind]:
    """Kind of every settable number by dotted path: parameters of the laws, and start values."""
    own = {f"{path_of(law)}.{n}": kind for law in laws for n, kind in params(law).items()}
    return MappingProxyType(own | {f"start.{n}": start_kind(classes, n) for n in start})


@once
def needed_for(classes: Classes, start: frozenset[str], signals: frozenset[str]) -> tuple[int, ...]:
    """Positions of the classes that these signals depend on. start: start values that come from entries."""
    wanted, before = set(signals), 0
    while len(wanted) > before:
        before = len(wanted)
        for cls in classes:
            if wanted & set(gives(cls)):
                wanted |= {n.removeprefix("prev_") for n in wires(cls)}
                wanted |= set(posted(cls).values()) if issubclass(cls, Delay) else set()
                wanted |= set(start_reads(cls)) - start  # what another law begins or defines
    return tuple(i for i, cls in enumerate(classes) if wanted & set(gives(cls)))


@once
def start_kind(classes: Classes, name: str) -> Kind:
    """Kind of a start value: that of the signal of the same name, or of the reader's annotation."""
    signals = signals_of(classes)
    if name in signals:
        return signals[name]
    for cls in classes:
        for method in ("begin", "outstanding"):
            function = getattr(cls, method, None)
            if function is not None and name in kinds(function):
                return kinds(function)[name]
    raise InputError(f"'start.{name}' belongs to no signal of this world: remove it.")


def start_reads(cls: type[Mechanism]) -> list[str]:
    """Start values that a mechanism class reads in `begin` and `outstanding`."""
    begin = keyword_names(cls.begin) if hasattr(cls, "begin") else []
    return [*begin, *(outstanding_reads(cls) if issubclass(cls, Delay) else [])]


@once
def start_readers(classes: Classes) -> Mapping[str, str]:
    """Start values that must come from entries, with a law that needs each: what is remembered, and `start_reads`.

    Raises InputError where a law begins from what another derives later.
    """
    derived = {n: cls.__name__ for cls in classes for n in getattr(cls, "begins", ())}
    ready: set[str] = set()
    wanted: dict[str, str] = {}
    for cls in classes:
        for n in keyword_names(cls.begin) if hasattr(cls, "begin") else []:
            if n in derived and n not in ready:
                me = cls.__name__
                raise InputError(f"{me} begins from '{n}', which {derived[n]} derives later: move {me} down.")
        ready |= set(getattr(cls, "begins", ()))
        for n in start_reads(cls):
            wanted.setdefault(n, cls.__name__)
    givers = givers_of(classes)
    for n in remembered(classes):
        wanted.setdefault(n, givers[n].__name__)
    defined = {n for n, giver in givers.items() if meta_of(giver.Out, n, "start") is not None}
    return MappingProxyType({n: who for n, who in wanted.items() if n not in derived and n not in defined})


def check_noise(cls: type[Mechanism]) -> None:
    """Raise InputError where two inputs of a mechanism would be the same luck."""
    seen: dict[str, str] = {}
    for name in filter(is_noise, reads(cls)):
        other = seen.setdefault(stream_of(path_of(cls), name), name)
        if other != name:
            raise InputError(
                f"{cls.__name__} asks for '{other}' and '{name}', which are the same luck: name one '{name}_x'."
            )


@once
def check(classes: Classes, axes: frozenset[str]) -> None:
    """Raise InputError where a signal is given twice, read too early, misspelt, or read in another unit."""
    given: dict[str, tuple[str, Kind]] = {}
    called: set[str] = set()
    later = {n: (cls.__name__, kind) for cls in classes for n, kind in gives(cls).items()}
    for cls in classes:
        me = cls.__name__
        for name, kind in wires(cls).items():
            plain = name.removeprefix("prev_")
            if plain not in later:
                raise InputError(f"{me} reads '{plain}', which nothing gives.{did_you_mean(plain, later)}")
            who, other = later[plain]
            if name == plain and name not in given:
                raise InputError(
                    f"{me} reads this month's '{name}', which {who} gives later: move it up, or read 'prev_{name}'."
                )
            if kind is not None and (kind.unit.text, kind.axes) != (other.unit.text, other.axes):
                raise InputError(f"{me} reads '{plain}' in {kind}, but {who} gives it in {other}: use one.")
        check_noise(cls)
        for name, kind in gives(cls).items():
            if name in given:
                raise InputError(f"{me} gives '{name}', which {given[name][0]} gives too: remove one, or swap it.")
            if name in CLOCK or is_noise(name) or name.startswith(("prev_", "due_")):
                raise InputError(f"{me} gives '{name}': this name is taken by the clock, noise or a prefix; rename it.")
            for axis in kind.axes:
                if axis not in axes:
                    raise InputError(f"{me} gives '{name}' per {axis}, an axis without labels: add it under [axes].")
            given[name] = (me, kind)
        if path_of(cls) in called:
            raise InputError(f"two mechanisms are called '{path_of(cls)}': rename one.")
        called.add(path_of(cls))
    for delay in (cls for cls in classes if issubclass(cls, Delay)):
        for name, origin in posted(delay).items():
            if origin not in given:
                raise InputError(
                    f"{delay.__name__} returns '{origin}' as '{name}', but nothing gives '{origin}'."
                    f"{did_you_mean(origin, given)}"
                )
