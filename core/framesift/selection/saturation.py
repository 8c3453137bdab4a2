"""Whether the distances choose the frames, and the score has little to say."""

from __future__ import annotations

from framesift.selection.frame_rules import FrameRules, in_seconds
from framesift.selection.pool import Pool

SHARE = 0.5
"""Of the drives' length: where the picks' bands of 2Δt1 would cover more than this, where the
next pick can be follows from where the others are."""


def saturation(pool: Pool, rules: FrameRules) -> tuple[str, ...]:
    """A sentence where b · 2Δt1 is more than half of the drives' length in all; none else.
    Stills have no length."""
    length = sum(drive.seconds for drive in pool)
    bands = sum(
        drive.seconds / (2 * reach)
        for drive in pool
        if (reach := in_seconds(rules.delta1[drive.key], drive.fps))
    )
    if not bands or rules.budget <= SHARE * bands:
        return ()
    covered = 100 * rules.budget / bands
    return (
        f"The distances choose here more than the score: {rules.budget} picks with Δt1 to both "
        f"sides cover {covered:.0f} % of the {length:.0f} s of footage. Give more footage, a "
        "smaller budget or a smaller Δt1.",
    )
