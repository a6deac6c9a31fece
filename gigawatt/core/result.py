"""Results: an xarray.Dataset with units, meanings, sources and the whole recipe inside."""

import errno
import json
import os
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path as File

import numpy as np
import xarray as xr

from gigawatt.core.errors import InputError, other_format
from gigawatt.core.mechanism import doc_of
from gigawatt.core.path import year_of
from gigawatt.core.scenario import Scenario
from gigawatt.core.world import World

FORMATS = {1: "the first format"}  # what changed in the layout of result files with each
FORMAT = max(FORMATS)


@cache
def version() -> str:
    return metadata.version("gigawatt")


def dataset(scenario: Scenario, world: World, arrays: dict[str, np.ndarray], draws: int, seed: int) -> xr.Dataset:
    """Arrays (draws, steps, ...) with coordinates, units, long names and the recipe."""
    signals, givers = world.signals, world.givers
    variables = {}
    for name, value in arrays.items():
        kind, giver = signals[name], givers[name]
        attrs = {"units": kind.unit.text, "long_name": doc_of(giver.Out, name), "given_by": giver.__name__}
        variables[name] = xr.Variable(("draw", "month", *kind.axes), value, attrs)
    used = {axis for name in arrays for axis in signals[name].axes}
    ends = year_of(scenario.begin) + (np.arange(scenario.steps) + 1) / scenario.steps_per_year
    coords = {
        "draw": np.arange(draws),
        "month": xr.Variable("month", month_ends(scenario), {"long_name": "end of the step"}),
        "year": xr.Variable("month", ends, {"long_name": "calendar year at the end of the step"}),
        **{axis: list(labels) for axis, labels in world.labels if axis in used},
    }
    counts, keys = provenance(scenario, world)
    about: dict[str, str | int] = {
        "title": scenario.title,
        "scenario": scenario.name,
        "recipe": scenario.recipe(),
        "draws": draws,
        "seed": seed,
        "gigawatt_version": version(),
        "format": FORMAT,
        "grades": json.dumps(counts),
        "sources": json.dumps(keys),
        "money": "constant USD of 2025",
    }
    return xr.Dataset(variables, coords, about)


def by_draw(signal: xr.DataArray | xr.Variable) -> np.ndarray:
    """Values of a signal as (draw, month, ...), in whichever order its file has them."""
    as_given = signal.dims[:2] == ("draw", "month")  # to turn them costs as much as to sort them
    return signal.values if as_given else signal.transpose("draw", "month", ...).values


def month_ends(scenario: Scenario) -> np.ndarray:
    """End of each step as a date: the last day of the month, or the middle one for half steps."""
    per = scenario.steps_per_year // 12
    first = np.datetime64(scenario.begin, "M")
    months = first + np.arange(scenario.steps) // per
    days = (months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")
    part = (np.arange(scenario.steps) % per + 1) / per
    stamp = months.astype("datetime64[D]") + (days.astype(int) * part).astype(int) - 1
    return stamp.astype("datetime64[ns]")


def provenance(scenario: Scenario, world: World) -> tuple[dict[str, int], list[str]]:
    """Numbers in use counted by grade, and the keys of their sources."""
    used = {e.path: e for behind in scenario.behind(world).values() for e in behind}
    keys = sorted({key for e in used.values() for key in e.source} | set(scenario.source))
    return dict(Counter(e.grade for e in used.values())), keys


def save(result: xr.Dataset, path: File) -> None:
    """Write one netCDF file, whole or not at all.

    Raises OSError (ENOSPC) unless there is room for it uncompressed: HDF5 does not survive a disk that fills up.
    """
    if shutil.disk_usage(path.parent).free < result.nbytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder:
        draft = File(folder) / path.name
        encoding = {n: {"zlib": True, "complevel": 1} for n in result.data_vars}
        result.to_netcdf(draft, engine="h5netcdf", encoding=encoding)
        os.replace(draft, path)


def open_result(path: str | File) -> xr.Dataset:
    """Read a result. Raises InputError if it is no result, cut short, or of another format."""
    file = File(path)
    file = file / "result.nc" if file.is_dir() else file
    try:
        found = xr.load_dataset(file, engine="h5netcdf")
    except FileNotFoundError:
        raise InputError(f"{path}: no result there: give a folder or .nc file that `gigawatt run` wrote.") from None
    except Exception:  # whatever the netCDF library says about a damaged file
        raise InputError(f"{path}: not a readable result, it may be cut short: run it again.") from None
    if "recipe" not in found.attrs:
        raise InputError(f"{path}: has no recipe inside: it was not written by gigawatt.")
    version = int(found.attrs.get("format", 0))
    if version != FORMAT:
        why = other_format("result", version, FORMATS)
        raise InputError(f"{path}: written by gigawatt {found.attrs.get('gigawatt_version')}: {why} Run it again.")
    return found


class Folder:
    """A result folder that appears whole or not at all.

    Raises InputError if it exists already or its place cannot be written.
    """

    def __init__(self, path: str | File):
        self.path = File(path)

    def __enter__(self) -> File:
        if self.path.exists():
            raise InputError(f"{self.path}: exists already and is never overwritten: choose another --out.")
        self.made = [p for p in self.path.parents if not p.exists()]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.draft = File(tempfile.mkdtemp(dir=self.path.parent, prefix=f".{self.path.name}."))
        except OSError as error:
            raise InputError(f"{self.path}: cannot be written ({error.strerror}): choose another --out.") from None
        return self.draft

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if kind is None:
                os.chmod(self.draft, 0o755)
                os.rename(self.draft, self.path)
        except OSError:
            raise InputError(f"{self.path}: exists already and is never overwritten: choose another --out.") from None
        finally:
            shutil.rmtree(self.draft, ignore_errors=True)
            for parent in self.made:  # nothing is left behind where nothing was written
                with suppress(OSError):
                    parent.rmdir()
