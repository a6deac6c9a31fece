"""Draws: samples of every uncertain number, stratified, prefix-stable, each with a stream of its own.

For each number the first 2^k draws hit each of 2^k equal strata of probability exactly once, for every k
(progressive stratification: McKay, Beckman & Conover 1979 in one dimension, extended as nets are, Owen 1995).
The order within each doubling is a random permutation seeded by the number's name, so numbers are independent
of one another, more draws extend the sequence, and another number reshuffles nothing.
Correlations enter by a Gaussian copula, draw by draw.
"""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources

import numpy as np
from scipy.special import ndtr, ndtri

from gigawatt.core.entry import Entry
from gigawatt.core.errors import InputError
from gigawatt.core.noise import name_hash

FEW = 1 << 12  # draws of which values are remembered: a page asks for almost the same ones at every touch


def stratified(name: str, seed: int, n: int) -> np.ndarray:
    """The first `n` numbers in (0, 1) of the stream called `name`."""
    u = np.empty(max(1, 1 << (n - 1).bit_length()) if n > 1 else 1)
    u[0] = np.random.Generator(np.random.Philox(key=_key(name, seed, 0))).random()
    filled, level = 1, 0
    while filled < n:
        level += 1
        rng = np.random.Generator(np.random.Philox(key=_key(name, seed, level)))
        # each earlier point lies in one half of its old stratum; the new points take the other halves
        other = np.floor(u[:filled] * 2 * filled).astype(np.int64) ^ 1
        u[filled : 2 * filled] = (rng.permutation(other) + rng.random(filled)) / (2 * filled)
        filled *= 2
    tiny = np.finfo(float).eps
    return np.clip(u[:n], tiny, 1 - tiny)


def _key(name: str, seed: int, level: int) -> np.ndarray:
    return np.array([(seed << 32) ^ name_hash(name), level], dtype=np.uint64)


@cache
def shipped_correlations() -> tuple[tuple[str, str, float], ...]:
    """Pairs of numbers with their rank correlation, from params/correlations.toml."""
    text = resources.files("gigawatt").joinpath("params/correlations.toml").read_text(encoding="utf-8")
    return tuple((p["first"], p["second"], float(p["correlation"])) for p in tomllib.loads(text).get("pair", []))


def values(entry: Entry, seed: int, n: int) -> np.ndarray:
    """The first `n` values of a number that no pair links to another."""
    found = entry.quantile(stratified(entry.path, seed, n)) if entry.uncertain else np.full(n, entry.value)
    found.flags.writeable = False  # it may be remembered
    return found


remembered_values = lru_cache(maxsize=1024)(values)


def probabilities(
    names: Collection[str], seed: int, n: int, correlations: Sequence[tuple[str, str, float]]
) -> dict[str, np.ndarray]:
    """Stratified probabilities for each name that a pair links to another, correlated by a Gaussian copula.

    Raises InputError where the correlations contradict one another.
    """
    pairs = [p for p in correlations if p[0] in names and p[1] in names]
    linked = sorted({name for first, second, _ in pairs for name in (first, second)})
    if linked:
        matrix = np.eye(len(linked))
        for first, second, r in pairs:
            i, j = linked.index(first), linked.index(second)
            matrix[i, j] = matrix[j, i] = 2 * np.sin(np.pi * r / 6)  # rank to linear correlation
        try:
            root = np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError:
            raise InputError(f"correlations among {', '.join(linked)} contradict one another: weaken one.") from None
        z = root @ ndtri(np.stack([stratified(name, seed, n) for name in linked]))
        return dict(zip(linked, ndtr(z), strict=True))
    return {}


def sample(
    wanted: Mapping[str, Sequence[Entry]],
    seed: int,
    n: int,
    correlations: Sequence[tuple[str, str, float]] | None = None,
) -> dict[str, np.ndarray]:
    """Samples of each number: {path: (n,)} or, where it has one entry per label, {path: (n, labels)}.

    `wanted` gives the entries behind each number. An entry shared by several labels is drawn once for all.
    """
    found = {e.path: e for group in wanted.values() for e in group}
    pairs = shipped_correlations() if correlations is None else correlations
    linked = probabilities({p for p, e in found.items() if e.uncertain}, seed, n, pairs)
    own = remembered_values if n <= FEW else values
    value = {p: e.quantile(linked[p]) if p in linked else own(e, seed, n) for p, e in found.items()}
    return {path: np.stack([value[e.path] for e in group], axis=1) for path, group in wanted.items()}
