"""Numbers led by apply: the order, one request each, kills, faults, quirks, and the way back."""

import json
from threading import Event

import pytest

from mbflow.apply.approve import MoreNeeded
from mbflow.apply.run import results_head
from mbflow.model.errors import RefusedError
from mbflow.plan.document import document_digest, plan_json, read_plan

from .test_rollback import roll_back
from .world import NUMBERS, Killed, killed_at, say

ONE, TWO, THREE = NUMBERS[1:4]


def begin(world, repo, **routes):
    """Flows a, b and c are live, and the numbers lead where these routes say."""
    for name in "abc":
        repo.write(name, say(f"I am {name}", name.upper()))
    repo.numbers(**routes)
    repo.apply()
    return repo


@pytest.fixture
def led(world, repo):
    return begin(world, repo, n1="a")


def words(world, start):
    """What was sent since, as method and what it was about."""
    titles = {flow_id: body["title"] for flow_id, body in world.live().items()}
    lines = []
    for line in world.sent()[start:]:
        for flow_id, title in titles.items():
            line = line.replace(f"/call-flows/{flow_id}", title)
        lines.append(line)
    return lines


# The order on the wire


def test_creates_updates_moves_numbers_default_deletes(world, led):
    led.write("new", say("I am new", "New"))
    led.write("b", say("Good day", "B"))
    led.rename("c", "d")
    led.remove("a")
    led.write("default", say("Else", "Else", default=True))
    world.dashboard.create_call_flow(say("By hand", "Hand", default=True))
    led.numbers(n1="new", n2="b", n3="d")
    ids = {title: world.id_of(title) for title in "ABC"}
    start = len(world.writes())
    led.apply(allow_deletes=1)
    new, other = world.id_of("New"), world.id_of("Else")
    assert world.writes()[start:] == [
        "POST /call-flows",
        "POST /call-flows",
        f"PUT /call-flows/{ids['B']}",
        f"PUT /call-flows/{ids['C']}",
        f"POST /call-flows/{new}/numbers",
        f"POST /call-flows/{ids['B']}/numbers",
        f"POST /call-flows/{ids['C']}/numbers",
        f"PUT /call-flows/{other}",
        f"DELETE /call-flows/{ids['A']}",
    ]
    assert world.leads() == {ONE: ["New"], TWO: ["B"], THREE: ["C"]}
    assert led.pending() == []


def test_a_number_is_read_sent_once_and_read_back(world, led):
    led.numbers(n1="b")
    start = len(world.sent())
    led.apply()
    reads = ["GET A/numbers", "GET B/numbers"]
    found = words(world, start)
    assert found[0] == "GET /call-flows"
    assert sorted(found[1:3]) == sorted(found[3:5]) == sorted(found[6:]) == reads
    assert found[5] == "POST B/numbers"


def test_a_number_waits_for_a_flow_that_becomes_the_default(world, led):
    """Its callers hear what the plan shows, and not what the flow said before."""
    world.dashboard.create_call_flow(say("By hand", "Hand", default=True))
    led.write("b", say("Good day", "B", default=True))
    led.numbers(n1="b")
    flow_id = world.id_of("B")
    start = len(world.writes())
    led.apply()
    assert world.writes()[start:] == [
        f"PUT /call-flows/{flow_id}",
        f"POST /call-flows/{flow_id}/numbers",
    ]
    led.write("b", say("Good day", "B", default=False))
    led.write("c", say("Good night", "C", default=True))
    led.numbers(n1="c")
    world.faults(f"PUT /call-flows/{world.id_of('C')} 500")
    assert led.apply().statuses[ONE] == "skipped"
    assert world.leads() == {ONE: ["B"]}


def test_a_number_is_not_led_to_a_flow_that_was_not_finished(world, led):
    led.write("b", say("Good day", "B"))
    led.remove("c")
    led.numbers(n1="b", n2="a")
    world.faults(f"PUT /call-flows/{world.id_of('B')} 429=200")
    applied = led.apply(allow_deletes=1)
    assert applied.statuses == {"b": "failed", "c": "skipped", ONE: "skipped", TWO: "done"}
    assert applied.reason(ONE) == "b was not finished"
    assert world.leads() == {ONE: ["A"], TWO: ["A"]}
    world.faults()
    led.apply(allow_deletes=1)
    assert (world.leads(), led.pending()) == ({ONE: ["B"], TWO: ["A"]}, [])


def test_a_delete_waits_for_the_numbers(world, led):
    led.remove("a")
    led.numbers(n1="b")
    world.faults("POST /call-flows/*/numbers 429=200")
    assert led.apply(allow_deletes=1).statuses == {"a": "skipped", ONE: "failed"}
    assert world.leads() == {ONE: ["A"]}
    world.faults()
    assert led.apply(allow_deletes=1).statuses == {"a": "done", ONE: "done"}
    assert (world.leads(), world.titles()) == ({ONE: ["B"]}, ["B", "C"])


def test_a_delete_of_a_flow_with_another_number_needs_its_word(world, led):
    world.lead("A", TWO)
    led.remove("a")
    led.numbers(n1="b")
    with pytest.raises(MoreNeeded):
        led.apply(allow_deletes=1)
    (delete,) = led.plan().plan.deletes
    assert delete.hazards[-1].text == f"1 number would lead nowhere: {TWO}"


def test_a_number_that_comes_while_it_is_applied_keeps_the_flow(world, led):
    led.remove("a")
    led.numbers(n1="b")
    applied = led.apply(allow_deletes=1, between=lambda: world.lead("A", TWO))
    assert applied.statuses == {"a": "failed", ONE: "done"}
    assert world.leads() == {ONE: ["B"], TWO: ["A"]}


def test_two_numbers_change_places(world, repo):
    led = begin(world, repo, n1="a", n2="b")
    led.numbers(n1="b", n2="a")
    led.apply(workers=4)
    assert (world.leads(), led.pending()) == ({ONE: ["B"], TWO: ["A"]}, [])


# What has changed since the plan


@pytest.mark.parametrize(
    ("title", "status", "reason"),
    [
        ("B", "done", "was done already"),
        ("C", "failed", "it does not lead to a any more: plan again"),
    ],
)
def test_a_number_that_somebody_led_meanwhile(world, led, title, status, reason):
    led.numbers(n1="b")
    start = len(world.writes())
    applied = led.apply(between=lambda: world.lead(title, ONE))
    assert applied.statuses == {ONE: status}
    assert applied.reason(ONE) == reason
    assert (world.leads(), world.writes()[start:]) == ({ONE: [title]}, [])


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        (["POST * reset before"], "; the service still shows it at a"),
        (["POST * reset before", "GET */numbers 500 nth=5"], "; the service still shows it at a"),
        (["POST * 500 after", "GET */numbers 500"], "; so it is not known where it leads"),
        (["GET */numbers 500"], "; so it is not known where it leads"),
    ],
)
def test_what_is_said_where_nobody_knows(world, led, faults, reason):
    led.numbers(n1="b")
    applied = led.apply(
        checkpoint=lambda at: world.faults(*faults) if at == "before-number" else None
    )
    assert applied.statuses == {ONE: "unknown"}
    assert applied.reason(ONE).endswith(reason)
    assert led.journal().exists()
    world.faults()
    led.apply()
    assert (world.leads(), led.pending()) == ({ONE: ["B"]}, [])


def test_a_flow_that_is_deleted_meanwhile(world, led):
    led.numbers(n1="b")
    applied = led.apply(between=lambda: world.dashboard.delete_call_flow(world.id_of("B")))
    assert applied.statuses == {ONE: "failed"}
    assert "No call flow found" in applied.reason(ONE)
    assert world.leads() == {ONE: ["A"]}


def test_where_a_number_leads_cannot_be_read(world, led):
    led.numbers(n1="b")
    applied = led.apply(between=lambda: world.faults("GET /call-flows/*/numbers 500"))
    assert applied.statuses == {ONE: "failed"}
    assert applied.reason(ONE).startswith("where it leads cannot be read: ")
    assert world.leads() == {ONE: ["A"]}


# Kills


@pytest.mark.parametrize("place", ["before-number", "after-number", "before-lock", "after-lock"])
@pytest.mark.parametrize("former", ["a", "foreign", "nowhere"])
def test_killed_and_finished_by_the_next_run(world, led, place, former):
    number = ONE if former == "a" else TWO
    allow = [number] if former == "foreign" else []
    if former == "foreign":
        world.dashboard.create_call_flow(say("By hand", "Hand"))
        world.lead("Hand", TWO)
    led.numbers(**({"n1": "b"} if former == "a" else {"n1": "a", "n2": "b"}))
    with pytest.raises(Killed):
        led.apply(allow=allow, checkpoint=killed_at(place))
    assert world.leads().get(number) != [], "it never leads to nothing"
    hazards = [h.kind.value for change in led.plan().plan.numbers for h in change.hazards]
    is_to_do = former == "foreign" and place == "before-number"
    assert hazards == (["takeover"] if is_to_do else [])
    led.apply(allow=allow)
    assert (world.leads()[number], led.pending()) == (["B"], [])
    assert led.locked_numbers()[number] == (world.id_of("B"),)
    assert not led.journal().exists()


def test_killed_anywhere_a_number_leads_to_one_flow(world, led):
    """A whole story: a new flow takes the number of one that is deleted."""
    for nth in range(1, 40):
        name = f"new-{nth}"
        (old,) = [n for n in led.names() if n not in ("b", "c")]
        led.remove(old)
        led.write(name, say(f"I am {name}", name))
        led.numbers(n1=name)
        try:
            led.apply(allow_deletes=1, checkpoint=killed_at("any", nth))
        except Killed:
            assert len(world.leads()[ONE]) == 1
            led.apply(allow_deletes=None if not led.plan().plan.deletes else 1)
            assert (world.leads(), led.pending()) == ({ONE: [name]}, [])
        else:
            assert nth > 8, "there are as many places at which it can be killed"
            break


# Results


def test_a_result_says_where_it_led_and_where_it_leads(world, led, tmp_path):
    led.numbers(n1="b")
    path = tmp_path / "results.jsonl"
    led.apply(results=path)
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {
            "number": ONE,
            "action": "lead",
            "status": "done",
            "from": "a",
            "from_id": world.id_of("A"),
            "to": "b",
            "to_id": world.id_of("B"),
            "reason": "",
            "calendar": None,
            "state": None,
        }
    ]
    assert led.snapshots()[-1] == {
        "number": ONE,
        "from": "a",
        "from_id": world.id_of("A"),
        "to_id": world.id_of("B"),
    }


def test_snapshot_and_journal_are_written_before_the_post(world, led):
    led.numbers(n1="b")
    with pytest.raises(Killed):
        led.apply(checkpoint=killed_at("before-number"))
    assert led.snapshots()[-1]["from"] == "a"
    *_, record = map(json.loads, led.journal().read_text().splitlines())
    assert record == {"leading": ONE, "id": world.id_of("B")}
    assert world.leads() == {ONE: ["A"]}


def test_stopped_before_the_numbers(world, led):
    stop = Event()
    led.write("b", say("Good day", "B"))
    led.numbers(n1="b")
    applied = led.apply(
        stop=stop, checkpoint=lambda at: stop.set() if at == "after-read-back" else None
    )
    assert applied.statuses == {"b": "done", ONE: "skipped"}
    assert applied.reason(ONE) == "interrupted"
    assert led.pending() == [f"lead {ONE}"]


def test_stopped_before_the_service_shows_it(make_world, make_repo, monkeypatch):
    monkeypatch.setattr("mbflow.apply.numbers.READ_BACK_PAUSES", (0.0,))
    world = make_world(quirks=["links-seen-late"])
    led, stop = begin(world, make_repo(world), n1="a"), Event()
    world.clock.sleep(5)
    led.numbers(n1="b")
    applied = led.apply(
        stop=stop, checkpoint=lambda at: stop.set() if at == "after-number" else None
    )
    assert (applied.statuses, applied.reason(ONE)) == (
        {ONE: "unknown"},
        "written, and not yet checked: interrupted",
    )
    assert led.journal().exists()


# What the service may do


QUIRKS = {
    "linked-number-409": ("failed", "a", "If the service does not move numbers, lead it to b in"),
    "linked-number-added": ("unknown", "a b", "the service shows it at b and at a, and nobody"),
    "links-seen-late": ("done", "b", ""),
    "numbers-put-adds": ("done", "b", ""),
    "delete-refused-with-numbers": ("done", "b", ""),
}


@pytest.mark.parametrize("quirk", QUIRKS)
def test_each_way_in_which_the_service_may_lead_a_number(make_world, make_repo, quirk):
    """Done, or not done and told; the next plan is empty or says the same, truthfully."""
    world = make_world(quirks=[quirk])
    led = begin(world, make_repo(world), n1="a")
    world.clock.sleep(5)
    status, where, reason = QUIRKS[quirk]
    led.numbers(n1="b")
    applied = led.apply()
    assert applied.statuses == {ONE: status}
    assert reason in applied.reason(ONE)
    assert world.leads() == {ONE: where.upper().split()}
    if status == "done":
        assert led.pending() == []
        return
    writes = len(world.writes())
    again = led.apply()
    assert again.statuses == {ONE: "failed"}
    assert reason in again.reason(ONE)
    is_refused = quirk == "linked-number-409"
    assert len(world.writes()) == writes + is_refused, "what is at two flows is not sent again"
    unlink(world, "A", ONE)
    world.lead("B", ONE)
    assert led.pending() == [], "once somebody has done it by hand"
    led.apply()
    assert led.locked_numbers() == {ONE: (world.id_of("B"),)}


def unlink(world, title, number):
    """A person takes a number off a flow in the dashboard."""
    flow_id = world.id_of(title)
    left = [one.number for one in world.dashboard.list_numbers(flow_id) if one.number != number]
    world.put_numbers(flow_id, left)


@pytest.mark.parametrize("quirk", ["linked-number-409", "linked-number-added"])
def test_a_flow_keeps_living_while_its_number_does_not_leave(make_world, make_repo, quirk):
    world = make_world(quirks=[quirk])
    led = begin(world, make_repo(world), n1="a")
    led.remove("a")
    led.numbers(n1="b")
    for _ in range(2):
        assert led.apply(allow_deletes=1).statuses["a"] == "skipped"
    assert "A" in world.leads()[ONE]


KINDS = ("429", "429=200", "500", "reset", "html", "html=502", "latency=300")
FAULTS = (*(f"{kind} {when}" for kind in KINDS for when in ("before", "after")), "truncated=5")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("quirk", [None, "linked-number-409", "linked-number-added"])
def test_each_fault_of_the_post(make_world, make_repo, fault, quirk):
    world = make_world(quirks=[quirk] if quirk else [])
    led = begin(world, make_repo(world), n1="a")
    led.numbers(n1="b")
    world.faults(f"POST /call-flows/*/numbers {fault} nth=1")
    (status,) = led.apply().statuses.values()
    where = world.leads()[ONE]
    assert where and status in ("done", "failed", "unknown")
    assert (status == "done") == (where == ["B"])
    world.faults()
    plan = led.plan().plan
    assert (plan.numbers == ()) == (where == ["B"])
    if quirk is None:
        led.apply()
        assert (world.leads(), led.pending()) == ({ONE: ["B"]}, [])


def test_a_post_that_is_carried_out_twice(world, led):
    led.numbers(n1="b", n2="c")
    world.faults("POST /call-flows/*/numbers twice")
    assert set(led.apply().statuses.values()) == {"done"}
    assert (world.leads(), led.pending()) == ({ONE: ["B"], TWO: ["C"]}, [])


def test_a_number_that_is_not_of_this_account(world, led):
    led.numbers(n1="a", n2="b")
    world.faults("POST /call-flows/*/numbers html=404")
    applied = led.apply()
    assert applied.statuses[TWO] == "failed"
    assert applied.reason(TWO).endswith("; is it a number of this account?")


# The way back


@pytest.fixture(params=["last", "plan", "results"])
def source(request, tmp_path):
    """How a rollback is asked for; `applied(repo)` applies so that there is that."""
    path = tmp_path / f"{request.param}.json"

    def applied(repo, **options):
        plan = repo.plan(allow=tuple(options.get("allow", ()))).plan
        if request.param == "plan":
            path.write_text(json.dumps(plan_json(plan)))
        if request.param == "results":
            path.write_text(f"{json.dumps(results_head(repo.plan()))}\n")
        repo.apply(**options, results=path if request.param == "results" else None)
        return "last" if request.param == "last" else path

    return applied


def test_numbers_are_led_back(world, led, source):
    led.numbers(n1="b", n2="c")
    back = source(led)
    outcomes = roll_back(led, back)
    assert [(one.change.number, one.change.to.label) for one in outcomes] == [(ONE, "a")]
    assert world.leads() == {ONE: ["A"], TWO: ["C"]}, "nothing is unbound"


def test_a_flow_that_comes_back_gets_its_number_again(world, led, source):
    led.remove("a")
    led.numbers(n1="b")
    former = world.id_of("A")
    back = source(led, allow_deletes=1)
    assert world.leads() == {ONE: ["B"]}
    roll_back(led, back)
    assert world.leads() == {ONE: ["A"]}
    assert world.id_of("A") != former
    assert led.locked_numbers() == {ONE: (world.id_of("A"),)}


def test_a_flow_of_nobody_gets_its_number_back(world, led, source):
    world.dashboard.create_call_flow(say("By hand", "Hand"))
    world.lead("Hand", TWO)
    led.numbers(n1="a", n2="b")
    back = source(led, allow=[TWO])
    roll_back(led, back)
    assert world.leads() == {ONE: ["A"], TWO: ["Hand"]}
    (change,) = led.plan().plan.numbers
    assert [hazard.kind.value for hazard in change.hazards] == ["takeover"]


def test_where_numbers_led_nowhere_nothing_is_done(world, led, source):
    """And nothing else either: the files may want something by now."""
    led.numbers(n1="a", n2="b")
    back = source(led)
    led.write("c", say("Not yet applied", "C"))
    led.numbers(n1="c", n2="b")
    start = len(world.writes())
    assert roll_back(led, back) == []
    assert (world.writes()[start:], world.leads()) == ([], {ONE: ["A"], TWO: ["B"]})


def test_a_created_flow_goes_once_its_number_is_led_back(world, led, source):
    led.write("new", say("I am new", "New"))
    led.numbers(n1="new")
    back = source(led)
    roll_back(led, back, allow_deletes=1)
    assert (world.leads(), world.titles()) == ({ONE: ["A"]}, ["A", "B", "C"])


def test_a_move_is_taken_back_with_its_number(world, led, source):
    led.rename("a", "d")
    led.numbers(n1="b")
    back = source(led)
    roll_back(led, back)
    assert (world.leads(), sorted(led.lock())) == ({ONE: ["A"]}, ["a", "b", "c"])


def test_a_former_flow_that_is_gone_does_not_stop_the_way_back(world, led, source):
    hand = world.dashboard.create_call_flow(say("By hand", "Hand"))
    world.lead("Hand", TWO)
    led.write("c", say("Good day", "C"))
    led.numbers(n1="a", n2="b")
    back = source(led, allow=[TWO])
    world.dashboard.delete_call_flow(hand.id)
    assert [outcome.change.name for outcome in roll_back(led, back)] == ["c"]
    assert world.leads() == {ONE: ["A"], TWO: ["B"]}


# A saved plan


def test_a_saved_plan_goes_on_after_a_kill(world, led):
    """The titles that it has changed by then are its own."""
    led.write("a", say("Good day", "Day"))
    led.write("b", say("Good night", "Night"))
    led.write("new", say("I am new", "New"))
    led.numbers(n1="b", n2="new")
    saved = read_plan(plan_json(led.plan().plan))
    for _ in (1, 2):
        with pytest.raises(Killed):
            led.apply(saved=saved, checkpoint=killed_at("after-number"))
    applied = led.apply(saved=saved)
    assert {str(one.number) for one in applied.approved.already if hasattr(one, "number")} == {
        ONE,
        TWO,
    }
    assert (world.leads(), led.pending()) == ({ONE: ["Night"], TWO: ["New"]}, [])


def test_a_saved_plan_does_not_lead_what_was_led_elsewhere(world, led):
    led.numbers(n1="b")
    saved = led.plan().plan
    world.lead("C", ONE)
    with pytest.raises(RefusedError) as stop:
        led.apply(saved=saved)
    assert f"lead {ONE}: it leads to c now" in stop.value.details
    world.lead("B", ONE)
    assert led.apply(saved=saved).approved.already
    led.numbers(n1="c")
    with pytest.raises(RefusedError) as stop:
        led.apply(saved=saved)
    assert f"lead {ONE}: by mbflow.yaml it is to lead to c now" in stop.value.details
    led.numbers()
    with pytest.raises(RefusedError) as stop:
        led.apply(saved=saved)
    assert f"lead {ONE}: mbflow.yaml does not name it any more" in stop.value.details


TAMPERED = {
    "number": THREE,
    "file": "flows/a.yaml",
    "cause": "branch",
    "from": "b",
    "from_id": "another",
    "from_title": "Nobody's flow",
    "to": "a",
    "to_id": "another",
    "to_title": "The flow that you wanted",
    "calendar": "office",
    "state": "closed",
    "hazards": [],
}

FIELDS_OF_OWN = [(field, "own") for field in TAMPERED if field != "hazards"]


@pytest.mark.parametrize(
    ("field", "former"), [*((field, "foreign") for field in TAMPERED), *FIELDS_OF_OWN]
)
def test_each_field_of_a_number_that_is_changed_is_refused(world, led, field, former):
    """And the digest of the plan file with it."""
    if former == "foreign":
        world.dashboard.create_call_flow(say("By hand", "Hand"))
        world.lead("Hand", TWO)
    led.numbers(**({"n1": "a", "n2": "c"} if former == "foreign" else {"n1": "c"}))
    number = TWO if former == "foreign" else ONE
    plan = led.plan().plan
    document = plan_json(plan)
    assert read_plan(document).numbers == plan.numbers
    (record,) = document["numbers"]
    assert record.keys() == TAMPERED.keys(), "each field has its case"
    record[field] = TAMPERED[field]
    document["digest"] = document_digest(document)
    writes, leads = world.writes(), world.leads()
    with pytest.raises(RefusedError, match="cannot be applied any more"):
        led.apply(saved=read_plan(document), allow=[number])
    assert (world.writes(), world.leads()) == (writes, leads)


@pytest.mark.parametrize("change", [{"needs_allow": False}, {"text": "A"}, {"kind": "numbers"}])
def test_a_hazard_of_a_number_that_is_changed_is_refused(world, led, change):
    world.dashboard.create_call_flow(say("By hand", "Hand"))
    world.lead("Hand", TWO)
    led.numbers(n1="a", n2="c")
    document = plan_json(led.plan().plan)
    document["numbers"][0]["hazards"][0].update(change)
    document["digest"] = document_digest(document)
    with pytest.raises(RefusedError, match="cannot be applied any more"):
        led.apply(saved=read_plan(document), allow=[TWO])


def test_a_number_that_is_taken_out_of_a_plan_keeps_its_flow(world, led):
    """Its flow was to be deleted once the number had left."""
    led.remove("a")
    led.numbers(n1="b")
    document = plan_json(led.plan().plan)
    document["numbers"] = []
    document["digest"] = document_digest(document)
    applied = led.apply(saved=read_plan(document), allow_deletes=1)
    assert applied.statuses == {"a": "failed"}
    assert [change.name for change in applied.approved.elsewhere] == [ONE]
    assert world.leads() == {ONE: ["A"]}
