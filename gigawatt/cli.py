"""The command line: each command is a few lines around one function of the library.

Numbers go to stdout; progress, notices and errors to stderr. Everything but Typer is imported inside the
commands, so that `--help`, `--version` and completion answer at once.
"""

import json
from importlib import metadata, resources
from pathlib import Path
from typing import Annotated

import typer

from gigawatt.console import Group, columns, interruptible, leave, listen, show, show_json

app = typer.Typer(cls=Group, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="rich")


def scenario_files(incomplete: str) -> list[str]:
    """Shipped scenarios for shell completion, without opening them."""
    names = (f.name.removesuffix(".toml") for f in resources.files("gigawatt").joinpath("scenarios").iterdir())
    return sorted(name for name in names if name.startswith(incomplete) and "." not in name)


SCENARIO = typer.Argument(metavar="SCENARIO", help="Shipped name or TOML file.", autocompletion=scenario_files)
OneScenario = Annotated[str, SCENARIO]
OfScenario = Annotated[
    str,
    typer.Option("--scenario", metavar="SCENARIO", help="Shipped name or TOML file.", autocompletion=scenario_files),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print no table, notice or progress.")]
Draws = Annotated[int, typer.Option(metavar="N", min=1, help="Number of draws; more draws keep the first ones.")]
Seed = Annotated[int, typer.Option(metavar="S", min=0, max=2**31 - 1, help="Everything random follows from it.")]
Until = Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Last month.")]
Set = Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Set a number for sure.")]
Lever = Annotated[
    list[str] | None,
    typer.Option(metavar="PATH=YYYY-MM:VALUE,...", help="Change a number on dates, each value until the next."),
]
Hold = Annotated[
    list[str] | None,
    typer.Option(metavar="SIGNAL=YYYY-MM:VALUE,...", help="Prescribe a signal, in straight lines between dates."),
]
Use = Annotated[
    list[str] | None,
    typer.Option(metavar="MODULE.CLASS", help="Put a mechanism in place of what gives the same signals."),
]
Certain = Annotated[bool, typer.Option("--certain", help="Every number at its value: only luck differs by draw.")]
Keep = Annotated[str | None, typer.Option(metavar="NAMES|headlines|all", help="Signals to keep, with commas between.")]
Signals = Annotated[
    str | None, typer.Option(metavar="NAMES|all", help="Signals to compare; those of the industry if not given.")
]
Year = Annotated[int | None, typer.Option(metavar="YYYY", help="At the end of this year; the last one if not given.")]
Out = Annotated[Path | None, typer.Option(metavar="DIR", help="New folder for result, recipe, figures and report.")]


def version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gigawatt {metadata.version('gigawatt')}")
        raise typer.Exit()


@app.callback()
def gigawatt(
    version: Annotated[bool, typer.Option("--version", callback=version, is_eager=True, help="Print it.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error; may stand anywhere.")] = False,
) -> None:
    """An open simulator of AI compute investment: compute, capability, adoption, revenue, cash, orders."""


@app.command()
def run(
    scenarios: Annotated[list[str], SCENARIO],
    draws: Draws = 1000,
    seed: Seed = 0,
    until: Until = None,
    set: Set = None,
    lever: Lever = None,
    hold: Hold = None,
    use: Use = None,
    certain: Certain = False,
    keep: Keep = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run scenarios; print medians and 5-95 % ranges by year, and events with their probabilities."""
    from gigawatt.jobs import carry_out, changed, names_of

    found = [changed(name, until, set, lever, hold, use, certain) for name in scenarios]
    carry_out(found, draws, seed, names_of(keep), out, as_json, quiet)


@app.command()
def again(
    result: Annotated[str, typer.Argument(metavar="RESULT", help="Result folder or .nc file.")],
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run the recipe inside a result again, and say whether the numbers are the same."""
    from gigawatt.jobs import again

    again(result, out, as_json, quiet)


@app.command()
def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="Scenario, TOML file or result folder.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Scenario, TOML file or result folder.")],
    signal: Signals = None,
    year: Year = None,
    draws: Draws = 1000,
    seed: Seed = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say what moved from A to B, draw by draw, and through which differences of the scenarios."""
    from gigawatt.jobs import compared, names_of
    from gigawatt.view.compared import rows, text

    moved = compared(a, b, names_of(signal), draws, seed, quiet, year)
    if as_json:
        told = {key: moved.attrs[key] for key in ("a", "b", "draws", "seed")}
        show_json(told | {"through": json.loads(moved.attrs["through"]), "table": rows(moved)})
    elif not quiet:
        show(text(moved, year))


@app.command("scenarios")
def list_scenarios(as_json: AsJson = False) -> None:
    """List the shipped scenarios."""
    from gigawatt.core.scenario_file import scenario_names

    rows = [{"name": name, "title": title} for name, title in scenario_names().items()]
    show_json(rows) if as_json else show(columns(rows, name="scenario", title="title"))


@app.command("parameters")
def list_parameters(scenario: OfScenario = "base", as_json: AsJson = False) -> None:
    """List every number that can be set: meaning, unit, value, range, grade."""
    from gigawatt.study.catalogue import parameters

    rows = parameters(scenario)
    heads = {"path": "path", "value": "value", "low": "5 %", "high": "95 %", "unit": "unit", "grade": "grade"}
    show_json(rows) if as_json else show(columns(rows, **heads, meaning="meaning"))


@app.command("signals")
def list_signals(scenario: OfScenario = "base", as_json: AsJson = False) -> None:
    """List every signal: meaning, unit, who gives it."""
    from gigawatt.study.catalogue import signals

    rows = signals(scenario)
    heads = {"name": "signal", "unit": "unit", "axes": "per", "given_by": "given by", "meaning": "meaning"}
    show_json(rows) if as_json else show(columns(rows, **heads))


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from gigawatt.core.schema import schema

    show_json(schema())


@app.command()
def explain(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Number, signal, mechanism, source or claim.")],
    scenario: OfScenario = "base",
    as_json: AsJson = False,
) -> None:
    """Say what a name means: unit, value, range, source, grade, who gives it, who reads it."""
    from gigawatt.study.explain import explain

    cards = explain(name, scenario)
    if as_json:
        show_json([{"name": c.name, "what": c.what, "rows": [list(row) for row in c.rows]} for c in cards])
    else:
        show("\n\n".join(map(str, cards)))


@app.command()
def cite(scenario: OneScenario = "base", as_json: AsJson = False) -> None:
    """Print the references behind a scenario's numbers, and the numbers counted by grade."""
    from dataclasses import asdict

    from gigawatt.study.catalogue import cite

    found = cite(scenario)
    show_json(asdict(found)) if as_json else show(str(found))


@app.command()
def verify(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Cases such as A01; all if none.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compute the acceptance cases from the laws; exit code 1 if one that is built fails."""
    from dataclasses import asdict

    from gigawatt.core.cache import cached
    from gigawatt.jobs import verdicts
    from gigawatt.study.verify import verify

    with cached():
        results = interruptible(lambda: verify(ids or None))
    if as_json:
        show_json([asdict(result) for result in results])
    else:
        show(*verdicts(results))
    if any(result.verdict == "fail" for result in results):
        raise typer.Exit(1)


@app.command()
def plan(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Named bet, scenario or TOML file.")] = "base",
    lab: Annotated[str | None, typer.Option(metavar="NAME", help="Whose order; needed for scenarios.")] = None,
    ruin: Annotated[float | None, typer.Option(metavar="P", help="Greatest chance of ruin, such as 0.05.")] = None,
    cvar: Annotated[
        float | None, typer.Option(metavar="MONEY", help="Least mean of final cash in the worst 5 %.")
    ] = None,
    never_ruin: Annotated[bool, typer.Option("--never-ruin", help="Cash below zero in no world or draw.")] = False,
    lead_months: Annotated[float | None, typer.Option(metavar="M", help="From order to service.")] = None,
    term_years: Annotated[float | None, typer.Option(metavar="Y", help="Length of a contract.")] = None,
    cash: Annotated[float | None, typer.Option(metavar="MONEY", help="Cash at the start.")] = None,
    margin: Annotated[float | None, typer.Option(metavar="G", help="Gross margin, a share.")] = None,
    belief: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML: chances of a bet's worlds, or numbers under \\[set].")
    ] = None,
    rivals: Annotated[str | None, typer.Option(metavar="naive|cautious|arms_race", help="How rivals order.")] = None,
    draws: Annotated[int, typer.Option(metavar="N", help="Draws to train on, and as many to judge on.")] = 1024,
    seed: Seed = 0,
    discount: Annotated[float | None, typer.Option(metavar="R", help="Discount rate a year.")] = None,
    terminal_years: Annotated[
        float | None, typer.Option(metavar="Y", help="Years for which the last month's profit counts on.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="New folder for memo, pictures, numbers.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say how much compute to order now, what it risks, and what would change the answer.

    Money is in bn USD for scenarios, and in the units of the bet for bets.
    """
    from gigawatt.jobs import plan

    limits = {"ruin": ruin, "cvar": cvar, "never_ruin": never_ruin}
    terms = {"lead_months": lead_months, "term_years": term_years, "cash": cash, "margin": margin, "belief": belief}
    world = {"rivals": rivals, "draws": draws, "seed": seed, "discount": discount, "terminal_years": terminal_years}
    plan(scenario, lab, limits | terms | world, out, as_json, quiet)


@app.command()
def fit(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="What to fit, or `all`; lists what there is if none.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV with the columns of the shipped table, in its place.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="Fit on data up to this date; score the forecast on the rest."),
    ] = None,
    bootstraps: Annotated[
        int | None, typer.Option(metavar="N", help="Resamples behind the intervals; each fit has its usual number.")
    ] = None,
    seed: Seed = 0,
    bayes: Annotated[bool, typer.Option("--bayes", help="A posterior too, where there is one.")] = False,
    series: Annotated[
        str | None, typer.Option(metavar="NAME", help="diffusion: the series to forecast, such as Internet.")
    ] = None,
    lab: Annotated[str | None, typer.Option(metavar="NAME", help="revenue: the lab to forecast.")] = None,
    stratum: Annotated[
        str | None, typer.Option(metavar="CODE", help="adoption: class of size, A (1 to 4 staff) to G (250 or more).")
    ] = None,
    level: Annotated[
        float | None, typer.Option(metavar="ECI", help="price: the capability whose price is forecast.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="New folder for pictures, numbers, entries.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Fit laws to the observed data; print estimates with intervals beside the published values."""
    from gigawatt.jobs_fit import fit, fits_listed

    options = {"until": until or "", "bootstraps": bootstraps, "seed": seed, "bayes": bayes}
    parts = {"series": series, "lab": lab, "stratum": stratum, "level": level}
    if names:
        fit(names, data, options | parts, out, as_json, quiet)
    else:
        fits_listed({"data": data, "out": out} | parts, as_json)


@app.command()
def arrival(
    scenario: OneScenario = "base",
    view: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Whose view: a shipped name or a TOML file; may repeat.")
    ] = None,
    law: Annotated[str, typer.Option(metavar="LAW", help="capped, lognormal, weibull or metalog.")] = "capped",
    pool: Annotated[str, typer.Option(metavar="POOL", help="linear, odds, logarithmic or quantile.")] = "linear",
    draws: Draws = 1000,
    seed: Seed = 0,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say when the genius level comes: as simulated, and as people say, one by one and pooled."""
    from gigawatt.jobs import arrival

    options = {"law": law, "pool": pool, "draws": draws, "seed": seed} | ({"views": view} if view else {})
    arrival(scenario, options, out, as_json, quiet)


@app.command()
def hindcast(draws: Draws = 1000, seed: Seed = 0, out: Out = None, as_json: AsJson = False) -> None:
    """Score what the model would have said at the end of 2023 against what came, and forecasts of the build-out."""
    from gigawatt.jobs import hindcast

    hindcast(draws, seed, out, as_json)


@app.command(name="app")
def page(
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen; this machine only if not given.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="Port; 0 takes a free one.")] = 8017,
    scenario: OfScenario = "base",
) -> None:
    """Open the playground: a page in the browser on which the charts follow the sliders."""
    from gigawatt.jobs import page

    page(host, port, scenario)


@app.command()
def why(
    scenario: OneScenario = "base",
    signal: Annotated[str, typer.Option(metavar="NAME", help="Signal in question.")] = "industry_revenue",
    label: Annotated[str | None, typer.Option(metavar="NAME", help="Whose, for signals by lab or segment.")] = None,
    at: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Month; the last one if not given.")] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="SCENARIO", help="Split the change from it.", autocompletion=scenario_files),
    ] = None,
    draws: Draws = 1000,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="New folder for pictures.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say which numbers a signal hangs on, or with --against which differences moved it."""
    from gigawatt.jobs_why import why

    asked = {"signal": signal, "label": label, "at": at, "draws": draws, "seed": seed}
    why(scenario, against, asked, out, as_json, quiet)


@app.command()
def scoreboard(
    draws: Draws = 1000,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="New folder for picture and ledger.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Score every forecast of the past beside a naive rule, and say what comes in series that somebody counts."""
    from gigawatt.jobs_why import scoreboard

    scoreboard(draws, seed, out, as_json, quiet)


def main() -> None:
    """Entry of the command `gigawatt`."""
    listen()
    try:
        app()
    except KeyboardInterrupt:  # between two commands' lines
        leave(130)
    except SystemExit as end:
        leave(end.code if isinstance(end.code, int) else 0)
