"""Equality at a glance never says yes where the canonical forms differ."""

from builders import flow, hangup, live, say
from hypothesis import given
from hypothesis import strategies as st
from strategies import bodies, changed, dressed, strange_flows

from mbflow.flow.canonical import Form, is_alike, same_at_a_glance

pairs = bodies().flatmap(
    lambda body: st.tuples(st.just(body), st.one_of(changed(body), dressed(body), st.just(body)))
)


@given(pairs, st.booleans())
def test_its_yes_can_be_relied_on(pair, marked):
    desired, found = pair
    found = live("1", found, marked="menu").body if marked else found
    assert not same_at_a_glance(desired, found) or is_alike(Form(desired), Form(found))


@given(bodies(), strange_flows)
def test_whatever_a_service_answers_can_be_glanced_at(desired, found):
    assert not same_at_a_glance(desired, found) or is_alike(Form(desired), Form(found))


@given(bodies())
def test_it_sees_what_mbflow_sent(body):
    assert same_at_a_glance(body, live("1", body, marked="menu").body)


def test_a_label_that_stands_twice_is_not_passed_over():
    desired = flow(say("Press 1."), hangup(id="end"), say("Bye.", onKeypressGoto="end"))
    found = flow(say("Press 1.", id="end"), *desired["steps"][1:])
    found["steps"][2] = {**found["steps"][2], "id": "3"}
    assert not is_alike(Form(desired), Form(found))
    assert not same_at_a_glance(desired, found)
