"""The plan as a document: what is written is read back, and nothing else is read."""

import json
from dataclasses import replace

import pytest
from builders import flow, known, live, plan_of, say, wanted
from hypothesis import given
from hypothesis import strategies as st
from strategies import AWKWARD, bodies, json_values, texts

from mbflow.flow.edits import Edit
from mbflow.model.errors import Error, RefusedError
from mbflow.model.problem import Problem, Severity
from mbflow.model.text import Command
from mbflow.plan.diff import diff
from mbflow.plan.document import PlanFormatError, document_digest, plan_json, read_plan
from mbflow.plan.match import match
from mbflow.plan.model import (
    Cause,
    Change,
    ChangeKind,
    Hazard,
    HazardKind,
    Plan,
    Preconditions,
    Summary,
)
from mbflow.plan.planfile import read_plan_file, write_plan_file
from mbflow.plan.secrets import hide_body
from mbflow.schema.validator import is_valid, violations
from mbflow.views.text import json_text

lines = st.sampled_from(AWKWARD) | texts
counts = st.integers(0, 9)
edit_values = st.builds(
    Edit,
    kind=st.sampled_from(["insert", "remove", "move", "change"]),
    text=lines,
    live=st.none() | counts,
    desired=st.none() | counts,
    path=lines,
    before=json_values,
    after=json_values,
    needs_diff=st.booleans(),
)
command_values = st.lists(lines, min_size=1).map(lambda words: Command("mbflow", *words))
hazard_values = st.builds(
    Hazard,
    st.sampled_from(list(HazardKind)),
    lines,
    st.booleans(),
    st.none() | command_values,
)
change_values = st.builds(
    Change,
    name=lines,
    action=st.sampled_from(list(ChangeKind)),
    id=lines,
    title=lines,
    before=st.none() | bodies(),
    after=st.none() | bodies(),
    edits=st.lists(edit_values, max_size=2).map(tuple),
    hazards=st.lists(hazard_values, max_size=2).map(tuple),
    preconditions=st.builds(Preconditions, lines, lines, lines),
    was=lines,
    digest=lines,
    numbers=st.lists(lines, max_size=2).map(tuple),
    base_known=st.booleans(),
    declared=st.booleans(),
    file=lines,
    former_file=lines,
    cause=st.none() | st.sampled_from(list(Cause)),
)
problem_values = st.builds(
    Problem,
    rule=lines,
    severity=st.sampled_from(list(Severity)),
    message=lines,
    file=lines,
    line=counts,
    column=counts,
    path=st.lists(counts | lines, max_size=4).map(tuple),
)
moments = st.datetimes().map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20))
plans = st.builds(
    Plan,
    id=lines,
    project=lines,
    environment=lines,
    endpoint=lines,
    created=moments,
    summary=st.builds(Summary, *[counts] * 8),
    changes=st.lists(change_values, max_size=3).map(tuple),
    problems=st.lists(problem_values, max_size=2).map(tuple),
    notes=st.lists(lines, max_size=2).map(tuple),
    inputs=st.dictionaries(lines, lines, max_size=2),
    secrets=st.dictionaries(lines, lines, max_size=2),
    allowed=st.lists(lines, max_size=2).map(tuple),
    owned=counts,
    options=st.dictionaries(lines, json_values, max_size=2),
    root=lines,
)


@given(plans)
def test_what_is_written_is_read_back(plan):
    assert read_plan(json.loads(json_text(plan_json(plan)))) == plan


@given(plans)
def test_the_schema_describes_it(plan):
    document = plan_json(plan)
    assert is_valid("plan", document)
    assert not list(violations("plan", document))


@given(bodies(), bodies(), st.sampled_from(["update", "create", "delete", "twin"]))
def test_a_plan_that_was_made_is_described_too(one, two, kind):
    parts = {
        "update": (wanted("k", one), live("1", two, marked="k")),
        "create": (wanted("k", one),),
        "delete": (live("1", two, marked="k"),),
        "twin": (wanted("k", one), live("1", one)),
    }
    found = known(*parts[kind], removed={"k"})
    plan = plan_of(*diff(found, match(found), secrets={}).changes)
    document = json.loads(json_text(plan_json(plan)))
    assert is_valid("plan", document)
    assert not list(violations("plan", document))
    assert read_plan(document) == plan


@given(bodies(), st.text("abcdefgh", min_size=4, max_size=8))
def test_no_secret_value_is_in_a_plan_document(body, text):
    secrets = {"pin": f"s3cret-{text}"}
    body["steps"].append(say(f"The code is {secrets['pin']}."))
    theirs = hide_body(flow(say(f"Dial {secrets['pin']}."), title=secrets["pin"]), secrets)
    found = known(
        wanted("k", body, body=hide_body(body, secrets)),
        live("1", theirs, marked="k"),
        live("2", theirs, marked="gone"),
        removed={"gone"},
    )
    plan = plan_of(*diff(found, match(found), secrets=secrets).changes)
    assert secrets["pin"] not in json_text(plan_json(plan))
    assert len(plan.changes) == 2


# What is not read


PLAN = plan_of(Change("menu", ChangeKind.CREATE, after=flow(say("Hello.")), digest="x"))


def refused(document):
    with pytest.raises(PlanFormatError) as caught:
        read_plan(document)
    return str(caught.value)


def signed(**changes):
    """A document that somebody changed and whose digest fits again."""
    document = {**plan_json(PLAN), **changes}
    return {**document, "digest": document_digest(document)}


@pytest.mark.parametrize("document", [None, [], "x", 1, {}, {"digest": "x"}])
def test_another_document(document):
    assert refused(document) == "it is not a plan that mbflow wrote"


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_version(version):
    text = "it was written by another version of mbflow: make a new plan"
    assert refused(signed(format_version=version)) == text


def test_a_document_that_was_changed():
    document = plan_json(PLAN)
    document["changes"][0]["after"]["title"] = "Other"
    assert refused(document) == "it was changed after it was written"


@given(st.sampled_from(sorted(plan_json(PLAN).keys() - {"format_version", "digest"})))
def test_every_part_is_in_the_digest(name):
    document = {**plan_json(PLAN), name: "changed"}
    assert refused(document) == "it was changed after it was written"


@pytest.mark.parametrize(
    "changes",
    [
        {"changes": None},
        {"changes": [{}]},
        {"changes": [None]},
        {"summary": {"create": 1, "more": 2}},
        {"problems": [{"severity": "odd"}]},
        {"created": "yesterday"},
        {"created": "2026-13-40T99:99:99Z"},
        {"created": "2026-01-02T03:04:05"},
        {"created": None},
    ],
)
def test_parts_of_the_wrong_kind(changes):
    assert refused(signed(**changes)) == "parts of it are missing or of the wrong kind"


@pytest.mark.parametrize(
    "words",
    [
        ["rm", "-rf", "."],
        ["", "mbflow"],
        ["./mbflow", "plan"],
        ["git", "push"],
        ["git", "merge", "--upload-pack=x"],
        ["git", "merge", "main", "more"],
    ],
)
def test_a_command_to_copy_is_of_no_other_program(words):
    hazard = {"kind": "numbers", "text": "x", "command": words, "needs_allow": False, "code": ""}
    change = {**plan_json(PLAN)["changes"][0], "hazards": [hazard]}
    assert refused(signed(changes=[change])) == "parts of it are missing or of the wrong kind"
    for right in (["mbflow", "plan"], ["git", "merge", "main"]):
        hazard["command"] = right
        (read,) = read_plan(signed(changes=[change])).changes[0].hazards
        assert read.command == Command(*right)


# The file


def file_refused(path):
    with pytest.raises(RefusedError) as caught:
        read_plan_file(path)
    return caught.value


def test_a_file_is_written_and_read(tmp_path):
    path = tmp_path / "plan.json"
    write_plan_file(path, json_text(plan_json(PLAN)))
    assert read_plan_file(path) == PLAN
    assert path.read_bytes().isascii()
    assert [found.name for found in tmp_path.iterdir()] == ["plan.json"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is not JSON"),
        (b"\xff\xfe\xff", "it is not UTF-8 text"),
        (b'{"a": ', "it is not JSON"),
        (b"[" * 200_000, "it is not JSON"),
        (b"1" * 5000, "it is not JSON"),
        (b'{"format_version": 1}', "parts of it are missing or of the wrong kind"),
        (b'{"format_version": 9}', "it was written by another version of mbflow: make a new plan"),
        (b'{"flows": []}', "it is not a plan that mbflow wrote"),
        (b"[1]", "it is not a plan that mbflow wrote"),
    ],
)
def test_a_file_that_is_no_plan(tmp_path, content, why):
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    error = file_refused(path)
    assert error.summary == f"{path} is not a plan that can be applied: {why}."
    assert error.details == (
        "A plan is made with:",
        Command("mbflow", "plan", "--out", "plan.json"),
    )


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "9" * 400, "-0.0"])
def test_numbers_that_json_or_a_validator_may_choke_on(tmp_path, number):
    path = tmp_path / "plan.json"
    text = json_text(plan_json(PLAN)).replace('"owned": 0', f'"owned": {number}')
    path.write_text(text)
    assert "is not a plan that can be applied" in file_refused(path).summary


def test_half_of_a_character_is_of_no_kind(tmp_path):
    path = tmp_path / "plan.json"
    change = {**plan_json(PLAN)["changes"][0], "action": "\ud800"}
    path.write_text(json.dumps(signed(changes=[change])))
    assert "parts of it are missing or of the wrong kind" in file_refused(path).summary


@pytest.mark.parametrize("end", ["commit", "tip"])
@pytest.mark.parametrize("commit", ["\ud800", "\0", "main", "HEAD", "--output=x", None])
def test_where_a_branch_parted_is_a_commit_and_no_other_word(tmp_path, commit, end):
    path = tmp_path / "plan.json"
    whole = "0123456789" * 4
    branch = {"base": "main", "commit": whole, "tip": whole, "deleted": [], "theirs": []}
    branch[end] = commit
    path.write_text(json.dumps(signed(options={"branch": branch})))
    assert "parts of it are missing or of the wrong kind" in file_refused(path).summary
    branch[end] = whole
    path.write_text(json.dumps(signed(options={"branch": branch})))
    assert read_plan_file(path).options == {"branch": branch}


def test_a_file_that_is_cut_off_is_never_there(tmp_path):
    path = tmp_path / "plan.json"
    write_plan_file(path, json_text(plan_json(PLAN)))
    with pytest.raises(UnicodeEncodeError):
        write_plan_file(path, "\ud800")
    assert read_plan_file(path) == PLAN
    assert [found.name for found in tmp_path.iterdir()] == ["plan.json"]


def test_a_file_that_is_not_there(tmp_path):
    path = tmp_path / "plan.json"
    with pytest.raises(Error) as caught:
        read_plan_file(path)
    assert caught.value.summary == f"The plan {path} cannot be read: No such file or directory."


def test_a_place_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "plan.json"
    with pytest.raises(Error, match="cannot be written"):
        write_plan_file(path, "{}")


def test_deletes_are_found():
    gone = Change("gone", ChangeKind.DELETE)
    plan = replace(PLAN, changes=(*PLAN.changes, gone))
    assert plan.deletes == (gone,)
