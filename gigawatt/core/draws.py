"""Draws: samples of every uncertain number, stratified, prefix-stable, each with a stream of its own.

For each number the first 2^k draws hit each of 2^k equal strata of probability exactly once, for every k
(progressive stratification: McKay, Beckman & Conover 1979 in one dimension, extended as nets are, Owen 1995).
The order within each doubling is a random permutation seeded by the number's name, so numbers are independent
of one another, more draws extend the sequence, and another number reshuffles nothing.
Correlations enter by a Gaussian copula, draw by draw.
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources

import numpy as np
from scipy.special import ndtr, ndtri

from gigawatt.core.entry import Entry
from gigawatt.core.errors import InputError
from gigawatt.core.noise import name_hash

FEW = 1 << 12  # draws of which streams are remembered: a page asks for the same ones at every touch


def stratified(name: str, seed: int, n: int) -> np.ndarray:
    """The first `n` numbers in (0, 1) of the stream called `name`."""
    level = max(n - 1, 0).bit_length()
    return (remembered if n <= FEW else doubled)(name, seed, level)[:n]


def doubled(name: str, seed: int, levels: int) -> np.ndarray:
    """The first 2^levels numbers of a stream, each level filling the strata that the one before left empty."""
    n = 1 << levels
    u = np.empty(n)
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
    u = np.clip(u, tiny, 1 - tiny)
    u.flags.writeable = False  # it may be remembered
    return u


remembered = lru_cache(maxsize=1024)(doubled)


def _key(name: str, seed: int, level: int) -> np.ndarray:
    return np.array([(seed << 32) ^ name_hash(name), level], dtype=np.uint64)


@cache
def shipped_correlations() -> tuple[tuple[str, str, float], ...]:
    """Pairs of numbers with their rank correlation, from params/correlations.toml."""
    text = resources.files("gigawatt").joinpath("params/correlations.toml").read_text(encoding="utf-8")
    return tuple((p["first"], p["second"], float(p["correlation"])) for p in tomllib.loads(text).get("pair", []))


def probabilities(
    names: Sequence[str], seed: int, n: int, correlations: Sequence[tuple[str, str, float]]
) -> dict[str, np.ndarray]:
    """Stratified probabilities for each name, correlated by a Gaussian copula where pairs say so.

    Raises InputError where the correlations contradict one another.
    """
    u = {name: stratified(name, seed, n) for name in names}
    pairs = [p for p in correlations if p[0] in u and p[1] in u]
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
        z = root @ ndtri(np.stack([u[name] for name in linked]))
        u |= dict(zip(linked, ndtr(z), strict=True))
    return u


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
    u = probabilities(sorted(p for p, e in found.items() if e.uncertain), seed, n, pairs)
    value = {p: e.quantile(u[p]) if e.uncertain else np.full(n, e.value) for p, e in found.items()}
    return {path: np.stack([value[e.path] for e in group], axis=1) for path, group in wanted.items()}
