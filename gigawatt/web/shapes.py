"""Shapes of the answers, for the OpenAPI schema: what each field holds. Numbers are plain, with all their digits."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from gigawatt.web.recipe import Recipe

Months = list[float | None]  # one value for each month; null where there is none


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Error(Shape):
    """What is wrong, in one line with place and cure."""

    error: str


class Health(Shape):
    """Whether the service answers, and has compiled its world."""

    ok: bool
    version: str
    warm: bool


class Histogram(Shape):
    """Draws of one month: `counts[i]` of them lie from `edges[i]` to `edges[i + 1]`."""

    edges: list[float]
    counts: list[int]


class Series(Shape):
    """One signal of one label ("" without labels): quantiles over draws and their mean, by month."""

    label: str
    p05: Months
    p25: Months
    p50: Months
    p75: Months
    p95: Months
    mean: Months
    histogram: Histogram | None = None


class SignalAnswer(Shape):
    """One signal. judgement: its own law rests on numbers that are judgement more often than not."""

    label: str
    unit: str
    judgement: bool
    series: list[Series]


class EventAnswer(Shape):
    """An event: share of draws, by the end of each year too; dates are calendar years, among draws where it happens."""

    name: str
    signal: str
    lab: str
    probability: float
    by: dict[str, float]
    median: float | None
    low: float | None
    high: float | None


class Binding(Shape):
    """What bounds orders: mean share of draws, a row of months for each name."""

    names: list[str]
    signals: list[str]
    share: list[list[float]]


class RunAnswer(Shape):
    """What a recipe brings. months: the last of each; years: calendar years at their ends.

    keep: what was compiled; with the same `keep` Python and the command line give the same digits, unless quick: in 32
    bits.
    """

    recipe: Recipe
    version: str
    draws: int
    seed: int
    keep: Literal["headlines", "all"]
    growth: bool
    title: str
    months: list[str]
    years: list[float]
    signals: dict[str, SignalAnswer]
    events: list[EventAnswer]
    headline: str
    binding: Binding | None
    quick: bool
    elapsed_ms: float


class SourceRow(Shape):
    key: str
    title: str
    address: str


class Control(Shape):
    """A number with a slider: value, 5-95 % range (low, high), ends of the slider (min, max), and where it comes from.

    does: what a lever is for. by_label: the number differs by label, and a slider would set one for all.
    """

    path: str
    label: str
    meaning: str
    unit: str
    value: float
    low: float
    high: float
    min: float
    max: float
    scale: Literal["linear", "log"]
    shape: str
    grade: str
    sources: list[SourceRow]
    place: str
    note: str
    mechanism: str
    by_label: bool
    group: str
    does: str


class SignalRow(Shape):
    """A signal; labels by axis."""

    name: str
    label: str
    unit: str
    axes: list[str]
    labels: dict[str, list[str]]
    headline: bool
    judgement: bool
    mechanism: str


class ScenarioRow(Shape):
    name: str
    title: str
    note: str
    source: list[str]


class ModelAnswer(Shape):
    """What the page must know of a scenario before it runs."""

    version: str
    format: int
    scenario: str
    data_date: str
    money: str
    begin: str
    end: str
    scenarios: list[ScenarioRow]
    levers: list[Control]
    assumptions: list[Control]
    signals: list[SignalRow]
    charts: list[str]
    milestones: list[dict[str, str]]
    limits: dict[str, int | str]
    draws: dict[str, int]
    not_good_for: list[str]
    presets: list[str]


class NumberRow(Shape):
    """A number of the model; equation: the mechanism whose module holds the equations that read it."""

    path: str
    label: str
    value: float
    unit: str
    low: float
    high: float
    shape: str
    grade: str
    source: list[str]
    place: str
    note: str
    file: str
    used_by: list[str]
    equation: str


class Numbers(Shape):
    """Every number of a scenario, and the sources that they name."""

    scenario: str
    numbers: list[NumberRow]
    sources: dict[str, SourceRow]


class Card(Shape):
    """What is known of a name: rows of a question and its answer."""

    name: str
    what: str
    rows: list[tuple[str, str]]


class Job(Shape):
    """A plan that is being made: steps done, and steps in all."""

    job: str
    progress: tuple[int, int] | None = None


Plan = dict[str, Any]
