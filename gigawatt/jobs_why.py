"""What `gigawatt why` and `gigawatt scoreboard` do: run, draw into a new folder, print."""

import csv
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from gigawatt.console import interruptible, progress, say, show, show_json
from gigawatt.core.cache import cached
from gigawatt.jobs import output
from gigawatt.study.attribution import Attribution, attribute
from gigawatt.study.scoreboard import scoreboard as scores
from gigawatt.study.sensitivity import Why
from gigawatt.study.sensitivity import why as reasons
from gigawatt.view.scoreboard import scoreboard_figure, scoreboard_text
from gigawatt.view.style import save
from gigawatt.view.why import attribution_text, pictures, why_text


def why(
    scenario: str, against: str | None, asked: dict[str, Any], out: Path | None, as_json: bool, quiet: bool
) -> None:
    """What a signal hangs on in a scenario, or what made it differ from another."""
    with output(out) as folder:
        with cached(), progress(quiet) as bar:
            found: Why | Attribution
            if against is None:
                found = interruptible(partial(reasons, scenario, progress=bar(f"why {scenario}"), **asked))
            else:
                report = bar(f"{scenario} against {against}")
                found = interruptible(partial(attribute, against, scenario, progress=report, **asked))
        files = [f for name, figure in pictures(found).items() for f in save(figure, folder / name)] if folder else []
    if as_json:
        show_json(found.to_dict())
    elif not quiet:
        show(why_text(found) if isinstance(found, Why) else attribution_text(found))
    tell(out, files, quiet)


def scoreboard(draws: int, seed: int, out: Path | None, as_json: bool, quiet: bool) -> None:
    """Score the past and say what comes; picture and ledger go into a new folder."""
    with output(out) as folder:
        with cached():
            found = interruptible(lambda: scores(draws=draws, seed=seed))
        files = save(scoreboard_figure(found), folder / "scoreboard") if folder else []
        if folder:
            rows = [asdict(f) for f in (*found.ledger, *found.nowcast)]
            files.append(folder / "ledger.csv")
            with files[-1].open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
    if as_json:
        show_json(found.to_dict())
    elif not quiet:
        show(scoreboard_text(found))
    tell(out, files, quiet)


def tell(out: Path | None, files: list[Path], quiet: bool) -> None:
    if out and not quiet:
        say(f"Written: {', '.join(str(out / file.name) for file in files)}")
