"""What fits a comment: nothing is lost without a number, and no one thing takes the room of all."""

import re

from hypothesis import given
from hypothesis import strategies as st

from mbflow.views.comment import Entry, cut_lines, fit, fit_lines, size_of


def entry(name, lines):
    """With -1 lines its line says all."""
    body = None if lines < 0 else lambda: [f"{name} {n}" for n in range(lines)]
    return Entry(f"- `{name}`", f"<code>{name}</code>", body)


@given(st.lists(st.integers(-1, 60), max_size=80), st.integers(0, 20_000))
def test_all_is_within_the_room_and_what_is_not_is_counted(lengths, room):
    entries = [entry(f"e{n}", length) for n, length in enumerate(lengths)]
    parts = fit(entries, room, "thing", "look elsewhere")
    last = parts[-1] if parts else ""
    note = re.fullmatch(r"\*([\d,]+) more things? do(?:es)? not fit here; look elsewhere\.\*", last)
    short = re.fullmatch(r"\*([\d,]+) things? cut short here; look elsewhere\.\*", last)
    shown = parts[:-1] if note or short else parts
    assert size_of(shown) <= max(room, 0)
    assert len(shown) + (int(note[1]) if note else 0) == len(entries)
    for number, part in enumerate(shown):
        assert f"`e{number}`" in part or f">e{number}<" in part
        if part.startswith("<details"):
            left = re.search(r"… (\d+) more lines?\n```", part)
            told = len(re.findall(rf"(?m)^e{number} \d+$", part))
            assert told + (int(left[1]) if left else 0) == lengths[number]
    whole = [part for part in shown if part.startswith("<details") and "more line" not in part]
    assert note or (int(short[1]) if short else 0) == len(entries) - len(whole) - lengths.count(-1)


def test_long_ones_leave_room_for_the_short_ones():
    entries = [entry(f"long{n}", 2000) for n in range(20)] + [
        entry(f"short{n}", 5) for n in range(20)
    ]
    parts = fit(entries, 20_000, "thing", "look elsewhere")
    for n in range(20):
        assert f"long{n} 3\n" in parts[n]
        assert "more lines" in parts[n]
        assert f"short{n} 4\n```" in parts[20 + n]
    assert size_of(parts) > 19_000


def test_where_there_is_room_for_lines_only_the_first_unfold():
    parts = fit([entry(f"e{n}", 100) for n in range(100)], 2_500, "thing", "look elsewhere")
    assert parts[0].startswith("<details")
    assert parts[-2] == "- `e99`"
    assert parts[-1] == "*100 things cut short here; look elsewhere.*"


def test_bodies_are_made_only_where_there_may_be_room():
    made = []
    entries = [
        Entry(f"- {n}", str(n), lambda n=n: [*made, made.append(n)][:0]) for n in range(1000)
    ]
    fit(entries, 12_000, "thing", "look elsewhere")
    assert 0 < len(made) <= 200


def test_lines_that_do_not_fit_are_counted():
    assert fit_lines(["aaa", "bb"], 7, "row", "see x") == (["aaa", "bb"], "")
    assert fit_lines(["aaa", "bb"], 6, "row", "see x") == (
        ["aaa"],
        "*1 more row does not fit here; see x.*",
    )
    assert cut_lines(["a" * 30] * 10, 100) == f"{'a' * 30}\n    … 9 more lines"
    assert cut_lines(["a" * 300, "b"], 100) == f"{'a' * 60}…\n    … 1 more line"
    assert cut_lines([], 0) == ""
