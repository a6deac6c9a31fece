"""What surrounds a command: exit codes, errors in one line, interruption, progress.

Exit codes: 0 done; 1 a check failed, or gigawatt itself broke; 2 input that cannot be used, or the disk is full;
130 interrupted (Ctrl-C or SIGTERM). JAX is not imported here, so that help answers at once.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread
from typing import Any, NoReturn, TypeVar

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

T = TypeVar("T")
WIDTH = 400  # columns where output goes to a file or a pipe: wide enough for a row on one line
DEBUG = "--debug"
INTERRUPTED = "Interrupted; nothing half-written is left."


class Group(TyperGroup):
    """Commands whose every failure is one line on stderr and an exit code; `--debug` anywhere adds the traceback."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **named: Any) -> NoReturn:
        words = list(sys.argv[1:] if args is None else args)
        plain = [word for word in words if word != DEBUG]
        try:
            code = super().main(plain, *rest, **(named | {"standalone_mode": False}))
            sys.stdout.flush()
        except BrokenPipeError:
            code = drop_stdout()
        except Exception as error:
            if DEBUG in words:
                traceback.print_exc()
            message, code = verdict(error)
            say(f"Error: {message}")
        if code == 130:
            say(INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)


def verdict(error: Exception) -> tuple[str, int]:
    """The line to print and the exit code."""
    from gigawatt.core.errors import InputError

    if isinstance(error, InputError):
        return str(error), 2
    if isinstance(error, TyperException):
        return f"{error.format_message().rstrip('.')}. `--help` shows what there is.", error.exit_code
    if "No space left on device" in str(error) or "File too large" in str(error):
        return "the disk is full: make room, or choose another --out.", 2
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror}.", 1
    return f"gigawatt itself broke ({type(error).__name__}: {error}): run with {DEBUG} and report what it shows.", 1


def say(text: str) -> None:
    """One line on stderr, whatever the text holds."""
    typer.echo(" ".join(text.split()), err=True)


def drop_stdout() -> int:
    """Nobody reads stdout any more, as after `| head`: let the rest go nowhere, in silence."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


class Ending:
    """Whether there is something to clear up when a command is interrupted: a draft of a folder, a bar."""

    clears_up = False


def listen() -> None:
    """Let SIGTERM end a command as Ctrl-C does; further signals do not disturb the clearing up.

    Until there is something to clear up the process ends at once: while packages are imported, an exception could be
    swallowed by them, or break them.
    """

    def stop(number: int, frame: object) -> NoReturn:
        if not Ending.clears_up:
            os.write(sys.stderr.fileno(), f"{INTERRUPTED}\n".encode())
            os._exit(130)
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)


def leave(code: int) -> NoReturn:
    """End the process; after an interruption without waiting for threads that still compile or simulate."""
    if code == 130:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def interruptible(work: Callable[[], T]) -> T:
    """Do `work` in a thread beside: Python hears no signal in the main thread while XLA compiles there."""
    Ending.clears_up = True
    done: Future[T] = Future()

    def job() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    Thread(target=job, daemon=True).start()
    return done.result()


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """A bar on stderr for each named job, on a terminal only: `bar(name)` gives the function to report to."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True, disable=quiet or not screen.is_terminal) as bars:

        def bar(name: str) -> Callable[[int, int], None]:
            task = bars.add_task(f"{name}: compiling", total=None)
            return lambda done, total: bars.update(task, description=name, completed=done, total=total)

        yield bar


def show_json(data: Any) -> None:
    """Strict JSON on stdout."""
    from gigawatt.core.plain import plain

    typer.echo(json.dumps(plain(data), indent=2, allow_nan=False, ensure_ascii=False))


def show(*things: Any) -> None:
    """Text and rich tables on stdout, without markup in what others wrote."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDTH
    out = Console(width=width, markup=False, highlight=False, emoji=False)
    for thing in things:
        out.print(thing, soft_wrap=isinstance(thing, str))


def columns(rows: list[dict[str, Any]], **names: str) -> Any:
    """A rich table of some columns: `columns(rows, path="PATH")`."""
    from rich.table import Table

    table = Table(*names.values(), box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(word(row[key]) for key in names))
    return table


def word(value: Any) -> str:
    """A cell: six digits of a number, a list with commas."""
    if isinstance(value, float):
        return f"{value:.6g}"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
