"""JSON that is harmless in terminals and logs, and colour that is only colour."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import json_values, texts

from mbflow.views.text import Style, json_text

documents = st.dictionaries(texts, json_values | texts, max_size=4)


@given(documents)
def test_it_is_the_same_document(document):
    assert json.loads(json_text(document)) == document


@given(documents)
def test_it_holds_nothing_that_acts(document):
    text = json_text(document)
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    assert not re.search(r"##\w*\[|(?m:^\s*::)", text)


@pytest.mark.parametrize("command", ["##[error]boom", "##vso[x]", "##teamcity[x]", "a ##[b"])
def test_commands_of_ci_systems_are_taken_apart(command):
    text = json_text({"title": command})
    assert command not in text
    assert json.loads(text) == {"title": command}


def test_a_lone_surrogate_is_written():
    assert json_text({"a": "\ud800"}) == '{\n  "a": "\\ud800"\n}'


def test_colour():
    assert Style(colour=True).paint("text", "red", "bold") == "\x1b[31;1mtext\x1b[0m"
    assert Style(colour=True).paint("", "red") == ""
    assert Style().paint("text", "red") == "text"
