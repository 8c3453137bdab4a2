"""What somebody types about classes that have other names elsewhere."""

from __future__ import annotations


def pairs(text: str) -> list[tuple[str, str, str]]:
    """theirs=ours, theirs, … as (theirs, "=" or "", ours)."""
    parts = [part.partition("=") for part in text.split(",") if part.strip()]
    return [(theirs.strip(), equals, ours.strip()) for theirs, equals, ours in parts]


def renamed(text: str) -> dict[str, str] | None:
    """theirs=ours, … by theirs; None where an entry says only half of it."""
    every = pairs(text)
    if not all(theirs and equals and ours for theirs, equals, ours in every):
        return None
    return {theirs: ours for theirs, _, ours in every}
