"""Several detectors over one frame's maps: where their mean is unsure, and where they disagree
(Haussmann et al., IV 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift.records.settings import check
from framesift.scores.base import MapStack, Score, map_names
from framesift.scores.mc_dropout import mutual_information
from framesift.scores.other_detectors import detectors_of, ensemble_setting, in_recipe
from framesift.scores.pixel_entropy import entropy
from framesift.scores.shared import shared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from framesift.detectors.base import Detector
    from framesift.scores.base import Mask


@dataclass(frozen=True, slots=True)
class EnsembleParams:
    """What ensembles of detectors have of their own."""

    ensemble: tuple[str, ...] = ensemble_setting()

    def __post_init__(self) -> None:
        check(self, "score")


@dataclass(frozen=True, slots=True)
class MeanMaps:
    """The mean of several stacks of maps, map by map."""

    stacks: Sequence[MapStack]

    def __len__(self) -> int:
        return len(self.stacks[0])

    @property
    def names(self) -> Sequence[tuple[Any, str]]:
        """(level, class) of each map."""
        return map_names(self.stacks[0])

    def map(self, k: int) -> Tensor:
        """The mean of map k of every frame: N×H×W in [0, 1]."""
        total = sum((stack.map(k) for stack in self.stacks[1:]), self.stacks[0].map(k))
        mean: Tensor = total / len(self.stacks)
        return mean


class Ensemble(Score):
    """What signals of several detectors' maps have in common."""

    params = EnsembleParams
    needs = ("maps", "checkpoints")
    cost = "M detectors"

    def stacks(
        self, detector: Detector, frames: NDArray[np.uint8], params: EnsembleParams
    ) -> Sequence[MapStack]:
        every = detectors_of(detector, params.ensemble, self.name)
        made: Sequence[MapStack] = shared(detector).once(
            ("maps", id(frames), params.ensemble),
            lambda: [member.infer(frames).maps for member in every],
        )
        return made

    def recipe(self, params: Any) -> dict[str, Any]:
        return in_recipe(super().recipe(params))


class EnsembleEntropy(Ensemble):
    """Σ_k w_k H(mean_e p_e^k) over detectors e, in nats."""

    name = "ensemble_entropy"
    title = "Entropy of several detectors' mean"
    description = "where several detectors together are unsure"
    failure = "false positives and misses"

    def pixels(
        self,
        stacks: Sequence[MapStack],
        params: EnsembleParams,
        *,
        mask: Mask | None,
        weights: Sequence[float] | None,
    ) -> Tensor:
        return entropy(MeanMaps(stacks), mask=mask, weights=weights)


class EnsembleMi(Ensemble):
    """Σ_k w_k (H(mean_e p_e^k) − mean_e H(p_e^k)) over detectors e, in nats."""

    name = "ensemble_mi"
    title = "Disagreement of several detectors"
    description = "where several detectors disagree"
    failure = "false positives and misses"

    def pixels(
        self,
        stacks: Sequence[MapStack],
        params: EnsembleParams,
        *,
        mask: Mask | None,
        weights: Sequence[float] | None,
    ) -> Tensor:
        return mutual_information(stacks, mask=mask, weights=weights)
