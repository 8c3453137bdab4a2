"""What the workbench does, by the name of its action: one table for menus, keys and buttons."""

from __future__ import annotations

from collections.abc import Callable

from framesift_app.workbench.workbench import Workbench

Gesture = Callable[[Workbench], None]

GESTURES: dict[str, Gesture] = {
    "draw": lambda bench: bench.boxes.toggle_draw(),
    "centre": lambda bench: bench.boxes.toggle_centre(),
    "point": lambda bench: bench.weak.toggle("point"),
    "extremes": lambda bench: bench.weak.toggle("extremes"),
    "verify": lambda bench: bench.weak.toggle("verify"),
    "tags": lambda bench: bench.weak.toggle("tags"),
    "track": lambda bench: bench.tracks.toggle(),
    "follow": lambda bench: bench.tracks.follow(),
    "confirm_boxes": lambda bench: bench.tracks.confirm(),
    "ignore": lambda bench: bench.boxes.toggle_ignore(),
    "occluded": lambda bench: bench.boxes.toggle("occluded"),
    "truncated": lambda bench: bench.boxes.toggle("truncated"),
    "next_box": lambda bench: bench.boxes.next(),
    "previous_box": lambda bench: bench.boxes.previous(),
    "delete": Workbench.delete,
    "escape": Workbench.escape,
    "accept": Workbench.accept,
    "accept_all": lambda bench: bench.proposals.accept_all(),
    "reject": Workbench.reject,
    "reject_all": lambda bench: bench.proposals.reject_all(),
    "done": lambda bench: bench.finish(),
    "nothing": Workbench.nothing,
    "skip": Workbench.skip,
    "copy_last": Workbench.copy_last,
    "next": Workbench.next,
    "previous": lambda bench: bench.session.picks.previous(),
    "add_pick": Workbench.add_pick,
    "drop": Workbench.drop_pick,
    "keep_label": lambda bench: bench.doubts.keep(),
    "mend_label": lambda bench: bench.doubts.mend(),
    "next_doubt": lambda bench: bench.doubts.next(),
    "alike": Workbench.find_alike,
    "play": lambda bench: bench.playback.toggle(),
    "play_back": lambda bench: bench.playback.shuttle(-1),
    "play_on": lambda bench: bench.playback.shuttle(1),
    "play_around": Workbench.play_around,
    "back": lambda bench: bench.playback.step(-1),
    "forward": lambda bench: bench.playback.step(1),
    "back_10": lambda bench: bench.playback.step(-10),
    "forward_10": lambda bench: bench.playback.step(10),
    "first": lambda bench: bench.playback.home(),
    "last": lambda bench: bench.playback.end(),
    "go_to": lambda bench: bench.view.go_to_frame(),
    "heat": lambda bench: bench.view.toggle_heat(),
    "boxes": lambda bench: bench.view.toggle_boxes(),
    "maxima": lambda bench: bench.view.toggle_maxima(),
    "fit": lambda bench: bench.view.fit(),
    "zoom_in": lambda bench: bench.view.zoom_in(),
    "zoom_out": lambda bench: bench.view.zoom_out(),
    "mask": Workbench.begin_mask,
    **{f"class_{n}": lambda bench, n=n: bench.digit(n) for n in range(1, 10)},  # type: ignore[misc]
}
