"""One kind of error for what a user can mend: one line that names the place and the cure."""

import difflib
from collections.abc import Iterable, Mapping


class InputError(ValueError):
    """Something the user wrote cannot be used; the message says where and what to do. Exit code 2."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """' Did you mean ...?' for the nearest known name, or a hint of how to list them."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if not near:  # a right name in the wrong file or mechanism
        tail = name.rsplit(".", 1)[-1]
        near = [k for k in known if k.rsplit(".", 1)[-1] == tail][:1]
    return f" Did you mean '{near[0]}'?" if near else ""


def other_format(what: str, version: object, formats: Mapping[int, str]) -> str:
    """Why a file of another format cannot be read: what changed since an older one, or that a newer one wants more.

    `formats` says what changed with each version that ever was.
    """
    latest = max(formats)
    if not isinstance(version, int) or version > latest:
        return f"{what} format {version} is not known here, up to {latest} is: update gigawatt."
    since = "; ".join(f"{v}: {text}" for v, text in formats.items() if v > version)
    return f"{what} format {version} is older than {latest}; what changed with {since}."
