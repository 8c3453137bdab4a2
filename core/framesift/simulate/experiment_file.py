"""An experiment's file."""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framesift.errors import InputError, first_line
from framesift.records.aliases import renamed
from framesift.records.settings import (
    current,
)
from framesift.scores.strategies import refuse_contradiction, strategy_named
from framesift.simulate.settings import Experiment
from framesift.simulate.variants import Plain

MOST_BYTES = 1 << 18
"""Of an experiment's file; what is larger is none."""


def load_experiment(path: Path | str) -> Experiment:
    """Reads an experiment.toml; paths in it start from its folder.

    Args:
        path: the file.

    Returns:
        An Experiment, which `framesift.simulate` runs.

    Raises:
        InputError: the file cannot be read, is no TOML, or says something that makes no sense.

    Example:
        >>> text = '''
        ... name = "mine"
        ... pool = { kind = "synthetic", paths = ["seed=1,frames=8"] }
        ... evaluation = { kind = "synthetic", paths = ["seed=2,frames=8"] }
        ... '''
        >>> _ = Path("experiment.toml").write_text(text)
        >>> load_experiment("experiment.toml").budget
        40
    """
    path = Path(path)
    try:
        data = tomllib.loads(_bounded(path))
    except OSError as error:
        raise InputError(
            f"Cannot read the experiment {path}: {error.strerror or error}."
        ) from error
    except RecursionError as error:
        raise InputError(f"The experiment {path} is nested too deep to be one.") from error
    except ValueError as error:
        raise InputError(f"The experiment {path} is not TOML: {first_line(error)}.") from error
    for table in _tables(data):
        # What is no list is refused with all the rest that is of a wrong kind.
        if table.get("kind") != "synthetic" and isinstance(table.get("paths", []), list):
            table["paths"] = [
                str((path.parent / str(entry)).absolute()) for entry in table.get("paths", ())
            ]
    for variant in data.get("variants", ()):
        strategy = variant.get("strategy") if isinstance(variant, dict) else None
        if isinstance(strategy, str) and strategy.endswith(".toml"):
            # What the file says is a part of the experiment; its name is none.
            variant["strategy"] = strategy_named(str(path.parent / strategy)).key
    data.setdefault("name", path.stem)
    for sentence in old_keys(data):
        warnings.warn(f"{path.name}: {sentence}", FutureWarning, stacklevel=2)
    experiment = Experiment.from_json(data)
    # A setting of the experiment's may be one of what is only correlated.
    if experiment.variants and not experiment.correlate_by:
        refuse_contradiction(
            {name: f"The experiment's {name}" for name in current(experiment.score, "score")},
            [variant.strategy for variant in experiment.variants],
        )
    return experiment


def _bounded(path: Path) -> str:
    """The text of a TOML file that takes no longer to read than a person would wait: the time
    goes with the square of a dotted key's length."""
    if path.exists() and not path.is_file():
        raise ValueError("it is no file")
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES or any(line.count(b".") > 500 for line in data.splitlines()):
        raise ValueError("it is too large, or a line of it too long")
    return data.decode("utf-8")


def old_keys(data: Plain) -> Sequence[str]:
    """A sentence for each key of an experiment that has another name now."""
    variants = [variant for variant in data.get("variants", ()) if isinstance(variant, dict)]
    places = [
        ("evaluation", data.get("measuring")),
        ("training", (data.get("initial") or {}).get("training")),
        *(
            (noun, variant.get(noun))
            for variant in (data, *variants)
            for noun in ("score", "training")
        ),
    ]
    return list(
        dict.fromkeys(
            sentence
            for noun, table in places
            if isinstance(table, dict)
            for sentence in renamed(table, noun)[1]
        )
    )


def _tables(data: Plain) -> Sequence[dict[str, Any]]:
    tables = [
        data.get("pool"),
        data.get("evaluation"),
        (data.get("initial") or {}).get("footage"),
    ]
    return [table for table in tables if isinstance(table, dict)]
