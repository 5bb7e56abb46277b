"""One rich story for every pair of quirks, every fault with every quirk, and seeded draws of many.

By default each quirk and each form of a fault is told once, and few draws; the rest is `long`.
`test_a_draw[17]` is the same in every run and can be run alone; MBFLOW_DRAWS=1000 draws more.
"""

import os
from itertools import combinations, cycle, pairwise, product
from random import Random

import pytest

from mbflow.emulator.quirks import Quirk

from .scenario import drawn_fault, faults_of, forms, tell

CONTRADICTIONS = {
    frozenset({Quirk.PER_PAGE_CAP, Quirk.PER_PAGE_IGNORED}): "a page has one length",
}
PAIRS = [pair for pair in combinations(Quirk, 2) if frozenset(pair) not in CONTRADICTIONS]
DRAWS = int(os.environ.get("MBFLOW_DRAWS", "50"))
FAULTS = list(product(forms(), Quirk))
SHORT = {*pairwise(Quirk), *zip(forms(), cycle(Quirk)), *range(8)}


def cases(all_cases):
    """All, and which of them are the long proof."""
    return [
        case if case in SHORT else pytest.param(case, marks=pytest.mark.long) for case in all_cases
    ]


@pytest.mark.parametrize("pair", cases(PAIRS), ids=" and ".join)
def test_a_pair_of_quirks(tmp_path, pair):
    tell(tmp_path, quirks=pair)


@pytest.mark.parametrize("pair", cases(FAULTS), ids=" and ".join)
def test_a_fault_and_a_quirk(tmp_path, pair):
    form, quirk = pair
    tell(tmp_path, quirks=[quirk], faults=faults_of(form))


@pytest.mark.parametrize("seed", cases(range(DRAWS)))
def test_a_draw(tmp_path, seed):
    draw = Random(seed)
    quirks = draw.sample(list(Quirk), draw.randint(3, 5))
    faults = [drawn_fault(draw) for _ in range(draw.randint(2, 3))]
    crashes = [("any", draw.randint(1, 14)), ("any", draw.randint(1, 14))]
    tell(tmp_path, quirks=quirks, faults=faults, seed=seed, crashes=crashes)


def test_the_story_has_every_kind_of_change_in_it(tmp_path):
    story = tell(tmp_path)
    told = "\n".join(story.lines)
    places = [line.rpartition(" ")[2] for line in story.lines if "killed at" in line]
    assert places == ["after-post", "after-put"]
    assert {line.split()[0] for line in story.world.writes()} == {"POST", "PUT", "DELETE"}
    for deed in ("undeclared", "reorder", "--allow gone", "default: takes over"):
        assert deed in told, deed
    assert set(story.entries(story.main)) == {
        *("menu", "deep/sales", "sales", "times", "shut", "plain")
    }
