"""Detectors from weights that are not Framesift's own files: published ones out of the cache
folder, and the state dict of a network of torchvision's that the user trained elsewhere."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from framesift.detectors import DETECTORS, Detector
from framesift.detectors.files.pickled import holds_code, saved
from framesift.detectors.files.tensors import unusual
from framesift.detectors.torchvision_base import TorchvisionDetector
from framesift.detectors.torchvision_build import BACKGROUND
from framesift.detectors.weights import WeightsEntry, is_stored, stored_path
from framesift.errors import InputError

_PREFIXES = ("module.", "model.", "_orig_mod.", "network.", "net.", "detector.")
_NESTED = ("model", "state_dict", "weights")


def load_published(weights: WeightsEntry, classes: Sequence[str] = ("pedestrian",)) -> Detector:
    """The detector of a catalogue's entry for these classes, on the CPU in float32. What else
    it knows takes part silently, and is there for classes that come later.

    Raises InputError where its file was not fetched yet, EnvironmentProblem without
    torchvision.
    """
    if not is_stored(weights):
        raise InputError(
            f"The weights {weights.name} are not here yet ({weights.size / 1e6:.0f} MB); "
            f"fetch them with `framesift weights get {weights.name}`."
        )
    path = stored_path(weights)
    settings = {
        "norm": weights.norm,
        "norm_eps": weights.norm_eps,
        "trainable_layers": weights.trainable_layers,
    }
    detector = _from_state(
        path.name, read_state(path), weights.architecture, weights.outputs, settings
    )
    lineage = {
        "published": {"name": weights.name, "url": weights.url, "licence": weights.licence}
    }
    return _for_classes(detector, classes, weights.name, lineage)


def import_state(path: Path | str, architecture: str, classes: Sequence[str]) -> Detector:
    """A detector from a plain state dict (.pth, .pt, .safetensors) of one of torchvision's
    networks, for the classes that it was trained for, in the order of its outputs (without the
    background).

    Raises InputError, one sentence, for a file that is missing, cut, damaged, holds more than
    weights (no code in it runs), or does not fit the architecture or the number of classes.
    """
    path = Path(path)
    factory = DETECTORS.get(architecture)
    if factory is None or architecture == "paper":
        known = ", ".join(name for name in DETECTORS if name != "paper")
        raise InputError(
            f"There is no architecture {architecture!r} to import weights for; "
            f"choose one of {known}."
        )
    state = read_state(path)
    blank = factory(tuple(classes))
    assert isinstance(blank, TorchvisionDetector)
    held = _outputs_in(path.name, blank, state)
    if held not in (len(classes) + 1, len(classes) + blank.first):
        raise InputError(
            f"The weights in {path.name} know {held} classes, the background "
            f"included, but {len(classes)} were named; name each class but the "
            "background."
        )
    outputs = (*[BACKGROUND] * (held - len(classes)), *classes)
    frozen = not any(
        key.startswith("backbone") and key.endswith("num_batches_tracked") for key in state
    )
    detector = _from_state(
        path.name, state, architecture, outputs, {"norm": "frozen" if frozen else "batch"}
    )
    return _for_classes(detector, classes, path.stem, {"imported": path.name})


def read_state(path: Path) -> dict[str, Tensor]:
    """A state dict: of a .safetensors file, or of what torch saved, read weights only."""
    if not path.is_file():
        raise InputError(f"There is no file {path}; give a state dict (.pth or .safetensors).")
    try:
        state: Any = load_file(path) if path.suffix == ".safetensors" else saved(path)
    except pickle.UnpicklingError as error:
        raise holds_code(path, error) from error
    except (SafetensorError, Exception) as error:  # whatever a damaged archive makes them raise
        raise InputError(
            f"The file {path.name} holds no readable weights: it is damaged, cut "
            "short or of another kind; get it again."
        ) from error
    for name in _NESTED:
        if isinstance(state, dict) and isinstance(state.get(name), dict):
            state = state[name]
    if not (
        isinstance(state, dict)
        and state
        and all(isinstance(value, Tensor) for value in state.values())
    ):
        raise InputError(
            f"The file {path.name} is no state dict (names and tensors); save "
            "only the network's state dict."
        )
    odd = unusual(state)
    if odd is not None:
        raise InputError(
            f"The weights in {path.name} are no plain numbers (first at {odd[:80]!r}); save "
            "the network's state dict in float32."
        )
    return _plain_names(state)


def _plain_names(state: Mapping[Any, Tensor]) -> dict[str, Tensor]:
    """Without the prefixes that training on several cards, compiling and Lightning leave."""
    names = {str(key): str(key) for key in state}
    while any(all(n.startswith(p) for n in names.values()) for p in _PREFIXES):
        prefix = next(p for p in _PREFIXES if all(n.startswith(p) for n in names.values()))
        names = {key: name.removeprefix(prefix) for key, name in names.items()}
    plain: Any = OrderedDict((names[str(key)], value) for key, value in state.items())
    # torch keeps there which version of each module wrote the names.
    plain._metadata = getattr(state, "_metadata", OrderedDict())
    return dict[str, Tensor](plain) if not plain._metadata else plain


def _outputs_in(name: str, blank: TorchvisionDetector, state: Mapping[str, Tensor]) -> int:
    """How many outputs the network of a state dict has."""
    rows, blank_state = blank.class_rows(), blank.module.state_dict()
    key = next(iter(rows))
    if key not in state:
        raise InputError(
            f"The weights in {name} are not those of {blank.architecture} (there "
            f"is no {key}); name the architecture that they were trained for."
        )
    per_output = blank_state[key].shape[0] // len(blank.outputs())
    return int(state[key].shape[0]) // per_output if state[key].ndim else 0


def _from_state(
    name: str,
    state: Mapping[str, Tensor],
    architecture: str,
    outputs: Sequence[str],
    settings: Mapping[str, Any],
) -> TorchvisionDetector:
    """A detector for all outputs of a network; unnamed ones (the background of a network that
    needs none, numbers that were never used) become silent and are dropped later."""
    factory = DETECTORS[architecture]
    with torch.random.fork_rng(devices=[]):
        probe = factory(("x",), settings)
        assert isinstance(probe, TorchvisionDetector)
        names = [
            text if outputs.count(text) == 1 else f"{text} {n}"
            for n, text in enumerate(outputs)
        ][probe.first :]
        detector = factory(names, settings)
    assert isinstance(detector, TorchvisionDetector)
    try:
        detector.module.load_state_dict(state)
    except (RuntimeError, ValueError) as error:
        raise InputError(
            f"The weights in {name} do not fit {architecture} "
            f"({_first_misfit(error)}); name the architecture and the classes "
            "that they were trained for."
        ) from error
    if not all(
        bool(torch.isfinite(value).all()) for value in detector.module.state_dict().values()
    ):
        raise InputError(
            f"The weights in {name} are not all finite numbers; training went "
            "wrong or the file is damaged."
        )
    return detector


def _first_misfit(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines()[1:] if line.strip()]
    return (lines or [type(error).__name__])[0][:120].rstrip(".: ")


def _for_classes(
    detector: TorchvisionDetector, classes: Sequence[str], name: str, lineage: Mapping[str, Any]
) -> Detector:
    chosen = detector.with_classes(classes)
    unused = [
        output for output in chosen.config.silent if output.split(" ")[0] in (BACKGROUND, "N/A")
    ]
    if unused:
        chosen = chosen.without(unused)
    chosen.name, chosen.lineage = name, dict(lineage)
    return chosen
