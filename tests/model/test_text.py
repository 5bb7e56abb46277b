"""Text from strangers, made harmless; commands that can be copied."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from mbflow.model.text import Command, plural, printable, shortened


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, ünïcode 日本 😀", "plain text, ünïcode 日本 😀"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31m\x9b\x00", "\\e[31m\\x9b\\x00"),
        ("a\ufffe\uffff", "a\\ufffe\\uffff"),
        ("\u202e\u200b\ufeff\u2028", "\\u202e\\u200b\\ufeff\\u2028"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("::error::x", "\\x3a:error::x"),
        ("  ::error::x", "  \\x3a:error::x"),
        ("a ::error::x", "a ::error::x"),
        ("12:30 :: x", "12:30 :: x"),
        ("##[error]x", "#\\x23[error]x"),
        ("a ##[error]x", "a #\\x23[error]x"),
        ("##vso[task.x]", "#\\x23vso[task.x]"),
        ("## heading [x]", "## heading [x]"),
    ],
)
def test_what_is_shown(text, shown):
    assert printable(text) == shown


@given(st.text())
def test_it_is_one_line_and_stays_as_it_is(text):
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert printable(shown) == shown


@given(texts, st.integers(1, 80))
def test_a_shortened_text_is_short(text, length):
    short = shortened(text, length)
    assert len(short) <= length
    assert short == printable(text) or short.endswith("…")


@given(st.lists(texts, min_size=1))
def test_a_shell_reads_a_command_as_it_was_meant(words):
    assert shlex.split(str(Command(*words))) == words


def test_a_plain_command_is_shown_plainly():
    assert (
        str(Command("mbflow", "adopt", "billing/menu", "1b9e-5c"))
        == "mbflow adopt billing/menu 1b9e-5c"
    )
    assert str(Command("--allow", "a key; rm -rf")) == "--allow 'a key; rm -rf'"


def test_a_number_with_its_noun():
    assert plural(0, "call") == "0 calls"
    assert plural(1, "call file") == "1 call file"
    assert plural(12_000, "flow") == "12,000 flows"
