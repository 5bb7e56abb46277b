"""Two versions of a text as a reviewer compares them: the words that changed stand out."""

import re
from contextvars import copy_context
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import AWKWARD

from mbflow.model.text import printable
from mbflow.views.text import Style, fit_lines_into
from mbflow.views.text_diff import text_diff

ESCAPE = re.compile("\x1b\\[[0-9;]*m")


def shown(before, after, colour=False):
    lines = [line.paint(Style(colour)) for line in text_diff(before, after)]
    return "\n".join(re.sub(r"\b[0-9a-f]{8}\b", "SUM", line) for line in lines) + "\n"


CASES = {
    "a word in a long line, and words that come": (
        "Welcome to Acme, the home of anvils, rockets and giant rubber bands of all sizes.",
        "Welcome to Acme, the home of anvils, rockets and tiny rubber bands of all sizes, cats.",
        """\
  - Welcome to Acme, the home of anvils, rockets and giant rubber bands of
                                                     ^^^^^
      all sizes.
          ^^^^^^
  + Welcome to Acme, the home of anvils, rockets and tiny rubber bands of
                                                     ^^^^
      all sizes, cats.
          ^^^^^^ ^^^^^
""",
    ),
    "lines that changed side by side": (
        "Thank you.\nFor sales, press 1.\nFor support, press 2.\nBye",
        "Thank you.\nFor sales, press 2.\nFor help, press 2.\nBye",
        """\
    Thank you.
  - For sales, press 1.
                     ^^
  - For support, press 2.
        ^^^^^^^^
  + For sales, press 2.
                     ^^
  + For help, press 2.
        ^^^^^
    Bye
""",
    ),
    "a line that comes": ("One.\nThree.", "One.\nTwo.\nThree.", "    One.\n  + Two.\n    Three.\n"),
    "a break that goes": (
        "One two.\nThree.",
        "One two. Three.",
        "  - One two.\n  - Three.\n  + One two. Three.\n",
    ),
    "another text": ("We are open.", "Closed today!", "  - We are open.\n  + Closed today!\n"),
    "no blanks between the words": (
        "お電話ありがとうございます。営業部は一番です。",
        "お電話ありがとうございます。技術部は二番です。",
        """\
  - お電話ありがとうございます。営業部は一番です。
                                ^^^^    ^^
  + お電話ありがとうございます。技術部は二番です。
                                ^^^^    ^^
""",
    ),
    "what no eye can see": (
        "press\u00a01 in the cafe\u0301 now",
        "press 1 in the caf\u00e9 now",
        """\
  - press\u00a01 in the cafe\u0301 now
    ^^^^^^^        ^^^^
  + press 1 in the caf\u00e9 now
    ^^^^^ ^        ^^^^
  only the old text has no-break space (U+00A0)
  only the old text has combining acute accent (U+0301)
  only the new text has latin small letter e with acute (U+00E9)
""",
    ),
    "escapes": (
        "press 1 \u202enow",
        "press 1 now",
        """\
  - press 1 \\u202enow
            ^^^^^^^^^
  + press 1 now
            ^^^
""",
    ),
    "carets, which could be marks": (
        "^^^ one",
        "^^^ two",
        """\
  - ^^^ one
        ^^^
  + ^^^ two
        ^^^
  in all 7 -> 7 characters, checksum SUM -> SUM
""",
    ),
    "a list that becomes a text": (
        ["a.wav"],
        "a.wav",
        '  - ["a.wav"]\n  + "a.wav"\n  in all 9 -> 5 characters, checksum SUM -> SUM\n',
    ),
    "a list and a text of the same words": (
        ["a"],
        '"a"',
        '  - ["a"]\n  + "\\"a\\""\n  in all 5 -> 3 characters, checksum SUM -> SUM\n',
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_words_that_changed_are_marked(name):
    before, after, expected = CASES[name]
    assert shown(before, after) == expected


@pytest.mark.parametrize("name", CASES)
def test_colour_changes_no_word_and_no_mark(name):
    before, after, expected = CASES[name]
    coloured = shown(before, after, colour=True)
    assert ESCAPE.sub("", coloured) == expected
    assert "\x1b[31m" in coloured or "  - " not in expected


def test_of_a_text_without_end_the_words_around_the_change():
    before = "word " * 30_000 + "one " + "word " * 30_000
    text = shown(before, before.replace("one", "two"))
    assert text.startswith(f"  - … {'word ' * 10}one word")
    assert text.splitlines()[1] == f"{' ' * 56}^^^"
    assert len(text) < 6_000
    assert text.endswith("  in all 300,004 -> 300,004 characters, checksum SUM -> SUM\n")


def test_of_lines_without_end_the_first():
    old, new = ("".join(f"{word} {n} of a text\n" for n in range(5_000)) for word in ("Line", "No"))
    lines = shown(old, new).splitlines()
    assert len(lines) == 202
    assert lines[-2] == "  … 19,800 more lines"


def test_a_word_without_end_is_cut():
    assert len(shown("x" * 9_000, "x" * 9_000 + " y")) < 6_000


awkward = st.lists(st.sampled_from([*AWKWARD, "one", "日本", "::x", "^"]), max_size=30)


@given(awkward, awkward)
def test_whatever_the_texts_hold_is_shown_harmless(old, new):
    lines = [line.text for line in text_diff(" ".join(old), " ".join(new))]
    assert all(printable(line) == line for line in lines)


some = ["press", "one", "two", "for", "sales", "1.", "2.", "::x"]
words = st.lists(st.sampled_from(some), min_size=1)


@given(words, words.filter(lambda words: len(words) < 30))
def test_without_the_marked_words_both_texts_are_one(old, new):
    assume(old != new)
    went, came = read([line.text for line in text_diff(" ".join(old), " ".join(new))])
    assert [[word for word, _ in side] for side in (went, came)] == [old, new]
    if any(is_marked for _, is_marked in [*went, *came]):
        stay = [[word for word, is_marked in side if not is_marked] for side in (went, came)]
        assert stay[0] == stay[1] != []
    else:
        assert not {*old} & {*new}


def read(lines):
    """The words of both sides, each with whether there are marks below it."""
    sides, sign = {"-": [], "+": []}, ""
    for line, below in pairwise([*lines, ""]):
        if not line.strip("^ "):
            continue
        sign = line[2].strip() or sign
        marks = below if not below.strip("^ ") else ""
        for word in re.finditer(r"[^ ]+", line[4:]):
            under = marks[word.start() + 4 : word.end() + 4]
            assert under.strip() in ("", "^" * len(word[0]))
            sides[sign].append((word[0].replace("\\x3a", ":"), bool(under.strip())))
    return sides["-"], sides["+"]


def narrow(columns, before, after):
    """The lines of a difference, in a terminal of so many columns."""

    def lines():
        fit_lines_into(columns)
        return [line.text for line in text_diff(before, after)]

    return copy_context().run(lines)


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_marks_stand_below_their_words_in_any_terminal(columns):
    before = " ".join(f"word{number}" for number in range(40))
    lines = narrow(columns, before, before.replace("word33", "other"))
    assert max(map(len, lines)) <= min(columns, 80)
    below = [(above, line) for above, line in pairwise(lines) if "^" in line]
    marked = [above[line.index("^") : line.rindex("^") + 1] for above, line in below]
    assert marked == ["word33", "other"]
