"""Target: what a question is about: one signal, of one label where it has labels, at the end of one month."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.mechanism import doc_of, meta_of
from gigawatt.core.path import year_after
from gigawatt.core.run import kept, year_ends
from gigawatt.core.scenario import Scenario
from gigawatt.core.world import World


@dataclass(frozen=True)
class Target:
    """label: empty for a signal without labels. at: the month, YYYY-MM; step: its place among the steps of the run.

    place: where the label stands along the signal's axis; None for a signal without labels.
    """

    signal: str
    label: str
    at: str
    meaning: str
    unit: str
    step: int
    place: int | None

    @property
    def name(self) -> str:
        """'Revenue run rate of OpenAI'."""
        return f"{self.meaning} of {self.label}" if self.label else self.meaning

    def to_dict(self) -> dict[str, str]:
        """What it is, without its place in the arrays."""
        return {key: getattr(self, key) for key in ("signal", "label", "at", "meaning", "unit")}

    def series(self, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
        """Its values in all months, (draws, steps), from signals (draws, steps, ...)."""
        values = np.asarray(arrays[self.signal])
        return values if self.place is None else values[:, :, self.place]

    def values(self, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
        """Its values in the month in question, (draws,)."""
        return self.series(arrays)[:, self.step]


def target(scenario: Scenario, signal: str, label: str | None = None, at: str | None = None) -> Target:
    """The target of a scenario; the last month if `at` is None.

    Raises InputError for an unknown signal, a label that is missing, unknown or not asked for, a month outside the run.
    """
    world = scenario.world()
    (signal,) = kept(world, [signal])
    kind = world.signals[signal]
    if len(kind.axes) > 1:
        raise InputError(f"signal '{signal}' runs along {' and '.join(kind.axes)}: ask of one with at most one axis.")
    labels = world.axes[kind.axes[0]] if kind.axes else ()
    if labels and not label:
        raise InputError(f"signal '{signal}' has a value per {kind.axes[0]}: give --label, one of {', '.join(labels)}.")
    if label and label not in labels:
        what = did_you_mean(label, labels) if labels else " leave --label out."
        raise InputError(f"signal '{signal}' has no label '{label}'.{what}")
    month = at or scenario.end
    found = np.flatnonzero(np.abs(year_ends(scenario) - year_after(month, "--at")) < 1e-6)
    if not len(found):
        raise InputError(f"--at {month} is outside the run: choose a month from {scenario.begin} to {scenario.end}.")
    meaning = doc_of(world.giver(signal).Out, signal)
    place = labels.index(label) if label else None
    return Target(signal, label or "", month[:7], meaning, kind.unit.text, int(found[0]), place)


def kept_for(world: World, signal: str) -> tuple[str, ...]:
    """Signals to keep in a run for a target: headlines if it is one, so that the compiled code of any run serves."""
    return kept(world, None if meta_of(world.giver(signal).Out, signal, "headline") else [signal])


def middle(values: np.ndarray) -> float:
    """The number that stands for the draws: their median; for what says yes (1) or no (0), the share of yes."""
    return float(values.mean() if np.isin(values, (0.0, 1.0)).all() else np.median(values))
