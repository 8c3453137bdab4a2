"""`python tests/cases.py FOLDER`: every case of a folder of cases, one line each."""

from __future__ import annotations

import runpy
from pathlib import Path

if __name__ == "__main__":
    runpy.run_path(str(Path(__file__).with_suffix("") / "__main__.py"), run_name="__main__")
