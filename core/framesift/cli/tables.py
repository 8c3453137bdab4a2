"""Every table of settings there is, for references, translations and contracts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from framesift.records.settings import Setting, settings_of


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the noun that sentences and the table of old names call it by, a title, its
    dataclass, and the member of a family that it belongs to ("": to none)."""

    noun: str
    title: str
    settings: type
    member: str = ""

    @property
    def rows(self) -> tuple[Setting, ...]:
        """Its settings."""
        return settings_of(self.settings)


def every_table() -> tuple[Table, ...]:
    """All tables, in the order of the data."""
    from framesift.evaluation import EvaluationSettings
    from framesift.scores import ScoreSettings, score_params
    from framesift.training import TrainSettings

    return (
        Table("score", "Scores", ScoreSettings),
        *(
            Table("score", f"Score: {name}", params, name)
            for name, params in score_params().items()
        ),
        Table("training", "Fine-tuning", TrainSettings),
        Table("evaluation", "Evaluation", EvaluationSettings),
    )


def every_text() -> Iterator[str]:
    """The words of all tables that a window shows: titles, helps, units, words for None; and
    the titles of the members that have settings."""
    from framesift.scores import every_score

    for table in every_table():
        for one in table.rows:
            if "window" not in one.absent:
                yield from (one.title, one.help, one.unit, one.empty)
                yield from (one.title_of(word) for word in one.kind.choices)
    for member in every_score().values():
        yield member.title
