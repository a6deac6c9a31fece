"""Acceptance cases whose mechanism is not built yet: {id: (grade, title)}. Building one deletes its line."""

PLANNED: dict[str, tuple[str, str]] = {}
