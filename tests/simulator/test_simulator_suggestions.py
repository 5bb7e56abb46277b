"""Whatever the flow: a call that is suggested can be pasted, and passes; no call is not counted."""

from drawn import flows, outcomes, scripts
from hypothesis import given, settings
from simulated import call
from strategies import MANY

from mbflow.flow.steps import parse_program
from mbflow.model.project import Environment
from mbflow.project.yaml.document import read_yaml
from mbflow.simulator.caller import Machine, Press
from mbflow.simulator.search import passed
from mbflow.simulator.space import decided_space
from mbflow.testing.call import FAILED
from mbflow.testing.call_document import parse_calls
from mbflow.testing.coverage import branches, measure, passed_by
from mbflow.testing.expectations import run_call
from mbflow.testing.proposal import Proposal
from mbflow.testing.suggestions import suggest
from mbflow.views.suggestions import suggestions_yaml

LOCAL = {"local": Environment("local")}


@given(flows)
def test_suggested_calls_pass(body):
    program = parse_program("main", body)
    (nothing_called,) = measure({"main": program}, [])
    found = suggest(program, nothing_called.missed)
    proposal = Proposal(found, nothing_called, wordings={})
    document = read_yaml(suggestions_yaml(proposal).encode())
    assert document.problems == ()
    assert found.later == ()
    if not found.calls:
        assert nothing_called.missed == found.left
        return
    parsed = parse_calls(document.data, LOCAL, "local", document.source_text)
    assert (parsed.mistakes, parsed.problems) == ((), ())
    transcripts = []
    for one in parsed.calls:
        fails = {url: None for url, given in one.fetches.items() if given == FAILED}
        transcript, failures = run_call(one, program, fails)
        assert failures == ()
        transcripts.append(transcript)
    (covered,) = measure({"main": program}, transcripts)
    assert set(covered.missed) <= set(found.left)


@settings(max_examples=MANY)
@given(flows, scripts, outcomes)
def test_every_branch_of_a_call_is_one_of_the_space(body, script, transfers):
    if any(isinstance(act, Machine) for act in script):  # it presses no keys
        script = [act for act in script if not isinstance(act, Press)]
    program = parse_program("main", body)
    can = passed(decided_space(program))
    went = passed_by("main", [call(body, *script, transfers=transfers)])
    assert [one for one in branches(program) if one.is_in(went) and not one.is_in(can)] == []
