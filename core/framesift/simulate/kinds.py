"""What kinds of labels an oracle can give."""

from __future__ import annotations

LABELS = {
    "boxes": "a box around every object",
    "extremes": "four extreme clicks for every object",
    "points": "a point for every object",
    "verification": "yes or no to the detector's proposals",
    "tags": "which classes the picture shows",
    "hard": "points until they help little, then boxes",
    "soft": "boxes where the detector is unsure, points elsewhere",
}
"""What a variant's oracle gives of each frame."""
WEAK = ("points", "verification", "tags", "hard", "soft")
"""Those that training needs its weak labels for."""
