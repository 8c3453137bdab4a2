"""What a whole scene shares: look, weather, light, and the camera's picture quality."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from framesift.synth.canvas import Air
from framesift.synth.noise import Colour, pick, varied


@dataclass(frozen=True, slots=True)
class Style:
    """Weather and camera of one scene. Suns are light factors of the left and right fronts, of
    the road and of things on it; blur in pixels (σ); noise σ in grey levels; jpeg quality
    (0: none); sharpening: strength of an unsharp mask; resolution: share of the picture's size
    that the sensor really resolves; lens: the focal length as a share of the usual one."""

    look: str
    weather: str
    air: Air
    sky_top: Colour
    sky_low: Colour
    clouds: float
    sun_left: float
    sun_right: float
    sun_road: float
    sun_things: float
    light: float
    shadows: float
    shade_road: float
    wet: float
    exposure: float
    contrast: float
    gamma: float
    balance: Colour
    black: float
    vignette: float
    blur: float
    resolution: float
    sharpening: float
    noise: float
    noise_kind: int
    jpeg: int
    shake: float
    lens: float = 1.0

    @property
    def night(self) -> bool:
        """Lamps are on and windows lit."""
        return self.look == "target"

    @property
    def rain(self) -> bool:
        """People carry umbrellas, vehicles have their lights on."""
        return self.weather == "rain"


def make_style(rng: np.random.Generator, look: str) -> Style:
    """Random weather, light and camera within a look."""
    if look == "crowd":
        return _crowd(rng)
    return _target(rng) if look == "target" else _source(rng)


def _crowd(rng: np.random.Generator) -> Style:
    """Daylight through a wide, flat, grainy camera: whoever is there is small."""
    return replace(
        _source(rng),
        look="crowd",
        lens=float(rng.uniform(0.5, 0.62)),
        contrast=float(rng.uniform(0.7, 0.9)),
        gamma=float(rng.uniform(0.75, 0.95)),
        balance=(float(rng.uniform(1.02, 1.1)), 1.0, float(rng.uniform(0.82, 0.92))),
        black=float(rng.uniform(14, 30)),
        blur=float(rng.uniform(0.3, 0.8)),
        resolution=float(rng.uniform(0.6, 0.85)),
        sharpening=0.0,
        noise=float(rng.choice([4.0, 6.0])),
        jpeg=int(rng.integers(40, 70)),
    )


def _source(rng: np.random.Generator) -> Style:
    weather = str(
        pick(rng, ("overcast", "overcast", "low sun", "low sun", "sun", "haze", "rain", "dusk"))
    )
    sunny = weather in ("low sun", "sun")
    light = (
        float(rng.choice([-1.0, 1.0]) * rng.uniform(0.3, 0.9))
        if sunny
        else float(rng.uniform(-0.4, 0.4))
    )
    base = {
        "overcast": 0.6,
        "low sun": 0.5,
        "sun": 0.85,
        "haze": 0.7,
        "rain": 0.55,
        "dusk": 0.48,
    }[weather] * float(rng.uniform(0.8, 1.25))
    things = base * float(rng.uniform(0.75, 1.2))
    side = float(rng.uniform(0.45, 0.75)) if sunny else 1.0
    left, right = (side, 1.15) if light < 0 else (1.15, side)
    if sunny and rng.random() < 0.5:  # a street wholly in the shade under a bright sky
        left, right, things = 0.55, 0.7, things * 0.75
    blue = sunny and rng.random() < 0.7
    white = float(rng.uniform(232, 275))
    sky_low: Colour = (white, white, white)
    pale: Colour = (white - 18, white - 12, white - 4)
    sky_top: Colour = varied(rng, (150, 186, 224) if blue else pale, 8)
    if weather in ("rain", "dusk"):
        grey = float(rng.uniform(130, 200))
        sky_low, sky_top = (grey + 15, grey + 12, grey + 12), (grey - 15, grey - 8, grey)
    fog = {"haze": rng.uniform(0.006, 0.016), "rain": rng.uniform(0.003, 0.009)}.get(
        weather, rng.uniform(0.0005, 0.0035)
    )
    cool = float(rng.normal(0, 0.035))
    air = Air(
        gain=(1.0, 1.0, 1.0),
        fog=(sky_low[0] * 0.86, sky_low[1] * 0.88, sky_low[2] * 0.9),
        density=float(fog),
    )
    return Style(
        look="source",
        weather=weather,
        air=air,
        sky_top=sky_top,
        sky_low=sky_low,
        clouds=float(rng.uniform(4, 22)),
        sun_left=base * 1.1 * left,
        sun_right=base * 1.1 * right,
        sun_road=base * float(rng.uniform(0.8, 1.15)),
        sun_things=things,
        light=light,
        shadows=float(rng.uniform(0.25, 0.5)) if sunny else 0.0,
        shade_road=float(rng.uniform(0.35, 0.6)) if sunny and rng.random() < 0.75 else 0.0,
        wet=float(rng.uniform(0.25, 0.5)) if weather == "rain" else 0.0,
        exposure=float(rng.uniform(0.95, 1.35)),
        contrast=float(rng.uniform(1.0, 1.3)),
        gamma=float(rng.uniform(0.85, 1.15)),
        balance=(1 - cool, float(rng.normal(1.0, 0.012)), 1 + cool),
        black=float(rng.uniform(0, 10)),
        vignette=float(rng.uniform(0, 0.2)),
        blur=float(
            rng.choice([0.0, rng.uniform(0.3, 0.9), rng.uniform(0.5, 1.4)], p=[0.5, 0.35, 0.15])
        ),
        resolution=float(rng.choice([1.0, 0.75, rng.uniform(0.5, 0.9)], p=[0.45, 0.3, 0.25])),
        sharpening=float(rng.uniform(0.3, 1.1)) if rng.random() < 0.6 else 0.0,
        noise=float(rng.choice([1.5, 2.5, 4.0, 6.0], p=[0.25, 0.35, 0.25, 0.15])),
        noise_kind=int(rng.integers(4)),
        jpeg=int(rng.integers(45, 92)) if rng.random() < 0.4 else 0,
        shake=float(rng.uniform(0.2, 1.0)),
    )


def _target(rng: np.random.Generator) -> Style:
    weather = str(pick(rng, ("night", "night", "rain", "dusk")))
    ambient = float(
        {
            "night": rng.uniform(0.2, 0.32),
            "rain": rng.uniform(0.2, 0.3),
            "dusk": rng.uniform(0.3, 0.45),
        }[weather]
    )
    tint: Colour = varied(
        rng, pick(rng, ((1.12, 0.92, 0.66), (0.72, 0.9, 1.22), (1.0, 0.86, 0.86))), 0.04
    )
    sky = {"night": 16.0, "rain": 24.0, "dusk": 62.0}[weather] * float(rng.uniform(0.7, 1.3))
    air = Air(
        gain=(ambient * tint[0], ambient * tint[1], ambient * tint[2]),
        fog=(sky * 1.3 * tint[0], sky * 1.2 * tint[1], sky * 1.3 * tint[2]),
        density=float(rng.uniform(0.006, 0.02)),
        lamps=float(rng.uniform(0.35, 0.7)),
        reach=float(rng.uniform(13, 22)),
        spread=float(rng.uniform(0.3, 0.5)),
    )
    return Style(
        look="target",
        weather=weather,
        air=air,
        sky_top=(sky * 0.7, sky * 0.78, sky * 1.1),
        sky_low=(sky * 1.5, sky * 1.25, sky * 1.2),
        clouds=float(rng.uniform(1, 5)),
        sun_left=0.85,
        sun_right=0.85,
        sun_road=0.8,
        sun_things=float(rng.uniform(0.75, 1.0)),
        light=float(rng.uniform(-0.3, 0.3)),
        shadows=0.0,
        shade_road=0.0,
        wet=float(rng.uniform(0.5, 0.9)) if weather != "dusk" else 0.3,
        exposure=float(rng.uniform(0.95, 1.35)),
        contrast=float(rng.uniform(0.75, 0.95)),
        gamma=float(rng.uniform(0.8, 1.0)),
        balance=(float(rng.uniform(0.9, 1.08)), 1.0, float(rng.uniform(0.9, 1.12))),
        black=float(rng.uniform(10, 24)),
        vignette=float(rng.uniform(0.2, 0.5)),
        blur=float(rng.uniform(0.5, 1.2)),
        resolution=float(rng.choice([1.0, 0.75])),
        sharpening=0.0,
        noise=float(rng.choice([4.0, 5.5, 7.5])),
        noise_kind=int(rng.integers(4)),
        jpeg=int(rng.integers(35, 75)) if rng.random() < 0.5 else 0,
        shake=float(rng.uniform(0.4, 1.4)),
    )
