"""Options in every verb: given once, named in help by what they take, told where it is another."""

import re

import click
import pytest
from api.cli import runner

from mbflow.cli.main import VERBS, main


@pytest.fixture
def mbflow(capsys, tmp_path):
    (tmp_path / "flows").mkdir()
    return runner(capsys, tmp_path)


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("apply", "-e", "local", "-e", "other"), "--environment"),
        (("apply", "-e", "local", "--environment", "local"), "--environment"),
        (("plan", "-e", "local", "--environment", "local"), "-e local"),
        (("-e", "local", "-e", "other", "plan"), "--environment"),
        (("-e", "local", "plan", "-e", "other"), "--environment"),
        (("-C", "flows", "plan", "-C", ".."), "-C"),
        (("plan", "--out", "a", "--out=b"), "--out"),
        (("flows", "list", "--limit", "1", "--limit", "2"), "--limit"),
    ],
)
def test_an_option_of_one_value_is_given_once(mbflow, words, option):
    ran = mbflow(*words)
    assert (ran.code, ran.out) == (64, "")
    assert f"Error: {option} is given twice.\n" in ran.err


def test_options_of_several_values_and_flags_may_be_repeated(mbflow):
    words = ("validate", "--format", "json", "-C", ".")
    assert mbflow("plan", "--match-title", "--match-title").code == 0
    assert mbflow(*words).code == 0
    assert mbflow("-e", "local", "-C", ".", "plan").code == 0


def options(command):
    """Each command below this one, with its options of one value."""
    for below in getattr(command, "commands", {}).values():
        yield from options(below)
    for one in command.params:
        if isinstance(one, click.Option) and not (one.is_flag or one.multiple or one.count):
            yield command, one


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_refuses_it(verb):
    # click keeps the help option that it makes first, so it is made as the program makes it.
    parent = click.Context(main, **main.context_settings)
    for command, option in options(main.get_command(parent, verb)):
        given = option.type.choices[0] if isinstance(option.type, click.Choice) else "1"
        with pytest.raises(click.UsageError, match="is given twice"):
            command.make_context(
                verb, [option.opts[0], given, option.opts[0], given], parent=parent
            )


def commands(group=main, path=()):
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        yield (*path, name), command


def test_help_names_what_each_option_takes():
    """Not TEXT, INTEGER or FLOAT, which click says where nothing is said."""
    named = {
        (path, parameter.make_metavar(click.Context(command)))
        for path, command in commands()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not (parameter.is_flag or parameter.count)
    }
    assert (("webhooks", "update"), "URL") in named
    bare = [one for one in named if re.match("TEXT|INTEGER|FLOAT|PATH|FILE NAME", one[1])]
    assert bare == [(("test",), "TEXT")], "it is a text"


@pytest.mark.parametrize("wrong", ["--yes", "-y", "--auto-approve", "-auto-approve"])
def test_another_word_for_not_asking_is_told_the_right_one(mbflow, wrong):
    told = []
    for path, command in commands():
        right = {"--yes", "--auto-approve"} & {name for one in command.params for name in one.opts}
        if right and wrong not in right:
            told += mbflow(*path, wrong).err.splitlines()
            assert told[-1].endswith(f" has no {wrong}: write {right.pop()}."), path
    assert len(told) > 1
    assert "write --" not in mbflow("plan", wrong).err
