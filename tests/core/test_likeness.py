"""Frame embeddings: what they are, how projects keep them; more like this, and the map."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from framesift.cli import main
from framesift.detectors.maps import working_size
from framesift.labels import FrameKey
from framesift.loop import frame_map, score_project, similar_frames
from framesift.loop.likeness import plane
from framesift.project import Project
from framesift.scores.embedding import Basis, pooled
from framesift.selection import Rules, choose
from framesift.selection.descriptors.objects import unpacked
from framesift.video import Distance, open_video


def test_features_are_pooled_over_the_frame_and_not_its_padding() -> None:
    # 96×100 pads to 96×104 at multiples of 8: 12×13 cells, of which 12×12.5 show the frame.
    size = working_size(96, 96, None, 64)
    cells = torch.zeros(1, 2, 8, 8)
    cells[0, 0, :6, :6] = torch.arange(36.0).reshape(6, 6)
    cells[0, :, 6:] = cells[0, :, :, 6:] = 1000.0
    row = pooled(cells, size)[0]
    assert row.dtype == np.float16
    blocks = torch.arange(36.0).reshape(3, 2, 3, 2).mean((1, 3)).flatten().numpy()
    np.testing.assert_array_equal(row[:9], blocks)
    np.testing.assert_array_equal(row[9:], 0)


@pytest.mark.parametrize(("count", "size"), [(30, 100), (200, 20)])
def test_the_basis_is_that_of_the_principal_components(count: int, size: int) -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(count, size)) * np.linspace(5, 0.1, size)
    basis = Basis.fitted(rows)
    centred = rows - rows.mean(axis=0)
    _, _, expected = np.linalg.svd(centred, full_matrices=False)
    rank = min(64, count - 1, size)
    for n in range(min(rank, 10)):
        assert abs(float(basis.components[n] @ expected[n])) == pytest.approx(1, abs=1e-3)
    assert not basis.components[rank:].any()
    reduced = basis.reduced(rows)
    assert reduced.dtype == np.float16
    assert reduced.shape == (count, 64)
    np.testing.assert_allclose(np.linalg.norm(reduced.astype(float), axis=1), 1, atol=2e-3)
    np.testing.assert_array_equal(basis.reduced(rows[7:9]), reduced[7:9])
    again = Basis.from_bytes(basis.to_bytes())
    np.testing.assert_array_equal(again.reduced(rows), reduced)


def test_frames_that_are_all_the_same_have_embeddings_of_zeros() -> None:
    basis = Basis.fitted(np.ones((5, 12)))
    assert not basis.reduced(np.ones((2, 12))).any()


OPTIONS = {"method": "divergence"}


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, small_drive: Path, small_detector: Path
) -> Path:
    """A scored project."""
    folder = tmp_path_factory.mktemp("alike") / "project"
    words = ["--detector", str(small_detector), "--every", "2", "--strategy", "divergence"]
    assert main(["score", str(small_drive), "--project", str(folder), *words]) == 0
    return folder


def test_a_scored_project_has_embeddings(folder: Path) -> None:
    with Project.open(folder, readonly=True) as project:
        (video,) = project.videos.all()
        inputs = project.ledger.inputs(
            {"divergence": {}}, descriptors=("thumbnail", "frame_embedding")
        )
        rows = inputs.descriptors["frame_embedding"]["small"]
        (basis,) = (folder / "embeddings").glob("*.npz")
        stored = f"frame_embedding@{basis.stem}"
        data = project.series.descriptors(video.id, stored)
        assert data is not None
        assert data.shape == (48, 128)
        assert not project.series.described(video.id, f"features@{basis.stem}").any()
        # By another detector there is none.
        other = project.ledger.inputs(
            {"divergence": {"detector": "x"}}, descriptors=("frame_embedding",)
        )
    assert rows.dtype == np.float16
    assert rows.shape == (48, 64)
    length = np.linalg.norm(rows.astype(float), axis=1)
    np.testing.assert_allclose(length[::2], 1, atol=2e-3)
    assert not length[1::2].any()
    assert "frame_embedding" not in other.descriptors
    chosen = choose(inputs.pool(), Rules(budget=3, strategy="core-set", delta1="4", delta2="0"))
    assert not any("thumbnails" in note for note in chosen.selection.notes)


def test_what_ppal_scores_has_its_objects(
    tmp_path: Path, small_drive: Path, small_detector: Path
) -> None:
    folder = tmp_path / "project"
    words = ["--detector", str(small_detector), "--every", "6", "--strategy", "ppal"]
    assert main(["score", str(small_drive), "--project", str(folder), *words]) == 0
    names = ("thumbnail", "frame_embedding", "object_embedding")
    with Project.open(folder, readonly=True) as project:
        inputs = project.ledger.inputs({"difficulty": {}}, descriptors=names)
        # By another detector there are none.
        other = project.ledger.inputs({"difficulty": {"detector": "x"}}, descriptors=names)
    rows = inputs.descriptors["object_embedding"]["small"]
    objects = unpacked(rows)
    per_frame = np.diff(objects.starts)
    assert per_frame[::6].any()
    assert not np.delete(per_frame, np.arange(0, 48, 6)).any()
    assert "object_embedding" not in other.descriptors
    rules = Rules(budget=3, strategy="ppal", delta1="4", delta2="0", random_share=0)
    compared = choose(inputs.pool(), rules).selection
    assert not any("not compared" in note for note in compared.notes)
    by_frames = replace(inputs, descriptors={"thumbnail": inputs.descriptors["thumbnail"]})
    assert any(
        "Objects are not compared" in note
        for note in choose(by_frames.pool(), rules).selection.notes
    )


def test_a_run_that_stops_and_goes_on_makes_the_same(
    folder: Path, tmp_path: Path, small_drive: Path, small_detector: Path
) -> None:
    from framesift.detectors.files.checkpoint import load_detector

    detector = load_detector(small_detector)
    with Project.create(tmp_path / "p", detector=str(small_detector)) as project:
        with open_video(small_drive) as video:
            project.videos.add(video)
        for _ in range(2):
            records = score_project(project, detector, options=OPTIONS, every=2)
            for number, _ in enumerate(records):
                if number == 9:
                    break
            records.close()
        list(score_project(project, detector, options=OPTIONS, every=2))
        again = _rows(project)
    with Project.open(folder, readonly=True) as project:
        np.testing.assert_array_equal(_rows(project), again)


def _rows(project: Project) -> np.ndarray:
    inputs = project.ledger.inputs({"divergence": {}}, descriptors=("frame_embedding",))
    return inputs.descriptors["frame_embedding"]["small"]


def test_a_frame_without_an_embedding_falls_back_for_all(folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    with Project.open(copy) as project:
        (video,) = project.videos.all()
        (basis,) = (copy / "embeddings").glob("*.npz")
        with project._database.writing():
            project._database.run(
                "UPDATE descriptors SET present = ? WHERE name = ?",
                (bytes(256), f"frame_embedding@{basis.stem}"),
            )
        inputs = project.ledger.inputs(
            {"divergence": {}}, descriptors=("thumbnail", "frame_embedding")
        )
        assert "frame_embedding" not in inputs.descriptors
        assert similar_frames(project, FrameKey(video.id, 4), count=1).by == "thumbnail"


def test_similar_frames_are_brute_force(folder: Path) -> None:
    with Project.open(folder, readonly=True) as project:
        (video,) = project.videos.all()
        rows = _rows(project).astype(float)
        apart = Distance(5, "frames")
        found = similar_frames(project, FrameKey(video.id, 20), count=3, apart=apart)
    alike = rows @ rows[20]
    left = [n for n in range(0, 48, 2) if abs(n - 20) > 5]
    expected = []
    while left and len(expected) < 3:
        expected.append(max(left, key=lambda n: alike[n]))
        left = [n for n in left if abs(n - expected[-1]) > 5]
    assert [similar.key.frame for similar in found.frames] == expected
    assert found.frames[0].likeness == pytest.approx(alike[expected[0]], abs=2e-3)
    assert found.nearest_labelled is None
    assert found.by == "frame_embedding"


def test_the_command_answers_in_words_and_json(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["similar", str(folder), "small", "20", "--count", "2", "--apart", "3"]
    assert main([*words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["compared_by"] == "frame_embedding"
    assert len(document["frames"]) == 2
    assert {"video", "frame", "time_s", "likeness", "labelled"} <= {*document["frames"][0]}
    assert main(words) == 0
    assert "Compared by frame embedding." in capsys.readouterr().out
    for wrong, sentence in (
        (["similar", str(folder), "small", "21"], "not described yet"),
        (["similar", str(folder), "small", "48"], "has the frames 0 to 47"),
        (["similar", str(folder), "nothing", "4"], "has no video"),
        (["similar", str(folder), "small", "4", "--count", "0"], "from 1 up"),
        (["map", str(folder)], "Say where the map goes"),
    ):
        assert main(wrong) == 2
        assert sentence in capsys.readouterr().err


def test_the_map_has_every_described_frame(folder: Path, tmp_path: Path) -> None:
    picture, document = tmp_path / "map.png", tmp_path / "map.json"
    assert main(["map", str(folder), "--out", str(picture), "--json", str(document)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    frames = json.loads(document.read_text())["frames"]
    assert [frame["frame"] for frame in frames] == list(range(0, 48, 2))
    with Project.open(folder, readonly=True) as project:
        made = frame_map(project)
    assert np.abs(made.points.mean(axis=0)).max() < 1e-6 * np.abs(made.points).max()


def test_the_plane_is_that_of_the_two_largest_components() -> None:
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(50, 8)) * np.array([9, 5, 1, 1, 1, 1, 1, 1])).astype(np.float32)
    points = plane(rows)
    centred = rows - rows.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    for n in range(2):
        expected = left[:, n] * values[n]
        assert abs(np.corrcoef(points[:, n], expected)[0, 1]) == pytest.approx(1)
    assert plane(np.zeros((3, 1), np.float32)).shape == (3, 2)
