"""What `gigawatt fit` does: fit, draw, write numbers as entries that a scenario takes, print."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import tomli_w

from gigawatt.console import columns, interruptible, say, show, show_json
from gigawatt.core.cache import cached
from gigawatt.core.errors import InputError
from gigawatt.core.plain import plain
from gigawatt.core.result import version
from gigawatt.core.scenario import split_label
from gigawatt.jobs import output
from gigawatt.study import fit as fitting
from gigawatt.study.catalogue import Catalogue
from gigawatt.study.explain import use_name
from gigawatt.study.fits.result import Fit
from gigawatt.view.fit import figure as fit_figure
from gigawatt.view.fit_text import as_data
from gigawatt.view.fit_text import text as fit_text
from gigawatt.view.style import save as save_figure


def fits_listed(options: dict[str, Any], as_json: bool) -> None:
    """Print what can be fitted. Raises InputError for options that need a name."""
    for option, given in options.items():
        if given is not None:
            raise InputError(f"--{option} {given}: name what to fit: {', '.join(fitting.FITS)}.")
    rows = [{"name": name, "what": what} for name, what in fitting.FITS.items()]
    show_json(rows) if as_json else show(columns(rows, name="fit", what="what it estimates"))


def fit(
    names: Sequence[str], data: Path | None, options: dict[str, Any], out: Path | None, as_json: bool, quiet: bool
) -> None:
    """Fit laws one after the other, write pictures and numbers into a new folder, print the estimates."""
    chosen = fits_named(names, data)
    parts = {name: value for name in fitting.PARTS if (value := options.pop(name)) is not None}
    for part, value in parts.items():
        if fitting.PARTS[part] not in chosen:
            raise InputError(f"--{part} {value}: the fit `{fitting.PARTS[part]}` takes it: name that one.")
    with output(out) as folder:
        found = []
        for name in chosen:
            if len(chosen) > 1 and not quiet:
                say(f"fit {name}")
            with cached():
                own = {part: value for part, value in parts.items() if fitting.PARTS[part] == name}
                found.append(interruptible(partial(fitting.fit, name, data, **options, **own)))
        files = [file for one in found for file in write_fit(one, options["seed"], folder)] if folder else []
        if folder:
            files += write_entries(found, folder)
    if as_json:
        show_json({"gigawatt": version(), "fits": [as_data(one, options["seed"]) for one in found]})
    elif not quiet:
        show(*(part for one in found for part in (fit_text(one), "")))
    if out and not quiet:
        say(f"Pictures, numbers, entries: {', '.join(str(out / file.name) for file in files)}")


def fits_named(names: Sequence[str], data: Path | None) -> list[str]:
    """The fits that a user means, each once. Raises InputError before anything runs."""
    chosen = list(fitting.FITS) if "all" in names else list(dict.fromkeys(names))
    for name in chosen:
        if name not in fitting.FITS:
            fitting.fit(name)  # says what there is
    if data and len(chosen) > 1:
        raise InputError(f"--data {data}: one file cannot serve {len(chosen)} fits: name one of them.")
    return chosen


def write_fit(found: Fit, seed: int, folder: Path) -> list[Path]:
    """The picture twice and the numbers of one fit; its files."""
    numbers = folder / f"{found.name}.json"
    text = json.dumps(plain(as_data(found, seed)), indent=2, allow_nan=False, ensure_ascii=False)
    numbers.write_text(text + "\n", encoding="utf-8")
    return [*save_figure(fit_figure(found, seed), folder / found.name), numbers]


def write_entries(found: Sequence[Fit], folder: Path) -> list[Path]:
    """The fitted numbers as a scenario that `gigawatt run` takes; no file where nothing of the model was fitted."""
    entries = {path: entry for one in found for path, entry in one.entries().items()}
    if not entries:
        return []
    names = ", ".join(one.name for one in found if one.entries())
    table = {"title": f"base, with what was fitted: {names}", "base": "base"}
    file = folder / "entries.toml"
    file.write_text(tomli_w.dumps(plain(table | placed(entries))), encoding="utf-8")
    return [file]


def placed(entries: dict[str, Any]) -> dict[str, Any]:
    """`set`, and `use` where needed: numbers of laws in base, or if there are none, of the laws put in place."""
    base = Catalogue("base")
    own = {path: entry for path, entry in entries.items() if split_label(path, base.world.numbers())[0]}
    if own:
        return {"set": own}
    owners = dict.fromkeys(path.partition(".")[0] for path in entries)
    return {"use": [use_name(base.mechanisms[owner]) for owner in owners], "set": entries}
