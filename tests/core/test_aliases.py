"""Names of earlier versions."""

import importlib
import sys

import pytest

from framesift.product.aliases import MODULES


@pytest.mark.parametrize("old", MODULES)
def test_a_module_is_found_by_its_old_name_with_a_notice(old: str) -> None:
    sys.modules.pop(old, None)
    with pytest.warns(DeprecationWarning, match=MODULES[old]):
        found = importlib.import_module(old)
    now = importlib.import_module(MODULES[old])
    assert found is now
    assert now.__spec__ is not None
    assert now.__spec__.name == MODULES[old]
    sys.modules.pop(old)


def test_other_names_are_not_found() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("framesift.nothing")
