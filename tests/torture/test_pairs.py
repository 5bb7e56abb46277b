"""One rich story for every pair of quirks, every fault with every quirk, and seeded draws of many.

By default each quirk and each form of a fault is told once, and few draws; the rest is `long`.
How the service takes numbers goes along in turn: each quirk and each form of a fault meets every
such reading, and there is no story more for it.
`test_a_draw[17]` is the same in every run and can be run alone; MBFLOW_DRAWS=1000 draws more.
"""

import os
from itertools import chain, combinations, cycle, product
from random import Random

import pytest

from mbflow.emulator.quirks import Quirk

from .scenario import READINGS, drawn_fault, faults_of, forms, tell

CONTRADICTIONS = {
    frozenset({Quirk.PER_PAGE_CAP, Quirk.PER_PAGE_IGNORED}): "a page has one length",
}
QUIRKS = [quirk for quirk in Quirk if not any(quirk in reading for reading in READINGS)]
PAIRS = [pair for pair in combinations(QUIRKS, 2) if frozenset(pair) not in CONTRADICTIONS]
DRAWS = int(os.environ.get("MBFLOW_DRAWS", "50"))
FORMS = list(forms())
FAULTS = list(product(FORMS, QUIRKS))
EACH = [*zip(QUIRKS[::2], [*QUIRKS[1::2], QUIRKS[0]], strict=False)]
SHORT = {*EACH, *zip(FORMS, cycle(QUIRKS)), *range(3)}


def reading(one, two):
    """Of two places in two lists, so that each place meets all readings."""
    return READINGS[(one + two) % len(READINGS)]


def reading_of(pair):
    return reading(*map(QUIRKS.index, pair))


def cases(all_cases):
    """All, and which of them are the long proof."""
    return [
        case if case in SHORT else pytest.param(case, marks=pytest.mark.long) for case in all_cases
    ]


@pytest.mark.parametrize("pair", cases(PAIRS), ids=" and ".join)
def test_a_pair_of_quirks(tmp_path, pair):
    tell(tmp_path, quirks=[*pair, *reading_of(pair)])


@pytest.mark.parametrize("pair", cases(FAULTS), ids=" and ".join)
def test_a_fault_and_a_quirk(tmp_path, pair):
    form, quirk = pair
    numbers = reading(FORMS.index(form), QUIRKS.index(quirk))
    tell(tmp_path, quirks=[quirk, *numbers], faults=faults_of(form))


@pytest.mark.parametrize("seed", cases(range(DRAWS)))
def test_a_draw(tmp_path, seed):
    draw = Random(seed)
    quirks = draw.sample(QUIRKS, draw.randint(3, 5))
    faults = [drawn_fault(draw) for _ in range(draw.randint(2, 3))]
    crashes = [("any", draw.randint(1, 14)), ("any", draw.randint(1, 14))]
    quirks += draw.choice(READINGS)
    tell(tmp_path, quirks=quirks, faults=faults, seed=seed, crashes=crashes)


def test_every_quirk_meets_every_reading_of_numbers():
    met = {(quirk, reading_of(pair)) for pair in PAIRS for quirk in pair}
    assert met == set(product(QUIRKS, READINGS))
    assert {*QUIRKS, *chain(*READINGS)} == set(Quirk)
    assert {reading_of(pair) for pair in EACH} == set(READINGS)
    assert {*chain(*EACH)} == {*QUIRKS}


def test_the_story_has_every_kind_of_change_in_it(tmp_path):
    story = tell(tmp_path)
    told = "\n".join(story.lines)
    places = [line.rpartition(" ")[2] for line in story.lines if "killed at" in line]
    assert places == ["after-post", "after-put"]
    assert {line.split()[0] for line in story.world.writes()} == {"POST", "PUT", "DELETE"}
    for deed in ("undeclared", "reorder", "--allow gone", "default: takes over", "takeover"):
        assert deed in told, deed
    assert set(story.entries(story.main)) == {
        *("menu", "deep/sales", "sales", "times", "shut", "plain")
    }
