"""Files changed at random: bytes and blocks, as they get lost, doubled and overwritten."""

from __future__ import annotations

import random

_WORDS = (
    b"\0",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"-1",
    b"1e999",
    b"[[[[",
    b'"',
    b"{",
    b"NaN",
    b"9" * 40,
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one to four changes."""
    for _ in range(chance.randint(1, 4)):
        data = chance.choice((_flip, _put, _cut, _drop, _double))(data, chance)
    return data


def _place(data: bytes, chance: random.Random) -> int:
    # Heads matter most: half of the changes are in the first kilobytes.
    return chance.randrange(
        max(1, min(len(data), 4096) if chance.random() < 0.5 else len(data))
    )


def _flip(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return (
        data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
        if data
        else b"\1"
    )


def _put(data: bytes, chance: random.Random) -> bytes:
    at, word = _place(data, chance), chance.choice(_WORDS)
    return data[:at] + word + data[at + (len(word) if chance.random() < 0.5 else 0) :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: _place(data, chance)] if chance.random() < 0.3 else data


def _drop(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + data[at + chance.randrange(1, 64) :]


def _double(data: bytes, chance: random.Random) -> bytes:
    at, size = _place(data, chance), chance.randrange(1, 512)
    return data[: at + size] + data[at:]
