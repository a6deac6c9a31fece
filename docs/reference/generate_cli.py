"""Write `cli.md` from the command line itself: `python docs/reference/generate_cli.py`.

tests/test_cli.py calls `cli` and compares, so that the page cannot fall behind the commands.
"""

from pathlib import Path
from typing import Any

from typer.main import get_command

from gigawatt.cli import app

HEAD = """# Command line

<!-- written by docs/reference/generate_cli.py: change the commands, then run it -->

Numbers go to stdout; progress (on a terminal only), notices and errors to stderr. `gigawatt --install-completion`
sets up completion for your shell; `--debug`, anywhere in a command, adds the traceback to an error.

    gigawatt run base --draws 1000 --out first
    gigawatt run base --set "order_up_to.lead=1.5 year" --lever belief.gain=2027-01:0.5,2028-06:2
    gigawatt run mine.toml --hold output=2026-01:118000,2030-12:130000 --json
    gigawatt compare base slow_end
    gigawatt explain revenue

`--set` makes a number certain; a unit after it is checked. A path may end in a label, as in
`"start.revenue.Google DeepMind=20"`; without one the value counts for every label. `--lever` changes a number on
dates, each value until the next date. `--hold` prescribes a signal, in straight lines between the dates, and lets it
be computed before and after them. `--use` puts a mechanism in place of what gives the same signals. These options
write the same differences as a [scenario file](../howto/write-a-scenario.md).

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | a case of `verify` failed, nobody reads stdout, or gigawatt itself broke |
| 2 | input that cannot be used, or a full disk: one line on stderr names the place and the cure |
| 130 | interrupted, by Ctrl-C or SIGTERM; nothing half-written is left |

A run with `--out DIR` that takes longer than ten seconds keeps finished draws beside DIR, in `.DIR.parts`. Interrupted,
killed or out of disk, the same command goes on from there and ends with the same last digit; draws of another recipe,
seed, version or processor, or damaged ones, are told of and not used. The folder goes when the
result is written.

| variable | meaning |
|---|---|
| `GIGAWATT_CACHE` | folder for compiled code instead of the user's cache folder; `off` for none |
| `COLUMNS` | width of tables that do not go to a terminal |
"""

JSON = """## What `--json` prints

`run` and `again` print one object. Numbers that are not finite are `null`.

| key | meaning |
|---|---|
| `gigawatt` | version |
| `results` | one object for each scenario, with the keys below |
| `scenario`, `title`, `draws`, `seed`, `money` | what ran, and in which money amounts are |
| `table` | one row for each signal, lab and calendar year |
| `events` | one row for each event |

Keys of a row of `table`: `signal`, `lab` (empty for the industry), `label`, `unit`, `year`, and over draws, at the end
of that year, `p05`, `p50`, `p95`, `mean`. Keys of an event: `name`, `signal`, `lab`, `probability` (share of draws by
the end of the run), `by` (the same by the end of each year), and among the draws in which it happens the calendar
year `median`, `low` and `high` (5th and 95th percentile; `null` if it happens in none).

`compare` prints `a`, `b` (scenario names), `draws`, `seed`, `through` (differences of the scenarios: `kind`, `name`,
`a`, `b`) and `table`: `signal`, `lab`, `unit`, `year`, and for each of `a`, `b`, `difference` (b - a) and `ratio`
(b / a, draw by draw) its `p05`, `p50`, `p95` and `mean`. `scenarios`, `parameters`, `signals`, `explain` and `verify`
print a list of objects, `cite` and `schema` one object.

`fit` without a name prints a list of what there is: `name`, `what`. With names it prints `gigawatt` and `fits`, one
object for each: `name`, `title`, `law`, `method`, `data`, `until`, `seed`, `estimates`, `statistics`, `notes`,
`sources`, `entries` (numbers of the model by path) and `held` (`null`, or the score of what came after `until`). Keys
of an estimate: `name`, `meaning`, `unit`, `value`, `low`, `high` (5th and 95th percentile), `published` (`null`, or
`value`, `low`, `high`, `interval`, `source`), `why`, `entry`, `shape`. Keys of `held`: `x`, `label`, `observed`,
`median`, `low`, `high`, `crps` (lists, one item for each point), `coverage` by level, and `mean_crps`.
"""


def cli() -> str:
    """The page."""
    commands = get_command(app).commands  # type: ignore[attr-defined]
    return "\n".join([HEAD, *(section(name, command) for name, command in commands.items()), JSON])


def section(name: str, command: Any) -> str:
    """One command: its usage, what it does, its arguments and options."""
    parameters = [p for p in command.params if p.name != "help"]
    words = " ".join(usage(p) for p in parameters if p.param_type_name == "argument")
    rows = [f"| `{spelling(p)}` | {p.help}{default(p)} |" for p in parameters]
    lines = [f"## gigawatt {name}", "", f"    gigawatt {name} {words}".rstrip() + " [OPTIONS]" * bool(rows), ""]
    return "\n".join([*lines, command.help, "", *(["| | |", "|---|---|", *rows, ""] if rows else [])])


def usage(p: Any) -> str:
    word = p.metavar + ("..." if p.nargs == -1 else "")
    return word if p.required else f"[{word}]"


def spelling(p: Any) -> str:
    """An option as it is typed."""
    told = p.metavar if p.param_type_name == "argument" else f"{p.opts[0]} {p.metavar or ''}".strip()
    return told.replace("|", "\\|")


def default(p: Any) -> str:
    if getattr(p, "multiple", False):
        return " May be repeated."
    return f" Default: {p.default}." if p.default not in (None, False, ()) else ""


if __name__ == "__main__":
    (Path(__file__).parent / "cli.md").write_text(cli(), encoding="utf-8")
    print("docs/reference/cli.md")
