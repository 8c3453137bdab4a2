"""How a run trains, in a sentence."""

from __future__ import annotations

from framesift.training.settings import TrainSettings


def told(settings: TrainSettings, frames: int) -> str:
    """What was chosen for so many labelled frames: steps, rates, what is held still, what
    stands beside the labels."""
    parts = [
        f"{settings.steps(frames)} steps over {frames} labelled frames ({settings.epochs} "
        f"epochs)",
        f"learning rate {settings.learning_rate:g} to {settings.final_learning_rate:g}",
    ]
    if settings.batch_norm == "frozen":
        parts.append("normalisation as the detector has it")
    if settings.frozen:
        parts.append(f"the first {settings.frozen} stages kept")
    if settings.ema_decay:
        parts.append("the average of the weights")
    if settings.interpolation < 1:
        parts.append(f"{settings.interpolation:.0%} of the way from the start")
    if settings.replay.of(settings.batch):
        replayed = settings.replay.of(settings.batch)
        what = "drawn" if settings.replay.source == "drawn" else settings.replay.source
        parts.append(f"{replayed} of every {settings.batch} frames replayed ({what})")
    if settings.propagation.frames:
        carried = settings.propagation.of(settings.batch)
        parts.append(
            f"{carried} of every {settings.batch} with labels carried up to "
            f"{settings.propagation.frames} frames"
        )
    if settings.self_training.enabled:
        count = settings.self_training.of(settings.batch)
        parts.append(
            f"{count} of every {settings.batch} labelled by the average of the weights"
        )
    if settings.consistency.enabled:
        count = settings.consistency.of(settings.batch)
        parts.append(f"{count} of every {settings.batch} unlabelled, to agree when flipped")
    if settings.heads == "all":
        parts.append("then every head")
    if settings.adopt == "best":
        parts.append("the best validation is the result")
    return f"Training: {', '.join(parts)}."
