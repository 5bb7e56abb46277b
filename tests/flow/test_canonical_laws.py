"""Laws of the canonical form: blind to what nobody hears, awake to all else."""

import json

from hypothesis import given
from hypothesis import strategies as st
from strategies import bodies, changed, dressed, strange_flows

from mbflow.flow.canonical import Form, canonical, digest, is_alike, same
from mbflow.schema.validator import is_valid

pairs = bodies().flatmap(lambda body: st.tuples(st.just(body), dressed(body)))
edited = bodies().flatmap(lambda body: st.tuples(st.just(body), changed(body)))


@given(bodies())
def test_the_strategy_draws_valid_flows(body):
    assert is_valid("call-flow", body)


@given(bodies())
def test_it_is_idempotent(body):
    form = canonical(body)
    assert same(canonical(form), form)


@given(pairs)
def test_it_is_blind_to_other_words_for_the_same_flow(pair):
    body, other = pair
    assert same(canonical(body), canonical(other))


@given(pairs)
def test_the_same_flow_has_the_same_digest(pair):
    body, other = pair
    assert digest(canonical(body)) == digest(canonical(other))


@given(edited)
def test_it_is_awake_to_every_change(pair):
    body, other = pair
    assert not same(canonical(body), canonical(other))
    assert digest(canonical(body)) != digest(canonical(other))


@given(bodies())
def test_it_leaves_its_argument_alone(body):
    before = json.dumps(body)
    assert Form(body).labelled
    assert json.dumps(body) == before


@given(bodies(), bodies())
def test_equal_forms_and_equal_digests_are_one(one, two):
    left, right = canonical(one), canonical(two)
    assert same(left, right) == (digest(left) == digest(right))


@given(bodies())
def test_a_label_is_all_that_labelled_adds(body):
    form = Form(body).labelled
    for step in form["steps"]:
        step.pop("id", None)
    assert same(form, canonical(body))


@given(bodies())
def test_what_goes_through_json_stays_the_same(body):
    form = canonical(body)
    assert same(json.loads(json.dumps(form)), form)


@given(bodies(), st.booleans())
def test_a_file_without_default_does_not_manage_it(body, live_default):
    body.pop("default", None)
    assert is_alike(Form(body), Form({**body, "default": live_default}))


@given(strange_flows)
def test_whatever_a_service_answers_has_a_form(body):
    form = canonical(body)
    assert same(canonical(form), form)
    assert len(digest(form)) == 16
