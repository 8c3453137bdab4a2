"""The keyboard reference, made from the window's table of actions."""

from __future__ import annotations

from markup import cell, table

from framesift_app import actions

_WHEN = {
    "always": "always",
    "project": "a project is open",
    "footage": "the project has footage",
    "frame": "a frame is shown",
    "picks": "there are picks",
    "pick": "a pick is shown",
    "takes": "picks are offered, or some are left to label",
    "cycle": "a cycle has begun",
    "doubt": "a check left something in doubt",
    "sampled": "frames are set apart to measure by",
    "undo": "something can be undone",
    "redo": "something can be redone",
}

_HEAD = """\
# Keys and menus

F1 shows the keys in the window, with the changes that you made: File → Settings gives any
entry another key. On a Mac, Ctrl is ⌘. Keys that only mean something while a frame is shown
work wherever the focus is, except in a field that takes text; what a list or a slider does
with its arrows stays with it.
"""

_POINTER = (
    ("Viewer: wheel", "zoom at the pointer"),
    ("Viewer: drag free ground, or drag with another button than the left", "move the picture"),
    ("Viewer: drag after B", "draw a box from corner to corner"),
    ("Viewer: drag after Shift+B, or with Ctrl after B", "draw a box from its centre"),
    ("Viewer: drag a box, or a handle of the selected one", "move it, resize it"),
    ("Viewer: click a proposal", "choose it; a double click accepts it"),
    ("Viewer: Esc", "drop what is being drawn, else the tool, else the selected box"),
    (
        "Viewer: arrows while a box is selected",
        "move it by a pixel, with Shift by ten; with Ctrl they move its lower right corner",
    ),
    ("Viewer: click while a mask is drawn", "a corner of the mask; a double click closes it"),
    ("Timeline: click", "go to the frame, or to the pick whose mark is within 6 pixels"),
    ("Timeline: drag", "move along the time"),
    (
        "Timeline: wheel",
        "zoom at the pointer; with Shift along the time; with Ctrl through the drives",
    ),
    ("Timeline: double click on the names", "fit everything"),
    ("Timeline: ↑ and ↓", "the drive above, the drive below"),
    ("Timeline: hover", "frame, time, scores, rank, and what blocks the frame"),
)


def page() -> str:
    """The page of all keys and menu entries."""
    parts = [_HEAD.strip()]
    for menu in actions.MENUS:
        rows = [
            (_words(entry.text), _keys(entry), cell(entry.tip), _WHEN[entry.when])
            for entry in actions.TABLE
            if entry.menu == menu
        ]
        parts += [f"## {_words(menu)}", table(("entry", "keys", "what it does", "when"), rows)]
    classes = [entry.keys[0] for entry in actions.TABLE if entry.id.startswith("class_")]
    parts += [
        "## While labelling",
        table(
            ("keys", "what they do"),
            [
                (
                    f"`{classes[0]}` … `{classes[-1]}`",
                    "the class of the selected box, or of the next one drawn",
                )
            ],
        ),
    ]
    parts += ["## Pointer", table(("where", "what it does"), _POINTER)]
    return "\n\n".join(parts) + "\n"


def _words(text: str) -> str:
    return cell(text.replace("&", ""))


def _keys(entry: actions.Entry) -> str:
    shown = dict.fromkeys(_spelled(key) for key in entry.keys)
    return ", ".join(f"`{key}`" for key in shown)


def _spelled(key: str) -> str:
    # The table names both Enter keys of a keyboard; people know one.
    return key.replace("Return", "Enter")
