"""JAX's compilation cache on disk: a second process starts without compiling.

The folder is named after the jaxlib version and a fingerprint of the processor, because compiled code runs
only where both are the same. GIGAWATT_CACHE moves it (a folder) or switches it off (`off`).
"""

import hashlib
import os
import platform
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path as File

import jax
import jaxlib
import platformdirs

VARIABLE = "GIGAWATT_CACHE"


def use_cache(path: str | File | None = None) -> File | None:
    """Keep compiled code on disk from now on, and return the folder; None where it is not kept here.

    path: where; if None, $GIGAWATT_CACHE, else the user's cache folder. A cache that was set in JAX itself stays.
    A folder that cannot be written means no cache, never an error.
    """
    chosen = str(path or os.environ.get(VARIABLE) or platformdirs.user_cache_dir("gigawatt"))
    if chosen.lower() in ("off", "0", "false"):
        return None
    folder = File(chosen) / f"jaxlib-{jaxlib.__version__}-{processor()}"
    if getattr(jax.config, "jax_compilation_cache_dir", None) not in (None, str(folder)):
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    if not os.access(folder, os.W_OK):
        return None
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    return folder


def processor() -> str:
    """Eight digits that stand for the processor's model and instruction set."""
    try:
        lines = File("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        lines = []
    told = {line for line in lines if line.startswith(("model name", "flags", "CPU part", "Features"))}
    text = "\n".join(sorted(told)) + platform.machine() + platform.processor()
    return hashlib.sha256(text.encode()).hexdigest()[:8]


@contextmanager
def cached() -> Iterator[File | None]:
    """`use_cache`, quiet and mended: a damaged entry costs one compilation, and the cache is begun anew.

    JAX writes an entry in place and never replaces one, so a process that dies while it writes leaves an entry
    that nobody can read, and that JAX would warn of for ever.
    """
    folder = use_cache()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            yield folder
        finally:
            ours = [w for w in seen if "persistent compilation cache" in str(w.message)]
            if ours and folder:
                shutil.rmtree(folder, ignore_errors=True)
    for w in seen:
        if w not in ours:
            warnings.warn_explicit(w.message, w.category, w.filename, w.lineno)
