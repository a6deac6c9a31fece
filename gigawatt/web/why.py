"""Endpoints that say why: what a signal hangs on, what made two recipes differ, and how forecasts have fared."""

import time
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI, Header, Response
from pydantic import Field

from gigawatt.core.mechanism import meta_of
from gigawatt.study.attribution import Step, attribute
from gigawatt.study.catalogue import Catalogue
from gigawatt.study.scoreboard import scoreboard
from gigawatt.study.sensitivity import meanings, why
from gigawatt.study.target import target
from gigawatt.web.recipe import Month, Recipe, Strict
from gigawatt.web.service import Service
from gigawatt.web.worker import Overloaded, Slow

DRAWS = 512  # behind an attribution: dozens of paired runs
SCORED = 1000  # draws of the scoreboard, as the command line has them
SignalName = Annotated[str, Field(max_length=60)]
Label = Annotated[str, Field(max_length=60)]
Session = Annotated[str | None, Header(alias="X-Session", max_length=64, description="Random id of a tab.")]


class Why(Strict):
    """What `/api/why` takes: a recipe, and a signal (of one label where it has labels) at the end of a month."""

    recipe: Recipe = Recipe()
    signal: SignalName = "industry_revenue"
    label: Label | None = None
    at: Month | None = None


class Pair(Strict):
    """What `/api/attribute` takes: two recipes, and a signal at the end of a month."""

    a: Recipe = Recipe()
    b: Recipe
    signal: SignalName = "industry_revenue"
    label: Label | None = None
    at: Month | None = None


def reasons(app: FastAPI, serving: Service) -> None:
    """Add the endpoints to the application."""

    @app.post("/api/why")
    async def ask_why(told: Why, session: Session = None) -> Response:
        """The numbers that the signal hangs on: a tornado, and shares of variance by year with their noise floor."""
        key = ("why", told.model_dump_json())
        return as_json(await serving.ask(key, lambda slow, until: hangs_on(serving, told, slow, until), session))

    @app.post("/api/attribute")
    async def ask_attribute(told: Pair, session: Session = None) -> Response:
        """The effect of each difference between two recipes, adding up to the whole change."""
        key = ("attribute", told.model_dump_json())
        return as_json(await serving.ask(key, lambda slow, until: split(told, slow, until), session))

    @app.get("/api/scoreboard")
    async def scores() -> Response:
        """Every forecast of the past with its score, and what base says of dates to come."""
        return as_json(await serving.ask("scoreboard", scored))


def hangs_on(serving: Service, told: Why, slow: bool, deadline: float) -> dict[str, Any]:
    """The study's answer for a recipe; a run that the page has made already is not made again."""
    scenario = told.recipe.changed()
    world = scenario.world()
    about = target(scenario, told.signal, told.label, told.at)
    beside(slow)
    headline = bool(meta_of(world.giver(about.signal).Out, about.signal, "headline"))
    run = serving.run(told.recipe, scenario, world, [about.signal], slow, deadline) if headline else scenario
    options = {"draws": told.recipe.draws, "seed": told.recipe.seed}
    found = why(run, about.signal, told.label, about.at, **options, progress=in_time(deadline))
    return {"recipe": told.recipe.model_dump(exclude_none=True), **found.to_dict()}


def split(told: Pair, slow: bool, deadline: float) -> dict[str, Any]:
    """The study's answer for two recipes, with the draws of neither but DRAWS, and the seed of the first."""
    a, b = told.a.changed(), told.b.changed()
    for scenario in (a, b):
        target(scenario, told.signal, told.label, told.at)
    beside(slow)
    asked = {"draws": min(DRAWS, told.a.draws, told.b.draws), "seed": told.a.seed}
    found = attribute(a, b, told.signal, told.label, told.at, **asked, progress=in_time(deadline))
    words = meanings(a) | Catalogue(b).meaning | Catalogue(a).meaning
    return found.to_dict() | {"steps": [step_answer(step, words) for step in found.steps]}


def step_answer(step: Step, words: dict[str, str]) -> dict[str, Any]:
    ends = {"from_value": step.a or None, "to_value": step.b or None}
    about = {"kind": step.kind, "path": step.name, "label": words.get(step.name, step.name)}
    return {**about, **ends, "effect": step.effect, "error": step.error}


def scored(slow: bool, deadline: float) -> dict[str, Any]:
    beside(slow)
    return scoreboard(draws=SCORED).to_dict()


def beside(slow: bool) -> None:
    """Send what takes seconds to the lane of its own, so that sliders go first."""
    if not slow:
        raise Slow


def in_time(deadline: float) -> Callable[[int, int], None]:
    def check(done: int, of: int) -> None:
        if done < of and time.monotonic() > deadline:
            raise Overloaded(5, f"{done} of {of} runs were done in time: try again, or ask of fewer changes.")

    return check


def as_json(text: bytes) -> Response:
    return Response(text, media_type="application/json")
