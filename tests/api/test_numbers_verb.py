"""`mbflow numbers list` and `numbers assign`, as users meet them."""

import threading
from contextlib import ExitStack, closing, contextmanager

import pytest

from mbflow.api.client import Client
from mbflow.api.connect import open_client
from mbflow.api.emulator_transport import EmulatorTransport
from mbflow.api.errors import OutcomeUnknown
from mbflow.api.numbers import PAUSES, assign
from mbflow.emulator.app import Emulator
from mbflow.emulator.server import Server
from mbflow.model.errors import PartialError
from mbflow.model.flow import LockEntry
from mbflow.model.project import Environment
from mbflow.state.lock import Lock, lock_path, write_lock

from .cli import on_a_terminal, runner
from .conftest import KEY
from .service import Reply, Service, flow, listed, one, refused

LOCAL = Environment("local")
ID = flow(1)["id"]


@pytest.fixture
def mbflow(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)
    monkeypatch.setenv("MESSAGEBIRD_ACCESS_KEY", KEY)
    return runner(capsys, tmp_path)


@pytest.fixture
def menu(tmp_path):
    """A call flow of the built-in emulator that the lock knows as `menu`."""
    with open_client(tmp_path, LOCAL, can_write=True) as client:
        made = client.create_call_flow({"title": "Menu", "steps": [{"action": "hangup"}]})
    entries = {"menu": LockEntry(made.id, "", "")}
    write_lock(
        lock_path(tmp_path, "local", embedded=True), Lock("local", environments={"local": entries})
    )
    return made


def numbers_of(tmp_path, flow_id):
    with open_client(tmp_path, LOCAL, can_write=False) as client:
        return sorted(number.number for number in client.list_numbers(flow_id))


def test_assigning_and_listing(mbflow, menu, tmp_path):
    ran = mbflow("numbers", "assign", "menu", "+31 20 123 4567", "0031-20-7654321", "--yes")
    assert ran.code == 0
    assert ran.out == "+31201234567\n+31207654321\n"
    assert ran.err == (
        "In local (built-in emulator), +31201234567, +31207654321\n"
        f"will lead to the call flow menu ({menu.id}).\n"
        f"2 numbers lead to menu ({menu.id}) in local (built-in emulator)\n"
    )
    ran = mbflow("numbers", "list", menu.id)
    assert ran.out == "+31201234567\n+31207654321\n"
    assert ran.err == f"2 numbers lead to menu ({menu.id}) in local (built-in emulator)\n"


@pytest.fixture
def two(menu, tmp_path):
    """Besides `menu` a flow that the lock does not know, with two numbers."""
    with open_client(tmp_path, LOCAL, can_write=True) as client:
        other = client.create_call_flow({"title": "Voicemail", "steps": [{"action": "hangup"}]})
        client.assign_numbers(other.id, ["31201111111", "31203333333"])
    return menu, other


def test_a_number_that_another_flow_loses_is_named(mbflow, two):
    menu, other = two
    ran = mbflow("numbers", "assign", "menu", "+31201111111", "+31202222222", "--yes")
    assert ran.err == (
        "In local (built-in emulator), +31201111111, +31202222222\n"
        f"will lead to the call flow menu ({menu.id}).\n"
        f'+31201111111 leaves "Voicemail" ({other.id}).\n'
        f"2 numbers lead to menu ({menu.id}) in local (built-in emulator)\n"
    )
    ran = mbflow("numbers", "assign", other.id, "+31201111111", "+31203333333", "--yes")
    assert f"\n+31201111111 leaves menu ({menu.id}).\n2 numbers lead to" in ran.err


def test_the_numbers_of_all_flows(mbflow, two):
    menu, other = two
    assert mbflow("numbers", "assign", "menu", "+31202222222", "--yes").code == 0
    ran = mbflow("numbers", "list")
    assert ran.out == (
        "NUMBER        CALL FLOW\n"
        f'+31201111111  "Voicemail" ({other.id})\n'
        f"+31202222222  menu ({menu.id})\n"
        f'+31203333333  "Voicemail" ({other.id})\n'
    )
    assert ran.err == "3 numbers lead to 2 call flows in local (built-in emulator)\n"
    document = mbflow("numbers", "list", "--format", "json").json
    assert (document["environment"], document["endpoint"]) == ("local", "embedded")
    found = {
        (flow["name"], flow["id"], flow["title"]): [number["number"] for number in flow["numbers"]]
        for flow in document["flows"]
    }
    assert found == {
        (None, other.id, "Voicemail"): ["31201111111", "31203333333"],
        ("menu", menu.id, "Menu"): ["31202222222"],
    }


def test_no_number_leads_to_any_flow(mbflow, menu):
    ran = mbflow("numbers", "list")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "No numbers lead to a call flow in local (built-in emulator)\n"


def test_without_a_readable_lock_flows_are_shown_by_title(mbflow, two, tmp_path):
    lock_path(tmp_path, "local", embedded=True).write_text("<<<<<<< ours\n")
    ran = mbflow("numbers", "list")
    assert ran.code == 0
    assert ran.err.startswith("The names are left out: ")
    assert ran.out.splitlines()[1] == f'+31201111111  "Voicemail" ({two[1].id})'


def test_where_a_number_leads_now_may_be_unreadable(mbflow, tmp_path):
    """The service lists no flows to this key; the numbers are led all the same, once said."""

    def answer(asked):
        if asked.path == "/call-flows":
            return refused(403, "no")
        return listed([led], 1) if asked.path.endswith("/numbers") else one(flow(1))

    led = {"id": "n1", "number": "31201234567", "callFlowId": ID}
    with Service(answer) as service:
        remote(tmp_path, service.url)
        ran = mbflow("numbers", "assign", ID, "31201234567", "--yes", "-e", "production")
    assert ran.code == 0
    assert ran.err.splitlines()[2:4] == [
        "Where they lead to now cannot be read: "
        "The access key may not do this (403): GET /call-flows (page 1). The service says: no "
        "(code 13)",
        "A number that leads to another call flow leaves that one.",
    ]


def test_numbers_are_added_to_those_that_are_there(mbflow, menu, tmp_path):
    mbflow("numbers", "assign", "menu", "31201234567", "--yes")
    ran = mbflow("numbers", "assign", "menu", "31207654321", "31207654321", "--yes")
    assert ran.out == "+31201234567\n+31207654321\n"


def test_no_numbers(mbflow, menu):
    ran = mbflow("numbers", "list", "menu")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == f"No numbers lead to menu ({menu.id}) in local (built-in emulator)\n"


def test_numbers_as_json(mbflow, menu):
    ran = mbflow("numbers", "assign", "menu", "31201234567", "--yes", "--format", "json")
    assert (ran.json["environment"], ran.json["endpoint"]) == ("local", "embedded")
    assert (ran.json["id"], ran.json["name"]) == (menu.id, "menu")
    assert [number["number"] for number in ran.json["numbers"]] == ["31201234567"]
    assert mbflow("numbers", "list", "menu", "--format", "json").json == ran.json


def test_without_terminal_and_yes_nothing_is_read_or_written(mbflow, menu, tmp_path):
    ran = mbflow("numbers", "assign", "menu", "31201234567")
    assert (ran.code, ran.out) == (64, "")
    assert ran.err == ("Error: There is no terminal to ask on: say --yes to assign the numbers.\n")
    assert numbers_of(tmp_path, menu.id) == []


@pytest.mark.parametrize(
    ("answer", "code", "numbers"), [("y\n", 0, 1), ("n\n", 3, 0), ("\n", 3, 0)]
)
def test_on_a_terminal_somebody_is_asked(menu, tmp_path, answer, code, numbers):
    ran, shown = on_a_terminal(
        ["numbers", "assign", "menu", "31201234567"], tmp_path, answer=answer
    )
    assert ran == code
    assert "In local (built-in emulator), +31201234567\nwill lead to the call flow menu" in shown
    assert "Assign them? [y/N]:" in shown
    assert ("You said no. Nothing was changed." in shown) is (code == 3)
    assert len(numbers_of(tmp_path, menu.id)) == numbers


@pytest.mark.parametrize(
    "number",
    ["0201234567", "menu", "+", "", "12", "+999123456789", "3120123456789012345", "٣٣٣٣٣٣٣"],
)
def test_a_number_must_be_written_in_full(mbflow, menu, tmp_path, number):
    ran = mbflow("numbers", "assign", "menu", "--yes", "--", "31201234567", number)
    assert (ran.code, ran.out) == (64, "")
    assert (
        "is not a complete telephone number with its country code, such as +31201234567" in ran.err
    )
    assert numbers_of(tmp_path, menu.id) == []


@pytest.mark.parametrize(
    "number",
    ["+31201234567", "31201234567", "0031201234567", "+31 (0)20 123-45.67", "+31/201234567"],
)
def test_a_number_may_be_written_as_people_do(mbflow, menu, number):
    ran = mbflow("numbers", "assign", "menu", number, "--yes")
    assert ran.out == "+31201234567\n"


def test_assigning_to_a_flow_that_is_not_there(mbflow, menu):
    ran = mbflow("numbers", "assign", "menü", "31201234567", "--yes")
    assert ran.code == 1
    assert 'has no call flow menü. Did you mean "menu"?' in ran.err


def test_listing_sends_only_get(mbflow, tmp_path):
    def answer(asked):
        return listed([], 0) if asked.path.endswith("/numbers") else one(flow(1))

    with Service(answer) as service:
        remote(tmp_path, service.url)
        assert mbflow("numbers", "list", ID, "-e", "production").code == 0
    assert {asked.method for asked in service.asked} == {"GET"}


def test_a_service_that_cannot_say(mbflow, tmp_path):
    def answer(asked):
        return refused(404) if asked.path.endswith("/numbers") else one(flow(1))

    with Service(answer) as service:
        remote(tmp_path, service.url)
        ran = mbflow("numbers", "list", ID, "-e", "production")
    assert ran.code == 1
    assert ran.err == "Error: The service cannot say which numbers lead to a call flow.\n"


def test_an_unknown_outcome_is_exit_4(mbflow, tmp_path):
    def answer(asked):
        return one(flow(1)) if asked.method == "GET" else Reply(act="reset")

    with Service(answer) as service:
        remote(tmp_path, service.url)
        ran = mbflow("numbers", "assign", ID, "31201234567", "--yes", "-e", "production")
    assert ran.code == 4
    assert f"Whether POST /call-flows/{ID}/numbers was done is not known" in ran.err
    assert service.count("POST") == 1


def remote(tmp_path, endpoint):
    (tmp_path / "mbflow.yaml").write_text(
        f"project: acme\nenvironments:\n  production: {{endpoint: '{endpoint}'}}\n"
    )


# Services that take numbers otherwise ----------------------------------------------------------


@pytest.fixture
def taking(tmp_path):
    """Runs a verb against an emulator with quirks, where a number leads to the other of two."""

    def opened(*quirks):
        emulator = Emulator(tmp_path / "service.db", quirks=quirks)
        server = stack.enter_context(serving(emulator))
        remote(tmp_path, server.url)
        client = stack.enter_context(
            Client(server.url, KEY, can_write=True, transport=lambda: EmulatorTransport(emulator))
        )
        steps = {"steps": [{"action": "hangup"}]}
        menu, other = (client.create_call_flow({"title": t, **steps}) for t in ("Menu", "Other"))
        client.assign_numbers(other.id, ["31201111111"])
        return client, menu, other

    with ExitStack() as stack:
        yield opened


def links(client, number, flow_ids):
    """Those of the flows that show the number."""
    return tuple(
        flow_id
        for flow_id in flow_ids
        if number in {link.number for link in client.list_numbers(flow_id)}
    )


@contextmanager
def serving(emulator):
    server = Server(emulator, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
        emulator.close()


@pytest.mark.parametrize("quirks", [[], ["links-seen-late"]])
def test_a_number_that_moves_late_or_at_once_has_left(mbflow, taking, quirks):
    client, menu, other = taking(*quirks)
    client.wait(0.5 * len(quirks))
    ran = mbflow("numbers", "assign", menu.id, "31201111111", "--yes", "-e", "production")
    assert (ran.code, ran.out) == (0, "+31201111111\n")
    assert links(client, "31201111111", [menu.id, other.id]) == (menu.id,)


def test_a_number_that_leads_to_both_is_told(mbflow, taking, monkeypatch):
    monkeypatch.setattr("mbflow.api.numbers.PAUSES", (0.0, 0.1))
    client, menu, other = taking("linked-number-added")
    ran = mbflow(
        "numbers", "assign", menu.id, "31201111111", "31202222222", "--yes", "-e", "production"
    )
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.endswith(
        "The service took the numbers, but 31201111111 did not leave the former call flow.\n"
        f"  31201111111 still leads to {other.id}.\n"
        "  Nobody knows which of the call flows answers. Take the number away from the former one"
        " in\n"
        "  the service's dashboard. To see where numbers lead:\n"
        "      mbflow numbers list -e production\n"
    )
    assert links(client, "31201111111", [menu.id, other.id]) == (menu.id, other.id)
    listed = mbflow("numbers", "list", "-e", "production")
    assert [line[:12] for line in listed.out.splitlines()[1:]] == [
        *["+31201111111"] * 2,
        "+31202222222",
    ]
    assert listed.err.startswith("2 numbers lead to 2 call flows")


def test_a_number_that_led_to_two_leaves_both(mbflow, taking, tmp_path):
    client, menu, other = taking("linked-number-added")
    third = client.create_call_flow({"steps": [{"action": "hangup"}]})
    client.assign_numbers(third.id, ["31201111111"])
    with closing(Emulator(tmp_path / "service.db")) as moving, serving(moving) as server:
        remote(tmp_path, server.url)
        ran = mbflow("numbers", "assign", menu.id, "31201111111", "--yes", "-e", "production")
    assert ran.code == 0
    assert f"+31201111111 leaves {third.id}.\n" in ran.err
    assert f'+31201111111 leaves "Other" ({other.id}).\n' in ran.err


def test_a_number_that_the_service_does_not_move(mbflow, taking):
    client, menu, other = taking("linked-number-409")
    ran = mbflow(
        "numbers", "assign", menu.id, "31202222222", "31201111111", "--yes", "-e", "production"
    )
    assert (ran.code, ran.out) == (1, "")
    assert f"refused POST /call-flows/{menu.id}/numbers (409).\n" in ran.err
    assert ran.err.endswith(
        "  The service says: Number 31201111111 has another call flow. (code 21)\n"
        "  A number that leads to another call flow may have to leave that one first: take it away"
        " there in the service's dashboard, then run this again.\n"
    )
    flows = [menu.id, other.id]
    assert links(client, "31201111111", flows) == (other.id,)
    assert links(client, "31202222222", flows) == ()


def test_a_number_with_a_plus_is_the_same_number(run):
    item = {"id": "n1", "number": "+31201234567", "callFlowId": ID}
    _, client = run(lambda a: Reply(201) if a.method == "POST" else listed([item], 1))
    assert len(assign(client, ID, ["31201234567"])) == 1


# Reading back ---------------------------------------------------------------------------------


def test_reads_that_lag_behind_are_waited_for(run):
    item = {"id": "n1", "number": "31201234567", "callFlowId": ID}
    reads = iter([listed([], 0), listed([], 0)])
    _, client = run(lambda a: Reply(201) if a.method == "POST" else next(reads, listed([item], 1)))
    sleeps = []
    found = assign(client, ID, ["31201234567"], sleep=sleeps.append)
    assert [number.number for number in found] == ["31201234567"]
    assert sleeps == list(PAUSES[:3])


def test_numbers_that_never_show_are_told(run):
    service, client = run(lambda asked: Reply(201) if asked.method == "POST" else listed([], 0))
    with pytest.raises(PartialError, match="took the numbers, but does not show 31201234567"):
        assign(client, ID, ["31201234567"], sleep=lambda seconds: None)
    assert service.count("POST") == 1


def test_numbers_that_cannot_be_read_back_are_told(run):
    _, client = run(lambda asked: Reply(201) if asked.method == "POST" else refused(403, "no"))
    with pytest.raises(PartialError, match="they could not be read back") as failure:
        assign(client, ID, ["31201234567"], sleep=lambda seconds: None)
    assert any("The access key may not do this (403)" in line for line in failure.value.details)


def test_an_unclear_answer_is_not_read_back(run):
    service, client = run(lambda asked: Reply(500))
    with pytest.raises(OutcomeUnknown):
        assign(client, ID, ["31201234567"])
    assert len(service.asked) == 1
