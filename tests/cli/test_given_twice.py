"""An option that takes one value is given once, in every verb, before and after it."""

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
        (("plan", "-e", "local", "-e", "other"), "--environment"),
        (("plan", "-e", "local", "--environment", "local"), "--environment"),
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
