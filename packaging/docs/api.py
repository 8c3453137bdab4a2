"""The Python reference, made from the public names, their signatures and docstrings."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any, ForwardRef

from docstrings import prose
from markup import cell, table

import framesift

# Read in the order in which data goes; modules that are not named here come last.
_ORDER = (
    "video",
    "decode",
    "boxes",
    "maps",
    "detectors",
    "checkpoint",
    "scores",
    "pipeline",
    "series",
    "selection",
    "strategies",
    "labels",
    "edits",
    "formats",
    "footage",
    "dataset",
    "training",
    "evaluation",
    "planner",
    "project",
    "report",
    "simulate",
    "synth",
    "errors",
)
_WIDTH = 88
_REPR = 72


def pages() -> dict[str, str]:
    """One page for each public module, and `api/index.md` above them."""
    modules = sorted(
        framesift._MODULES,
        key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name),
    )
    made = {f"api/{name}.md": _module(f"framesift.{name}") for name in modules}
    made["api/index.md"] = _index(modules)
    return made


def _index(modules: list[str]) -> str:
    rows = [
        (f"[`framesift.{name}`]({name}.md)", _summary(f"framesift.{name}")) for name in modules
    ]
    parts = [
        "# Python reference",
        inspect.cleandoc(framesift.__doc__ or ""),
        table(("module", "what it holds"), rows),
        "## Shortcuts",
        "What `framesift` has itself, beside the modules. `framesift.simulate(…)` is "
        "[`run_simulation`](simulate.md), and `framesift.Project`, `framesift.ScoreSeries` and "
        "`framesift.Selection` are those of [project](project.md), [series](series.md) and "
        "[selection](selection.md).",
    ]
    for name in framesift._NAMES:
        if not inspect.isclass(getattr(framesift, name)):
            parts += _thing(name, getattr(framesift, name), depth=3)
    parts.append("\n".join(["```{toctree}", ":hidden:", "", *modules, "```"]))
    return "\n\n".join(parts) + "\n"


def _summary(module: str) -> str:
    text = inspect.getdoc(importlib.import_module(module)) or ""
    return cell(text.partition("\n\n")[0].partition(". ")[0].rstrip(":."))


def _module(name: str) -> str:
    module = importlib.import_module(name)
    parts = [f"# {name}", prose(inspect.getdoc(module) or "")]
    for public in _public(module):
        parts += _thing(public, getattr(module, public), depth=2)
    return "\n\n".join(part for part in parts if part) + "\n"


def _public(module: Any) -> list[str]:
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
        and (inspect.isclass(value) or inspect.isfunction(value))
    ]


def _thing(name: str, value: Any, depth: int) -> Iterator[str]:
    head = "#" * depth
    if inspect.isclass(value):
        yield f"{head} {name}"
        yield from _class(name, value, depth + 1)
    elif inspect.isfunction(value):
        yield f"{head} {name}()"
        yield from _function(name, value)
    else:
        yield f"{head} {name}"
        shown = repr(value)
        yield f"`{shown}`" if len(shown) <= _REPR else f"A {type(value).__name__}."


def _class(name: str, kind: type, depth: int) -> Iterator[str]:
    yield _code(_signature(name, kind))
    docstring = kind.__dict__.get("__doc__") or ""
    # dataclass writes a docstring of its own where there is none: the signature again.
    if docstring and not docstring.startswith(f"{kind.__name__}("):
        yield prose(inspect.cleandoc(docstring))
    for member, value in _members(kind):
        call = f"{name}.{member}"
        if isinstance(value, property):
            yield f"{'#' * depth} {call}"
            result = _named(value.fget.__annotations__.get("return", "")) if value.fget else ""
            yield _code(f"{member}: {result}" if result else member)
            yield prose(inspect.getdoc(value) or "")
        else:
            yield f"{'#' * depth} {call}()"
            yield from _function(member, value)


def _members(kind: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties with words of their own, inherited ones of ours too."""
    seen: set[str] = set()
    for base in kind.__mro__:
        if not base.__module__.startswith("framesift"):
            continue
        for name, value in vars(base).items():
            if name.startswith("_") or name in seen:
                continue
            plain = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
            if (inspect.isfunction(plain) or isinstance(plain, property)) and inspect.getdoc(
                plain
            ):
                seen.add(name)
                yield name, plain


def _function(name: str, function: Any) -> Iterator[str]:
    yield _code(_signature(name, function))
    yield prose(inspect.getdoc(function) or "")


def _signature(name: str, thing: Any) -> str:
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return name
    shown, keyword = [], False
    for parameter in signature.parameters.values():
        if parameter.name in ("self", "cls") or parameter.name.startswith("_"):
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword:
            shown.append("*")
        keyword |= parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL)
        shown.append(_parameter(parameter))
    result = (
        ""
        if inspect.isclass(thing) or signature.return_annotation is signature.empty
        else f" -> {_named(signature.return_annotation)}"
    )
    line = f"{name}({', '.join(shown)}){result}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {argument}," for argument in shown), f"){result}"])


def _parameter(parameter: inspect.Parameter) -> str:
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}
    text = stars.get(parameter.kind, "") + parameter.name
    typed = parameter.annotation is not parameter.empty
    if typed:
        text += f": {_named(parameter.annotation)}"
    if parameter.default is not parameter.empty:
        default = repr(parameter.default)
        if default.startswith("<") or len(default) > _REPR:
            default = "..."
        text += f" = {default}" if typed else f"={default}"
    return text


def _named(annotation: Any) -> str:
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, ForwardRef):
        return annotation.__forward_arg__
    return annotation.__name__ if inspect.isclass(annotation) else str(annotation)


def _code(text: str) -> str:
    return f"```python\n{text}\n```"
