"""The bodies that are sent: what the file says, markers, and nothing lost of what was there."""

from builders import IDENTITY, PROJECT, flow, hangup, live, pause, say, with_markers
from hypothesis import given
from hypothesis import strategies as st
from strategies import bodies, changed, dressed

from mbflow.flow.alignment import align
from mbflow.flow.canonical import Form, canonical, is_alike, same
from mbflow.flow.vocabulary import unknown_paths
from mbflow.plan.markers import read_marker
from mbflow.plan.request_body import Naming, body_for_create, body_for_update

NAMING = Naming(PROJECT, IDENTITY, "menu")
GREETING = say("Hello.")
near = bodies().flatmap(lambda body: st.tuples(st.just(body), changed(body)))
pairs = st.one_of(near, st.tuples(bodies(), bodies()))


def ids(body):
    return [step.get("id") for step in body["steps"]]


def numbers(body):
    return [read_marker(name).number for name in ids(body)]


def created(body):
    return body_for_create(body, NAMING)


def updated(desired, found):
    return body_for_update(desired, found, align(Form(found), Form(desired)), NAMING)


def as_live(body):
    """What the service made of a flow that mbflow created."""
    return live("1", created(body)).body


@given(bodies())
def test_a_create_says_what_the_file_says(body):
    assert same(canonical(created(body)), canonical(body))


@given(pairs)
def test_an_update_says_what_the_file_says(pair):
    found, desired = pair
    assert is_alike(Form(desired), Form(updated(desired, as_live(found))))


@given(bodies(), pairs)
def test_every_step_has_an_id_of_its_own(body, pair):
    found, desired = pair
    for sent in (created(body), updated(desired, as_live(found)), updated(desired, body)):
        assert all(ids(sent))
        assert len(set(ids(sent))) == len(sent["steps"])


@given(pairs)
def test_the_ids_of_the_file_are_kept(pair):
    found, desired = pair
    own = list(ids(desired))
    if all(own):
        own[0] = None
    for sent in (created(desired), updated(desired, as_live(found))):
        for name, sent_name in zip(own, ids(sent), strict=True):
            assert name == sent_name if name else read_marker(sent_name)


@given(pairs)
def test_every_flow_carries_a_marker(pair):
    found, desired = pair
    for sent in (created(desired), updated(desired, as_live(found)), updated(desired, found)):
        assert any(read_marker(name) for name in ids(sent))


def test_where_every_step_has_an_id_the_first_gives_its_own_up():
    menu = {**say("one"), "id": "menu", "onKeypressGoto": "menu", "onKeypressVar": "key"}
    body = flow(menu, {**hangup(), "id": "bye"})
    (name, bye), (step, _) = ids(created(body)), created(body)["steps"]
    assert (read_marker(name).number, bye) == (0, "bye")
    assert step["onKeypressGoto"] == name
    assert updated(body, body)["steps"] == created(body)["steps"]


@given(pairs)
def test_a_step_that_stays_keeps_its_number(pair):
    found, desired = pair
    before = as_live(found)
    sent = updated(desired, before)
    for i, j in align(Form(before), Form(desired)).pairs:
        old = read_marker(ids(before)[i])
        if old and not ids(desired)[j]:
            assert read_marker(ids(sent)[j]) == old


@given(bodies())
def test_an_update_that_changes_nothing_sends_what_was_sent(body):
    assert updated(body, as_live(body)) == created(body)


@given(bodies().flatmap(lambda body: st.tuples(st.just(body), dressed(body))))
def test_what_mbflow_does_not_know_comes_back(pair):
    body, other = pair
    sent = updated(body, other)
    for path in unknown_paths(other):
        here, there = other, sent
        for part in path:
            here, there = here[part], there[part]
        assert same(here, there)


def test_a_new_step_takes_the_lowest_free_number():
    before = with_markers(flow(say("one"), pause(1), hangup()), "menu")
    sent = updated(flow(say("one"), pause(1), hangup(), {"action": "record"}), before)
    assert numbers(sent) == [0, 1, 2, 3]
    longer = updated(flow({"action": "record"}, say("one"), hangup()), before)
    assert numbers(longer) == [1, 0, 2]


def test_a_moved_step_takes_its_number_along():
    before = with_markers(flow(say("one"), pause(1), hangup()), "menu")
    assert numbers(updated(flow(pause(1), say("one"), hangup()), before)) == [1, 0, 2]


def test_markers_of_another_name_keep_their_number():
    before = with_markers(flow(say("one"), pause(1), hangup()), "old")
    sent = updated(flow(say("one"), hangup()), before)
    assert ids(sent) == [NAMING.marker(0), NAMING.marker(2)]


def test_two_live_steps_of_one_number_become_two():
    before = flow(say("one"), hangup())
    before["steps"] = [{**step, "id": NAMING.marker(7)} for step in before["steps"]]
    assert sorted(numbers(updated(flow(say("one"), hangup()), before))) == [0, 7]


def test_ids_that_others_made_give_way_to_markers():
    assert numbers(updated(flow(say("one")), flow(say("one", id="theirs")))) == [0]


def test_empty_ids_are_no_ids():
    body = flow({**say("one"), "id": None}, {**say("two"), "id": ""})
    assert numbers(created(body)) == numbers(updated(body, body)) == [0, 1]


def test_what_git_dropped_is_named_for_services_that_merge():
    before = flow(GREETING, title="Menu", record=True, maxDuration=60)
    sent = updated(flow(GREETING), before)
    assert (sent["title"], sent["record"], sent["maxDuration"]) == ("", False, 0)
    assert updated(flow(GREETING), flow(GREETING)).keys() == {"steps"}


def test_what_git_says_is_not_named_twice():
    sent = updated(flow(GREETING, title="New"), flow(GREETING, title="Old", record=False))
    assert (sent["title"], "record" in sent) == ("New", False)


def test_default_that_git_does_not_manage_comes_back():
    assert updated(flow(GREETING), flow(GREETING, default=True))["default"] is True
    assert updated(flow(GREETING, default=False), flow(GREETING, default=True))["default"] is False
    assert "default" not in updated(flow(GREETING), flow(GREETING))


def test_what_the_service_owns_is_not_sent():
    sent = updated(flow(GREETING), live("1", flow(GREETING)).body)
    assert sent.keys() == {"steps"}


def test_null_at_the_top_is_not_sent():
    assert created(flow(GREETING, title=None, record=None)).keys() == {"steps"}
    assert updated(flow(GREETING, title=None), flow(GREETING)).keys() == {"steps"}


def test_an_option_of_the_file_wins_over_a_live_one():
    before = flow(say("Hello.", options={"speed": 2, "repeat": 3}))
    sent = updated(flow(say("Hello.", options={"repeat": 1})), before)
    assert sent["steps"][0]["options"] == {
        "payload": "Hello.",
        "language": "en-GB",
        "voice": "female",
        "repeat": 1,
        "speed": 2,
    }


def test_options_of_another_action_stay_behind():
    before = flow({**say("Hello.", options={"speed": 2}), "id": "x"})
    sent = updated(flow(hangup(id="x")), before)
    assert sent["steps"] == created(flow(hangup()))["steps"]


def test_a_live_flow_without_steps_can_be_updated():
    for before in ({}, {"steps": None}, {"steps": [None, 3]}):
        assert numbers(updated(flow(GREETING), before)) == [0]


def test_the_file_itself_is_left_alone():
    body, before = flow(GREETING), flow(say("Hello.", options={"speed": 2}), region="eu")
    updated(body, before)
    assert body == flow(say("Hello."))
    assert before == flow(say("Hello.", options={"speed": 2}), region="eu")
