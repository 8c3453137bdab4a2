"""What the engine advises to do by a command, told by the window's own entry for it."""

from __future__ import annotations

import re

from framesift_app.actions import ENTRIES
from framesift_app.strings import tr

COMMANDS = {
    "add": "add",
    "add --evaluation": "add_evaluation",
    "cycle": "take",
    "evaluate": "measure",
    "init": "new",
    "sample --evaluation": "sample",
    "score": "score",
    "train": "train",
}
"""Commands, as far as they are told apart, and the ids of the entries that do the same."""
_COMMAND = re.compile(r"`framesift ([^`]+)`")


def in_the_window(sentence: str) -> str:
    """A sentence in which each command that the window has an entry for is that entry."""
    return _COMMAND.sub(_entry, sentence)


def _entry(command: re.Match[str]) -> str:
    words = command[1].split()
    for count in range(len(words), 0, -1):
        id = COMMANDS.get(" ".join(words[:count]))
        if id is not None:
            entry = ENTRIES[id]
            menu, text = (tr(words).replace("&", "") for words in (entry.menu, entry.text))
            return f"“{menu} → {text.removesuffix('…')}”"
    return command[0]
