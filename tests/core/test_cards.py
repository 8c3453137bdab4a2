"""Graphics cards that cannot be used, told apart. There is none here: torch's own answers are
replaced, and the kernels run where they can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from framesift.cli import doctor
from framesift.detectors import cards, choose_device
from framesift.errors import EnvironmentProblem, InputError

BUILT = ["sm_75", "sm_80", "sm_86", "sm_90", "sm_120", "compute_120"]


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    cards.trouble.cache_clear()
    yield
    cards.trouble.cache_clear()


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretends that there is a card; its kernels run on the processor."""

    def pretend(
        capability: tuple[int, int] = (8, 9),
        built: list[str] = BUILT,
        kernel: Callable[..., Any] | None = None,
    ) -> None:
        for name, value in (
            ("is_available", True),
            ("device_count", 1),
            ("get_device_name", "Card"),
            ("get_device_capability", capability),
            ("get_arch_list", built),
        ):
            monkeypatch.setattr(torch.cuda, name, lambda *_, value=value: value)
        real = torch.Tensor.to

        def to(tensor: torch.Tensor, *where: Any, **named: Any) -> Any:
            if not where or where[0] not in ("cuda", "cuda:0"):
                return real(tensor, *where, **named)
            return kernel(tensor) if kernel else tensor

        monkeypatch.setattr(torch.Tensor, "to", to)

    return pretend


@pytest.mark.parametrize(
    ("capability", "expected"),
    [
        ((7, 5), "fits"),
        ((8, 0), "fits"),
        ((8, 7), "fits"),
        ((8, 9), "fits"),
        ((9, 0), "fits"),
        ((12, 0), "fits"),
        ((12, 1), "fits"),
        ((13, 0), "fits"),
        ((7, 0), "too old"),
        ((6, 1), "too old"),
        ((10, 0), "too new"),
    ],
)
def test_which_cards_fit(capability: tuple[int, int], expected: str) -> None:
    assert cards.fit(capability, BUILT) == expected


def test_cards_fit_what_is_not_known() -> None:
    assert cards.fit((9, 0), []) == "fits"
    assert cards.fit((9, 0), ["gfx90a"]) == "fits"
    assert cards.fit((13, 0), ["sm_90", "sm_120"]) == "too new"
    assert cards.fit((9, 0), ["sm_90a"]) == "fits"


def test_a_card_that_works_is_taken(card: Callable[..., None]) -> None:
    card()
    assert cards.trouble("cuda") is None
    assert choose_device("auto") == torch.device("cuda")
    assert choose_device("cuda:0") == torch.device("cuda:0")
    assert cards.fallback() is None
    with pytest.raises(EnvironmentProblem, match="no card 3"):
        choose_device("cuda:3")
    with pytest.raises(InputError, match="no device"):
        choose_device("cuda:x")


@pytest.mark.parametrize(
    ("capability", "words"),
    [
        ((5, 0), r"Card \(compute capability 5\.0\) is too old for this torch .*an older one"),
        ((14, 0), r"Card \(compute capability 14\.0\) is too new for this torch .*a newer one"),
    ],
)
def test_too_old_and_too_new_cards(
    card: Callable[..., None], capability: tuple[int, int], words: str
) -> None:
    card(capability, ["sm_75", "sm_90"])
    with pytest.raises(EnvironmentProblem, match=words):
        choose_device("cuda")
    assert choose_device("auto") == torch.device("cpu")
    sentence = cards.fallback()
    assert sentence is not None
    assert sentence.startswith("The processor does the work, since the card Card ")
    assert sentence.endswith(".")
    states = {one["device"]: one["state"] for one in doctor._devices()}
    assert states["cpu"] == "computes"
    assert states["cuda:0"] in sentence


def test_a_card_whose_kernels_fail_or_lie(card: Callable[..., None]) -> None:
    def fails(_: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("CUDA error: no kernel image is available\nmore")

    card(kernel=fails)
    assert cards.trouble("cuda") == (
        "the card Card does not compute: CUDA error: no kernel image is available"
    )
    cards.trouble.cache_clear()
    card(kernel=lambda tensor: tensor + 1)
    assert "computes wrongly" in str(cards.trouble("cuda"))
    cards.trouble.cache_clear()
    card(kernel=lambda tensor: torch.ones_like(tensor) if tensor.ndim == 1 else tensor)
    assert "suppresses boxes wrongly" in str(cards.trouble("cuda"))


def test_no_card_and_a_driver_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def old() -> None:
        raise RuntimeError("The NVIDIA driver on your system is too old (found version 9).")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "init", old)
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    assert "driver on your system is too old" in str(cards.trouble("cuda"))
    assert cards.fallback() is None
    cards.trouble.cache_clear()
    monkeypatch.setattr(torch.version, "cuda", None)
    assert cards.trouble("cuda") == "this torch is built without CUDA"
    with pytest.raises(EnvironmentProblem, match="built without CUDA"):
        choose_device("cuda")
    assert choose_device("auto").type in ("cpu", "mps")


def test_the_sentence_reaches_the_command_line(
    card: Callable[..., None],
    small_drive: Any,
    small_detector: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import argparse

    from framesift.cli.options import open_detector

    card((5, 0), ["sm_90"])
    args = argparse.Namespace(
        detector=str(small_detector),
        device="auto",
        precision="float32",
        threads=None,
        tiles=None,
    )
    assert open_detector(args).device.type == "cpu"
    assert "The processor does the work, since the card Card" in capsys.readouterr().err
