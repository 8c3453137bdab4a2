"""The stub of `import framesift` says what the tables of settings say."""

from __future__ import annotations

import importlib.util
import inspect
from pathlib import Path

import pytest

import framesift

ROOT = Path(__file__).resolve().parents[2]


def test_the_stub_is_as_the_code() -> None:
    path = ROOT / "packaging" / "stub.py"
    if not path.is_file():
        pytest.skip("the maker of the stub is not here")
    spec = importlib.util.spec_from_file_location("stub", path)
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    written = (ROOT / "core" / "framesift" / "__init__.pyi").read_text(encoding="utf-8")
    assert written == maker.text(), "run `make stub`"


@pytest.mark.parametrize("name", ["score_video", "select_frames", "train", "evaluate"])
def test_settings_are_keywords_with_their_defaults(name: str) -> None:
    signature = inspect.signature(getattr(framesift, name))
    assert not [p for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD]
    text = inspect.getdoc(getattr(framesift, name)) or ""
    settings = getattr(framesift, name).framesift_settings
    assert len(settings) > 8
    for keyword, row in settings.items():
        parameter = signature.parameters[keyword]
        assert parameter.kind is parameter.KEYWORD_ONLY
        assert parameter.default == row.default
        assert f"    {keyword}: " in text
