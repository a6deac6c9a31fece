"""Data as JSON can hold it."""

import math
from typing import Any


def plain(data: Any) -> Any:
    """Dictionaries, lists, texts and numbers only; what is not a finite number is None."""
    if isinstance(data, dict):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [plain(value) for value in data]
    if hasattr(data, "tolist"):  # a NumPy array or number
        return plain(data.tolist())
    return None if isinstance(data, float) and not math.isfinite(data) else data
