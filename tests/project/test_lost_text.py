"""Text without quotes that YAML cuts, joins, swallows or refuses: where, and what to write."""

import pytest
import yaml

from mbflow.model.problem import Severity
from mbflow.project.yaml.document import read_yaml

BETWEEN = "Between brackets a text with {} in it needs quotes"
COMMENT = "# after a blank begins a comment. Put the text into quotes if the # belongs to it"
NO_VALUE = "has no value: between brackets a comma ends a text. Put text with a comma or a colon"
CLOSED = "The text goes on after its closing quote. Put the whole text into quotes"
JOINED = "This text goes on below, and its lines are joined by blanks. Put it into quotes"
PART = "is part of the text above it here. Indent the line like its key if it is a key of its own"
ERRORS = [
    ("a: {payload: Let op: gesloten}", 1, 20, BETWEEN.format("a colon and a blank")),
    ("a: {\n  payload: Let op: gesloten,\n}", 2, 18, BETWEEN.format("a colon and a blank")),
    ("a: {payload: Press [1] now}", 1, 20, BETWEEN.format("a [")),
    ("a: {payload: Press {1} now}", 1, 20, BETWEEN.format("a {")),
    ("a: {payload: For sales, press 1}", 1, 25, f'"press 1" {NO_VALUE}'),
    ("a: {b:c}", 1, 5, '"b:c" has no value: a blank is missing'),
    ("a: {payload: Press # now}", 1, 20, "not closed. Put text with a # into quotes."),
    ("a: [\n  Press # now]", 2, 9, "not closed. Put text with a # into quotes."),
    ("a: {b: #, c: d}\ne: f", 1, 8, "not closed. Put text with a # into quotes."),
    ("a: [#1 in town]\nb: c", 1, 5, "not closed. Put text with a # into quotes."),
    ("a:\n- {b: # none}\n- c", 2, 7, "not closed. Put text with a # into quotes."),
    ("a: {b: c\nd: e", 1, 4, "A bracket that is opened here is never closed."),
    ("a: &now press", 1, 4, "which nothing repeats, and is no part of the text. Put the text into"),
    ("a: *now press", 1, 4, 'Text that begins with * or & needs quotes, as in "*".'),
    ("a: & now", 1, 5, 'Text that begins with * or & needs quotes, as in "*".'),
    ("a: !now press", 1, 4, "The tag !now has no meaning here. Remove it; quotes make any value"),
    ("a: ! press", 1, 4, "Text that begins with ! needs quotes."),
    ("a: %now", 1, 4, "Text that begins with % needs quotes."),
    ("a: @now", 1, 4, "Text that begins with @ needs quotes."),
    ("a: `now", 1, 4, "Text that begins with ` needs quotes."),
    ("a: [now] press", 1, 10, "Text that begins with [ needs quotes."),
    ("a: {now: 1} press", 1, 13, "Text that begins with { needs quotes."),
    ("a: - now", 1, 4, "text that begins with them needs quotes"),
    ("a: ? now", 1, 4, "Text that begins with a question mark needs quotes."),
    ("a: | now", 1, 6, "Text that begins with | or > needs quotes"),
    ("a: > now", 1, 6, "Text that begins with | or > needs quotes"),
    ("a: , now", 1, 4, "Text that begins with , needs quotes."),
    ("a: ]now", 1, 4, "Text that begins with ] needs quotes."),
    ("a: }now", 1, 4, "Text that begins with } needs quotes."),
    ("a: Let op: dicht", 1, 10, "put text with a colon in quotes"),
    ('a: "now" press', 1, 10, f'{CLOSED}: inside of them " is written \\".'),
    ("a: 'don't'", 1, 9, f"{CLOSED}: inside of them ' is written ''."),
    ('a: "now', 1, 4, "A quote that is opened here is never closed."),
    ('a: "\\u12"', 1, 7, "An escape needs all its digits"),
    ("\ta: 1", 1, 1, "A tab cannot be used for indentation: use spaces."),
    ("a: b\n...\nc: d", 3, 1, "Three dots end the file: remove their line, and what stands below"),
]
WARNINGS = [
    ("a: Press # now", 1, 10, f'The text ends at "Press": {COMMENT}'),
    ("a: Press\t# now", 1, 10, f'The text ends at "Press": {COMMENT}'),
    ("a: Hotline #2", 1, 12, f'The text ends at "Hotline": {COMMENT}'),
    ("a:\n- Press the # now", 2, 13, f'The text ends at "the": {COMMENT}'),
    ("a: {b: Press # now\n  }", 1, 14, f'The text ends at "Press": {COMMENT}'),
    ("a: two words\n  press # now", 2, 9, f'The text ends at "press": {COMMENT}'),
    ("a: live_0123456789 # key", 1, 20, "The text ends here: # after a blank begins a comment."),
    ("a: #1 in town", 1, 4, "There is no value: # begins a comment. Put the text into quotes"),
    ("voice: fe male # now", 1, 16, f'The text ends at "male": {COMMENT}'),
    ("finishOnKey: #1 in town", 1, 14, "There is no value: # begins a comment."),
    ("a: two\n    * lines\n    * here", 1, 4, JOINED),
    ("a:\n  payload: Hello\n    repeat 3\n", 2, 12, JOINED),
    ("a: two\n  lines\n  voice male", 1, 4, JOINED),
    ("a: two\n\n  lines", 1, 4, JOINED),
    ("a: >5", 1, 4, "This block of text is empty: its lines stand below"),
    ("a: |\nb: 1", 1, 4, "This block of text is empty: its lines stand below"),
    ("a:\n  payload: |\n    Hello\n    repeat: 3\n", 4, 5, f'"repeat:" {PART}'),
    ("a:\n  payload: >-\n    Hello\n\n    voice: male\n  b: c\n", 5, 5, f'"voice:" {PART}'),
]
FINE = """\
# a comment of its own
a: word  # two blanks before it
b: 3 # after a number
c: true # after a truth
d: "quoted # text" # after a quote
e: C# and a#b
f: {x: [Press 1, 2], y: 17:30} # after a bracket
g: # before a list
  - &x one
  - *x
h: |  # a block
  Note: # 1 stays
i: >-
  one

  two
j: "two
  lines"
k: yes
l: it's "fine" & well! 50% @home
action: hangup # a word of the few that an action may be
voice: female #1
language: en-GB # a form of its own
ends: hangup # in a call file
"""


@pytest.mark.parametrize(("source", "line", "column", "words"), ERRORS)
def test_text_that_needs_quotes_is_refused(source, line, column, words):
    (problem,) = read_yaml(source.encode()).problems
    assert problem.severity is Severity.ERROR
    assert (problem.line, problem.column) == (line, column)
    assert words in problem.message


@pytest.mark.parametrize(("source", "line", "column", "words"), WARNINGS)
def test_text_that_is_not_what_it_seems_is_told(source, line, column, words):
    told = read_yaml(source.encode()).problems
    assert {(one.rule, one.severity) for one in told} == {("yaml-text", Severity.WARNING)}
    (message,) = [one.message for one in told if (one.line, one.column) == (line, column)]
    assert words in message


@pytest.mark.parametrize(("source", "line", "column", "words"), WARNINGS)
@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_it_is_told_whatever_ends_a_line(source, line, column, words, end):
    told = read_yaml(source.replace("\n", end).encode()).problems
    assert told == read_yaml(source.encode()).problems


TEXTS = [
    "Welcome to Acme. Our office is open from nine to five, on every day of the week. " * 5,
    "To speak to us about a bill or about a payment that you have made, press a - long - key.",
    "To speak to us about a bill or about a payment that you have made, leave a voice mail",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [70, 80, 100])
def test_a_text_that_a_program_wrapped_is_read_as_it_stands(text, width):
    """As PyYAML writes it, and as people break a sentence."""
    step = {"action": "say", "options": {"payload": text.strip()}}
    source = yaml.safe_dump({"title": "A", "steps": [step]}, width=width)
    by_hand = (
        "steps:\n- action: say\n  options:\n    payload: Welcome.\n      For sales, press 1.\n"
    )
    for one in (source, by_hand):
        assert read_yaml(one.encode()).problems == ()
        assert one.count("\n") > 4


def test_what_is_plain_is_not_told():
    document = read_yaml(FINE.encode())
    assert document.problems == ()
    assert document.data["h"] == "Note: # 1 stays\n"
    assert read_yaml(FINE.replace("\n", "\r\n").encode()).problems == ()
