"""An option that takes one value is given once: of two values, nobody knows which was meant."""

from __future__ import annotations

from collections import Counter
from typing import Any
from weakref import WeakSet

import click

_CHECKED: WeakSet[click.Command] = WeakSet()


def refuse_twice(command: click.Command) -> click.Command:
    """The command, and all below it, refuses such an option that is given twice."""
    if command in _CHECKED:
        return command
    _CHECKED.add(command)
    make = command.make_parser

    def make_parser(ctx: click.Context) -> Any:
        parser = make(ctx)
        parse = parser.parse_args

        def parse_args(args: list[str]) -> Any:
            # click keeps the last value only; the order of the options holds each of them.
            values, rest, order = parse(args)
            for parameter, count in Counter(order).items():
                if count > 1 and _takes_one(parameter):
                    raise click.UsageError(f"{max(parameter.opts, key=len)} is given twice.", ctx)
            return values, rest, order

        parser.parse_args = parse_args  # type: ignore[method-assign]
        return parser

    command.make_parser = make_parser  # type: ignore[method-assign]
    if isinstance(command, click.Group):
        for below in command.commands.values():
            refuse_twice(below)
    return command


def _takes_one(parameter: click.Parameter) -> bool:
    single = isinstance(parameter, click.Option) and not (parameter.is_flag or parameter.count)
    return single and not parameter.multiple
