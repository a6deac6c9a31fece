"""gigawatt: the compute bet as an open, sourced simulator. See README.md and docs/.

Public names are listed in `contents.py` and loaded when the first of them is used, so that `gigawatt --help`
answers at once. Importing gigawatt switches JAX to 64-bit floats.
"""

import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gigawatt.contents import *  # noqa: F403

if os.environ.setdefault("JAX_ENABLE_X64", "1").lower() in ("0", "false"):
    warnings.warn("gigawatt runs in 32 bits because JAX_ENABLE_X64=0: large numbers lose digits.", stacklevel=2)
elif "jax" in sys.modules:  # too late for the variable
    sys.modules["jax"].config.update("jax_enable_x64", True)


def __getattr__(name: str) -> Any:
    import gigawatt.contents as contents

    try:
        return getattr(contents, name)
    except AttributeError:
        raise AttributeError(f"module 'gigawatt' has no attribute '{name}'") from None


def __dir__() -> list[str]:
    return [*__getattr__("__all__"), *globals()]
