"""Says whether two commits give the same, bit for bit, through every public door:

    python tests/pinned/compare.py OLD [NEW] [--bench]

NEW is the working tree where it is not given. Each commit is checked out into a temporary
worktree of its own and run with this Python; both are asked by the doors of this tree. One
line per door; exit status 1 if any differs. `bits` are what only one machine reproduces:
settings under their names, hashes, what training made.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DOORS = ROOT / "tests" / "helpers" / "doors.py"
TORCH = {"FRAMESIFT_BACKEND": "torch"}
"""What is pinned does not depend on which engines a machine has."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("old")
    parser.add_argument("new", nargs="?")
    parser.add_argument("--bench", action="store_true", help="and the rows of a benchmark")
    args = parser.parse_args()
    more = ["--bench"] if args.bench else []
    found = []
    with tempfile.TemporaryDirectory(prefix="framesift-compare-") as name:
        for at, commit in enumerate((args.old, args.new)):
            with checked_out(commit, Path(name) / f"tree-{at}") as tree:
                found.append(run_doors(tree, Path(name) / f"{at}.json", *more))
    return 1 if sum([_told(door, *found) for door in found[0] | found[1]]) else 0


@contextlib.contextmanager
def checked_out(commit: str | None, folder: Path) -> Iterator[Path]:
    """A worktree of a commit; without one, the tree that this file lies in."""
    if commit is None:
        yield ROOT
        return
    _git("worktree", "add", "--quiet", "--detach", str(folder), commit)
    try:
        yield folder
    finally:
        _git("worktree", "remove", "--force", str(folder))


def _git(*words: str) -> None:
    subprocess.run(["git", "-C", str(ROOT), *words], check=True)


def run_doors(tree: Path, out: Path, *words: str) -> dict[str, Any]:
    """What the doors of a tree give, run in a process of its own with one thread."""
    path = os.pathsep.join(str(tree / part) for part in ("core", "app"))
    # Safe path: otherwise the doors' own folder would come before the tree that is asked.
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
    subprocess.run(
        [sys.executable, str(DOORS), str(out), *words],
        env={**environment, "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg", **TORCH},
        cwd=out.parent,
        check=True,
    )
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def _told(door: str, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Prints a door's line; whether it differs."""
    places = list(differences(old.get(door), new.get(door)))
    more = f" (and {len(places) - 1} more)" if places[1:] else ""
    said = f"differs: {places[0]}{more}" if places else "the same"
    sys.stdout.write(f"{door}: {said}\n")
    return bool(places)


def differences(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """Where two JSON values differ, in words. Floats are equal when all their bits are."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old | new:
            yield from differences(old.get(key), new.get(key), f"{place}/{key}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for at, pair in enumerate(zip(old, new, strict=True)):
            yield from differences(*pair, f"{place}/{at}")
    elif repr(old) != repr(new):
        yield f"{place} was {old!r}, is {new!r}"


if __name__ == "__main__":
    sys.exit(main())
