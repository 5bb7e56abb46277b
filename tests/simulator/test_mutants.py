"""Every edit that anybody would notice is told with a call to hear it by; no rewriting is.

By default a few of all edits are tried against a search of calls; the rest is `long`.
"""

import random

import pytest
from mutants import all_flows, audible, mutants, program_of, some_call_differs
from rewrites import THREE_PARTS, rewritten

from mbflow.plan.calls import changed_calls
from mbflow.plan.model import Change, ChangeKind

FLOWS = [*all_flows()]


def calls_of(live, desired, most=3):
    return changed_calls(Change("a", ChangeKind.UPDATE, before=live, after=desired), most)


def told(call):
    return call.heard, call.leaves_message, call.ending.kind, call.ending.text, call.happens


def some(edits):
    """All edits of the smallest flows, and a few of others."""
    found = [*edits]
    return found if len(found) < 8 else found[len(found) // 8 :: len(found) // 4]


def assert_examples_differ(live, edits):
    for what, desired in edits:
        calls = calls_of(live, desired, None if len(live["steps"]) < 4 else 3)
        assert not calls.not_decided
        for example in calls.examples:
            assert told(example.before) != told(example.after), what
            before, after = (
                audible(body, example.script.call(program_of(body))) for body in (live, desired)
            )
            # How long a greeting lasts nobody knows: the simulator's guess is one of many.
            assert before != after or "machineTimeout" in what, what


@pytest.mark.parametrize("name", FLOWS)
def test_every_example_differs_when_it_is_called(name):
    live = all_flows()[name]
    assert_examples_differ(live, some(mutants(live)))


@pytest.mark.long
@pytest.mark.parametrize("name", FLOWS)
def test_every_example_of_all_edits_differs(name):
    assert_examples_differ(all_flows()[name], mutants(all_flows()[name]))


def missed(name, edits):
    """Edits without a changed call, though there is one."""
    live = all_flows()[name]
    unchanged = (edit for edit in edits if not calls_of(live, edit[1], 0).changed)
    return [(what, found) for what, body in unchanged if (found := some_call_differs(live, body))]


@pytest.mark.parametrize("name", FLOWS)
def test_no_edit_is_missed(name):
    assert not missed(name, some(mutants(all_flows()[name])))


@pytest.mark.long
@pytest.mark.parametrize("name", FLOWS)
def test_no_edit_of_all_is_missed(name):
    assert not missed(name, mutants(all_flows()[name]))


def test_no_rewriting_changes_a_call():
    bodies = [*all_flows().values(), THREE_PARTS]
    drawn, tried = random.Random(12), 0
    while tried < 500:
        body = drawn.choice(bodies)
        what, other = rewritten(body, drawn)
        if other != body:
            tried += 1
            calls = calls_of(body, other)
            assert (calls.changed, calls.not_decided) == (0, ""), what
