"""The client against the emulator, the same cases in process and on a socket."""

import pytest

from mbflow.api.errors import (
    IncompleteListing,
    NoNumbersEndpoint,
    OutcomeUnknown,
    Rejected,
    Unreadable,
)

BODY = {"title": "Support", "record": True, "steps": [{"action": "hangup"}]}


def count(emulator, method):
    return sum(logged.method == method for logged in emulator.requests())


def test_the_life_of_a_flow(opened):
    client, _ = opened()
    created = client.create_call_flow(BODY)
    assert (created.raw["title"], created.raw["record"]) == ("Support", True)
    read = client.get_call_flow(created.id)
    assert read is not None
    assert read.raw["steps"] == created.raw["steps"]
    updated = client.update_call_flow(created.id, {**BODY, "title": "Helpdesk"})
    assert (updated.id, updated.raw["title"]) == (created.id, "Helpdesk")
    assert [flow.raw["title"] for flow in client.list_call_flows()] == ["Helpdesk"]
    client.delete_call_flow(created.id)
    assert client.get_call_flow(created.id) is None
    assert client.list_call_flows() == []


def test_a_refusal(opened):
    client, emulator = opened()
    with pytest.raises(Rejected) as failure:
        client.create_call_flow({"steps": [{"action": "dance"}]})
    assert failure.value.status == 422
    assert failure.value.message.startswith("steps[0].action must be one of")
    with pytest.raises(Rejected) as failure:
        client.delete_call_flow("nobody")
    assert (failure.value.status, failure.value.code) == (404, 13)
    assert failure.value.message.startswith("No call flow found for ID `nobody`.")
    assert count(emulator, "POST") == count(emulator, "DELETE") == 1


def test_numbers(opened):
    client, _ = opened()
    flow = client.create_call_flow(BODY)
    assert client.list_numbers(flow.id) == []
    client.assign_numbers(flow.id, ["31611111111", "31622222222"])
    found = client.list_numbers(flow.id)
    assert {number.number for number in found} == {"31611111111", "31622222222"}
    assert {number.call_flow_id for number in found} == {flow.id}


def test_no_numbers_endpoint(opened):
    client, _ = opened(quirks=["no-numbers-endpoint"])
    flow = client.create_call_flow(BODY)
    with pytest.raises(NoNumbersEndpoint):
        client.list_numbers(flow.id)
    with pytest.raises(Rejected) as failure:
        client.list_numbers("nobody")
    assert failure.value.status == 404


def test_each_page_is_asked_for_once(opened):
    client, emulator = opened()
    for n in range(205):
        client.create_call_flow({**BODY, "title": f"Flow {n}"})
    titles = [flow.raw["title"] for flow in client.list_call_flows()]
    assert titles == [f"Flow {n}" for n in reversed(range(205))]
    assert count(emulator, "GET") == 3


@pytest.mark.parametrize(
    "quirk", ["per-page-cap", "per-page-ignored", "empty-list-null", "legacy-paging-ignored"]
)
def test_lists_under_quirks(opened, quirk):
    client, _ = opened(quirks=[quirk])
    assert client.list_call_flows() == []
    made = [client.create_call_flow({**BODY, "title": f"Flow {n}"}).id for n in range(23)]
    assert [flow.id for flow in client.list_call_flows()] == made[::-1]


@pytest.mark.parametrize("quirks", [["order-changes"], ["order-changes", "per-page-cap"]])
def test_an_order_that_changes_gives_the_whole_list_or_none(opened, quirks):
    client, _ = opened(quirks=quirks)
    made = {client.create_call_flow({**BODY, "title": f"Flow {n}"}).id for n in range(23)}
    for _ in range(10):
        try:
            assert {flow.id for flow in client.list_call_flows()} == made
        except IncompleteListing:
            continue


@pytest.mark.parametrize(
    "fault", ["reset", "500", "503=2", "truncated", "html=502", "latency=60", "429=3"]
)
def test_reads_outlive_passing_faults(opened, fault):
    client, emulator = opened(faults=[f"GET * {fault} nth=1", f"GET * {fault} nth=2"])
    flow = client.create_call_flow(BODY)
    assert [live.id for live in client.list_call_flows()] == [flow.id]
    # Slowness that only uses up the test's own clock needs no second try.
    assert 1 <= count(emulator, "GET") <= 3


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "fault", ["reset", "500", "html", "reset after", "503 after", "html after"]
)
def test_a_write_in_trouble_is_unknown_and_sent_once(opened, method, fault):
    client, emulator = opened(faults=[f"{method} /call-flows* {fault}"])
    flow_id = client.create_call_flow(BODY).id if method != "POST" else ""
    with pytest.raises(OutcomeUnknown):
        if method == "POST":
            client.create_call_flow(BODY)
        elif method == "PUT":
            client.update_call_flow(flow_id, {**BODY, "title": "New"})
        else:
            client.delete_call_flow(flow_id)
    assert count(emulator, method) == 1
    done = fault.endswith("after")
    assert len(client.list_call_flows()) == {"POST": done, "PUT": True, "DELETE": not done}[method]


def test_a_cut_answer_to_a_write_is_unknown(opened):
    client, emulator = opened(faults=["POST /call-flows truncated"])
    with pytest.raises(OutcomeUnknown):
        client.create_call_flow(BODY)
    assert (count(emulator, "POST"), len(client.list_call_flows())) == (1, 1)


def test_too_many_requests_delay_a_create_and_make_one_flow(opened, clock):
    client, emulator = opened(faults=["POST * 429=7 nth=1", "POST * 429=9 nth=2"])
    client.create_call_flow(BODY)
    assert clock.sleeps == [7, 9]
    assert (count(emulator, "POST"), len(client.list_call_flows())) == (3, 1)


def test_reads_do_not_outlive_lasting_faults(opened):
    client, emulator = opened(faults=["GET * 500"])
    with pytest.raises(Unreadable):
        client.list_call_flows()
    assert count(emulator, "GET") == 5
