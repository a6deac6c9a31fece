"""Explain a name: what is known of a number, a signal, a mechanism, a source or a claim.

print(*explain("revenue"))
"""

import inspect
from collections.abc import Iterable
from dataclasses import dataclass, fields

from gigawatt.core.entry import Entry, sources
from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.facts import facts
from gigawatt.core.mechanism import Mechanism, gives, meta_of, params, path_of, wires
from gigawatt.core.scenario import Scenario, split_label
from gigawatt.study.catalogue import Catalogue, reference


@dataclass(frozen=True)
class Card:
    """What is known of one name: what it is, and (question, answer) rows."""

    name: str
    what: str
    rows: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return "\n".join([f"{self.name} ({self.what})", *(f"  {question:<14} {text}" for question, text in self.rows)])


def explain(name: str, scenario: str | Scenario = "base") -> list[Card]:
    """A card for each thing of this name: parameter or start value, signal, mechanism, source, claim.

    Raises InputError with the nearest name where there is nothing of this name.
    """
    found, plain = Catalogue(scenario), name.strip()
    path, label = split_label(plain, found.kinds)
    mechanism = mechanism_called(plain, found)
    id = plain.removeprefix("fact:")
    cards = [
        *([number_card(path, label, found)] if path is not None else unread_card(plain, found)),
        *([signal_card(plain, found)] if plain in found.world.signals else []),
        *([mechanism_card(mechanism, found)] if mechanism else []),
        *([source_card(plain, found)] if plain in sources() else []),
        *([fact_card(id, found)] if id in facts() else []),
    ]
    if not cards:
        classes = [m.__name__ for m in found.mechanisms.values()]
        known = [*found.world.signals, *found.kinds, *found.table, *found.mechanisms, *classes, *sources(), *facts()]
        raise InputError(
            f"nothing is called '{plain}'.{did_you_mean(plain, known)} "
            "`gigawatt parameters` and `gigawatt signals` list names."
        )
    return cards


def card(name: str, what: str, rows: Iterable[tuple[str, str | Iterable[str]]]) -> Card:
    """A card without empty answers; an answer of several lines takes as many rows."""
    found: list[tuple[str, str]] = []
    for question, answer in rows:
        lines = [line for line in ([answer] if isinstance(answer, str) else answer) if line]
        found += [(question if i == 0 else "", line) for i, line in enumerate(lines)]
    return Card(name, what, tuple(found))


def number_card(path: str, label: str | None, found: Catalogue) -> Card:
    kind = found.kinds[path]
    labels = found.world.axes[kind.axes[0]] if kind.axes else ()
    if label is not None and label not in labels:
        raise InputError(f"'{path}' has no label '{label}'.{did_you_mean(label, labels)} Labels: {', '.join(labels)}.")
    by_label = [e for e in found.entries(path) if label in (None, e.path.removeprefix(path + "."))]
    entries = by_label or [e for e in found.entries(path) if e.path == path]
    start = path.removeprefix("start.")
    owner = path.partition(".")[0]
    users = found.starters(start) if start != path else [m.__name__ for m in found.used if path_of(m) == owner]
    return card(
        path if label is None else f"{path}.{label}",
        "parameter" if start == path else "start value",
        [
            ("meaning", found.meaning[path]),
            ("unit", str(kind)),
            ("read by", ", ".join(users) or f"no mechanism of scenario {found.scenario.name}"),
            *(row for e in entries for row in entry_rows(e, e.path.removeprefix(path).lstrip("."))),
        ],
    )


def unread_card(path: str, found: Catalogue) -> list[Card]:
    """A card for an entry that no mechanism reads: observed beside the others, for checks and derivations."""
    entry = found.table.get(path)
    return [card(path, "entry", [("read by", "no mechanism"), *entry_rows(entry, "")])] if entry else []


def entry_rows(e: Entry, label: str) -> list[tuple[str, str | Iterable[str]]]:
    """Value, range, bounds, grade, sources and note of one entry."""
    end = "5-95 %" if e.shape != "uniform" else "ends"
    return [
        (label or "value", f"{e.value:.6g} {e.unit}" + ("" if e.uncertain else ", taken as certain")),
        ("range", f"{e.low:.6g} to {e.high:.6g} {e.unit} ({end}, {e.shape})" if e.uncertain else ""),
        ("bounds", f"{e.bounds[0]:.6g} to {e.bounds[1]:.6g} {e.unit}" if e.bounds else ""),
        ("grade", e.grade),
        ("source", [f"{key}: {reference(key)}" for key in e.source]),
        ("place", e.place),
        ("note", e.note),
        ("written in", e.file),
    ]


def signal_card(name: str, found: Catalogue) -> Card:
    giver = found.world.giver(name)
    defined = meta_of(giver.Out, name, "start")
    start = f"{defined:g}, by definition" if defined is not None else "start." + name
    derived = next((m.__name__ for m in found.used if name in getattr(m, "begins", ())), None)
    known = defined is not None or name in found.world.start
    return card(
        name,
        "signal",
        [
            ("meaning", found.meaning[name]),
            ("unit", str(found.world.signals[name])),
            ("given by", f"{giver.__name__} ({use_name(giver)})"),
            ("read by", ", ".join(found.readers(name))),
            ("read later by", ", ".join(found.later_readers(name))),
            ("at the start", f"derived by {derived}" if derived else start if known else ""),
            ("in results", "unless others are asked for" if meta_of(giver.Out, name, "headline") else "if asked for"),
        ],
    )


def mechanism_called(name: str, found: Catalogue) -> type[Mechanism] | None:
    """A mechanism by path ('order_up_to'), class ('OrderUpTo') or as scenarios write it ('orders.OrderUpTo')."""
    names = {n: m for m in found.mechanisms.values() for n in (path_of(m), m.__name__, use_name(m))}
    return names.get(name)


def use_name(cls: type[Mechanism]) -> str:
    """The name by which a scenario uses a mechanism."""
    home, _, module = cls.__module__.rpartition(".")
    return f"{module}.{cls.__name__}" if home == "gigawatt.mechanisms" else f"{cls.__module__}:{cls.__name__}"


def mechanism_card(cls: type[Mechanism], found: Catalogue) -> Card:
    inputs = list(wires(cls))
    mine = set(gives(cls))
    others = [use_name(m) for m in found.mechanisms.values() if m is not cls and mine & set(gives(m))]
    paths = [f"{path_of(cls)}.{n}" for n in params(cls)]
    return card(
        use_name(cls),
        "mechanism",
        [
            ("what it does", (inspect.getdoc(cls) or "").splitlines()),
            ("reads", ", ".join(n for n in inputs if not n.startswith("prev_"))),
            ("of last month", ", ".join(n.removeprefix("prev_") for n in inputs if n.startswith("prev_"))),
            ("gives", [f"{n} [{kind}]: {found.meaning[n]}" for n, kind in gives(cls).items()]),
            ("parameters", [f"{path} [{found.kinds[path]}]: {found.meaning[path]}" for path in paths]),
            ("instead of it", ", ".join(others)),
            ("in use", f"{'yes' if cls in found.used else 'no'}, in scenario {found.scenario.name}"),
        ],
    )


def citing(key: str, found: Catalogue) -> list[str]:
    """Paths of the numbers in use that name a source."""
    return [e.path for path in found.world.numbers() for e in found.entries(path) if key in e.source]


def source_card(key: str, found: Catalogue) -> Card:
    source = sources()[key]
    rows = [(f.name, getattr(source, f.name)) for f in fields(source) if f.name != "key"]
    return card(key, "source", [*rows, ("numbers", citing(key, found) or f"none in scenario {found.scenario.name}")])


def fact_card(id: str, found: Catalogue) -> Card:
    claim = facts()[id]
    rows = [(f.name.replace("_", " "), getattr(claim, f.name)) for f in fields(claim) if f.name != "id"]
    told = [(question, str(answer)) for question, answer in rows if answer not in (None, False)]
    return card(f"fact:{id}", "claim", [*told, ("numbers", citing(f"fact:{id}", found))])
