"""The loop over a project, one generator a step: score → take → label → train → evaluate.

The command line and the desktop application both drain these and add nothing to them.
"""

from framesift.loop.adoption import Verdict
from framesift.loop.carrying import Carried, carry_track
from framesift.loop.checking import Checked, Doubt, check_labels
from framesift.loop.clustered import score_on_cluster
from framesift.loop.compared import OtherDetector, compared_with, other_detectors
from framesift.loop.cycles import Offer, Taken, replace_pick, selection, take
from framesift.loop.describing import describe_project, score_strategy
from framesift.loop.detectors import (
    DetectorChoice,
    bundled,
    current_detector,
    detector_choices,
    detector_source,
    initial_name,
    keep_backend,
    kept_backend,
)
from framesift.loop.evaluating import Measurement, evaluate_project
from framesift.loop.exchange import Imported, import_labels
from framesift.loop.exports import Exported, export_labels
from framesift.loop.likeness import FrameMap, Likeness, Similar, frame_map, similar_frames
from framesift.loop.planning import measured_seconds, plan_project
from framesift.loop.replaying import Replayed, compare_cycles, replay
from framesift.loop.rescoring import rescore_project
from framesift.loop.scoring import project_options, score_project, scored_classes
from framesift.loop.scoring_run import VideoScored
from framesift.loop.training import Trained, settings_for, train_project
from framesift.loop.trying_eight_bits import EightBits, keep_eight_bits, try_eight_bits

__all__ = [
    "Carried",
    "Checked",
    "DetectorChoice",
    "Doubt",
    "EightBits",
    "Exported",
    "FrameMap",
    "Imported",
    "Likeness",
    "Measurement",
    "Offer",
    "OtherDetector",
    "Replayed",
    "Similar",
    "Taken",
    "Trained",
    "Verdict",
    "VideoScored",
    "bundled",
    "carry_track",
    "check_labels",
    "compare_cycles",
    "compared_with",
    "current_detector",
    "describe_project",
    "detector_choices",
    "detector_source",
    "evaluate_project",
    "export_labels",
    "frame_map",
    "import_labels",
    "initial_name",
    "keep_backend",
    "keep_eight_bits",
    "kept_backend",
    "measured_seconds",
    "other_detectors",
    "plan_project",
    "project_options",
    "replace_pick",
    "replay",
    "rescore_project",
    "score_on_cluster",
    "score_project",
    "score_strategy",
    "scored_classes",
    "selection",
    "settings_for",
    "similar_frames",
    "take",
    "train_project",
    "try_eight_bits",
]


def __dir__() -> list[str]:
    return sorted(__all__)
