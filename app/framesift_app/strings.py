"""Words that are used in several places of the window."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from framesift.records.settings import Setting


def _(text: str) -> str:
    """Marks a text of a table; it is translated when it is shown."""
    return text


def tr(text: str) -> str:
    """A text in the user's language."""
    return QCoreApplication.translate("", text)


def trf(text: str, *given: object) -> str:
    """A text in the user's language, with the given values put in ({0}, {1} …). The
    first of them is no literal: lupdate would take it for a comment."""
    return tr(text).format(*given)


def duration(seconds: float | None) -> str:
    """A time as one says it: 45 s, 3 min, 1 h 20 min; empty when it is not known."""
    if seconds is None:
        return ""
    if seconds < 90:
        return trf("{0} s", max(0, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 90:
        return trf("{0} min", minutes)
    return trf("{0} h {1:02d} min", minutes // 60, minutes % 60)


STAGES = {
    "starting": _("starting the process that learns"),
    "preparing": _("loading the detector and the labels"),
    "reading pictures": _("reading the labelled pictures"),
    "training": _("learning"),
    "validation": _("measuring on the labels kept back"),
}
"""What the engine's long work is doing, in words; file names and the like stand for
themselves."""


def stage(name: str) -> str:
    """What a job is doing, in the user's language."""
    return tr(STAGES[name]) if name in STAGES else name


def checkpoint(number: int, cycle: int) -> str:
    """What lists call a checkpoint of the project."""
    return trf("Checkpoint {0}, from cycle {1}", number, cycle)


def number(value: int) -> str:
    """A count with thin spaces between thousands."""
    return f"{value:,}".replace(",", "\u2009")


def percent(value: float | None) -> str:
    """A share of 1 as per cent with one digit; a dash without a value."""
    return "–" if value is None or value != value else f"{100 * value:.1f}\u202f%"


def tooltip(setting: Setting) -> str:
    """What a setting does, what it can be, and its default."""
    default = trf("Default: {0}", setting.about_default)
    if setting.kind.item is bool:
        default = tr("Default: on") if setting.default else tr("Default: off")
    text = tr(setting.help)
    return f"{text[:1].upper()}{text[1:]}.\n{default}"
