"""The little of YAML that data.yaml files use: scalars, lists and one level of mapping. Tags,
anchors and aliases are refused rather than understood."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from framesift.formats.checks import BadValueError, shown

Value = str | list[str] | dict[str, str]
_KEY = re.compile(r"""(?:"([^"]*)"|'([^']*)'|([A-Za-z_][\w.-]*))\s*:(?:\s+(.*))?""", re.DOTALL)
# Within a name a quote is a letter like any other; it opens a text at a part's beginning only.
_OPENS = re.compile(r"\s*(?:\d+\s*:\s+)?")
_ENTRY = re.compile(r"(\d{1,9})\s*:\s+(.*)", re.DOTALL)


def parse(lines: Iterable[str], keys: Iterable[str]) -> dict[str, Value]:
    """The values of the given `keys` at the top level; other keys are passed over with
    whatever hangs below them. Raises BadValueError for what is no such YAML."""
    kept = set(keys)
    blocks: list[tuple[str, str, list[str]]] = []
    for raw in lines:
        line = _without_comment(raw.rstrip())
        if not line.strip() or line.strip() in {"---", "..."}:
            continue
        match = None if line[0] in " \t-]}" else _KEY.fullmatch(line)
        if match:
            blocks.append((match[1] or match[2] or match[3], (match[4] or "").strip(), []))
        elif blocks:
            blocks[-1][2].append(line.strip())
        else:
            raise BadValueError(f"{shown(line.strip())} is no key with a value")
    return {key: _value(key, first, rest) for key, first, rest in blocks if key in kept}


def _without_comment(line: str) -> str:
    quote = ""
    for place, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and (place == 0 or line[place - 1] in " \t[{,:-"):
            quote = char
        elif char == "#" and (place == 0 or line[place - 1] in " \t"):
            return line[:place].rstrip()
    return line


def _value(key: str, first: str, rest: list[str]) -> Value:
    if first.startswith(("&", "*", "!", "|", ">")):
        raise BadValueError(f"the value of {key} uses YAML that is not understood here")
    if first.startswith(("[", "{")):
        whole = " ".join([first, *rest])
        closing = "]" if first[0] == "[" else "}"
        if not whole.endswith(closing):
            raise BadValueError(f"the list of {key} is not closed")
        parts = _split(whole[1:-1])
        return [_scalar(part) for part in parts] if closing == "]" else _entries(key, parts)
    if first or not rest:
        if rest:
            raise BadValueError(f"the value of {key} goes over several lines")
        return _scalar(first)
    if all(line == "-" or line.startswith("- ") for line in rest):
        return [_scalar(line[1:].strip()) for line in rest]
    return _entries(key, rest)


def _entries(key: str, parts: list[str]) -> dict[str, str]:
    result = {}
    for part in parts:
        match = _ENTRY.fullmatch(part)
        if match is None:
            raise BadValueError(f"{shown(part)} below {key} is no number with a name")
        result[match[1]] = _scalar(match[2])
    return result


def _split(text: str) -> list[str]:
    """The parts of an inline list, by commas outside quotes."""
    parts, quote, begin = [], "", 0
    for place, char in enumerate(text):
        if quote:
            if char == quote and (quote == "'" or text[place - 1] != "\\"):
                quote = ""
        elif char in "\"'" and _OPENS.fullmatch(text, begin, place):
            quote = char
        elif char == ",":
            parts.append(text[begin:place])
            begin = place + 1
    if quote:
        raise BadValueError("a quoted text is not closed")
    return [part.strip() for part in [*parts, text[begin:]] if part.strip()]


def _scalar(text: str) -> str:
    if text.startswith(("&", "*", "!")):
        raise BadValueError(f"{shown(text)} uses YAML that is not understood here")
    if text.startswith('"'):
        try:
            return str(json.loads(text))
        except ValueError:
            raise BadValueError(f"{shown(text)} is no quoted text") from None
    if text.startswith("'"):
        if len(text) < 2 or not text.endswith("'"):
            raise BadValueError(f"{shown(text)} is no quoted text")
        return text[1:-1].replace("''", "'")
    return text
