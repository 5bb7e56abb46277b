"""Numbers by plan, apply and rollback, as people meet them on the command line."""

import json

import pytest
from apply.world import say

from mbflow.schema.validator import is_valid

from .racing import Hand

ONE, TWO = "442079460101", "442079460102"


@pytest.fixture
def mbflow(applied, in_process):
    return in_process(applied)


@pytest.fixture
def routes(applied):
    """`routes(ONE="a")` writes the table of numbers."""
    return lambda **table: applied.save(numbers={globals()[n]: to for n, to in table.items()})


PLAN = """\
Plan for production ({url})
2 numbers to lead; 3 unchanged, 1 unmanaged

@ 442079460101 will lead to B (b), until now to no flow

@ 442079460102 will lead to A (a), until now to Reception of the whole house
    ({id})
    ! takeover: it leads to {id} "Reception of
      the whole house", which no file here is for:
        mbflow flows get {id} -e production

How the hazards (!) are acknowledged:
  only by the options
    --allow 442079460102"""
MARKDOWN = """\
<!-- mbflow plan acme/production -->

### mbflow plan: `production` · 2 numbers · ⚠ 1 hazard

`{url}` · 3 unchanged · 1 unmanaged

#### ⚠ Hazards

- **number** `442079460102`: **takeover** `it leads to {id} "Reception of the whole house", which \
no file here is for:` `mbflow flows get {id} -e production`

#### Numbers

- `442079460101 will lead to B (b), until now to no flow`
- `442079460102 will lead to A (a), until now to Reception of the whole house ({id})`

How the hazards are acknowledged:

```
only by the options
  --allow 442079460102
```
"""


@pytest.fixture
def taken(service, routes):
    """Number two leads to a flow of nobody; the ids of that and of flow b."""
    hand = Hand(service)
    hand.make(say("By hand", "Reception of the whole house"))
    hand.assign("Reception of the whole house", TWO)
    routes(ONE="b", TWO="a")
    return hand.id_of("Reception of the whole house"), hand.id_of("B")


def test_a_plan_word_for_word(mbflow, service, taken):
    where = {"url": service.url, "id": taken[0]}
    assert mbflow("plan").out.rpartition("\n\n")[0] == PLAN.format(**where)
    assert mbflow("plan", "--format", "markdown").out == MARKDOWN.format(**where)
    assert mbflow("plan", "--detailed-exitcode").code == 2


def test_a_plan_as_a_document(mbflow, service, taken):
    document = json.loads(mbflow("plan", "--format", "json").out)
    one, two = document["numbers"]
    assert one == {
        "number": ONE,
        "file": "mbflow.yaml",
        "cause": None,
        "from": None,
        "from_id": None,
        "from_title": "",
        "to": "b",
        "to_id": taken[1],
        "to_title": "B",
        "calendar": None,
        "state": None,
        "hazards": [],
    }
    assert (two["from"], two["from_title"]) == (taken[0], "Reception of the whole house")
    (hazard,) = two["hazards"]
    assert hazard["command"][:3] == ["mbflow", "flows", "get"]
    assert is_valid("plan", document)


def test_nothing_is_taken_over_without_its_own_word(mbflow, service, taken):
    writes = service.writes()
    assert mbflow("plan", "--out", "plan.json", "--require-applicable").code == 3
    for words in (["plan.json"], ["--auto-approve"], ["plan.json", "--allow", "a"]):
        ran = mbflow("apply", *words)
        assert ran.code == 3
        assert f"--allow {TWO}" in ran.err
    assert service.writes() == writes
    ran = mbflow("apply", "plan.json", "--allow", f"+{TWO}")
    assert ran.code == 0
    assert ran.err == (f"done     lead  {ONE}  -> b\ndone     lead  {TWO}  -> a\n")
    assert ran.out.splitlines()[-1] == f"2 done. production ({service.url})"


def test_a_takeover_is_acknowledged_in_git(mbflow, applied, taken):
    ran = mbflow("plan", "--require-applicable")
    (line,) = [line for line in ran.err.splitlines() if "acknowledged: " in line]
    stated = json.loads(line.partition("acknowledged: ")[2])
    applied.save(acknowledged=stated)
    assert mbflow("plan", "--out", "plan.json", "--require-applicable").code == 0
    assert mbflow("apply", "plan.json").code == 0


@pytest.mark.parametrize("written", [f"+{ONE}", "0044 20 7946 0101", "+44 (0)20 7946-0101", ONE])
def test_a_number_is_named_as_people_write_it(mbflow, routes, written):
    routes(ONE="b", TWO="a")
    out = mbflow("plan", "--target", written, "--allow", written).out
    assert out.splitlines()[1] == "1 number to lead; 3 unchanged"


@pytest.mark.parametrize(("option", "verb"), [("--target", "plan"), ("--allow", "plan")])
def test_a_number_without_its_country_is_not_guessed(mbflow, routes, option, verb):
    routes(ONE="b")
    ran = mbflow(verb, option, "02079460101")
    assert ran.code == 64
    assert ran.err == (
        f"Error: {option} 02079460101: there is no such number in mbflow.yaml. "
        f'Did you mean "{ONE}"?\n'
    )


def test_results_and_exit_code_where_the_service_refuses(mbflow, service, routes):
    routes(ONE="b", TWO="a")
    service.faults(f"POST /call-flows/{Hand(service).id_of('A')}/numbers html=409")
    ran = mbflow("apply", "--auto-approve", "--format", "json")
    document = json.loads(ran.out)
    assert (ran.code, document["exit_code"]) == (4, 4)
    assert {one["number"]: one["status"] for one in document["results"]} == {
        ONE: "done",
        TWO: "failed",
    }
    assert mbflow("apply", "--auto-approve").code == 1, "nothing was written"


def test_numbers_are_led_back_and_the_files_are_told_of(mbflow, service, routes):
    hand = Hand(service)
    routes(ONE="a")
    mbflow("apply", "--auto-approve")
    routes(ONE="b", TWO="a")
    mbflow("apply", "--auto-approve")
    ran = mbflow("rollback", "--auto-approve")
    assert ran.code == 0
    assert ran.err == (
        f"done     lead  {ONE}  -> a\n"
        f"{TWO} led nowhere before: it is left where it leads, for nothing is ever unbound.\n"
        "Take the files back too, or the next apply makes the same change again.\n"
        f"mbflow.yaml does not say that {ONE} leads to a: change it.\n"
    )
    assert hand.id_of("A") in mbflow("numbers", "list").out.split(ONE)[1].split("\n")[0]


def test_assigning_by_hand_says_what_the_next_apply_does(mbflow, service, routes):
    routes(ONE="a")
    mbflow("apply", "--auto-approve")
    ran = mbflow("numbers", "assign", "b", f"+{ONE}", "--yes")
    assert ran.code == 0
    assert f"mbflow.yaml leads +{ONE} to a:\nthe next apply would take this back.\n" in ran.err
    assert "outside-edit: it was led to b outside git" in mbflow("plan").out
    ran = mbflow("numbers", "assign", "a", f"+{ONE}", "--yes")
    assert "take this back" not in ran.err


@pytest.mark.parametrize("verb", ["plan", "apply", "rollback"])
def test_help_names_numbers(mbflow, verb):
    assert "--allow FLOW|NUMBER" in mbflow(verb, "--help").out


def test_no_line_of_a_plan_is_longer_than_a_terminal(mbflow, service, taken):
    assert max(map(len, mbflow("plan").out.splitlines())) <= 80


@pytest.mark.parametrize(
    "record",
    [
        {"from": "b", "from_id": "\x1b]0;x\x07"},
        {"from": "../../\x1b[31m", "from_id": "../numbers"},
        {"from": 5, "from_id": []},
        {"number": "1;touch pwned"},
    ],
)
def test_a_strangers_record_of_a_number_is_only_data(mbflow, applied, service, routes, record):
    """What it names is looked up among the live flows, and never sent."""
    routes(ONE="a")
    mbflow("apply", "--auto-approve", "--results", "r.jsonl")
    path = applied.folder / "r.jsonl"
    head, line = map(json.loads, path.read_text().splitlines())
    path.write_text(f"{json.dumps(head)}\n{json.dumps({**line, **record})}\n")
    writes = service.writes()
    ran = mbflow("rollback", "r.jsonl", "--auto-approve")
    assert not {"\x1b", "\x07"} & {*ran.out, *ran.err}
    sent = [one for one in service.writes() if one not in writes]
    assert sent in ([], [f"POST /call-flows/{Hand(service).id_of('B')}/numbers"])
