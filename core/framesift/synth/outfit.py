"""What a person looks like: size, build, hair, clothes, what is carried."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framesift.synth.noise import Colour, pick, varied

SKIN: tuple[Colour, ...] = (
    (226, 184, 160),
    (212, 164, 138),
    (196, 148, 120),
    (160, 112, 84),
    (112, 76, 56),
    (82, 56, 44),
    (232, 196, 176),
)
HAIR: tuple[Colour, ...] = (
    (36, 28, 24),
    (58, 42, 32),
    (88, 62, 42),
    (150, 116, 74),
    (178, 170, 162),
    (24, 22, 24),
    (120, 66, 40),
    (206, 202, 196),
)
TOPS: dict[str, tuple[Colour, ...]] = {
    "source": (
        (26, 26, 30),
        (34, 36, 44),
        (40, 46, 70),
        (28, 34, 52),
        (58, 58, 62),
        (82, 84, 88),
        (84, 62, 48),
        (110, 90, 68),
        (74, 80, 60),
        (186, 176, 156),
        (206, 206, 204),
        (164, 34, 38),
        (104, 30, 40),
        (92, 112, 142),
        (48, 84, 70),
        (140, 142, 146),
        (60, 92, 140),
        (196, 150, 60),
        (140, 84, 104),
        (22, 22, 24),
        (44, 40, 40),
        (226, 222, 214),
        (70, 110, 170),
        (184, 90, 50),
    ),
    "target": (
        (196, 190, 176),
        (56, 70, 96),
        (150, 44, 52),
        (84, 92, 70),
        (214, 170, 52),
        (60, 124, 128),
        (120, 124, 132),
        (40, 42, 48),
        (172, 104, 58),
        (220, 220, 224),
        (96, 72, 112),
        (70, 72, 78),
        (54, 98, 66),
        (200, 120, 130),
    ),
    "crowd": (
        (236, 232, 224),
        (204, 60, 52),
        (52, 116, 168),
        (226, 186, 62),
        (70, 140, 96),
        (168, 92, 150),
        (30, 32, 38),
        (196, 190, 178),
    ),
}
BOTTOMS: dict[str, tuple[Colour, ...]] = {
    "source": (
        (48, 62, 96),
        (62, 80, 116),
        (88, 106, 136),
        (28, 28, 32),
        (38, 40, 46),
        (70, 70, 74),
        (132, 116, 92),
        (96, 84, 66),
        (58, 50, 44),
        (30, 34, 48),
        (176, 166, 144),
        (44, 46, 40),
    ),
    "target": (
        (52, 54, 62),
        (90, 96, 110),
        (124, 116, 104),
        (44, 56, 84),
        (150, 148, 146),
        (72, 62, 60),
        (36, 36, 40),
    ),
    "crowd": (
        (206, 196, 172),
        (58, 74, 108),
        (40, 42, 48),
        (150, 138, 116),
        (120, 150, 176),
        (188, 184, 180),
    ),
}


@dataclass(frozen=True, slots=True)
class Outfit:
    """One person's looks. height in metres, build about 1 (breadth); colours RGB 0…255."""

    height: float
    build: float
    skin: Colour
    hair: Colour
    hair_style: str  # short, long, bun, bald
    top: Colour
    top_kind: str  # jacket, shirt, coat, dress, hoodie, puffer
    accent: Colour
    pattern: str  # plain, stripes, zip, patch, blocks
    bottom: Colour
    bottom_kind: str  # trousers, skirt, shorts
    shoes: Colour
    headwear: str  # none, cap, beanie, hood, hat
    bag: str  # none, shoulder, backpack, carrier, case
    bag_colour: Colour
    umbrella: Colour | None
    arms: str  # swing, pockets, phone, folded
    texture: int


def make_outfit(rng: np.random.Generator, look: str, rain: bool = False) -> Outfit:
    """A new person, dressed for the look and the weather."""
    child = rng.random() < 0.10
    woman = rng.random() < 0.48
    if child:
        height = float(rng.uniform(1.05, 1.45))
    else:
        height = float(np.clip(rng.normal(1.65 if woman else 1.77, 0.07), 1.45, 2.0))
    top_kinds: tuple[str, ...] = (
        "jacket",
        "jacket",
        "shirt",
        "coat",
        "hoodie",
        "jacket",
        "coat",
    )
    if look == "target":
        top_kinds = ("puffer", "puffer", "coat", "hoodie", "jacket")
    top_kind = "dress" if woman and rng.random() < 0.1 else pick(rng, top_kinds)
    roll = rng.random()
    bottom_kind = (
        "skirt"
        if woman and roll < 0.18
        else "shorts"
        if roll > 0.95 and look == "source"
        else "trousers"
    )
    long_hair = woman and rng.random() < 0.6
    hair_style = (
        "long"
        if long_hair
        else "bun"
        if woman and rng.random() < 0.4
        else "bald"
        if not woman and rng.random() < 0.08
        else "short"
    )
    head_roll = rng.random() * (0.7 if look == "target" or rain else 1.0)
    headwear = (
        "cap"
        if head_roll < 0.07
        else "beanie"
        if head_roll < 0.14
        else "hood"
        if head_roll < 0.2
        else "hat"
        if head_roll < 0.23
        else "none"
    )
    bag_roll = rng.random()
    bag = (
        "none"
        if bag_roll < 0.5
        else "shoulder"
        if bag_roll < 0.68
        else "backpack"
        if bag_roll < 0.84
        else "carrier"
        if bag_roll < 0.96
        else "case"
    )
    pattern_roll = rng.random()
    pattern = (
        "plain"
        if pattern_roll < 0.45
        else "zip"
        if pattern_roll < 0.68
        else "patch"
        if pattern_roll < 0.8
        else "stripes"
        if pattern_roll < 0.9
        else "blocks"
    )
    top = varied(rng, pick(rng, TOPS[look]), 10)
    if rng.random() < 0.05:
        top = (
            float(rng.uniform(20, 240)),
            float(rng.uniform(20, 240)),
            float(rng.uniform(20, 240)),
        )
    white = look == "source" and rng.random() < 0.3
    shoes: Colour = (214, 212, 208) if white else (34, 30, 28)
    umbrella = None
    if rain and rng.random() < 0.3:
        umbrella = varied(
            rng,
            pick(
                rng, ((24, 24, 28), (30, 40, 80), (150, 30, 40), (60, 90, 70), (180, 170, 160))
            ),
        )
    return Outfit(
        height=height,
        build=float(np.clip(rng.normal(1.04, 0.1), 0.88, 1.35)),
        skin=varied(rng, pick(rng, SKIN), 8),
        hair=varied(rng, pick(rng, HAIR), 6),
        hair_style=hair_style,
        top=top,
        top_kind=top_kind,
        accent=varied(rng, pick(rng, TOPS[look]), 14),
        pattern=pattern,
        bottom=varied(rng, pick(rng, BOTTOMS[look]), 10),
        bottom_kind=bottom_kind,
        shoes=varied(rng, shoes, 8),
        headwear=headwear,
        bag=bag,
        bag_colour=varied(
            rng,
            pick(
                rng,
                (
                    (30, 28, 28),
                    (90, 60, 40),
                    (230, 230, 228),
                    (60, 70, 100),
                    (160, 40, 50),
                    (200, 140, 60),
                ),
            ),
            14,
        ),
        umbrella=umbrella,
        arms=pick(rng, ("swing", "swing", "swing", "swing", "pockets", "phone", "folded")),
        texture=int(rng.integers(1 << 30)),
    )
