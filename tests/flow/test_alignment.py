"""Which step of the live flow is which step of the file."""

from unittest import mock

import pytest
from builders import flow, hangup, pause, say, transfer
from hypothesis import given
from hypothesis import strategies as st
from strategies import bodies, changed, dressed, strange_flows

from mbflow.flow import alignment
from mbflow.flow.alignment import MOST_PAIRS, align, likeness
from mbflow.flow.canonical import Form

neighbours = bodies().flatmap(lambda body: st.tuples(st.just(body), changed(body)))
strangers = st.tuples(bodies(), bodies())
anything = st.tuples(strange_flows, strange_flows)


def aligned(live, desired):
    return align(Form(live), Form(desired))


@given(st.one_of(neighbours, strangers, anything))
def test_every_step_is_in_one_place(pair):
    live, desired = (Form(body).labelled for body in pair)
    found = align(*map(Form, pair))
    lows, highs = [i for i, _ in found.pairs], [j for _, j in found.pairs]
    assert sorted([*lows, *found.removed]) == list(range(len(live["steps"])))
    assert sorted([*highs, *found.inserted]) == list(range(len(desired["steps"])))
    assert highs == sorted(highs)


@given(st.one_of(neighbours, strangers))
def test_steps_that_did_not_move_are_in_order(pair):
    found = aligned(*pair)
    stayed = [i for i, j in found.pairs if j not in found.moved]
    assert stayed == sorted(stayed)
    assert found.moved <= {j for _, j in found.pairs}


@given(strangers)
def test_only_steps_with_one_id_change_their_action(pair):
    live, desired = (Form(body).labelled for body in pair)
    for i, j in align(*map(Form, pair)).pairs:
        old, new = live["steps"][i], desired["steps"][j]
        assert old["action"] == new["action"] or old["id"] == new["id"]


@given(bodies().flatmap(lambda body: st.tuples(st.just(body), dressed(body))))
def test_the_same_flow_is_aligned_whole(pair):
    found = aligned(*pair)
    assert not found.removed
    assert not found.inserted


@given(bodies(), st.integers(0, 5))
def test_an_inserted_step_is_all_that_is_new(body, place):
    for number, step in enumerate(body["steps"]):
        step["conditions"] = [{"variable": "n", "operator": "==", "value": str(number)}]
    new = pause(99)
    place = min(place, len(body["steps"]))
    longer = {**body, "steps": [*body["steps"][:place], new, *body["steps"][place:]]}
    assert aligned(body, longer).inserted == (place,)
    assert aligned(longer, body).removed == (place,)


def test_a_moved_step_is_the_one_that_crossed_most_others():
    before = flow(say("one"), say("two"), say("three"), say("four"))
    after = flow(say("four"), say("one"), say("two"), say("three"))
    assert aligned(before, after).moved == {0}


def test_a_step_keeps_its_place_by_its_id_whatever_it_says():
    before = flow(say("Hello.", id="greeting"), hangup())
    after = flow(pause(3), {**transfer("31201234567"), "id": "greeting"}, hangup())
    assert aligned(before, after).pairs == ((0, 1), (1, 2))


def test_an_id_that_stands_twice_ties_nothing():
    before = flow(say("one", id="x"), say("two", id="x"))
    after = flow(say("two", id="x"), say("one", id="y"))
    assert aligned(before, after).pairs == ((1, 0), (0, 1))


def test_steps_that_share_few_words_are_different_steps():
    before = flow(say("Welcome to our shop", language="en-GB"), say("Goodbye and thank you"))
    after = flow(
        say("Alles ist heute geschlossen", language="de-DE", voice="male"),
        say("Welcome to our little shop"),
        say("Goodbye and thank you"),
    )
    found = aligned(before, after)
    assert found.pairs == ((0, 1), (1, 2))
    assert found.inserted == (0,)


def test_a_transfer_to_another_number_is_the_same_step():
    found = aligned(flow(transfer("31201234567")), flow(transfer("31207654321")))
    assert found.pairs == ((0, 0),)


def test_a_menu_of_equal_steps_is_told_apart_by_where_keys_lead():
    before = flow(
        say("Press a key.", onKeypressGoto="a"),
        say("Press a key.", onKeypressGoto="b"),
        hangup(id="a"),
        pause(1, id="b"),
    )
    after = flow(
        say("Press a key.", onKeypressGoto="y"),
        say("Press a key.", onKeypressGoto="x"),
        hangup(id="x"),
        pause(1, id="y"),
    )
    assert aligned(before, after).pairs == ((1, 0), (0, 1), (2, 2), (3, 3))


@pytest.mark.parametrize("goto", [-100, -1, 7, True, 1.5, "gone", ["x"], {"x": 1}])
def test_a_jump_to_nowhere_does_no_harm(goto):
    strange = flow({**say("Hello."), "onKeypressGoto": goto})
    assert aligned(strange, flow(say("Hello."))).pairs == ((0, 0),)


def test_a_large_gap_is_paired_in_order():
    count = int(MOST_PAIRS**0.5) + 1
    before = flow(*(say(f"old {n}", language=f"en-{n}") for n in range(count)))
    after = flow(*(say(f"new {n}", language=f"de-{n}") for n in range(count)))
    assert aligned(before, after).pairs == tuple((n, n) for n in range(count))


@pytest.mark.parametrize(
    ("one", "two", "share"),
    [
        (hangup(), hangup(), 1.0),
        (pause(1), pause(2), 0.0),
        (say("a b c d"), say("a b c d"), 1.0),
        (say("one two"), say("three four", language="de", voice="male"), 0.0),
        (say("one two"), say("three four"), 2 / 3),
    ],
)
def test_likeness(one, two, share):
    assert likeness(one, two) == pytest.approx(share)


def aligned_at_anchors(live, desired):
    """As a flow is aligned that is too long for anything but its anchors."""
    with mock.patch.object(alignment, "MOST_PAIRS", 3):
        return aligned(live, desired)


@given(st.one_of(neighbours, strangers, anything))
def test_at_anchors_every_step_is_in_one_place(pair):
    live, desired = (Form(body).labelled for body in pair)
    found = aligned_at_anchors(*pair)
    lows, highs = [i for i, _ in found.pairs], [j for _, j in found.pairs]
    assert sorted([*lows, *found.removed]) == list(range(len(live["steps"])))
    assert sorted([*highs, *found.inserted]) == list(range(len(desired["steps"])))
    stayed = [i for i, j in found.pairs if j not in found.moved]
    assert stayed == sorted(stayed)


@given(bodies().flatmap(lambda body: st.tuples(st.just(body), dressed(body))))
def test_at_anchors_the_same_flow_is_aligned_whole(pair):
    assert aligned_at_anchors(*pair) == aligned(*pair)


@given(st.permutations(range(8)), st.integers(0, 8))
def test_at_anchors_moved_steps_are_the_same_ones(order, removed):
    live = flow(*(say(f"Number {number}.") for number in range(8)))
    desired = {**live, "steps": [live["steps"][number] for number in order[removed:]]}
    assert aligned_at_anchors(live, desired) == aligned(live, desired)


@pytest.mark.parametrize("place", [0, 500, 999])
def test_a_change_among_equal_steps_pairs_all_others(place):
    live = flow(*(say("Hello.") for _ in range(1000)))
    steps = [*live["steps"][:place], say("Good day."), *live["steps"][place + 1 :]]
    assert aligned(live, {**live, "steps": steps}).pairs == tuple((n, n) for n in range(1000))


def test_a_long_flow_is_compared_step_by_step_in_pieces(monkeypatch):
    compared, plain = [], alignment.SequenceMatcher

    def counted(junk, found, wanted, **options):
        compared.append(len(found) * len(wanted))
        return plain(junk, found, wanted, **options)

    monkeypatch.setattr(alignment, "SequenceMatcher", counted)
    live = [step for n in range(200) for step in (say(f"{n}."), pause(5), say(f"New {n}."))]
    desired = [step for n in range(200) for step in (say(f"{n}."), pause(5), say(f"Other {n}."))]
    found = aligned(flow(*live), flow(*desired))
    assert found.pairs == tuple((n, n) for n in range(600))
    assert sum(compared) <= 4 * 200
