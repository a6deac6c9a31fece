"""The service: endpoints over one compiled world, errors in one line, nothing kept of a visitor."""

import json
from importlib import resources
from typing import Annotated, Any

from fastapi import FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import Field
from starlette.exceptions import HTTPException

from gigawatt.core.errors import InputError
from gigawatt.core.result import version
from gigawatt.web.controls import every_number, model, shown
from gigawatt.web.recipe import Month, Name, Recipe, Strict, mistakes
from gigawatt.web.service import Service, cached_json
from gigawatt.web.worker import Overloaded, Overtaken

SignalName = Annotated[str, Field(max_length=60)]


class Run(Strict):
    """What `/api/run` takes."""

    recipe: Recipe = Recipe()
    signals: Annotated[list[SignalName], Field(max_length=60)] | None = None
    at: Month | None = None


def create(service: Service | None = None) -> FastAPI:
    """The application; `service` runs the recipes."""
    serving = service or Service()
    app = FastAPI(title="gigawatt", version=version(), docs_url=None, redoc_url=None)
    app.state.service = serving
    complain(app)

    @app.get("/api/health")
    async def health() -> dict[str, Any]:
        return {"ok": True, "version": version(), "warm": serving.warm}

    @app.get("/api/model")
    def describe(scenario: Name = "base") -> Response:
        return as_json(cached_json(model, scenario))

    @app.get("/api/sources")
    def numbers(scenario: Name = "base") -> Response:
        return as_json(cached_json(every_number, scenario))

    @app.get("/api/explain")
    def explain(name: Annotated[str, Query(max_length=120)], scenario: Name = "base") -> list[dict[str, Any]]:
        return shown(name, scenario)

    @app.post("/api/run")
    async def run(told: Run, x_session: Annotated[str | None, Header(max_length=64)] = None) -> Response:
        return as_json(await serving.answer(told.recipe, told.signals, told.at, x_session))

    files = resources.files("gigawatt.web").joinpath("static")

    @app.get("/", include_in_schema=False)
    @app.get("/embed", include_in_schema=False)
    def page() -> Response:
        return Response(files.joinpath("index.html").read_bytes(), media_type="text/html")

    kinds = {"app.js": "text/javascript", "app.css": "text/css"}

    @app.get("/assets/{name}", include_in_schema=False)
    def asset(name: str) -> Response:
        if name not in kinds:
            raise HTTPException(404, "no such file")
        return Response(files.joinpath(name).read_bytes(), media_type=kinds[name])

    return app


def as_json(text: bytes) -> Response:
    return Response(text, media_type="application/json")


def complain(app: FastAPI) -> None:
    """Every failure as one line of JSON: never a traceback."""

    def line(code: int, text: str, **headers: str) -> JSONResponse:
        return JSONResponse({"error": text}, code, headers)

    @app.exception_handler(InputError)
    async def bad(request: Request, error: InputError) -> Response:
        return line(422, str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return line(422, mistakes(error.errors()))

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> Response:
        return line(error.status_code, str(error.detail))

    @app.exception_handler(Overtaken)
    async def overtaken(request: Request, error: Overtaken) -> Response:
        return line(409, "overtaken")

    @app.exception_handler(Overloaded)
    async def overloaded(request: Request, error: Overloaded) -> Response:
        return line(503, str(error), **{"Retry-After": str(error.seconds)})

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> Response:
        return line(500, f"gigawatt itself broke ({type(error).__name__}): please report what you asked for.")


def recipe_of(text: str) -> Recipe:
    return Recipe.model_validate(json.loads(text))
