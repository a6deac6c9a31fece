"""Acceptance cases: Prices, pricing and products (S24, S28-S30)."""

import jax.numpy as jnp

from gigawatt.core.facts import fact
from gigawatt.mechanisms import prices, pricing, products
from gigawatt.study.cases.case import ROUNDING, case, exactly, holds, inside


@case("A71", "stated", "The price of a fixed capability never rises while efficiency improves")
def a71():
    # The case says "never rises": it must hold for any elasticities, floor and margin, not for one set.
    efficiency = jnp.logspace(0.0, 6.0, 400)
    for pass_through in (0.1, 1.0, 3.0):
        for floor in (0.0, 0.5, 2.0):
            cost = prices.serving_cost(1.0, efficiency, pass_through, floor)
            of_price = prices.marked_up(cost, 2.0)
            name = f"efficiency passed through at {pass_through:g}, floor {floor:g}"
            yield holds(f"price never rises: {name}", jnp.diff(of_price) <= ROUNDING)
    for elasticity in (1.01, 1.5, 5.0):
        margin = prices.serving_margin(prices.marked_up(1.0, elasticity), 1.0)
        yield inside(f"serving margin where demand has elasticity {elasticity:g}", ROUNDING, 1.0, margin, "share")
    least = fact("inference-gross-margin").low
    needed = 1.0 / least
    margin = prices.serving_margin(prices.marked_up(1.0, needed), 1.0)
    yield exactly("margin stated, at the elasticity that it needs", least, margin, "share")


@case("A78", "stated", "Funnel from a thousand experiments to two or three uses")
def a78():
    tries, winners = fact("funnel-experiments").value, fact("funnel-winners")
    stages = (fact("funnel-startups").value, fact("funnel-successes").value)
    for last, rate in ((winners.low, 0.2), (winners.high, 0.3)):
        rates = products.passing_rates([tries, *stages, last])
        for name, expected, computed in zip(
            ("start-ups", "successes", "winners"), (0.1, 0.1, rate), rates, strict=True
        ):
            yield exactly(f"rate of passing to {name}", expected, computed, "share")
        left = products.funnel(tries, rates)
        for name, expected, computed in zip(("start-ups", "successes"), stages, left[1:3], strict=True):
            yield exactly(f"{name} left", expected, computed, "count")
        yield exactly("ways in which a generation is used", last, left[-1], "count")


@case("A79", "stated", "The near-metal interface keeps a share; surfaces age with progress")
def a79():
    pace, years = jnp.linspace(0.0, 60.0, 61), jnp.linspace(0.0, 100.0, 201)
    hazard = products.obsolescence(pace, 0.03)
    yield holds("obsolescence rises with the pace of capability", jnp.diff(hazard) > 0.0)
    yield exactly("no obsolescence where capability stands still", 0.0, hazard[0], "1/year")
    alive = products.surviving(1.0, pace, 0.03)
    yield holds("a surface lasts less long the faster the progress", jnp.diff(alive) < 0.0)
    for packaging in (0.1, 1.0, 5.0):
        share = products.api_share_after(0.5, hazard[:, None], packaging, years[None, :])
        yield holds(f"share of the interface above zero for a hundred years, packaging {packaging:g}", share > 0.0)
    window = fact("new-use-case-window").value / 12.0
    opened = products.fringe(window, jnp.asarray([0.5, 1.0, 2.0]))
    yield holds("the faster uses open, the more of them are younger than the window", jnp.diff(opened) > 0.0)


@case("A80", "derived", "Two answers whose values differ ten-million-fold")
def a80():
    cheap, dear, ratio = fact("token-cheap-value"), fact("token-dear-value"), fact("token-value-ratio-derived").low
    yield exactly("least ratio of the two", ratio, dear.low / cheap.high, "multiple")
    yield inside("ratio of the middle values", ratio, jnp.inf, dear.value / cheap.high, "multiple")
    repeats = fact("token-cheap-repeats").value
    note = "all repeats of the cheap answer together, over one dear answer"
    yield inside(
        "what the cheap answers are worth together", 0.0, 1.0, repeats * cheap.high / dear.low, "multiple", note
    )


@case("A81", "derived", "Outcome pricing captures more than one price per token")
def a81():
    # The case states signs for heavy tails: any spread from an e-fold up, any tail with a mean.
    heavy: list[tuple[str, pricing.Values]] = [
        (f"lognormal, spread {s:g}", pricing.Lognormal(1.0, s)) for s in (1.0, 2.0, 4.0)
    ]
    heavy += [(f"Pareto, tail {a:g}", pricing.Pareto(1.0, a)) for a in (1.1, 1.5, 3.0)]
    cost = 0.1
    for name, values in heavy:
        best = pricing.gains(values, cost)
        token = pricing.best_per_token(values, cost)
        by_value = pricing.outcome(values, 1.0, cost)
        yield holds(f"uniform price below the value-based optimum: {name}", token.profit < best)
        yield holds(f"its revenue too: {name}", token.revenue < by_value.revenue)
        yield exactly(f"pricing by value takes all: {name}", 1.0, by_value.capture, "share")
        # a smaller share of results is enough to beat the uniform price
        shares = jnp.linspace(0.3, 1.0, 71)
        enough = pricing.outcome(values, shares, cost).capture > token.capture
        yield holds(f"outcome pricing captures more from some share below one on: {name}", enough[-2])
    hours = [pricing.hourly(pricing.Lognormal(1.0, 3.0), explained, cost).profit for explained in (0.0, 0.4, 0.8)]
    yield holds("hourly pricing lies between, better the more hours tell of value", jnp.diff(jnp.stack(hours)) > 0.0)


@case("A82", "stated", "One rung of ability is worth ten times to some, nothing more to most")
def a82():
    firm = fact("undergrad-to-phd-value").value
    yield exactly("one rung to a drug firm", firm, pricing.rung_value(1.0, firm), "multiple")
    yield exactly("one rung to most consumers", 1.0, pricing.rung_value(1.0, 1.0), "multiple")
    yield exactly("no rung changes nothing", 1.0, pricing.rung_value(0.0, firm), "multiple")
    value = pricing.market_after_rungs([0.5, 0.5], [firm, 1.0], jnp.arange(4.0))
    share = value[:, 0] / value.sum(axis=-1)
    yield holds("business use outgrows consumer use, rung by rung", jnp.diff(share) > 0.0)
    yield inside("share of business after one rung, from a half", 0.5, 1.0, share[1], "share")


@case("A83", "stated", "Own use comes before launch and fades; absent where the lab does no work")
def a83():
    audience, outside = fact("internal-audience"), fact("external-users-millions").low
    years = jnp.linspace(0.0, 10.0, 1001)
    for staff in (audience.low, audience.high):
        launch = products.launch_time(fit=0.5, first=0.01, spread=8.0)
        own = products.users(years, staff, 0.01, 8.0)
        others = products.users(years, 50.0 * outside, 1e-4, 3.0, launch)
        yield holds(f"{staff} staff: nobody outside before the launch", others[years < launch] == 0.0)
        yield holds(f"{staff} staff: own use before the launch", own[years < launch] > 0.0)
        at_launch = products.users(launch, staff, 0.01, 8.0)
        yield exactly(f"{staff} staff: own users at the launch", 0.5 * staff, at_launch, "people")
        weight = products.internal_weight(own, others, 100.0)
        yield exactly(f"{staff} staff: all feedback is their own before", 1.0, weight[0], "share")
        growing = years[1:] > launch + 1.0  # once nearly all staff are users
        yield holds(f"{staff} staff: their weight falls as outside users grow", jnp.diff(weight)[growing] < 0.0)
        first_million = jnp.argmax(others >= outside)
        yield inside(f"{staff} staff: weight at a million outside users", 0.0, 0.1, weight[first_million], "share")
        nobody = products.internal_weight(0.0, others, 100.0)
        yield exactly(f"{staff} staff: no loop in a field in which the lab does not work", 0.0, nobody.max(), "share")
