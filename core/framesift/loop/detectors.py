"""Which detector a project works with now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from framesift.loop.eight_bits import BY, in_eight_bits, kept_eight_bits
from framesift.project import CheckpointRecord, Project

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


@dataclass(frozen=True, slots=True)
class DetectorChoice:
    """A detector to choose: `source` is what load_detector and Project.choose_detector take;
    `checkpoint` the record of one that the project holds."""

    source: str
    group: Literal["project", "bundled", "untrained"]
    checkpoint: CheckpointRecord | None = None


def detector_choices(held: Sequence[CheckpointRecord] = ()) -> tuple[DetectorChoice, ...]:
    """All detectors there are.

    Args:
        held: the checkpoints that a project holds, the earliest first.

    Returns:
        The project's checkpoints, the latest first, those that come with Framesift, and every
        architecture with random weights.

    Example:
        >>> detector_choices()[0].source
        'pedestrian'
    """
    from framesift.detectors import DETECTORS
    from framesift.detectors.files.checkpoint import BUNDLED

    return (
        *(DetectorChoice(str(record.path), "project", record) for record in reversed(held)),
        *(DetectorChoice(name, "bundled") for name in BUNDLED if bundled(name)),
        *(DetectorChoice(name, "untrained") for name in DETECTORS),
    )


def bundled(name: str) -> bool:
    """Whether the weights of a detector that comes with Framesift are there.

    Args:
        name: "pedestrian", say.

    Returns:
        True where they are.

    Example:
        >>> bundled("pedestrian")
        True
    """
    from framesift.errors import EnvironmentProblem
    from framesift.product.resources import resource

    try:
        resource("detectors", f"{name}.safetensors")
    except EnvironmentProblem:
        return False
    return True


def initial_name(project: Project) -> str:
    """The detector that every cycle starts from (w_l).

    Args:
        project: an open project.

    Returns:
        A bundled name or a file.

    Example:
        >>> initial_name(project)
        'pedestrian'
    """
    return project.settings.detector


def detector_source(project: Project, name: str | None = None) -> str:
    """What load_detector is given for a project's detector.

    Args:
        project: an open project.
        name: a checkpoint of the project (its number, file name or identity), "initial", a
            bundled name or a file; None: the current detector.

    Returns:
        A name or a file.

    Example:
        >>> detector_source(project)
        'pedestrian'
    """
    from framesift.errors import InputError

    if name == "initial":
        return initial_name(project)
    if name:
        try:
            return str(project.checkpoints.find(name).path)
        except InputError:
            return name
    return project.detector


def current_detector(
    project: Project,
    *,
    device: str = "auto",
    precision: str = "auto",
    backend: str | None = None,
    name: str | None = None,
    tiles: str | None = None,
    exact: bool = False,
) -> Detector:
    """Loads a project's current detector, or another one of a name.

    Args:
        project: an open project.
        device: "auto", "cpu", "cuda", "mps".
        precision: "auto", "float32", "bfloat16", "float16".
        backend: what runs it; None: see `kept_backend`.
        name: see `detector_source`; None: the current one.
        tiles: "COLUMNSxROWS" that it sees a frame in; None: as the project keeps them.
        exact: not in 8 bits, whatever the project keeps for scoring.

    Returns:
        A Detector on its device.

    Raises:
        InputError: there is none such.
        EnvironmentProblem: the device, or a package that the detector needs, is not there.

    Example:
        >>> current_detector(project, device="cpu").name
        'pedestrian'
    """
    from framesift.detectors.files.checkpoint import load_detector
    from framesift.detectors.tiled import tiled

    source = detector_source(project, name)
    runs, form = (backend, "auto") if backend else kept_backend(project)
    if source.lower().endswith(".onnx"):
        runs, form = backend or "auto", "auto"
    detector = load_detector(
        source,
        device=device,
        precision=form if precision == "auto" else precision,
        backend=runs,
    )
    detector = tiled(detector, project.settings.tiles if tiles is None else tiles)
    if exact or backend not in (None, "auto", BY) or precision != "auto":
        return detector
    return in_eight_bits(detector, kept_eight_bits(project))


def kept_backend(project: Project) -> tuple[str, str]:
    """The backend and the precision that a project's detector runs in: as its scores were made
    first, so that all of them are comparable. Scores of before there was a choice are torch's,
    in the precision that their recipe names.

    Args:
        project: an open project.

    Returns:
        Backend and precision; both "auto" where nothing is scored.

    Example:
        >>> kept_backend(project)
        ('torch', 'float32')
    """
    kept = project.settings.backend
    if kept is not None and "auto" not in kept:
        return kept
    before = max(project.series.all(), key=lambda record: record.updated, default=None)
    if before is None:
        return kept or ("auto", "auto")
    return kept[0] if kept else "torch", str(before.recipe.get("precision", "auto"))


def keep_backend(project: Project, detector: Detector) -> None:
    """Stores what a project's first scores are made with; later ones change nothing.

    Args:
        project: a project open for writing.
        detector: the one that scores.

    Example:
        >>> keep_backend(project, detector)
    """
    if project.settings.backend is None and detector.backend != "onnxruntime":
        project.settings.set_backend(detector.backend, detector.precision)
