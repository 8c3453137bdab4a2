"""What streets are furnished with: fronts, walls, trees and street furniture to choose from."""

from __future__ import annotations

from functools import lru_cache

from framesift.synth.facade import Facade, make_facade, make_wall
from framesift.synth.noise import pick, stream
from framesift.synth.props import COMMON, Prop, make_prop

TREES = ("bare tree", "bare tree", "tree", "conifer", "shrub")
FRONTS, WALLS, PLANTS, VARIANTS = 120, 24, 40, 5
SHOPS = 0.6  # share of fronts with a shop


# Drawing these takes milliseconds each, so a process draws every exemplar once, when it is
# first asked for; which ones a street gets is up to its seed.
@lru_cache(maxsize=2 * FRONTS)
def _front(look: str, number: int) -> Facade:
    return make_facade(stream("front", look, number), look, look == "target", SHOPS)


@lru_cache(maxsize=2 * WALLS)
def _wall(look: str, number: int) -> Facade:
    return make_wall(stream("wall", look, number), look)


@lru_cache(maxsize=2 * PLANTS)
def _plant(look: str, number: int) -> Prop:
    rng = stream("plant", look, number)
    return make_prop(rng, str(pick(rng, TREES)), look)


@lru_cache(maxsize=512)
def _prop(look: str, kind: str, number: int) -> Prop:
    return make_prop(stream("prop", look, kind, number), kind, look)


class Stock:
    """A choice of exemplars for one street or drive; `renew` changes some of them."""

    def __init__(self, seed: int, look: str, size: int = 14) -> None:
        self.look = look
        self._rng = rng = stream("stock", seed, look)
        self.fronts = [_front(look, int(i)) for i in rng.choice(FRONTS, size, replace=False)]
        self.walls = [
            _wall(look, int(i)) for i in rng.choice(WALLS, max(3, size // 3), replace=False)
        ]
        self.trees = [
            _plant(look, int(i)) for i in rng.choice(PLANTS, max(4, size // 2), replace=False)
        ]
        self._variant = {
            kind: int(rng.integers(VARIANTS)) for kind in (*dict.fromkeys(COMMON), "lamp")
        }

    def prop(self, kind: str) -> Prop:
        """The exemplar of a kind of street furniture."""
        return _prop(self.look, kind, self._variant[kind])

    def renew(self) -> None:
        """Puts a newly drawn front in the place of one, and exchanges some other exemplars."""
        rng, look = self._rng, self.look
        self.fronts[int(rng.integers(len(self.fronts)))] = make_facade(
            rng, look, look == "target", SHOPS
        )
        for _ in range(3):
            self.fronts[int(rng.integers(len(self.fronts)))] = _front(
                look, int(rng.integers(FRONTS))
            )
        for kind in self._variant:
            if rng.random() < 0.3:
                self._variant[kind] = int(rng.integers(VARIANTS))
        self.walls[int(rng.integers(len(self.walls)))] = _wall(look, int(rng.integers(WALLS)))
        self.trees[int(rng.integers(len(self.trees)))] = _plant(look, int(rng.integers(PLANTS)))
