"""Acceptance cases whose mechanism is not built yet: {id: (grade, title)}. Building one deletes its line."""

PLANNED: dict[str, tuple[str, str]] = {
    "A64": ("stated", "Profit may change sign more than once under noisy forecasts"),
    "A65": ("stated", "The model of 2025 earned 0.1 bn"),
    "A66": ("stated", "The model of 2026: revenue, serving, training and margin"),
    "A67": ("derived", "The company loses 7 bn in the year its model earns 2"),
    "A68": ("derived", "Company losses with the figures of 2025 and tenfold successors"),
    "A69": ("stated", "With level training cost the company earns what its model earns"),
    "A70": ("stated", "Without a successor the margin is gone in about two months"),
    "A72": ("stated", "Cournot: mark-up and profit with three and four firms"),
    "A73": ("stated", "Entry lowers margins until one more entrant loses"),
    "A74": ("stated", "Models differ more than clouds, so margins are higher"),
    "A75": ("derived", "Demand elasticity that the toy margin implies at three firms"),
    "A76": ("stated", "A frozen frontier with spillover loses its margin"),
    "A84": ("stated", "Robotics one to two years after the genius level, by any one path"),
    "A89": ("derived", "Five years of 50 per cent growth against 10 to 20"),
    "A90": ("stated", "Catch-up growth falls with the value of labour"),
    "A91": ("stated", "Four serial stages of a drug, from 1.5 to more than 50 years"),
    "A92": ("stated", "Approval backlog when discovery outruns it"),
    "A93": ("stated", "Better prediction shortens trials, never to nothing"),
}
