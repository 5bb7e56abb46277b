"""Candidates for completion: what may come next, from the verbs and from the files here.

A shell asks with `_MBFLOW_COMPLETE=bash_complete mbflow WORD...`; the scripts of
`mbflow completion` do. The answer is a line for each candidate, `+VALUE` or `+VALUE<tab>HELP`, and
`file` or `dir` where the shell completes paths. Whatever happens, nothing else is written: no error
belongs into somebody's prompt. Nothing is sent, and no flow file is opened.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import partial
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import click
from click.shell_completion import CompletionItem, ShellComplete, split_arg_string

VARIABLE = "_MBFLOW_COMPLETE"
Candidates = Iterable[CompletionItem]


class Place(NamedTuple):
    """Where candidates are looked for."""

    root: Path
    """The project's."""
    environment: str | None
    """The one that the command line names."""


def answer(main: click.Group, request: str, words: Sequence[str]) -> None:
    """Write what the shell of the request, such as `zsh_complete`, is to offer."""
    with suppress(BaseException):  # An interrupt, too.
        # Some options print something as soon as they are read.
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            lines = [*_SHELLS[request.removesuffix("_complete")](main, list(words))]
        sys.stdout.buffer.write(b"".join(_encoded(lines)))
        sys.stdout.flush()


def _encoded(lines: Iterable[str]) -> Iterator[bytes]:
    """Lines as the shell takes them; without what it cannot, such as é in a terminal of Greek."""
    for line in lines:
        with suppress(UnicodeError):
            yield os.fsencode(f"{line}\n")


def _bash(main: click.Group, words: list[str]) -> Iterator[str]:
    """`words` are the line before the cursor, and the part of its last word that bash replaces.

    Bash begins a new word at `:` and `=`, and takes what it gets as it is: quotes are added here.
    """
    line, part = words
    *before, current = _split(line)
    head = current[: len(current) - len(_split(part)[-1])]
    for item in find_candidates(main, before[1:], current):
        if item.type != "plain":
            yield item.type
        elif item.value.startswith(head):
            yield f"+{_quoted(item.value.removeprefix(head), part[:1])}"


def _quoted(value: str, quote: str) -> str:
    """The value as it is typed after the opening quote; without one every odd sign is escaped."""
    if quote == "'":
        return value
    return re.sub(r'(["\\$`])' if quote == '"' else r"([^\w@%+=:,./~-])", r"\\\1", value)


def _zsh(main: click.Group, words: list[str]) -> Iterator[str]:
    """`words` are those before the cursor, without quotes, the unfinished one too."""
    *before, current = words
    return map(_line, find_candidates(main, before, current))


def _fish(main: click.Group, words: list[str]) -> Iterator[str]:
    """The same; the unfinished word has its quotes."""
    *before, current = words
    return map(_line, find_candidates(main, before, _split(current)[-1]))


_SHELLS: dict[str, Callable[[click.Group, list[str]], Iterator[str]]] = {
    "bash": _bash,
    "zsh": _zsh,
    "fish": _fish,
}


def _split(line: str) -> list[str]:
    """The words of a line as a shell reads them; the last is "" behind a space."""
    *words, last = split_arg_string(f"{line}|")
    return [*words, last[:-1]]


def _line(item: CompletionItem) -> str:
    about = " ".join((item.help or "").split())
    return f"+{item.value}\t{about}" if item.type == "plain" else item.type


def find_candidates(main: click.Group, words: list[str], current: str) -> Iterator[CompletionItem]:
    """The candidates for `current` behind `words`, without the program's own name."""
    words = [os.path.expanduser(os.path.expandvars(word)) for word in words]  # noqa: PTH111
    _teach(main, words)
    # Of --name=value the value is completed.
    option = re.match("--[^=]+=", current)
    for item in ShellComplete(main, {"obj": {}}, "mbflow", VARIABLE).get_completions(
        words, current
    ):
        if item.type == "plain" and option:
            item.value = f"{option[0]}{item.value}"
        # A name that would be more than one line, or change colours, is no name of mbflow's.
        if item.value.isprintable():
            yield item


def _teach(main: click.Group, words: Sequence[str]) -> None:
    """Have the parameters of the verb in `words` know their values; other verbs stay unloaded."""
    here = Path.cwd()
    verbs = [main.get_command(click.Context(main), word) for word in words]
    commands = [main, *(verb for verb in verbs if verb is not None)]
    for command in commands:
        for one in (command, *getattr(command, "commands", {}).values()):
            for parameter in one.params:
                parameter.shell_complete = partial(_values, here, parameter)


def _values(
    here: Path, parameter: click.Parameter, context: click.Context, incomplete: str
) -> list[CompletionItem]:
    """The values of an argument or option, by what its help calls them."""
    from mbflow.project.discover import find_root

    told = (context.find_root().obj or {}).get("to_visit", "")
    place = Place(find_root(here / told), context.params.get("environment"))
    verb = context.command_path.split()[1:2]
    found: list[CompletionItem] = []
    for name in _names(parameter):
        offer = _OFFERS.get(" ".join([*verb, name])) or _OFFERS.get(name)
        if offer:
            found += [item for item in offer(place) if item.value.startswith(incomplete)]
        elif name == "PATH":
            found.append(CompletionItem(incomplete, type="file"))
    return found or parameter.type.shell_complete(context, parameter, incomplete)


def _names(parameter: click.Parameter) -> list[str]:
    """`-e` for the environment, whatever the option is called; FLOW and ID of `[FLOW|ID]...`."""
    if "-e" in parameter.opts:
        return ["-e"]
    return re.findall("[A-Z]+", parameter.metavar or "")


def _plain(names: Iterable[str]) -> Candidates:
    return map(CompletionItem, names)


def _environments(place: Place) -> Candidates:
    from mbflow.project.outline import environment_names

    return _plain(environment_names(place.root))


def _flows(place: Place) -> Candidates:
    from mbflow.project.discover import flow_files
    from mbflow.project.outline import flows_folder

    return _plain(flow.name for flow in flow_files(place.root, flows_folder(place.root))[0])


def _flows_and_locked(place: Place) -> Candidates:
    """A flow whose file was removed is still planned: it is to be deleted."""
    names = {item.value for some in (_flows(place), _locked(place)) for item in some}
    return _plain(sorted(names))


def _calendars(place: Place) -> Candidates:
    from mbflow.project.discover import calendar_files

    return _plain(one.name for one in calendar_files(place.root)[0])


def _locked(place: Place) -> Candidates:
    """The names in all locks, line by line: a lock may be amid a merge."""
    from mbflow.project.local_folder import LOCK_FILE, STATE
    from mbflow.state.lock_line import read_entry, read_environment

    found: dict[str, None] = {}
    for path in (place.root / LOCK_FILE, *place.root.glob(f"{STATE}/*/{LOCK_FILE}")):
        environment = None
        for line in _lines(path):
            environment = read_environment(line) or environment
            with suppress(ValueError):
                entry = read_entry(line)
                if entry and place.environment in (None, environment):
                    found[entry[0]] = None
    return _plain(sorted(found))


def _lines(path: Path) -> list[str]:
    try:
        # A device or a pipe may never end.
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        return text.splitlines()
    except OSError:
        return []


def _rules(place: Place) -> Candidates:
    from mbflow.rules import RULES

    return [CompletionItem(rule.id, help=rule.summary) for rule in RULES.values()]


def _schemas(place: Place) -> Candidates:
    from mbflow.schema.validator import schema_names

    return _plain(schema_names())


def _quirks(place: Place) -> Candidates:
    from mbflow.emulator.quirks import Quirk

    return [CompletionItem(quirk.value, help=quirk.description) for quirk in Quirk]


_OFFERS: dict[str, Callable[[Place], Candidates]] = {
    "-e": _environments,
    "FLOW": _flows,
    "plan FLOW": _flows_and_locked,
    "apply FLOW": _flows_and_locked,
    "forget FLOW": _locked,
    "RULE": _rules,
    "calendar NAME": _calendars,
    "schema NAME": _schemas,
    "emulate NAME": _quirks,
}
"""By what stands for the value in the help, behind its verb where only that one means it so."""
