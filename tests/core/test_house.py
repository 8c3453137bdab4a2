"""The house: how many rooms the engine has, and that no two files import each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from parsed import parsed

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "framesift": ROOT / "core" / "framesift",
    "framesift_app": ROOT / "app/framesift_app",
}
MOST_ROOMS = 24


def test_the_engine_has_few_rooms() -> None:
    rooms = {
        path.stem
        for path in PACKAGES["framesift"].iterdir()
        if path.name not in ("__init__.py", "__main__.py", "_version.py", "__pycache__")
        and (path.suffix == ".py" or path.is_dir())
    }
    assert len(rooms) <= MOST_ROOMS, sorted(rooms)


def test_no_file_imports_itself_over_others() -> None:
    edges = dict(_imports())
    assert len(edges) > 400
    assert not _circle(edges), " → ".join(_circle(edges))


def test_a_circle_is_seen() -> None:
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]
    assert not _circle({"a": {"b", "c"}, "b": {"c"}, "c": set()})


def _imports() -> Iterator[tuple[str, set[str]]]:
    """(module, the modules of ours that it imports anywhere in it)."""
    modules = {}
    for package, folder in PACKAGES.items():
        for path in folder.rglob("*.py"):
            parts = (package, *path.relative_to(folder).with_suffix("").parts)
            modules[".".join(part for part in parts if part != "__init__")] = path
    for module, path in modules.items():
        reached: set[str] = set()
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Import):
                reached |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                within = {f"{node.module}.{alias.name}" for alias in node.names}
                reached |= {name if name in modules else node.module for name in within}
        yield module, (reached & modules.keys()) - {module}


def _circle(edges: dict[str, set[str]]) -> list[str]:
    """The modules of a circle, the first one again at its end; empty where there is none."""
    done: set[str] = set()

    def walk(module: str, path: list[str]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        for name in sorted(edges.get(module, ())):
            circle = walk(name, [*path, module])
            if circle:
                return circle
        done.add(module)
        return []

    return next((circle for module in sorted(edges) if (circle := walk(module, []))), [])
