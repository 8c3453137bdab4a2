"""The command reference, made from the parser."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from markup import cell, table

from framesift import cli
from framesift.cli.parser import build_parser


def page() -> str:
    """The page of all commands."""
    parser = build_parser()
    commands = _subcommands(parser)
    status = (cli.__doc__ or "").partition("\n\n")[2].strip()
    parts = [
        "# Commands",
        parser.description or "",
        "`framesift COMMAND --help` says the same in a terminal.",
        status,
        table(
            ("command", "what it does"),
            [
                (f"[`{name}`](#{_anchor(name)})", cell(_summary(parser, name)))
                for name in commands
            ],
        ),
    ]
    for name, command in commands.items():
        parts += _command(f"framesift {name}", command, depth=2)
    return "\n\n".join(parts) + "\n"


def _command(name: str, parser: argparse.ArgumentParser, depth: int) -> Iterator[str]:
    yield f"{'#' * depth} {name}"
    if parser.description:
        yield parser.description.strip()
    yield f"```text\n{_usage(parser)}\n```"
    for group in parser._action_groups:
        rows = [
            _row(parser, action)
            for action in group._group_actions
            if not isinstance(action, (argparse._HelpAction, argparse._SubParsersAction))
        ]
        if rows:
            if group.title not in ("positional arguments", "options"):
                yield f"**{(group.title or '').capitalize()}**"
            yield table(("argument" if rows[0][0][1] != "-" else "option", "meaning"), rows)
    for inner, below in _subcommands(parser).items():
        yield from _command(f"{name} {inner}", below, depth + 1)


def _usage(parser: argparse.ArgumentParser) -> str:
    return parser.format_usage().removeprefix("usage: ").strip()


def _row(parser: argparse.ArgumentParser, action: argparse.Action) -> tuple[str, str]:
    metavar = action.metavar or action.dest.upper()
    shown = metavar if isinstance(metavar, str) else " ".join(metavar)
    if action.choices is not None and action.metavar is None:
        shown = "\\|".join(str(choice) for choice in action.choices)
    if action.nargs in ("*", "+"):
        shown += " …"
    if not action.option_strings:
        name = f"`{shown}`"
    else:
        names = ", ".join(action.option_strings)
        name = f"`{names}`" if action.nargs == 0 else f"`{names} {shown}`"
    return name, cell(_help(parser, action))


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    text = (action.help or "") % {**vars(action), "prog": parser.prog}
    default = action.default
    if (
        "default" not in text
        and action.nargs != 0
        and default not in (None, [], False, argparse.SUPPRESS)
    ):
        text = f"{text} (default: {default})".strip()
    return text


def _subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _summary(parser: argparse.ArgumentParser, name: str) -> str:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return next(
                (
                    choice.help or ""
                    for choice in action._choices_actions
                    if choice.dest == name
                ),
                "",
            )
    return ""


def _anchor(name: str) -> str:
    return f"framesift-{name}"
