"""`python -m framesift_app.tools.translations LANGUAGE FOLDER`: the window's texts, to be
translated.

Writes FOLDER/framesift_LANGUAGE.ts for Qt Linguist, or brings one up to date, and makes the
.qm that the window loads from resources/translations. Works in a checkout.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from framesift.cli.tables import every_text
from framesift.errors import EnvironmentProblem, FramesiftError


def update(file: Path) -> None:
    """Collects all texts of the sources, and of the engine's tables of settings, into a .ts
    file; translations in it stay."""
    with tempfile.TemporaryDirectory() as folder:
        tables = Path(folder) / "settings.py"
        lines = (f"_({text!r})\n" for text in dict.fromkeys(every_text()) if text)
        tables.write_text("".join(lines), encoding="utf-8")
        _collect(file, tables)


def _collect(file: Path, tables: Path) -> None:
    sources = sorted(str(path) for path in Path(__file__).parents[1].rglob("*.py"))
    # Texts that wait in a table are marked by _, and translated when they are shown. What trf
    # is given beside its text must not be taken for a plural's number.
    _run(
        "lupdate",
        "-tr-function-alias",
        "QT_TR_NOOP+=_,QT_TR_NOOP+=trf",
        *sources,
        str(tables),
        "-ts",
        str(file),
    )


def release(file: Path) -> Path:
    """Makes the .qm of a .ts file, beside it."""
    made = file.with_suffix(".qm")
    _run("lrelease", str(file), "-qm", str(made))
    return made


def _run(tool: str, *words: str) -> None:
    import PySide6

    name = tool + (".exe" if sys.platform == "win32" else "")
    path = Path(PySide6.__file__).parent / name
    try:
        subprocess.run([str(path), *words], check=True, capture_output=True, text=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"Qt's {tool} cannot be started ({error}); install PySide6-Essentials again."
        ) from error
    except subprocess.CalledProcessError as error:
        raise EnvironmentProblem(f"Qt's {tool} failed: {error.stderr.strip()}") from error


def main() -> int:
    """Makes or updates the file of a language."""
    if len(sys.argv) != 3 or sys.argv[1].startswith("-"):
        sys.stdout.write("usage: python -m framesift_app.tools.translations LANGUAGE FOLDER\n")
        return 2
    try:
        file = Path(sys.argv[2]) / f"framesift_{sys.argv[1]}.ts"
        file.parent.mkdir(parents=True, exist_ok=True)
        update(file)
        sys.stdout.write(f"{file}\n{release(file)}\n")
    except (FramesiftError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
