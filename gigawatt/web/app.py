"""The service: endpoints over one compiled world, errors in one line, nothing kept of a visitor."""

import json
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from gigawatt.core.errors import InputError
from gigawatt.core.result import version
from gigawatt.study import planner
from gigawatt.web.controls import every_number, model, shown
from gigawatt.web.files import archive, csv
from gigawatt.web.guard import Guard
from gigawatt.web.pages import page_file
from gigawatt.web.plans import Order, Plans
from gigawatt.web.recipe import Month, Name, Recipe, Strict, checked, mistakes, read_recipe, ready
from gigawatt.web.service import Service, described
from gigawatt.web.service import text as to_json
from gigawatt.web.shapes import Card, Error, Health, Job, ModelAnswer, Numbers, Plan, RunAnswer
from gigawatt.web.why import reasons
from gigawatt.web.worker import Overloaded, Overtaken, Slow

SignalName = Annotated[str, Field(max_length=60)]
Session = Annotated[str | None, Header(alias="X-Session", max_length=64, description="Random id of a tab.")]
JSON = "application/json"


class Run(Strict):
    """What `/api/run` takes: a recipe, the signals wanted, and a month whose distribution is wanted too.

    growth: of growth over twelve months, draw by draw, in place of levels. quick: in 32 bits, for a first look: half
    the time, and some four digits. ahead: what may be asked for next; 409 where others are served or wait.
    """

    recipe: Recipe = Recipe()
    signals: Annotated[list[SignalName], Field(max_length=60)] | None = None
    at: Month | None = None
    growth: bool = False
    quick: bool = False
    ahead: bool = False


class Told(Strict):
    """A recipe alone."""

    recipe: Recipe = Recipe()


class Line(Response):
    """A failure as one line of JSON; `<` and `>` are escaped, whatever a browser takes it for."""

    media_type = JSON

    def __init__(self, code: int, why: str, **headers: str):
        line = (
            json.dumps({"error": " ".join(why.split())})
            .replace("<", "\\u003c")
            .replace(">", "\\u003e")
            .replace("&", "\\u0026")
        )
        super().__init__(line, code, {name.replace("_", "-"): value for name, value in headers.items()})


FAILURES: dict[int | str, dict[str, Any]] = {
    **{code: {"model": Error} for code in (400, 409, 413, 421, 422, 429)},
    503: {"model": Error, "description": "Overloaded: try again after the seconds of Retry-After."},
}


def create(service: Service | None = None, hosts: Collection[str] | None = None) -> FastAPI:
    """The application. service: runs the recipes. hosts: names by which it may be addressed, any if None."""
    serving, plans = service or Service(), Plans()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        yield
        await plans.close()

    app = FastAPI(
        title="gigawatt",
        summary="An open simulator of AI compute investment",
        version=version(),
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        lifespan=life,
        responses=FAILURES,
    )
    app.state.service = serving
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=1)
    app.add_middleware(Guard, hosts=hosts)
    tell_failures(app)
    describe(app)
    run(app, serving)
    plan(app, serving, plans)
    reasons(app, serving)
    pages(app)
    return app


def shaped(what: Any) -> dict[int | str, dict[str, Any]]:
    """How the schema describes an answer: the model of its JSON, or the kind of a file."""
    return {200: {"content": {what: {"schema": {"type": "string"}}}} if isinstance(what, str) else {"model": what}}


def describe(app: FastAPI) -> None:
    """Endpoints that tell what there is."""

    @app.get("/api/health", responses=shaped(Health))
    async def health(request: Request) -> dict[str, Any]:
        """Whether the service answers, and has compiled its world."""
        return {"ok": True, "version": version(), "warm": request.app.state.service.warm}

    @app.get("/api/model", responses=shaped(ModelAnswer))
    def model_of(scenario: Name = "base") -> Response:
        """What the page must know of a scenario: controls, signals, scenarios, limits."""
        return as_json(described(model, scenario))

    @app.get("/api/sources", responses=shaped(Numbers))
    def numbers(scenario: Name = "base") -> Response:
        """Every number: value, unit, range, grade, source, place, who reads it."""
        return as_json(described(every_number, scenario))

    @app.get("/api/explain", responses=shaped(list[Card]))
    def explain(name: Annotated[str, Query(max_length=120)], scenario: Name = "base") -> Response:
        """What `gigawatt explain --json` says of a name."""
        return as_json(to_json(shown(name, scenario)))


def run(app: FastAPI, serving: Service) -> None:
    """Endpoints that run recipes."""

    def given(recipe: str, signals: str | None) -> tuple[Recipe, list[str] | None]:
        names = None if signals is None else [name for name in signals.split(",") if name]
        return checked(parsed(recipe)), names

    @app.post("/api/run", responses=shaped(RunAnswer))
    async def post(told: Run, session: Session = None) -> Response:
        """Quantiles by month, events, a headline, what binds orders."""
        how = {"growth": told.growth, "quick": told.quick, "ahead": told.ahead}
        return as_json(await serving.answer(told.recipe, told.signals, told.at, session, **how))

    Text = Annotated[str, Query(max_length=16_000, description="A recipe as JSON.")]
    Names = Annotated[str | None, Query(max_length=4000, description="Names of signals, with commas between.")]

    @app.get("/api/run.json", responses=shaped(RunAnswer))
    async def get_json(recipe: Text = "{}", signals: Names = None, at: Month | None = None) -> Response:
        """The same, for a recipe in the address."""
        told, names = await run_in_threadpool(given, recipe, signals)
        return as_json(await serving.answer(told, names, at))

    @app.get("/api/run.csv", responses=shaped("text/csv"))
    async def get_csv(recipe: Text = "{}", signals: Names = None) -> Response:
        """Tidy: a row for each signal, label and month."""
        told, names = await run_in_threadpool(given, recipe, signals)
        table = await run_in_threadpool(csv, told, await serving.answer(told, names, None))
        return attached(table, "text/csv; charset=utf-8", "gigawatt.csv")

    @app.get("/api/run.zip", responses=shaped("application/zip"))
    async def get_zip(recipe: Text = "{}", signals: Names = None) -> Response:
        """Table, JSON, read-me, citation and recipe."""
        told, names = await run_in_threadpool(given, recipe, signals)
        content = await run_in_threadpool(archive, told, await serving.answer(told, names, None))
        return attached(content, "application/zip", "gigawatt.zip")

    @app.post("/api/toml", responses=shaped("application/toml"))
    def toml(told: Told) -> Response:
        """The recipe as a scenario file."""
        ready(told.recipe.changed())
        return attached(told.recipe.toml().encode(), "application/toml", "recipe.toml")

    body = {"required": True, "content": {kind: {"schema": {"type": "string"}} for kind in ("text/plain", JSON)}}

    @app.post("/api/recipe", responses=shaped(Recipe), openapi_extra={"requestBody": body})
    async def recipe(request: Request) -> Response:
        """A recipe from JSON or a scenario file, checked."""
        try:
            text = (await request.body()).decode()
        except UnicodeDecodeError:
            raise InputError("the file is not UTF-8 text: save it as UTF-8.") from None
        found = await run_in_threadpool(read_recipe, text)
        return as_json(found.model_dump_json(exclude_none=True).encode())


def plan(app: FastAPI, serving: Service, plans: Plans) -> None:
    """Endpoints that plan an order."""

    def bet(order: Order) -> Callable[[bool, float], Any]:
        def solve(slow: bool, deadline: float) -> dict[str, Any]:
            if not slow:  # it takes seconds: sliders go first
                raise Slow
            return planner.plan(**order.arguments()).to_dict()

        return solve

    @app.post("/api/plan", responses=shaped(Job | Plan))
    async def ask(order: Order, session: Session = None) -> Response:
        """The plan of a bet; for a scenario a job, which takes minutes."""
        if order.is_bet:
            return as_json(await serving.ask(("plan", order.model_dump_json()), bet(order), session))
        return as_json(plans.ask(order))

    @app.get("/api/plan/{id}", responses=shaped(Job | Plan))
    async def look(id: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]) -> Response:
        """The plan of a job, or how far it is."""
        return as_json(plans.look(id))


def pages(app: FastAPI) -> None:
    """The page itself."""

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    @app.api_route("/embed", methods=["GET", "HEAD"], include_in_schema=False)
    def page(request: Request) -> Response:
        return page_file("index.html", request)

    @app.api_route("/assets/{name}", methods=["GET", "HEAD"], include_in_schema=False)
    def asset(name: str, request: Request) -> Response:
        return page_file(name, request)


def as_json(text: bytes) -> Response:
    return Response(text, media_type=JSON)


def attached(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def parsed(text: str) -> Any:
    """JSON from an address. Raises InputError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(
            "recipe: not valid JSON: write it URL-encoded, as in ?recipe=%7B%22draws%22%3A500%7D."
        ) from None


def tell_failures(app: FastAPI) -> None:
    """Every failure as one line; what nobody foresaw, the guard tells."""

    @app.exception_handler(InputError)
    async def bad(request: Request, error: InputError) -> Response:
        return Line(422, str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return Line(422, mistakes(error.errors()))

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> Response:
        why = "no such address: /openapi.json lists them." if error.detail == "Not Found" else str(error.detail)
        return Line(error.status_code, why, **(dict(error.headers) if error.headers else {}))

    @app.exception_handler(Overtaken)
    async def overtaken(request: Request, error: Overtaken) -> Response:
        return Line(409, "overtaken")

    @app.exception_handler(Overloaded)
    async def overloaded(request: Request, error: Overloaded) -> Response:
        return Line(503, str(error), Retry_After=str(error.seconds))
