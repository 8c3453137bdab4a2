"""Spreads: each as brute force has it on small pools, the gate, and what is compared."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.selection import Pool, PoolDrive, Rules, choose, thumbnail
from framesift.selection.descriptors.thumbnail import sketch_vectors
from framesift.selection.frame_rules import frame_rules
from framesift.selection.gate import gate
from framesift.selection.spreads import SPREADS, Field, Objects, Places
from framesift.selection.spreads.base import FULL, as_vectors, cosine, ranks
from framesift.selection.spreads.ppal import matching, medoids, similarities
from framesift.selection.spreads.timeline import LONGEST_S, half_life, kernel
from framesift.selection.strategies import STRATEGIES


def places_of(rng: np.random.Generator, count: int, size: int = 6) -> Places:
    return Places(
        as_vectors(rng.normal(size=(count, size)).astype(np.float32)),
        np.sort(rng.integers(0, 3, count)),
        rng.uniform(0, 20, count),
    )


def field_of(
    seed: int, count: int = 40, known: int = 3, budget: int = 12, **more: object
) -> Field:
    rng = np.random.default_rng(seed)
    values = np.round(rng.random(count), 1)  # ties abound
    return Field(
        np.arange(count),
        values,
        places_of(rng, count),
        places_of(rng, known),
        np.argsort(-values, kind="stable")[: count // 2],
        budget,
        np.random.default_rng(seed),
        half_life=4.0,
        **more,
    )


def picks_of(name: str, field: Field, radius: int = 1) -> list[int]:
    """The picks of a spread; each strikes out its neighbours."""
    order = SPREADS[name].order(field)
    picks: list[int] = []
    while len(picks) < field.budget and (best := order.best()) is not None:
        picks.append(best)
        order.took(best)
        order.strike(max(0, best - radius), min(len(field.index), best + radius + 1))
    return picks


def brute(field: Field, value: object, radius: int = 1) -> list[int]:
    """The same, every value worked out anew for every pick; `value(frame, sources)`."""
    picks: list[int] = []
    left = set(range(len(field.index)))
    while len(picks) < field.budget and left:
        best = max(sorted(left), key=lambda n: value(n, picks))
        picks.append(best)
        left -= set(range(best - radius, best + radius + 1))
    return picks


def unit(places: Places, index: int) -> np.ndarray:
    return places.vectors[index].astype(np.float64) / FULL


def sources(field: Field, picks: list[int]) -> list[tuple[np.ndarray, int, float]]:
    known = [
        (unit(field.known, n), field.known.drive[n], field.known.seconds[n])
        for n in range(len(field.known))
    ]
    return known + [
        (unit(field.places, n), field.places.drive[n], field.places.seconds[n]) for n in picks
    ]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), known=st.integers(0, 4), count=st.integers(1, 600))
def test_core_set_is_brute_force(seed: int, known: int, count: int) -> None:
    field = field_of(seed, count, known)

    def far(frame: int, picks: list[int]) -> float:
        there = sources(field, picks)
        if not there:
            return 8 + field.ranks[frame]
        own = unit(field.places, frame)
        # Whole numbers, so that equal distances are equal here, too.
        return min(round(FULL**2 * float(((own - v) ** 2).sum())) for v, _, _ in there)

    assert picks_of("core-set", field) == brute(field, far)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), known=st.integers(0, 4), count=st.integers(1, 600))
def test_timeline_is_brute_force(seed: int, known: int, count: int) -> None:
    field = field_of(seed, count, known)

    def worth(frame: int, picks: list[int]) -> float:
        own, drive = unit(field.places, frame), field.places.drive[frame]
        value = field.ranks[frame]
        for vector, where, when in sources(field, picks):
            near = np.exp(-(((field.places.seconds[frame] - when) / 4.0) ** 2))
            alike = max(0.0, min(1.0, float(own @ vector))) ** 4
            value *= 1 - max(near if where == drive else 0.0, alike)
        return value

    chosen, left = picks_of("timeline", field), set(range(count))
    for number, frame in enumerate(chosen):
        best = max(worth(n, chosen[:number]) for n in left)
        # In other orders of the sums the last bits differ, and with them which is the best.
        assert frame in left
        assert worth(frame, chosen[:number]) >= best * (1 - 1e-9) - 1e-300
        left -= {frame - 1, frame, frame + 1}
    assert len(chosen) == field.budget or not left


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), known=st.integers(0, 4))
def test_k_means_draws_as_brute_force(seed: int, known: int) -> None:
    field = field_of(seed, known=known)
    rng = np.random.default_rng(seed)
    left, picks = set(range(40)), []
    while len(picks) < field.budget and left:
        weights = []
        for frame in range(40):
            own = unit(field.places, frame)
            nearest = min(
                (float(((own - v) ** 2).sum()) for v, _, _ in sources(field, picks)),
                default=1.0,
            )
            weights.append(field.ranks[frame] * nearest if frame in left else 0.0)
        drawn = rng.random() * sum(weights)
        best = next(n for n in range(40) if sum(weights[: n + 1]) > drawn)
        picks.append(best)
        left -= {best - 1, best, best + 1}
    assert picks_of("k-means++", field_of(seed, known=known)) == picks


def test_k_means_goes_by_rank_where_nothing_is_unlike() -> None:
    field = field_of(1, known=0)
    same = Places(
        np.tile(field.places.vectors[:1], (40, 1)), field.places.drive, field.places.seconds
    )
    flat = Field(
        field.index, field.values, same, same[:2], field.walked, 12, np.random.default_rng(0)
    )
    assert len({*picks_of("k-means++", flat, radius=0)}) == 12


def objects_of(rng: np.random.Generator, counts: list[int]) -> Objects:
    total = sum(counts)
    return Objects(
        as_vectors(rng.normal(size=(total, 5)).astype(np.float32)),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        rng.integers(0, 3, total),
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), counts=st.lists(st.integers(0, 4), min_size=1, max_size=9))
def test_matching_is_brute_force(seed: int, counts: list[int]) -> None:
    objects = objects_of(np.random.default_rng(seed), counts)
    found = matching(objects)
    rows = [range(objects.starts[n], objects.starts[n + 1]) for n in range(len(counts))]

    def one_way(a: int, b: int) -> float:
        best = []
        for i in rows[a]:
            same = [j for j in rows[b] if objects.categories[i] == objects.categories[j]]
            products = [float(objects.vectors[i] @ objects.vectors[j]) for j in same]
            best.append(max(products) / FULL**2 if same else 0.0)
        return float(np.mean(best))

    for a in range(len(counts)):
        for b in range(len(counts)):
            expected = (one_way(a, b) + one_way(b, a)) / 2 if counts[a] and counts[b] else 0.0
            assert found[a, b] == pytest.approx(expected, abs=1e-12)


def test_frames_without_objects_are_compared_by_their_looks() -> None:
    rng = np.random.default_rng(3)
    counts = [2, 0, 1, 0]
    objects = objects_of(rng, counts)
    field = field_of(3, count=4, objects=lambda positions: objects)
    walked = np.arange(4)
    found = similarities(field, walked)
    looks = cosine(field.places.vectors @ field.places.vectors.T)
    assert found[0, 2] == matching(objects)[0, 2]
    np.testing.assert_array_equal(found[1], looks[1])
    np.testing.assert_array_equal(found[:, 3], looks[:, 3])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), count=st.integers(1, 6))
def test_medoids_are_in_the_middle_of_their_clusters(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = as_vectors(rng.normal(size=(20, 4)).astype(np.float32))
    similarity = cosine(vectors @ vectors.T)
    chosen = medoids(similarity, rng.random(20), count, rng)
    assert len({*chosen.tolist()}) == count
    cluster = [int(np.argmax([similarity[n, m] for m in chosen])) for n in range(20)]
    for place, medoid in enumerate(chosen):
        cluster[medoid] = place
    for place, medoid in enumerate(chosen):
        members = [n for n in range(20) if cluster[n] == place]
        sums = {m: sum(similarity[m, n] for n in members) for m in members}
        assert sums[int(medoid)] == pytest.approx(max(sums.values()))


def test_medoids_find_the_clusters() -> None:
    centres = np.eye(4, dtype=np.float32)
    rng = np.random.default_rng(0)
    rows = np.repeat(centres, 5, axis=0) + 0.05 * rng.normal(size=(20, 4)).astype(np.float32)
    vectors = as_vectors(rows)
    chosen = medoids(cosine(vectors @ vectors.T), np.ones(20), 4, rng)
    assert sorted(chosen // 5) == [0, 1, 2, 3]


def test_ranks_are_known() -> None:
    found = ranks(np.array([3.0, 1.0, np.nan, 1.0, 9.0]))
    np.testing.assert_allclose(found, [0.75, 0.375, np.nan, 0.375, 1.0])


def test_the_half_life_of_a_known_series() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=20_000)
    # A running mean of 21 has an autocorrelation of 1 − lag/21: ½ at 10.5.
    smooth = np.convolve(noise, np.ones(21) / 21, "valid")
    assert half_life([(smooth, 0.1)], 0.0) == pytest.approx(1.1, abs=0.15)
    assert half_life([(smooth, 0.1)], 6.0) == 3.0
    assert half_life([(np.linspace(0, 1, 500), 1.0)], 0.0) == LONGEST_S
    assert half_life([(np.ones(50), 1.0)], 0.0) == LONGEST_S
    gaps = np.full(2 * len(smooth), np.nan)
    gaps[::2] = smooth
    assert half_life([(gaps, 0.05)], 0.0) == half_life([(smooth, 0.1)], 0.0)


def test_the_kernel_keeps_drives_apart_and_forgets_time_without_any() -> None:
    one = Places(None, np.array([0, 1]), np.array([1.0, 1.0]))
    np.testing.assert_allclose(kernel(one, one, 2.0), np.eye(2))
    still = Places(None, np.array([0]), np.array([np.nan]))
    assert kernel(still, still, 2.0)[0, 0] == 0


def test_alike_pictures_have_alike_vectors() -> None:
    rng = np.random.default_rng(0)
    picture = np.kron(
        rng.integers(0, 256, (20, 28, 3), np.uint8), np.ones((12, 12, 1), np.uint8)
    )
    other = np.roll(picture, 60, axis=1)
    noisy = np.clip(picture + rng.normal(0, 6, picture.shape), 0, 255).astype(np.uint8)
    rows = np.stack([thumbnail(p) for p in (picture, noisy, other)])
    vectors = as_vectors(sketch_vectors(rows))
    products = cosine(vectors @ vectors.T)
    assert products[0, 1] > 0.85
    assert abs(products[0, 2]) < 0.4


def pool_of(values: np.ndarray, **more: object) -> Pool:
    return Pool(
        (
            PoolDrive(
                "a",
                len(values),
                fps=10.0,
                seconds=len(values) / 10,
                signals=dict.fromkeys(("entropy", "divergence"), values.astype(np.float32)),
                descriptors={
                    "thumbnail": np.random.default_rng(0).integers(
                        0, 256, (len(values), 280), np.uint8
                    )
                },
                **more,
            ),
        )
    )


def test_the_gate_goes_down_to_the_last_that_fits() -> None:
    values = np.array([9.0, 8.5, 8.0, 1.0, 5.0, 4.0, 3.0, 2.0, 7.0])
    pool = pool_of(values)
    rules = frame_rules(pool, Rules(delta1="1", delta2="0"), STRATEGIES["timeline"])
    series = {"a": values}
    passed = gate(rules.request(series, 3))
    # 9, 8 and 7 fit at Δt1 = 1; 8.5 is not below the last of them.
    np.testing.assert_array_equal(passed.walked, [0, 2, 8])
    np.testing.assert_array_equal(passed.index, [0, 1, 2, 8])
    assert not passed.whole
    assert gate(rules.request(series, 50)).whole
    thinned = gate(rules.request(series, 3), most=2)
    assert {0, 2, 8} <= {*thinned.index.tolist()}


def test_the_gate_widens_until_the_budget_is_met() -> None:
    # Two plateaus: at Δt1 = 3 the high one holds one frame alone.
    values = np.r_[np.full(4, 9.0), np.linspace(1, 2, 60)]
    pool = pool_of(values)
    rules = Rules(budget=12, strategy="core-set", delta1="3", delta2="0", smoothing=False)
    found = choose(pool, rules).selection
    assert len(found) == 12
    assert found.selectable == 12


@pytest.mark.parametrize("name", ["core-set", "k-means++", "timeline"])
def test_what_frames_are_compared_by_is_said(name: str) -> None:
    pool = pool_of(np.random.default_rng(0).random(200))
    rules = Rules(budget=5, strategy=name, delta1="3", delta2="0")
    assert "thumbnails" in choose(pool, rules).selection.notes[0]


def test_a_random_share_is_marked_and_keeps_to_the_rules() -> None:
    pool = pool_of(np.random.default_rng(0).random(400))
    rules = Rules(budget=20, delta1="5", delta2="0", look_alike="off", random_share=0.25)
    chosen = choose(pool, rules).selection
    drawn = [pick for pick in chosen if pick.reason["by"] == "chance"]
    assert len(chosen) == 20
    assert len(drawn) == 5
    assert [pick.rank for pick in drawn] == [16, 17, 18, 19, 20]
    frames = sorted(pick.frame for pick in chosen)
    assert min(np.diff(frames)) > 5
    without = choose(pool, Rules(budget=15, delta1="5", delta2="0", look_alike="off"))
    assert [p.frame for p in chosen][:15] == [p.frame for p in without.selection]
    again = choose(pool, Rules(**{**rules.settings(), "seed": 1})).selection
    assert [p.frame for p in again][15:] != [p.frame for p in chosen][15:]


def test_labelled_frames_are_centres() -> None:
    values = np.random.default_rng(0).random(40).astype(np.float32)
    rows = np.repeat(np.random.default_rng(1).integers(0, 256, (2, 280), np.uint8), 20, axis=0)
    rules = Rules(
        budget=8, strategy="core-set", delta1="0", delta2="0", smoothing=False, look_alike="off"
    )
    for labelled in (5, 30):
        drive = PoolDrive(
            "a",
            40,
            fps=10.0,
            seconds=4.0,
            signals={"divergence": values},
            descriptors={"thumbnail": rows},
            labelled=[labelled],
        )
        first = next(iter(choose(Pool((drive,)), rules).selection))
        # The half that the labelled frame is in looks like it, however high its values.
        assert (first.frame < 20) is (labelled >= 20)


def test_where_distances_choose_it_is_said() -> None:
    pool = pool_of(np.random.default_rng(0).random(400))

    def notes(**more: object) -> tuple[str, ...]:
        rules = Rules(**{"budget": 10, "delta1": "10", "delta2": "0", **more})
        return choose(pool, rules).selection.notes

    # 10 picks · 2 s of 40 s: exactly half is not more than half.
    assert not notes()
    assert "The distances choose" in notes(budget=11)[0]
    assert "110 %" in notes(budget=11, delta1="2s")[0]
    assert not notes(budget=11, strategy="guided-random")
    assert not notes(budget=40, delta1="0")


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), known=st.integers(0, 4))
def test_rare_classes_are_brute_force(seed: int, known: int) -> None:
    rng = np.random.default_rng(seed)
    inside = objects_of(rng, [*rng.integers(0, 3, 17).tolist(), 3, 3, 3])
    before = objects_of(rng, rng.integers(1, 3, known).tolist())
    field = field_of(
        seed,
        count=20,
        known=known,
        budget=8,
        objects=lambda positions: inside,
        known_objects=lambda: before,
    )

    def shares(categories: list[int]) -> np.ndarray:
        return np.bincount(categories, minlength=3) / max(1, len(categories))

    def of(frame: int) -> list[int]:
        return inside.categories[inside.starts[frame] : inside.starts[frame + 1]].tolist()

    def rare(frame: int, picks: list[int]) -> tuple[float, float]:
        labelled = [*before.categories.tolist(), *(c for pick in picks for c in of(pick))]
        if not labelled or not of(frame):
            return 0.0, field.values[frame]
        p, q = shares(of(frame)), shares(labelled)
        m = (p + q) / 2
        kl = [
            sum(a * np.log(a / b) for a, b in zip(x, m, strict=True) if a > 0) for x in (p, q)
        ]
        return round(sum(kl) / 2 / np.log(2), 9), field.values[frame]

    assert picks_of("classes", field) == brute(field, rare)


def test_a_single_class_goes_by_the_value() -> None:
    one = Objects(
        as_vectors(np.ones((40, 3), np.float32)), np.arange(41), np.zeros(40, np.int64)
    )
    field = field_of(0, objects=lambda positions: one, known_objects=lambda: one)
    assert picks_of("classes", field) == picks_of("greedy", field)
