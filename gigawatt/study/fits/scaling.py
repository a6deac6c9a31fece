"""Fit of the Chinchilla form to losses of models of many sizes and token counts (S02)."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number, table
from gigawatt.mechanisms.loss import FLOP_PER_PARAMETER_TOKEN, chinchilla_loss, compute_optimal, tokens_per_parameter
from gigawatt.study.fits.result import LEVEL, Estimate, Fit, Line, Panel, Points, Published

DATA = "chinchilla_points"
COLUMNS = ("parameters", "training_tokens", "loss")

NAMES = ("A", "B", "E", "alpha", "beta")
MEANING = {
    "A": "scale of the term in parameters",
    "B": "scale of the term in tokens",
    "E": "loss that no size and no data remove",
    "alpha": "exponent in parameters",
    "beta": "exponent in tokens",
}
UNITS = dict.fromkeys(NAMES, "1") | {"E": "nat/token"}
HUBER = 1e-3  # on log loss: Hoffmann et al. (2022), section 3.3
BUDGET = 5.76e23  # operations of Gopher and Chinchilla: Hoffmann et al. (2022), table 3
STEPS_FROM_GRID, STEPS_FROM_BEST = 100, 60
BATCH = 500  # resamples at a time: their Jacobians stay within the cache
WARM_UP, DRAWS = 500, 1000  # of the posterior
POSTERIOR = (
    f"Posterior: NUTS, {WARM_UP} steps of warm-up and {DRAWS} draws, Student's t on log loss, normal priors of width "
    "one around the best on logs of terms and on exponents. Narrower than the resamples: it trusts its law of errors."
)
LEAST_CURVATURE = 1e-14  # keeps a resample solvable that leaves a direction undetermined


def fit(rows: Rows, *, until: str = "", bootstraps: int = 4000, seed: int = 0, bayes: bool = False) -> Fit:
    """E + A/N^alpha + B/D^beta by Huber's loss on log loss, from many starts, with cases resampled.

    Raises InputError for fewer than ten rows, losses, sizes or tokens that are not positive, and a date `until`.
    """
    if until:
        raise InputError(f"until {until}: the rows of scaling have no date: leave it out.")
    used = [r for r in rows if r.get("excluded_in_replication", "0") != "1"]
    n, d, y = (_positive(used, column) for column in COLUMNS)
    if len(used) < 10:
        raise InputError(f"scaling: {len(used)} rows do not determine five numbers: give ten or more.")
    x = np.stack([np.log(n), np.log(d), np.log(y)])
    centre = x[:2].mean(axis=1)
    best, sum_of = _from_grid(x, centre)
    boot = _resampled(x, centre, best, bootstraps, seed)
    law = dict(zip(NAMES, _plain(best, centre), strict=True))
    drawn = dict(zip(NAMES, _plain(boot, centre).T, strict=True))
    left = x[2] - np.log(chinchilla_loss(n, d, **law))
    estimates = [_estimate(name, law[name], drawn[name]) for name in NAMES]
    estimates += [_ratio(law, drawn)]
    if bayes:
        estimates += _posterior(x, centre, best, seed)
    return Fit(
        name="scaling",
        title="Loss against parameters and tokens",
        law="loss = E + A / N^alpha + B / D^beta",
        method=(
            f"Huber's loss (delta {HUBER:g}) on log loss, summed; damped Gauss-Newton from a grid of starts; "
            f"{bootstraps} resamples of cases, each from the best solutions of the grid"
        ),
        data=f"{DATA}.csv, {len(used)} of {len(rows)} rows",
        estimates=tuple(estimates),
        panels=(_picture(n, d, y, law),),
        residuals=Panel(
            "What is left",
            "operations [FLOP]",
            "log loss, observed less fitted",
            (Points("models", FLOP_PER_PARAMETER_TOKEN * n * d, left),),
            x_scale="log",
        ),
        statistics={"n": float(len(used)), "huber_sum": float(sum_of), "median_error": float(np.median(np.abs(left)))},
        notes=_notes(law, drawn) + ((POSTERIOR,) if bayes else ()),
        sources=("besiroglu2024", "hoffmann2022"),
    )


def _positive(rows: Rows, column: str) -> np.ndarray:
    values = np.array([number(r, column, f"scaling, row {i}") for i, r in enumerate(rows, 1)])
    for i, value in enumerate(values, 1):
        if not 0.0 < value < np.inf:
            raise InputError(f"scaling, row {i}: {column} = {value:g} must be a positive number: mend the row.")
    return values


# ---------------------------------------------------------------- the law in the solver's terms
# (a, b, e, alpha, beta): logs of the three terms at the mean log size and tokens of the data, and the exponents.
# Centred so, scale and exponent of a term hardly trade off against each other.


def _log_loss(at, x, centre):
    terms = at[0] - at[3] * (x[0] - centre[0]), at[1] - at[4] * (x[1] - centre[1]), at[2] + 0.0 * x[0]
    return jax.nn.logsumexp(jnp.stack(terms), axis=0)


def _plain(at: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """(A, B, E, alpha, beta) from the solver's terms; the last axis holds the five."""
    a, b, e, alpha, beta = np.moveaxis(np.asarray(at), -1, 0)
    return np.stack([np.exp(a + alpha * centre[0]), np.exp(b + beta * centre[1]), np.exp(e), alpha, beta], axis=-1)


def _huber(left, weights):
    size = jnp.abs(left)
    return jnp.sum(weights * jnp.where(size < HUBER, 0.5 * size**2, HUBER * (size - 0.5 * HUBER)))


@partial(jax.jit, static_argnames="steps")
def _solve(starts, weights, x, centre, steps):
    """Damped Gauss-Newton on reweighted squares, all starts at once. Returns solutions and their Huber sums.

    Each residual beyond delta is weighted with delta over its size, which bounds Huber's loss from above and touches
    it where the step starts; a step that does not lower the sum is refused and damped more (Marquardt 1963).
    """

    def one(start, weight):
        def step(_, state):
            at, damping, now = state
            left = _log_loss(at, x, centre) - x[2]
            slope = jax.jacfwd(_log_loss)(at, x, centre)
            pull = weight * jnp.minimum(1.0, HUBER / jnp.maximum(jnp.abs(left), LEAST_CURVATURE))
            curve = (slope * pull[:, None]).T @ slope
            curve += jnp.diag(damping * jnp.diag(curve) + LEAST_CURVATURE)
            moved = at - jnp.linalg.solve(curve, slope.T @ (pull * left))
            then = _huber(_log_loss(moved, x, centre) - x[2], weight)
            better = then < now
            damping = jnp.clip(jnp.where(better, 0.3 * damping, 5.0 * damping), 1e-12, 1e8)
            return jnp.where(better, moved, at), damping, jnp.where(better, then, now)

        first = _huber(_log_loss(start, x, centre) - x[2], weight)
        at, _, lowest = jax.lax.fori_loop(0, steps, step, (start, jnp.asarray(1e-3), first))
        return at, lowest

    return jax.vmap(one)(starts, weights)


def _from_grid(x: np.ndarray, centre: np.ndarray) -> tuple[np.ndarray, float]:
    """The best of a grid of starts: terms from a hundredth to half of the loss, exponents from flat to steep."""
    level = x[2].mean()
    terms = level + np.log([0.01, 0.1, 0.5])
    steep = (0.1, 0.4, 1.0)
    last = level + np.log([0.3, 0.9])
    grid = np.stack([g.ravel() for g in np.meshgrid(terms, terms, last, steep, steep, indexing="ij")], axis=-1)
    found, sums = _solve(grid, np.ones((len(grid), x.shape[1])), x, centre, STEPS_FROM_GRID)
    at = int(np.nanargmin(sums))
    return np.asarray(found[at]), float(sums[at])


def _resampled(x: np.ndarray, centre: np.ndarray, best: np.ndarray, bootstraps: int, seed: int) -> np.ndarray:
    """(bootstraps, 5): solutions for cases drawn with replacement, from the best and from a flatter and steeper one."""
    rng, n = np.random.default_rng(seed), x.shape[1]
    starts = best + np.array([[0.0] * 5, [0.0, 0.0, -0.1, -0.05, -0.05], [0.0, 0.0, 0.05, 0.05, 0.05]])
    kept = []
    for at in range(0, bootstraps, BATCH):
        weights = rng.multinomial(n, np.full(n, 1.0 / n), size=min(BATCH, bootstraps - at)).astype(float)
        runs = [_solve(np.tile(s, (len(weights), 1)), weights, x, centre, STEPS_FROM_BEST) for s in starts]
        found, sums = (np.stack([np.asarray(r[i]) for r in runs]) for i in (0, 1))
        kept.append(found[np.argmin(sums, axis=0), np.arange(len(weights))])
    return np.concatenate(kept)


# ---------------------------------------------------------------- what is told


def _published(name: str) -> Published:
    """The replication's value with the interval of one standard error."""
    row = next(r for r in table("scaling_law_params") if r["fit"] == "besiroglu_2024")
    value, error = number(row, name), number(row, f"{name}_se")
    return Published(value, "besiroglu2024", value - error, value + error, "one standard error")


def _estimate(name: str, value: float, drawn: np.ndarray) -> Estimate:
    low, high = np.quantile(drawn, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    why = "same points and loss; the sum found here is slightly lower"
    entry = f"data_stock.{name}" if name in ("alpha", "beta") else ""
    shape = "lognormal" if name in "AB" else "normal"
    return Estimate(name, MEANING[name], UNITS[name], value, low, high, _published(name), why, entry, shape)


def _ratio(law: dict, drawn: dict) -> Estimate:
    """Compute-optimal tokens per parameter at the budget of Chinchilla."""
    ratio = {key: [v[k] for k in ("A", "B", "alpha", "beta")] for key, v in (("value", law), ("drawn", drawn))}
    low, high = np.quantile(tokens_per_parameter(BUDGET, *ratio["drawn"]), [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    theirs = tokens_per_parameter(BUDGET, *(_published(k).value for k in ("A", "B", "alpha", "beta")))
    return Estimate(
        "tokens_per_parameter",
        f"compute-optimal tokens per parameter at {BUDGET:.3g} FLOP",
        "1",
        float(tokens_per_parameter(BUDGET, *ratio["value"])),
        float(low),
        float(high),
        Published(float(theirs), "besiroglu2024"),
        "the published value is the law of this page at their five numbers",
        "data_stock.tokens_per_parameter",
        "lognormal",
    )


def _notes(law: dict, drawn: dict) -> tuple[str, ...]:
    """Differences from what others printed, and what the interval does not hold."""
    tails = ", ".join(
        f"{k} {np.quantile(drawn[k], 0.025):.4g} to {np.quantile(drawn[k], 0.975):.4g}" for k in ("E", "alpha", "beta")
    )
    hoffmann = next(r for r in table("scaling_law_params") if r["fit"] == "hoffmann_2022_unrounded")
    theirs = tokens_per_parameter(BUDGET, *(number(hoffmann, k) for k in ("A", "B", "alpha", "beta")))
    ours = tokens_per_parameter(BUDGET, *(law[k] for k in ("A", "B", "alpha", "beta")))
    return (
        f"95 % intervals: {tails}.",
        f"The optimum at {BUDGET:.3g} FLOP is {ours:.1f} tokens a parameter; Hoffmann's own numbers would give "
        f"{theirs:.0f}, far from the 20 with which Chinchilla was trained.",
        "The notebook of the replication prints 25.7 tokens a parameter, which its own five numbers do not give "
        "under C = 6 N D: they give 18.3. We report the law.",
        "Points are read off a figure; the error of reading is not in the intervals. A and alpha, and B and beta, move "
        "together: draw them together or draw the tokens per parameter.",
    )


def _picture(n: np.ndarray, d: np.ndarray, y: np.ndarray, law: dict) -> Panel:
    """Observed loss against compute, with the compute-optimal frontier of the law."""
    flop = FLOP_PER_PARAMETER_TOKEN * n * d
    over = np.geomspace(flop.min(), max(flop.max(), BUDGET), 100)
    size, tokens = compute_optimal(over, *(law[k] for k in ("A", "B", "alpha", "beta")))
    frontier = np.asarray(chinchilla_loss(size, tokens, **law))
    lines = (Line("compute-optimal", over, frontier), Line("never below", over[[0, -1]], np.full(2, law["E"])))
    points = (Points("models", flop, y),)
    return Panel("Loss of models", "operations [FLOP]", "loss [nats per token]", points, lines, "log", "log")


def _posterior(x: np.ndarray, centre: np.ndarray, best: np.ndarray, seed: int) -> list[Estimate]:
    """The five numbers by Hamiltonian Monte Carlo, as told in POSTERIOR.

    Student's t, like Huber's loss, lets single models lie far off.
    """
    try:
        import numpyro
        from numpyro.distributions import Gamma, HalfNormal, Normal, StudentT
        from numpyro.infer import MCMC, NUTS
    except ImportError:
        raise InputError("a posterior by sampling needs numpyro: pip install 'gigawatt[fit]'.") from None

    def model():
        at = numpyro.sample("at", Normal(jnp.asarray(best), 1.0).to_event(1))
        spread = numpyro.sample("spread", HalfNormal(0.05))
        tails = numpyro.sample("tails", Gamma(2.0, 0.1))
        numpyro.sample("log_loss", StudentT(tails, _log_loss(at, x, centre), spread), obs=x[2])

    start = numpyro.infer.init_to_value(values={"at": jnp.asarray(best), "spread": 0.005, "tails": 3.0})
    sampler = NUTS(model, dense_mass=True, init_strategy=start)
    run = MCMC(sampler, num_warmup=WARM_UP, num_samples=DRAWS, num_chains=1, progress_bar=False)
    run.run(jax.random.PRNGKey(seed))
    drawn = _plain(np.asarray(run.get_samples()["at"]), centre)
    low, middle, high = np.quantile(drawn, [0.5 - LEVEL / 2, 0.5, 0.5 + LEVEL / 2], axis=0)
    why = "posterior under Student's t in place of Huber's loss and resamples"
    return [
        Estimate(f"{name}_posterior", f"{MEANING[name]}, posterior", UNITS[name], m, lo, hi, _published(name), why)
        for name, m, lo, hi in zip(NAMES, middle, low, high, strict=True)
    ]
