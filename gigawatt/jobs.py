"""What the commands do between reading options and printing: make scenarios, run them, write folders.

Input is checked before anything runs or is written.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gigawatt.console import Ending, columns, interruptible, progress, say, show, show_json, word
from gigawatt.core.cache import cached
from gigawatt.core.errors import InputError
from gigawatt.core.parts import Parts
from gigawatt.core.path import year_after
from gigawatt.core.result import Folder, open_result, save, version
from gigawatt.core.run import kept, run, year_ends
from gigawatt.core.scenario import Scenario, load
from gigawatt.core.scenario_file import scenario_names
from gigawatt.study import arrival as elicit
from gigawatt.study import buildout_hindcast as buildout
from gigawatt.study import hindcast as study
from gigawatt.study import planner
from gigawatt.study.compare import compare, telling
from gigawatt.study.events import ends_of_years, events
from gigawatt.study.story import told
from gigawatt.study.verify import Result
from gigawatt.view.arrival import arrival_figure, arrival_text
from gigawatt.view.buildout import hindcast_figure as buildout_figure
from gigawatt.view.compared import shown_year
from gigawatt.view.hindcast import hindcast_figure, hindcast_text
from gigawatt.view.memo import write as write_memo
from gigawatt.view.plan_text import text as plan_text
from gigawatt.view.report import PICTURED, write
from gigawatt.view.style import save as save_figure
from gigawatt.view.tables import summary, text

Keep = list[str] | str | None


def changed(
    name: str,
    until: str | None,
    set: list[str] | None,
    lever: list[str] | None,
    hold: list[str] | None,
    use: list[str] | None,
    certain: bool = False,
) -> Scenario:
    """The scenario with what the options change. Each error names its option."""
    found = load(name)
    if use:
        found = found.change(use=use, where="--use")
    if set:
        found = found.change(set=assigned(set, "--set", "belief.gain=1.5"), where="--set")
    if lever:
        found = found.change(lever=dated(lever, "--lever", "order_up_to.lead=2027-01:2"), where="--lever")
    if hold:
        found = found.change(hold=dated(hold, "--hold", "output=2026-01:118000,2030-12:130000"), where="--hold")
    if until is not None:
        year_after(until, "--until")
        found = found.change(end=until, where="--until")
    return found.at_values() if certain else found


def assigned(texts: list[str], option: str, example: str) -> dict[str, str]:
    """{path: text} from 'path=text', each path once."""
    found: dict[str, str] = {}
    for given in texts:
        path, _, value = (part.strip() for part in given.partition("="))
        if not (path and value):
            raise InputError(f"{option} {given}: a name, '=' and a value are needed, as in {option} {example}.")
        if path in found:
            raise InputError(f"{option} {path}: given twice: remove one.")
        found[path] = value
    return found


def dated(texts: list[str], option: str, example: str) -> dict[str, dict[str, float]]:
    """{path: {'2027-01': 0.5}} from 'path=2027-01:0.5,...'."""
    found: dict[str, dict[str, float]] = {}
    for path, items in assigned(texts, option, example).items():
        found[path] = {}
        for item in items.split(","):
            date, _, value = (part.strip() for part in item.partition(":"))
            try:
                found[path][date] = float(value)
            except ValueError:
                raise InputError(
                    f"{option} {path}: '{item}' is not YYYY-MM:VALUE: write as in {option} {example}."
                ) from None
    return found


def names_of(told: str | None) -> Keep:
    """Names from 'a,b'; 'all', 'headlines' and nothing as they are."""
    return told if told in (None, "all", "headlines") else [name.strip() for name in told.split(",")]


@contextmanager
def output(out: Path | None) -> Iterator[Path | None]:
    """The new folder, if one is wanted; from here on an interruption clears up before it ends the command."""
    Ending.clears_up = True
    with Folder(out) if out else nullcontext() as folder:
        yield folder


def carry_out(
    scenarios: Sequence[Scenario],
    draws: int,
    seed: int,
    keep: Keep,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> list[xr.Dataset]:
    """Run, write and print."""
    ready(scenarios, keep)
    with kept_parts(out, quiet) as parts, output(out) as folder:
        pictured = PICTURED if folder else ()
        keeps = [told(s.world(), pictured) if keep is None else keep for s in scenarios]
        results = simulate(scenarios, draws, seed, keeps, quiet, parts)
        files = write_all(results, folder) if folder else []
    if as_json:
        show_json({"gigawatt": version(), "results": [as_table(ds) for ds in results]})
    elif not quiet:
        show(*(text(ds) for ds in results))
    if out and not quiet:
        say(f"Pictures, each as SVG too: {', '.join(str(out / name) for name in files if name.endswith('.png'))}")
        say(f"Report: {out / 'report.html'}")
    return results


def kept_parts(out: Path | None, quiet: bool) -> Parts | nullcontext[None]:
    """Where finished draws of a long run are kept until its folder is there: beside that, hidden."""
    return Parts(out.parent / f".{out.name}.parts", (lambda line: None) if quiet else say) if out else nullcontext()


def ready(scenarios: Sequence[Scenario], keep: Keep) -> None:
    """Raise InputError for anything that would stop a run later."""
    names = [s.name for s in scenarios]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two scenarios are called '{name}': rename a file, or run them one by one.")
    for scenario in scenarios:
        world, ends = scenario.world(), year_ends(scenario)
        kept(world, keep)
        scenario.levers(world, ends)
        scenario.holds(world, ends)


def simulate(
    scenarios: Sequence[Scenario],
    draws: int,
    seed: int,
    keeps: Sequence[Sequence[str] | str | None],
    quiet: bool,
    parts: Parts | None = None,
) -> list[xr.Dataset]:
    """Run each scenario and keep what stands beside it, with a bar for each."""
    pairs = list(zip(scenarios, keeps, strict=True))
    with cached(), progress(quiet) as bar:
        return interruptible(
            lambda: [run(s, draws, seed, keep=keep, progress=bar(s.name), resume=parts) for s, keep in pairs]
        )


def hindcast(draws: int, seed: int, out: Path | None, as_json: bool) -> None:
    """Score the past, draw it into a new folder, print the points and what they add up to."""
    with output(out) as folder:
        with cached():
            found = interruptible(lambda: study.hindcast(draws=draws, seed=seed))
        series = buildout.observed()
        built = interruptible(lambda: buildout.hindcast(series, seed=seed))
        files = save_figure(hindcast_figure(found), folder / "hindcast") if folder else []
        if folder:
            for origin in buildout.ORIGINS:
                files += save_figure(buildout_figure(built, series, origin, seed), folder / f"buildout-{origin}")
    if as_json:
        coverage = {f"{level:g}": found.coverage(level) for level in study.LEVELS}
        ratios = {name: found.ratio(name) for name in ("crps_point", "crps_moved")}
        told = {"points": [asdict(p) for p in found.points], "coverage": coverage, "ratios": ratios}
        show_json(told | {"buildout": [asdict(p) for p in built.points]})
    else:
        show(
            hindcast_text(found),
            "",
            "Build-out, by quarter from three dates:",
            "",
            buildout.totals(built, buildout.beside(seed)),
        )
    if out:
        say(f"Pictures: {', '.join(str(out / file.name) for file in files)}")


def arrival(scenario: str, options: dict[str, Any], out: Path | None, as_json: bool, quiet: bool) -> None:
    """Set the simulated arrival beside what people say; draw it into a new folder, print dates and contradictions."""
    with output(out) as folder:
        with cached():
            found = interruptible(lambda: elicit.arrival(scenario, **options))
        files = save_figure(arrival_figure(found), folder / "arrival") if folder else []
    if as_json:
        show_json({"gigawatt": version(), **found.to_dict()})
    elif not quiet:
        show(arrival_text(found))
    if out and not quiet:
        say(f"Pictures: {', '.join(str(out / file.name) for file in files)}")


def plan(scenario: str, lab: str | None, options: dict[str, Any], out: Path | None, as_json: bool, quiet: bool) -> None:
    """Plan an order, write the memo into a new folder, print the answer."""
    with output(out) as folder:
        with cached(), progress(quiet) as bar:
            found = interruptible(lambda: planner.plan(scenario, lab, progress=bar(f"plan {scenario}"), **options))
        files = write_memo(found, folder) if folder else []
    if as_json:
        show_json(found.to_dict())
    elif not quiet:
        show(plan_text(found))
    if out and not quiet:
        say(f"Memo and pictures: {', '.join(str(out / file.name) for file in files)}")


def page(host: str, port: int, scenario: str) -> None:
    """Serve the page until it is told to stop."""
    try:
        from gigawatt.web.serve import serve
    except ModuleNotFoundError as error:
        raise InputError(f"the page needs the package '{error.name}': pip install \"gigawatt[web]\".") from None
    Ending.clears_up = True
    serve(host, port, scenario)


def write_all(results: Sequence[xr.Dataset], folder: Path) -> list[str]:
    """Results and recipes (in folders of their own where there are several) and the report; names of its files."""
    for ds in results:
        home = folder / ds.attrs["scenario"] if len(results) > 1 else folder
        home.mkdir(exist_ok=True)
        save(ds, home / "result.nc")
        (home / "recipe.toml").write_text(ds.attrs["recipe"], encoding="utf-8")
    files = write({ds.attrs["scenario"]: ds for ds in results}, folder)
    return [str(path.relative_to(folder)) for path in files]


def as_table(ds: xr.Dataset) -> dict[str, Any]:
    """What `run --json` prints for one scenario (docs/reference/cli.md)."""
    plain = {key: ds.attrs[key] for key in ("scenario", "title", "draws", "seed", "money")}
    return plain | {"table": summary(ds), "events": [asdict(event) for event in events(ds)]}


def again(path: str, out: Path | None, as_json: bool, quiet: bool) -> None:
    """Run the recipe of a result again, and say whether the numbers are the same."""
    old = open_result(path)
    recipe, names = Scenario.of(old.attrs["recipe"], path), [str(name) for name in old]
    (new,) = carry_out([recipe], int(old.attrs["draws"]), int(old.attrs["seed"]), names, out, as_json, quiet)
    if not quiet:
        say(f"{path}: {sameness(old, new)}")


def sameness(old: xr.Dataset, new: xr.Dataset) -> str:
    """Whether two runs of one recipe agree to the last digit, and if not, where."""
    moved = [str(name) for name in old if not np.array_equal(old[name], new[name], equal_nan=True)]
    if not moved:
        return "the same numbers again."
    by = f"gigawatt {old.attrs['gigawatt_version']} wrote them"
    return f"other numbers than {by}, in {len(moved)} of {len(old)} signals: {', '.join(moved)}."


def compared(a: str, b: str, signals: Keep, draws: int, seed: int, quiet: bool, year: int | None = None) -> xr.Dataset:
    """The comparison of two results or scenarios; a scenario runs with the draws and seed of a result beside it.

    year: the one that will be shown, so that a year which the two do not share is refused before anything runs.
    """
    pair = [result_or_scenario(name) for name in (a, b)]
    ends = [ends_of_years(x["year"].values if isinstance(x, xr.Dataset) else year_ends(x)) for x in pair]
    if common := sorted(set(ends[0]) & set(ends[1])):
        shown_year(common, year)
    like = next((x.attrs for x in pair if isinstance(x, xr.Dataset)), {"draws": draws, "seed": seed})
    missing = [x for x in pair if isinstance(x, Scenario)]
    if signals is None and len(missing) == len(pair):
        signals = telling(*missing)
    keeps = [signals] * len(missing)
    new = iter(simulate(missing, int(like["draws"]), int(like["seed"]), keeps, quiet))
    first, second = (x if isinstance(x, xr.Dataset) else next(new) for x in pair)
    if signals is None:
        signals = [str(n) for n in first if n in second and set(first[n].dims) == {"draw", "month"}]
    return compare(first, second, None if signals == "all" else signals)


def result_or_scenario(name: str) -> xr.Dataset | Scenario:
    """What a user means by a name: a shipped scenario before a folder of the same name."""
    is_result = name not in scenario_names() and (name.endswith(".nc") or Path(name).is_dir())
    return open_result(name) if is_result else load(name)


def verdicts(results: Sequence[Result]) -> list[Any]:
    """A table of what was computed, the count, and what is not built."""
    heads = {"id": "id", "grade": "grade", "what": "what", "expected": "expected", "computed": "computed"}
    rows = [
        {"id": r.id, "grade": r.grade, "what": c.what, "unit": c.unit, "computed": c.computed}
        | {"expected": " to ".join(map(word, c.expected)) if isinstance(c.expected, tuple) else c.expected}
        | {"verdict": "pass" if c.passed else "FAIL"}
        for r in results
        for c in r.rows
    ]
    told = [columns(rows, **heads, unit="unit", verdict="verdict"), ""] if rows else []
    count = {verdict: sum(r.verdict == verdict for r in results) for verdict in ("pass", "fail")}
    missing = [r.id for r in results if r.verdict == "not built"]
    told += [f"{count['pass']} cases pass, {count['fail']} fail."]
    return told + ([f"{len(missing)} are not built yet: {', '.join(missing)}."] if missing else [])
