"""What fits a comment: nothing is lost without a number, and no one thing takes the room of all."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbflow.views.comment import (
    Block,
    Entry,
    Files,
    Section,
    cut_lines,
    fit,
    fit_lines,
    fit_sections,
    marker,
    size_of,
)
from mbflow.views.text import code


def entry(name, *lengths):
    """With so many lines in each of its blocks; without any its line says all."""

    def block(rank, length):
        return lambda: Block([f"{name}.{rank} {n}" for n in range(length)])

    return Entry(f"- `{name}`", f"<code>{name}</code>", [*map(block, range(9), lengths)])


@given(st.lists(st.integers(-1, 60).filter(bool), max_size=80), st.integers(0, 20_000))
def test_all_is_within_the_room_and_what_is_not_is_counted(lengths, room):
    entries = [entry(f"e{n}", *([] if of < 0 else [of])) for n, of in enumerate(lengths)]
    parts = fit(entries, room, "thing", "look elsewhere")
    last = parts[-1] if parts else ""
    note = re.fullmatch(
        r"\*([\d,]+)(?: more)? things? do(?:es)? not fit here; look elsewhere\.\*", last
    )
    short = re.fullmatch(r"\*([\d,]+) things? cut short here; look elsewhere\.\*", last)
    shown = parts[:-1] if note or short else parts
    assert size_of(shown) <= max(room, 0)
    folded = [part.startswith("<details") for part in shown]
    assert all(map(any, pairwise(folded))), "lines that follow each other are one list"
    shown = [
        one
        for part, is_folded in zip(shown, folded, strict=True)
        for one in ([part] if is_folded else part.splitlines())
    ]
    assert len(shown) + (int(note[1]) if note else 0) == len(entries)
    for number, part in enumerate(shown):
        assert f"`e{number}`" in part or f">e{number}<" in part
        if part.startswith("<details"):
            left = re.search(r"… (\d+) more lines?\n```", part)
            told = len(re.findall(rf"(?m)^e{number}\.0 \d+$", part))
            assert told + (int(left[1]) if left else 0) == lengths[number]
    whole = [part for part in shown if part.startswith("<details") and "more line" not in part]
    nothing = lengths.count(-1)
    assert note or (int(short[1]) if short else 0) == len(entries) - len(whole) - nothing


@given(st.lists(st.lists(st.integers(0, 40), max_size=3), max_size=40), st.integers(0, 20_000))
def test_first_blocks_come_before_second_ones(lengths, room):
    """Where a block of a later rank has room, none of an earlier one was left out for it."""
    entries = [entry(f"e{n}", *of) for n, of in enumerate(lengths)]
    text = "\n\n".join(fit(entries, room, "thing", "look elsewhere"))
    assert text.count("<details") == text.count("</details>")
    assert len(re.findall(r"(?m)^```$", text)) % 2 == 0
    for rank in (1, 2):
        if re.search(rf"(?m)^e\d+\.{rank} 0$", text):
            for number, of in enumerate(lengths):
                if of[rank - 1 : rank] > [0]:
                    assert f"e{number}.{rank - 1} 0\n" in text


def test_a_diagram_is_there_whole_or_not_at_all():
    block = Block(["flowchart TD", *["  a --> b"] * 100], "mermaid")
    entries = [Entry(f"- {n}", str(n), diagram=lambda: block) for n in range(9)]
    for room in range(0, 9_000, 500):
        text = "\n".join(parts := fit(entries, room, "thing", "look elsewhere"))
        assert text.count("flowchart") * 100 == text.count("a --> b")
        assert size_of(parts) <= max(room, 60) and "cut short" not in text
    assert text.count("flowchart") == 7


def test_what_is_small_stands_open():
    small, large = Block(["one"]), Block(["x" * 60] * 50)
    entries = [
        Entry("- a", "a", [lambda: small], is_open=True),
        Entry("- b", "b", [lambda: large], is_open=True),
        Entry("- c", "c", [lambda: small], lambda: large, is_open=True),
        Entry("- d", "d", [lambda: small]),
    ]
    heads = [part.partition(">")[0] for part in fit(entries, 20_000, "a", "b")]
    assert heads == ["<details open", "<details", "<details open", "<details"]


def test_long_ones_leave_room_for_the_short_ones():
    entries = [entry(f"long{n}", 2000) for n in range(20)]
    entries += [entry(f"short{n}", 5) for n in range(20)]
    parts = fit(entries, 20_000, "thing", "look elsewhere")
    for n in range(20):
        assert f"long{n}.0 3\n" in parts[n]
        assert "more lines" in parts[n]
        assert f"short{n}.0 4\n```" in parts[20 + n]
    assert size_of(parts) > 19_000


def test_where_there_is_room_for_lines_only_the_first_unfold():
    parts = fit([entry(f"e{n}", 100) for n in range(100)], 2_500, "thing", "look elsewhere")
    assert parts[0].startswith("<details")
    assert parts[-2].endswith("\n- `e98`\n- `e99`")
    assert parts[-1] == "*100 things cut short here; look elsewhere.*"


def test_blocks_are_made_only_where_there_may_be_room():
    made = []
    entries = [
        Entry(f"- {n}", str(n), [lambda n=n: made.append(n) or Block(["x" * 400])])
        for n in range(1000)
    ]
    fit(entries, 12_000, "thing", "look elsewhere")
    assert 0 < len(made) <= 200


def test_lines_that_do_not_fit_are_counted():
    assert fit_lines(["aaa", "bb"], 7, "row", "see x") == (["aaa", "bb"], "")
    assert fit_lines(["aaa", "bb"], 6, "row", "see x") == (
        ["aaa"],
        "*1 more row does not fit here; see x.*",
    )
    assert fit_lines(["aaa", "bb"], 0, "row", "see x") == ([], "*2 rows do not fit here; see x.*")
    assert cut_lines(["a" * 30] * 10, 100) == f"{'a' * 30}\n    … 9 more lines"
    assert cut_lines(["a" * 300, "b"], 100) == f"{'a' * 60}…\n    … 1 more line"
    assert cut_lines([], 0) == ""


def section(noun, count):
    lines = [f"- {noun} {n}: {'x' * 90}" for n in range(count)]
    return Section(f"#### {noun}", noun, lines, [f"- {noun} {n}" for n in range(count)])


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 9_000))
def test_all_sections_in_full_or_brief_or_counted(hazards, deletes, room):
    parts = fit_sections([section("hazard", hazards), section("delete", deletes)], room, "see x")
    assert size_of(parts) <= room or not parts
    text = "\n\n".join(parts)
    brief = [*(f"- hazard {n}" for n in range(hazards)), *(f"- delete {n}" for n in range(deletes))]
    needed = size_of(["#### hazard", "#### delete"]) + sum(len(line) + 2 for line in brief)
    if needed <= room:
        assert all(re.search(rf"(?m)^{line}(:|$)", text) for line in brief)
    elif parts:
        for noun, count in (("hazard", hazards), ("delete", deletes)):
            told = len(re.findall(rf"(?m)^- {noun} ", text))
            left = re.search(rf"\*(\d+)(?: more)? {noun}s? do(?:es)? not fit here; see x", text)
            here = f"#### {noun}" in text
            assert not here or told + (int(left[1]) if left else 0) == count


# The marker, and links


def test_the_marker_of_a_plan():
    assert marker("plan", "acme", "production") == "<!-- mbflow plan acme/production -->"


@given(st.text(), st.text())
def test_a_marker_is_one_comment(project, environment):
    line = marker("plan", project, environment)
    assert re.fullmatch(r"<!-- mbflow plan [\w.~ %-]*/[\w.~ %-]* -->", line, re.ASCII)
    assert "--" not in line[4:-3]


@pytest.mark.parametrize("names", [("a--b", "x"), ("a-->b", "-"), ("x", "--"), ("a/b", "\ud800")])
def test_no_name_ends_the_marker(names):
    line = marker("plan", *names)
    assert line.count("--") == 2 and line.count(">") == 1 and line.count("/") == 1


def test_links_lead_to_the_line_at_the_commit():
    files = Files("https://git.example/acme/-/blob/abc1234/phone/")
    assert files.link("flows/a b).yaml", ":3:5") == (
        "[`flows/a b).yaml:3:5`](https://git.example/acme/-/blob/abc1234/phone/flows/a%20b%29.yaml#L3)"
    )
    assert Files().link("flows/a.yaml") == "`flows/a.yaml`"
    assert code("") == ""
