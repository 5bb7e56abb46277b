"""No quirk and no kind of fault without its line, and without a test that shows it acting."""

import re

import pytest
from click.testing import CliRunner

from mbflow.cli.verbs.emulate import command
from mbflow.emulator.faults import KINDS
from mbflow.emulator.quirks import Quirk

from . import test_faults, test_quirks
from .acting import SHOWN, fixtures_for

FAULTS = [re.split(r"[\[=]", kind)[0] for kind in KINDS]


def test_every_quirk_and_fault_is_shown_and_nothing_else():
    assert set(SHOWN) == {*Quirk, *FAULTS}


@pytest.mark.parametrize("quirk", Quirk)
def test_a_quirk_is_shown_beside_an_emulator_without_it(quirk):
    assert "both" in fixtures_for(quirk)
    assert all(test.__module__ == test_quirks.__name__ for test in SHOWN[quirk])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_shown_on_a_socket_and_in_process(fault):
    found = fixtures_for(fault)
    assert "opened" in found or {"on_a_socket", "in_process"} <= found
    assert all(test.__module__ == test_faults.__name__ for test in SHOWN[fault])


@pytest.mark.parametrize(
    ("option", "lines"),
    [
        ("--list-quirks", {quirk.value: quirk.description for quirk in Quirk}),
        ("--list-faults", KINDS),
    ],
)
def test_each_has_its_name_and_its_words_in_the_list(option, lines):
    listed = CliRunner().invoke(command, [option])
    assert listed.exit_code == 0
    words = " ".join(listed.output.split())
    for name, description in lines.items():
        assert f"{name} {description}" in words
        assert description.endswith(".")
