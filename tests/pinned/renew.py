"""Writes expected.json anew, for a change that means to change what it holds:

    python tests/pinned/renew.py

Every door is gone through twice, the second time with the detector's weights off by a
thousandth: what is pinned exactly (picks, ranks, counts) has to be the same, or another
machine's rounding might decide it. Nothing is written otherwise.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / part) for part in ("core", "app", "tests/helpers", "tests/pinned")]
SHAKE = 1e-3


def main() -> int:
    from compare import run_doors

    with tempfile.TemporaryDirectory(prefix="framesift-pinned-") as name:
        plain = run_doors(ROOT, Path(name) / "plain.json")
        shaken = run_doors(ROOT, Path(name) / "shaken.json", "--shake", str(SHAKE))
    unstable = [
        door for door in plain if exact(plain[door]["pinned"]) != exact(shaken[door]["pinned"])
    ]
    for door in unstable:
        sys.stderr.write(f"{door}: hangs on rounding; draw other footage or other settings\n")
    if unstable:
        return 1
    pinned = {door: outcome["pinned"] for door, outcome in plain.items()}
    text = json.dumps(pinned, separators=(",", ":"), ensure_ascii=False)
    (HERE / "expected.json").write_text(text.replace('],"', '],\n"') + "\n", encoding="utf-8")
    return 0


def exact(value: Any) -> Any:
    """The same without the floats' values."""
    if isinstance(value, dict):
        return {key: exact(one) for key, one in value.items()}
    if isinstance(value, list):
        return [exact(one) for one in value]
    return "a float" if isinstance(value, float) else value


if __name__ == "__main__":
    sys.exit(main())
