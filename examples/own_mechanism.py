"""Own mechanism: another law for a signal, alone and then in its place (docs/howto/write-a-mechanism.md)."""

import gigawatt as gw
from gigawatt import Mechanism, Signals, param, signal
from gigawatt.core.units import Hours, Positive, Share


def logistic_share(horizon, median, steepness):
    """Share of tasks that models can do. [share]

    1 / (1 + (m/H)^k). Arguments may be arrays.
    """
    return 1.0 / (1.0 + (median / horizon) ** steepness)


class LogisticTasks(Mechanism):
    """The share of work that models can do, logistic in the log of the time horizon."""

    median: Hours = param("Median length of task")
    steepness: Positive = param("Steepness of the curve")

    class Out(Signals):
        automatable: Share = signal("Share of work that the best models can do", headline=True)

    begins = ("automatable",)

    def begin(self, *, horizon: Hours) -> dict:
        """Start values that follow from others."""
        return {"automatable": logistic_share(horizon, self.median, self.steepness)}

    def __call__(self, *, horizon: Hours) -> Out:
        return self.Out(automatable=logistic_share(horizon, self.median, self.steepness))


law = LogisticTasks(median=500.0, steepness=0.7)
print("Alone: share of work that models can do, by the length of task that they complete")
print(*(f"  {hours:5d} h: {law(horizon=hours).automatable:4.0%}" for hours in (1, 6, 40, 250, 2000)), sep="\n")

base = gw.run("base", draws=64, seed=0)
mine = gw.run(
    "base",
    draws=64,
    seed=0,
    use=[f"{__name__}:LogisticTasks"],  # takes the place of what gave `automatable`; from a file: package.module:Class
    set={
        "logistic_tasks.median": {"value": 500.0, "unit": "hour", "range": [200.0, 1200.0], "shape": "lognormal"},
        "logistic_tasks.steepness": {"value": 0.7, "unit": "1"},
    },
)
print("\nIn its place: median industry revenue [bn USD/year]")
for year in (2026, 2028, 2030, 2035):
    before, after = (ds["industry_revenue"].sel(month=f"{year}-12").median().item() for ds in (base, mine))
    print(f"  end of {year}: base {before:7.0f}   with this law {after:7.0f}")
