"""Finished chunks of a long run, kept on disk so that the same run goes on where it was stopped.

What the same run is, a run tells by itself: it computes its first chunk anew, and a digest of its recipe and of those
numbers names the chunks that it may use. So another scenario, seed, version of gigawatt or processor finds nothing, and
what is found gives the same last digit.
"""

import hashlib
import os
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path as File
from typing import Self

import numpy as np

PATIENCE = 10.0  # seconds for which a run keeps nothing: no more is ever lost, and a short run writes nothing

Tell = Callable[[str], object]


class Parts:
    """A folder for finished chunks; it goes when the block is left, and stays if an error or a kill ends it.

        with gw.Parts("long.parts") as parts:
            gw.run("base", 200_000, resume=parts).to_netcdf("long.nc")

    tell: hears in one line what is taken, and what is not. Runs may share a folder, in one process or in several.
    """

    def __init__(self, folder: str | File, tell: Tell = print, patience: float = PATIENCE):
        self.folder, self.tell, self.patience = File(folder), tell, patience

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            shutil.rmtree(self.folder, ignore_errors=True)
        elif any(self.folder.glob("*/*/*.npz")):
            self.tell(f"Finished draws are kept in {self.folder}: the same command goes on from there.")

    def of(self, name: str, identity: str, first: Mapping[str, np.ndarray]) -> "Chunks":
        """The chunks of one run: its name, what tells it from others, and the numbers of its first chunk."""
        digest = hashlib.sha256(identity.encode())
        for signal, value in first.items():
            digest.update(f"{signal} {value.shape} {value.dtype}".encode() + np.ascontiguousarray(value).data)
        chunks = Chunks(self.folder / name / digest.hexdigest()[:16], self.tell, time.monotonic() + self.patience)
        if chunks.known:
            size = min(value.shape[1] for value in first.values())
            self.tell(f"{self.folder}: {len(chunks.known) * size:,} draws of {name} are there already: going on.")
        elif any((self.folder / name).glob("*/*.npz")):
            self.tell(
                f"{self.folder}: kept by a run of other numbers (recipe, draws, seed, signals, version or processor "
                "differ): not used, and removed with the rest when this run is done."
            )
        return chunks


class Chunks:
    """Kept chunks of one run, by the number of their first draw."""

    def __init__(self, folder: File, tell: Tell, begins: float):
        self.folder, self.tell, self.begins = folder, tell, begins
        self.known = {int(file.stem) for file in folder.glob("*.npz")}

    def read(self, first: int) -> dict[str, np.ndarray] | None:
        """A kept chunk; None where there is none, or a damaged one (every byte is under a checksum)."""
        if first not in self.known:
            return None
        try:
            with open(self.folder / f"{first}.npz", "rb") as file, np.load(file) as kept:
                return dict(kept)
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
            self.tell(f"{self.folder / f'{first}.npz'}: damaged, these draws are simulated again.")
            return None

    def write(self, first: int, chunk: Mapping[str, np.ndarray]) -> None:
        """Keep a chunk, whole or not at all. Where it cannot be written the run goes on without."""
        if time.monotonic() < self.begins:
            return
        draft = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
                draft = file.name
                np.savez(file, **chunk)  # type: ignore[arg-type]
            os.replace(draft, self.folder / f"{first}.npz")
        except OSError as error:
            self.begins = np.inf
            self.tell(f"{self.folder}: {error.strerror}: no further draws are kept there, the run goes on.")
            if draft:
                with suppress(OSError):
                    os.unlink(draft)
