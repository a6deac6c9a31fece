"""Acceptance cases whose mechanism is not built yet: {id: (grade, title)}. Building one deletes its line."""

PLANNED: dict[str, tuple[str, str]] = {
    "A94": ("stated", "Transparency first, targeted rules on evidence, late 2026 at the earliest"),
    "A95": ("stated", "Four switches: moratorium, federal standard, patchwork, none"),
    "A96": ("stated", "Four voluntary practices raise the safety of all in a race to the top"),
    "A97": ("derived", "Four labs whose checks fail together are no safer than one"),
    "A98": ("derived", "A century in five to ten years"),
    "A99": ("stated", "Mutual optimism and the cost of conflict"),
    "A100": ("stated", "Assured retaliation is stable, offence dominance is not"),
    "A101": ("stated", "Trade switches by class of goods: cures yes, chips no"),
    "A102": ("stated", "Enforcement falls as sales rise"),
    "A103": ("stated", "Three loops of revision, and principles against lists"),
    "A104": ("stated", "Do the task by default; refuse above a harm threshold"),
    "A105": ("stated", "Staff, culture time and the fortnightly address"),
    "A106": ("reading", "What six levels of hierarchy leave of a message"),
    "A107": ("stated", "Thirty decisions a day and two minutes for the one that counts"),
}
