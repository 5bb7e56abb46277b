"""Options that several verbs share, and the help of verbs.

`-C`, `-e`, `-q` and `-v` may stand before or after the verb; what takes one value is given once.
"""

from __future__ import annotations

import ast
import inspect
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast
from weakref import WeakSet

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from pathlib import Path  # takes a tenth of `mbflow --help`, which needs none

Verb = TypeVar("Verb", bound=Callable[..., Any])


def directory(command: Verb) -> Verb:
    """`-C DIR`: the whole run is in DIR, as with `git -C`, so that every path is relative to it.

    Given to the verb as `directory: Path`: the current folder.
    """
    return _directory(_visit_for_verb)(command)


def visited(command: Verb) -> Verb:
    """`-C DIR` before the verb."""
    return _directory(_visit)(command)


def _directory(
    visit: Callable[[click.Context, click.Parameter, str], object],
) -> Callable[[Verb], Verb]:
    return click.option(
        "-C",
        "directory",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False),
        default=".",
        is_eager=True,  # before other paths are looked at
        callback=visit,
        help="Work in DIR instead of here.",
    )


def environment(command: Verb) -> Verb:
    """`-e NAME`, given to the verb as `environment: str | None`."""
    return click.option(
        "-e",
        "--environment",
        metavar="NAME",
        envvar="MBFLOW_ENVIRONMENT",
        callback=_chosen_environment,
        help="The environment to work on (or MBFLOW_ENVIRONMENT).",
    )(command)


def with_version(command: Verb) -> Verb:
    """`--version`: tells it, and ends."""

    def show(context: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted and not context.resilient_parsing:
            from mbflow.cli.version import version_text

            click.echo(version_text())
            context.exit()

    return click.option(
        "--version",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help="Show the versions of mbflow and of what it uses, and exit.",
    )(command)


def environments(command: Verb) -> Verb:
    """`-e NAME`, as often as wanted, given to the verb as `environments: tuple[str, ...]`."""
    return click.option(
        "-e",
        "--environment",
        "environments",
        metavar="NAME",
        multiple=True,
        callback=_chosen_environments,
        help="The environments to work on, each (or MBFLOW_ENVIRONMENT, for one).",
    )(command)


def output_format(*names: str) -> Callable[[Verb], Verb]:
    """`--format`, one of `names`; the first is the default."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(names),
        default=names[0],
        show_default=True,
        help="How the result is written to standard output.",
    )


class AccountOptions(NamedTuple):
    """What every verb that looks at an account is told."""

    directory: Path
    environment: str | None
    output_format: str


def account_options(*formats: str) -> Callable[[Verb], Verb]:
    """`-C`, `-e` and `--format` (text and json, if no other), given as the first argument."""

    def decorate(command: Verb) -> Verb:
        @wraps(command)
        def run(directory: Path, environment: str | None, output_format: str, **others: Any) -> Any:
            return command(AccountOptions(directory, environment, output_format), **others)

        choice = output_format(*(formats or ("text", "json")))
        return directory(environment(choice(cast(Verb, run))))

    return decorate


def _visit_for_verb(context: click.Context, parameter: click.Parameter, value: str) -> Path:
    from pathlib import Path

    _visit(context, parameter, value)
    return Path()


def _visit(context: click.Context, parameter: click.Parameter, value: str) -> None:
    """A folder that the next command would have to be told again is noted for the errors."""
    _check_once(context, parameter)
    if value == ".":
        return
    from pathlib import Path

    folder = Path(value)
    if folder != Path():
        told = context.find_root().ensure_object(dict)
        if "to_visit" in told:
            raise click.UsageError("-C is given twice.", context)
        told["to_visit"] = str(folder)
        context.with_resource(_changed_folder(str(folder)))


@contextmanager
def _changed_folder(folder: str) -> Iterator[None]:
    try:
        before = os.getcwd()  # noqa: PTH109
    except FileNotFoundError:  # It was removed: there is nothing to come back to.
        before = folder
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _chosen_environment(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> str | None:
    """What the command line says, before or after the verb, wins over MBFLOW_ENVIRONMENT.

    A name that the next command would have to be told again is noted for the errors.
    """
    _check_once(context, parameter)
    source = context.get_parameter_source(parameter.name or "")
    before = _given_before_verb("environment")
    if before is not None:
        value = before
    elif source is ParameterSource.ENVIRONMENT:
        return value
    context.find_root().ensure_object(dict)["to_name"] = value
    return value


def _chosen_environments(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    before = _given_before_verb("environment")
    if value and before is not None:
        raise click.UsageError("--environment is given twice.", context)
    for name, count in Counter(value).items():
        if count > 1:
            raise click.UsageError(f"-e {name} is given twice.", context)
    chosen = value or ((before,) if before is not None else ())
    if len(chosen) == 1:
        context.find_root().ensure_object(dict)["to_name"] = chosen[0]
    by_process = os.environ.get("MBFLOW_ENVIRONMENT")
    return chosen or ((by_process,) if by_process else ())


def _check_once(context: click.Context, parameter: click.Parameter) -> None:
    """Raise `UsageError` for what was given before the verb and after it."""
    name = parameter.name or ""
    here = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    if here and _given_before_verb(name) is not None:
        raise click.UsageError(f"{parameter.opts[-1]} is given twice.", context)


def _given_before_verb(name: str) -> str | None:
    context = click.get_current_context().find_root()
    value = (context.obj or {}).get(name)
    return value if isinstance(value, str) else None


class FilePath(click.Path):
    """One file or folder. `-` and an empty text are refused: neither names what was meant."""

    def __init__(self, *, dir_okay: bool = True) -> None:
        super().__init__(dir_okay=dir_okay)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("The name of the file is empty.", param, ctx)
        if value == "-":
            self.fail(
                "`-` is no file here. Standard output gets what --format names, and takes a > FILE;"
                " a file of this name is ./-",
                param,
                ctx,
            )
        from pathlib import Path

        return Path(os.fsdecode(super().convert(value, param, ctx)))


def told() -> dict[str, Any]:
    """What the run was told so far, beside the options of its verb."""
    context = click.get_current_context(silent=True)
    found: dict[str, Any] = {} if context is None else context.find_root().ensure_object(dict)
    return found


def is_quiet() -> bool:
    """Whether `-q` leaves out what is said beside the result."""
    return told().get("said") == "-q"


def is_verbose() -> bool:
    """Whether `-v` tells of every request."""
    return told().get("said") == "-v"


def with_verbosity(command: click.Command) -> click.Command:
    """The command, and all below it, with `-q` and `-v`: one of them, once in the whole line."""
    if not any("--quiet" in one.opts for one in command.params):
        quiet = "Say nothing but errors, warnings and questions beside the result."
        verbose = "Tell of each request, on standard error."
        for names, text in ((("-q", "--quiet"), quiet), (("-v", "--verbose"), verbose)):
            command.params.append(
                click.Option(names, count=True, expose_value=False, callback=_say, help=text)
            )
    for below in getattr(command, "commands", {}).values():
        with_verbosity(below)
    return command


def _say(context: click.Context, parameter: click.Parameter, times: int) -> None:
    """Raise `UsageError` for what was said before."""
    if not times:
        return
    known, name = context.find_root().ensure_object(dict), parameter.opts[0]
    before = known.setdefault("said", name)
    if before != name:
        raise click.UsageError("Say either -q or -v.", context)
    if times > 1 or known.get("said_by", context) is not context:
        raise click.UsageError(f"{name} is given twice.", context)
    known["said_by"] = context


def with_help(command: click.Command) -> click.Command:
    """The command with its texts of `--help`, which `python -OO` takes out of the functions."""
    for one in (command, *getattr(command, "commands", {}).values()):
        if one.help is None and one.callback is not None:
            one.help = _text_in_source(one.callback)
        # What click makes of the help itself breaks off amid a sentence.
        one.short_help = " ".join((one.help or "").partition("\n\n")[0].split())
    return command


def _text_in_source(function: Callable[..., Any]) -> str:
    import textwrap

    try:
        source = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    except OSError:
        return "The help is not here: python -OO left it out, and the source is not installed."
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef)
    return ast.get_docstring(definition) or ""


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
            _refuse_letters(command, ctx, args)
            # click keeps the last value only; the order of the options holds each of them.
            values, rest, order = parse(args)
            for parameter, count in Counter(order).items():
                if count > 1 and _takes_one(parameter) and not ctx.resilient_parsing:
                    raise click.UsageError(f"{max(parameter.opts, key=len)} is given twice.", ctx)
            return values, rest, order

        parser.parse_args = parse_args  # type: ignore[method-assign]
        return parser

    command.make_parser = make_parser  # type: ignore[method-assign]
    if isinstance(command, click.Group):
        for below in command.commands.values():
            refuse_twice(below)
    return command


def _refuse_letters(command: click.Command, ctx: click.Context, args: Sequence[str]) -> None:
    """Raise for `-target=x`, of which click would say that there is no -t.

    Where its first letter is an option it would even be taken: `-out` is not `-o ut`.
    """
    takes_one = {name for one in command.params if _takes_one(one) for name in one.opts}
    before = ""
    for word in args:
        is_value = before in takes_one
        if word == "--" or not (word.startswith("-") or is_value or ctx.allow_interspersed_args):
            return
        if not is_value and re.match("-[a-zA-Z][a-zA-Z_-]", word):
            from mbflow.cli.habits import is_long, names_of_options

            known = names_of_options(command, ctx)
            if word[:2] not in known or is_long(word, known):
                raise click.NoSuchOption(word.partition("=")[0], ctx=ctx)
        before = word


def _takes_one(parameter: click.Parameter) -> bool:
    single = isinstance(parameter, click.Option) and not (parameter.is_flag or parameter.count)
    return single and not parameter.multiple


def stated_base(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> str | None:
    """The value of `--base`: a variable that is empty must not pass for none."""
    if value is not None and not value.strip():
        raise click.BadParameter("It is empty: name a commit, branch or tag.")
    return value
