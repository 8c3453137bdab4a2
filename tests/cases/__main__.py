"""One line for each case of a folder of people's files: python tests/cases FOLDER."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

KINDS = ("labels", "video")


def main(folder: Path) -> int:
    wrong = 0
    for path in (Path(__file__).with_name(f"{name}.py") for name in KINDS):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, right, said in module.lines(folder):
            wrong += not right
            sys.stdout.write(
                f"{'right' if right else 'WRONG'}  {path.stem}/{name}: {said[:160]}\n"
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
