"""`python -m tests.fuzz KIND NUMBER [SEED]`: so many inputs of a kind (all: of each)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.fuzz.campaign import campaign
from tests.fuzz.samples import NAMES


def main(kind: str, number: str, seed: str = "0") -> int:
    wrong = 0
    for one in NAMES if kind == "all" else (kind,):
        with tempfile.TemporaryDirectory() as folder:
            found = campaign(one, Path(folder), int(number), int(seed))
        wrong += len(found.failures)
        sys.stdout.write(f"{one}: {found}\n")
        for failure in found.failures[:10]:
            sys.stdout.write(f"  {failure}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
