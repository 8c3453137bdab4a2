"""Names of earlier versions."""

import importlib
import sys

import pytest

from framesift.records.aliases import MODULES


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


@pytest.mark.parametrize("module", ["framesift", "framesift.datasets"])
def test_a_function_is_found_by_its_old_name_with_a_notice(module: str) -> None:
    package = importlib.import_module(module)
    with pytest.warns(DeprecationWarning, match="open_dataset"):
        found = package.open_footage
    assert found is package.open_dataset
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = package.no_such_name
