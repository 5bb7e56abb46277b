"""Whatever the flow: a call that is suggested can be pasted, and passes."""

from drawn import flows
from hypothesis import given, settings

from mbflow.flow.steps import parse_program
from mbflow.model.project import Environment
from mbflow.project.yaml.document import read_yaml
from mbflow.testing.call import FAILED
from mbflow.testing.call_document import parse_calls
from mbflow.testing.coverage import measure
from mbflow.testing.expectations import run_call
from mbflow.testing.runner import Proposal
from mbflow.testing.suggestions import suggest
from mbflow.views.suggestions import suggestions_yaml

LOCAL = {"local": Environment("local")}


@settings(max_examples=60)
@given(flows)
def test_suggested_calls_pass(body):
    program = parse_program("main", body)
    (nothing_called,) = measure({"main": program}, [])
    found, left = suggest(program, nothing_called.missed, tries=200)
    proposal = Proposal(tuple(found), nothing_called, tuple(left), wordings={})
    document = read_yaml(suggestions_yaml(proposal).encode())
    assert document.problems == ()
    if not found:
        assert list(nothing_called.missed) == left
        return
    parsed = parse_calls(document.data, LOCAL, "local", document.source_text)
    assert (parsed.mistakes, parsed.problems) == ((), ())
    transcripts = []
    for call in parsed.calls:
        fails = {url: None for url, given in call.fetches.items() if given == FAILED}
        transcript, failures = run_call(call, program, fails)
        assert failures == ()
        transcripts.append(transcript)
    (covered,) = measure({"main": program}, transcripts)
    assert set(covered.missed) <= set(left)
