"""The one table of what can be done in the window: ids, texts, keys, and when.

Menus, shortcuts, the cheat sheet and the settings are all made from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

from framesift_app import settings

if TYPE_CHECKING:
    from framesift_app.session import Session


def _(text: str) -> str:
    """Marks a text for translation; it is translated when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be done. `when` is a key of WHEN; `menu` is empty for what only has
    a key; `line`: a line above it in the menu."""

    id: str
    menu: str
    text: str
    keys: tuple[str, ...] = ()
    when: str = "always"
    tip: str = ""
    line: bool = False
    checkable: bool = False


MENUS = (_("&File"), _("&Edit"), _("&View"), _("&Cycle"), _("&Detector"), _("&Help"))
FILE, EDIT, VIEW, CYCLE, DETECTOR, HELP = MENUS

TABLE: tuple[Entry, ...] = (
    Entry("new", FILE, _("&New project…"), ("Ctrl+N",)),
    Entry("open", FILE, _("&Open project…"), ("Ctrl+O",)),
    Entry(
        "demo",
        FILE,
        _("Open the &demo"),
        tip=_("Draws a short drive, scores it, and shows what is worth labelling"),
    ),
    Entry("add", FILE, _("&Add footage…"), ("Ctrl+Shift+A",), "project", line=True),
    Entry("add_folder", FILE, _("Add a &folder…"), (), "project"),
    Entry(
        "add_read",
        FILE,
        _("Add footage &by stream or rate…"),
        (),
        "project",
        _("Another video stream of a file, or the frame rate of files that state none"),
    ),
    Entry(
        "add_evaluation",
        FILE,
        _("Add footage to the &measuring set…"),
        (),
        "project",
        _("Footage that is only ever measured on: never picked, never learnt from"),
    ),
    Entry("import", FILE, _("&Import labels…"), ("Ctrl+I",), "footage", line=True),
    Entry("export", FILE, _("&Export labels…"), ("Ctrl+E",), "footage"),
    Entry("settings", FILE, _("&Settings…"), ("Ctrl+,",), line=True),
    Entry("close", FILE, _("&Close project"), ("Ctrl+W",), "project"),
    Entry("quit", FILE, _("&Quit"), ("Ctrl+Q",)),
    Entry("undo", EDIT, _("&Undo"), ("Ctrl+Z",), "undo"),
    Entry("redo", EDIT, _("&Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), "redo"),
    Entry("draw", EDIT, _("&Draw a box"), ("B",), "frame", line=True),
    Entry("centre", EDIT, _("Draw from the c&entre"), ("Shift+B",), "frame"),
    Entry(
        "point",
        EDIT,
        _("Click &points"),
        ("Q",),
        "frame",
        _("One click near the center of each object: less work than boxes, and learnt from"),
    ),
    Entry(
        "extremes",
        EDIT,
        _("&Four clicks for a box"),
        ("W",),
        "frame",
        _("An object's top, left, bottom and right: a box in four clicks"),
    ),
    Entry(
        "verify",
        EDIT,
        _("&Verify the proposals"),
        ("V",),
        "frame",
        _("Enter says that a proposal is right, X that there is no such object"),
    ),
    Entry(
        "tags",
        EDIT,
        _("Ta&g the picture"),
        ("R",),
        "frame",
        _("Digits say which classes are in the picture, D that no others are"),
    ),
    Entry(
        "track",
        EDIT,
        _("Trac&k this object"),
        ("Z",),
        "frame",
        _("Draw it in another frame: between, its boxes are interpolated"),
        line=True,
    ),
    Entry(
        "follow",
        EDIT,
        _("F&ollow it"),
        ("Shift+Z",),
        "frame",
        _("Carries its box through the frames behind this one, by what they show"),
    ),
    Entry(
        "confirm_boxes",
        EDIT,
        _("Confir&m the boxes of tracks"),
        ("Ctrl+Return", "Ctrl+Enter"),
        "frame",
        _("What was interpolated or followed in this frame becomes a label"),
    ),
    Entry("delete", EDIT, _("De&lete the box"), ("Del",), "frame"),
    Entry("next_box", EDIT, _("Next box"), ("]",), "frame"),
    Entry("previous_box", EDIT, _("Previous box"), ("[",), "frame"),
    Entry(
        "ignore",
        EDIT,
        _("&Ignore region"),
        ("I",),
        "frame",
        _("The selected box, or the next one drawn, neither counts nor trains"),
    ),
    Entry("occluded", EDIT, _("&Occluded"), ("O",), "frame"),
    Entry("truncated", EDIT, _("&Truncated"), ("T",), "frame"),
    Entry("accept", EDIT, _("&Accept the proposal"), ("Return", "Enter"), "frame", line=True),
    Entry(
        "accept_all", EDIT, _("Accept all &proposals"), ("Shift+Return", "Shift+Enter"), "frame"
    ),
    Entry("reject", EDIT, _("Re&ject the proposal"), ("X",), "frame"),
    Entry("reject_all", EDIT, _("Reject all proposals"), ("Shift+X",), "frame"),
    Entry(
        "done",
        EDIT,
        _("&Done with this frame"),
        ("D",),
        "frame",
        _("Its boxes are all there are: only now it is labelled, and trains"),
        line=True,
    ),
    Entry(
        "nothing",
        EDIT,
        _("&Nothing there"),
        ("N",),
        "frame",
        _("Somebody looked, and there is nothing to label: it trains as such"),
    ),
    Entry("skip", EDIT, _("S&kip this frame"), ("S",), "frame"),
    Entry("copy_last", EDIT, _("&Copy from the last labelled"), ("C",), "frame"),
    *(
        Entry(f"class_{n}", "", _("Class {0}").format(n), (str(n),), "frame")
        for n in range(1, 10)
    ),
    Entry("play", VIEW, _("&Play"), ("K",), "frame"),
    Entry("play_on", VIEW, _("Play on, faster"), ("L",), "frame"),
    Entry("play_back", VIEW, _("Play back, faster"), ("J",), "frame"),
    Entry("back", VIEW, _("Frame &back"), ("Left",), "frame"),
    Entry("forward", VIEW, _("Frame f&orward"), ("Right",), "frame"),
    Entry("back_10", VIEW, _("10 frames back"), ("Shift+Left",), "frame"),
    Entry("forward_10", VIEW, _("10 frames forward"), ("Shift+Right",), "frame"),
    Entry("first", VIEW, _("First frame"), ("Home",), "frame"),
    Entry("last", VIEW, _("Last frame"), ("End",), "frame"),
    Entry("go_to", VIEW, _("&Go to frame…"), ("Ctrl+G",), "frame"),
    Entry(
        "heat",
        VIEW,
        _("&Heat map"),
        ("H",),
        "frame",
        _("Where in the picture the score comes from that the strategy ranks by"),
        line=True,
    ),
    Entry("boxes", VIEW, _("Detector's bo&xes"), ("G",), "frame"),
    Entry(
        "maxima",
        VIEW,
        _("Region &maxima"),
        ("M",),
        "frame",
        _("The places that made the frame's score"),
    ),
    Entry("fit", VIEW, _("&Fit the picture"), ("F",), "frame"),
    Entry("zoom_in", VIEW, _("Zoom &in"), ("Ctrl++", "Ctrl+="), "frame"),
    Entry("zoom_out", VIEW, _("Zoom o&ut"), ("Ctrl+-",), "frame"),
    Entry("fit_timeline", VIEW, _("Fit the &timeline"), ("Ctrl+0",), "footage"),
    Entry("full_screen", VIEW, _("F&ull screen"), ("F11",), checkable=True),
    Entry("reset_layout", VIEW, _("&Reset layout"), (), "project", line=True),
    Entry(
        "score",
        CYCLE,
        _("&Score the footage…"),
        ("Ctrl+R",),
        "footage",
        _("Runs the detector over the frames and says where it is unsure"),
    ),
    Entry(
        "take",
        CYCLE,
        _("&Take these picks"),
        ("Ctrl+T",),
        "takes",
        _("Begins a cycle: the picks are yours to label, and their neighbours keep clear"),
    ),
    Entry(
        "choose",
        CYCLE,
        _("&Choose the next picks"),
        (),
        "cycle",
        checkable=True,
        tip=_("Shows what the next cycle would take"),
    ),
    Entry("next", CYCLE, _("&Next to label"), ("Space",), "picks", line=True),
    Entry("previous", CYCLE, _("Pre&vious pick"), ("Backspace",), "picks"),
    Entry(
        "play_around",
        CYCLE,
        _("&Play around the pick"),
        ("P",),
        "frame",
        _("±3 s around the frame; its boxes stay"),
    ),
    Entry("add_pick", CYCLE, _("&Add this frame to the picks"), ("A",), "cycle"),
    Entry(
        "drop",
        CYCLE,
        _("&Drop this pick"),
        ("Shift+D",),
        "pick",
        _("The next best frame takes its place"),
    ),
    Entry("sample", CYCLE, _("Draw frames for the &measuring set…"), (), "footage", line=True),
    Entry("measuring", CYCLE, _("&Label the measuring set"), (), "sampled", checkable=True),
    Entry(
        "measure",
        CYCLE,
        _("Mea&sure the detector"),
        ("Ctrl+M",),
        "footage",
        _("Miss rate on the frames set apart, with the change since the last cycle"),
    ),
    Entry(
        "check",
        CYCLE,
        _("Chec&k the labels"),
        ("Ctrl+K",),
        "footage",
        _("Lists the labels that the detector disagrees with most"),
        line=True,
    ),
    Entry("keep_label", CYCLE, _("Kee&p the doubted label"), ("Y",), "doubt"),
    Entry(
        "mend_label",
        CYCLE,
        _("M&end the doubted label"),
        ("E",),
        "doubt",
        _("The detector's box becomes the label"),
    ),
    Entry("next_doubt", CYCLE, _("Next do&ubt"), ("U",), "doubt"),
    Entry(
        "alike",
        CYCLE,
        _("Frames li&ke this one"),
        (),
        "frame",
        _("The frames of the project that look most like it"),
    ),
    Entry(
        "map",
        CYCLE,
        _("Ma&p of frames…"),
        ("Ctrl+Shift+M",),
        "footage",
        _("All frames as points, alike ones close, with what is picked and labelled"),
    ),
    Entry(
        "write_report",
        CYCLE,
        _("&Write a report of the picks"),
        (),
        "cycle",
        _("A page with the latest cycle's pictures and why they were picked"),
    ),
    Entry("report", CYCLE, _("&Open the latest report"), (), "cycle"),
    Entry(
        "detector",
        DETECTOR,
        _("&Choose the detector…"),
        (),
        "project",
        _("A checkpoint of this project, one that comes with Framesift, or a file"),
    ),
    Entry(
        "train",
        DETECTOR,
        _("&Fine-tune…"),
        ("Ctrl+Shift+T",),
        "footage",
        _("Trains on all labels so far, in a process of its own"),
    ),
    Entry("plan", DETECTOR, _("&Plan the budget…"), (), "footage"),
    Entry(
        "eight_bits",
        DETECTOR,
        _("Score in &8 bits…"),
        (),
        "footage",
        _("About twice as quick on a processor; shows first whether the picks stay the same"),
    ),
    Entry(
        "mask",
        DETECTOR,
        _("Draw the camera's &mask"),
        (),
        "frame",
        _("What of the picture never counts: the bonnet, a burnt-in clock"),
    ),
    Entry(
        "documentation",
        HELP,
        _("&Documentation"),
        ("Shift+F1",),
        tip=_("The pages that came with Framesift; nothing is fetched"),
    ),
    Entry("tour", HELP, _("A &tour of the window"), (), "project"),
    Entry("keys", HELP, _("&Keyboard shortcuts"), ("F1",)),
    Entry(
        "system",
        HELP,
        _("&System report…"),
        line=True,
        tip=_("Versions, graphics cards, and what is missing, as text to copy"),
    ),
    Entry("licences", HELP, _("Third-party &licences…")),
    Entry("about", HELP, _("&About Framesift"), line=True),
)
ENTRIES: dict[str, Entry] = {entry.id: entry for entry in TABLE}


def _offered(session: Session) -> bool:
    return (
        session.jobs.active("score") is None
        and session.selection.settled
        and any(pick.cycle is None for pick in session.picks.all)
    )


def _takes(session: Session) -> bool:
    # While picks are left to label, taking says so.
    return _offered(session) or bool(session.picks.left and not session.selection.choosing)


def _picked(session: Session) -> bool:
    pick = session.picks.current
    return pick is not None and pick.cycle != 0


WHEN: dict[str, Callable[[Session], bool]] = {
    "always": lambda session: True,
    "project": lambda session: session.folder is not None,
    "footage": lambda session: bool(session.footage.drives),
    "frame": lambda session: session.playhead.place is not None,
    "picks": lambda session: bool(session.picks.all),
    "pick": _picked,
    "takes": _takes,
    "cycle": lambda session: bool(session.cycles.all),
    "doubt": lambda session: bool(session.checking.open),
    "sampled": lambda session: bool(session.footage.sampled),
    "undo": lambda session: session.journal.undo_text is not None,
    "redo": lambda session: session.journal.redo_text is not None,
}


def keys_of(entry: Entry) -> tuple[str, ...]:
    """The keys of an entry: the user's, or else the table's."""
    stored = settings.get(f"keys/{entry.id}")
    if stored is None:
        return entry.keys
    return tuple(part for part in str(stored).split("|") if part)


def set_keys(entry: Entry, keys: tuple[str, ...] | None) -> None:
    """Stores other keys for an entry; None: the table's again."""
    settings.put(f"keys/{entry.id}", None if keys is None else "|".join(keys) or "|")


def conflict(entry: Entry, key: str) -> Entry | None:
    """The other entry that has this key."""
    sequence = QKeySequence(key)
    return next(
        (
            other
            for other in TABLE
            if other.id != entry.id and any(QKeySequence(k) == sequence for k in keys_of(other))
        ),
        None,
    )
