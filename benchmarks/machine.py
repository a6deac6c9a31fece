"""What a timing was taken on, in words, and how busy that machine was."""

import os
import platform
from pathlib import Path

import jax
import numpy as np


def processor() -> str:
    """Name of the processor, as far as the system tells."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def facts() -> str:
    """Cores, processor, versions and load, in two lines."""
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    return (
        f"{os.cpu_count()} cores ({processor()}), Python {platform.python_version()}, "
        f"NumPy {np.__version__}, JAX {jax.__version__} on {jax.default_backend()}\n"
        f"load over the last 1, 5, 15 minutes: {load}"
    )
