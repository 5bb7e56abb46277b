"""Transcripts that say the same again and again are told in few lines."""

from hypothesis import given
from hypothesis import strategies as st

from mbflow.simulator.transcript import Event, EventKind
from mbflow.testing.transcript_text import FEWEST, event_line, short_lines


def said(words):
    return [Event(1000 * n, EventKind.SAY, "f", 0, word) for n, word in enumerate(words)]


def test_a_line_that_comes_again_and_again_is_told_once():
    assert [line for _, line in short_lines(said(["a"] * 1001 + ["b"]), "f")] == [
        ' 0:00.0    1  say     "a"',
        "      …       The line above 1,000 times more, up to 16:40.0.",
        '16:41.0    1  say     "b"',
    ]


def test_a_round_of_several_lines():
    told = [line for _, line in short_lines(said(["x"] + ["a", "b"] * 5), "f")]
    assert len(told) == 4
    assert told[3] == "      …       The 2 lines above 4 times more, up to 0:10.0."


def test_what_is_marked_is_always_told():
    told = list(short_lines(said(["a"] * 100), "f", keep={50}))
    assert 50 in [number for number, _ in told]
    assert sum(number == -1 for number, _ in told) == 2


def test_a_few_repetitions_stand_as_they_are():
    events = said(["a"] * (FEWEST - 1))
    assert [number for number, _ in short_lines(events, "f")] == [0, 1, 2]


@given(st.lists(st.sampled_from("abc"), max_size=60), st.sets(st.integers(0, 59)))
def test_every_line_told_is_that_of_its_event_and_in_order(words, keep):
    events = said(words)
    told = [(number, line) for number, line in short_lines(events, "f", keep) if number >= 0]
    assert [line for _, line in told] == [event_line(events[number], "f") for number, _ in told]
    numbers = [number for number, _ in told]
    assert numbers == sorted(set(numbers))
    assert {number for number in keep if number < len(events)} <= set(numbers)


@given(st.lists(st.sampled_from("abc"), max_size=60))
def test_lines_left_out_are_counted(words):
    told = list(short_lines(said(words), "f"))
    counted = 0
    for number, line in told:
        if number >= 0:
            counted += 1
        else:
            parts = line.split()
            length = 1 if parts[2] == "line" else int(parts[2])
            times = int(parts[parts.index("times") - 1].replace(",", ""))
            counted += length * times
    assert counted == len(words)
