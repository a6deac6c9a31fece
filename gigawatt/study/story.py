"""Story: what a run tells of the wider world beside its headlines (S31-S41).

These signals report: nothing in the loop reads them. A run from the command line keeps them, so that its page tells the
whole story; `gw.run` keeps headlines only, which compile and run in less.
"""

from gigawatt.core.run import kept
from gigawatt.core.world import World

STORY = (
    "labour_income",
    "wage",
    "compute_of_output",
    "theil",
    "robots",
    "robot_revenue",
    "approvals",
    "rule_rung",
    "friction",
    "misuse",
    "war",
    "rival_ratio",
    "entrenched",
)


def told(world: World, also: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Headlines, the story, and `also`, as far as the world gives them, in its order."""
    wanted = {*kept(world, None), *STORY, *also}
    return kept(world, [name for name in world.signals if name in wanted])
