"""The official Python SDK, unmodified, runs its call-flow methods against `mbflow emulate`."""

import pytest

STEPS = [
    {"action": "say", "options": {"payload": "Hello", "language": "en-GB", "voice": "male"}},
    {"action": "transfer", "options": {"destination": "31612345678"}},
]


@pytest.fixture
def sdk(emulate, monkeypatch):
    """The SDK's module, pointed at an exchange that knows one key."""
    import messagebird.client

    _, url = emulate("--access-key", "live_key")
    monkeypatch.setattr(messagebird.client, "VOICE_API_ROOT", url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return messagebird.client


@pytest.fixture
def messagebird(sdk):
    return sdk.Client("live_key")


def test_a_flow_is_created_read_updated_listed_and_deleted(messagebird, sdk):
    made = messagebird.call_flow_create(STEPS, default=False, record=True, title="Welcome")
    assert (made.title, made.record, made.default) == ("Welcome", True, False)
    assert [step["action"] for step in made.steps] == ["say", "transfer"]
    assert made.createdAt == made.updatedAt

    read = messagebird.call_flow(made.id)
    assert (read.id, read.steps, read.createdAt) == (made.id, made.steps, made.createdAt)

    changed = messagebird.call_flow_update(made.id, STEPS[1:], default=True, record=False)
    assert (changed.id, changed.record, changed.default, changed.title) == (
        made.id,
        False,
        True,
        None,
    )
    assert len(changed.steps) == 1

    listed = messagebird.call_flow_list()
    assert [flow.id for flow in listed.data] == [made.id]
    assert listed.pagination == {
        "totalCount": 1,
        "pageCount": 1,
        "currentPage": 1,
        "perPage": 10,
    }

    assert messagebird.call_flow_delete(made.id) is None
    assert messagebird.call_flow_list().data == []


def test_lists_are_paged_with_limit_and_offset(messagebird):
    made = [messagebird.call_flow_create(STEPS, title=str(number)) for number in range(7)]
    pages = [messagebird.call_flow_list(limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    assert [[flow.title for flow in page.data] for page in pages] == [
        ["6", "5", "4"],
        ["3", "2", "1"],
        ["0"],
        [],
    ]
    assert pages[1].pagination["pageCount"] == 3
    assert {flow.id for page in pages for flow in page.data} == {flow.id for flow in made}


def test_numbers_are_added_and_listed(messagebird):
    flow = messagebird.call_flow_create(STEPS)
    added = messagebird.call_flow_numbers_add(flow.id, ("31611111111", "31611111112"))
    assert {number.number for number in added.data} == {"31611111111", "31611111112"}
    listed = messagebird.call_flow_numbers_list(flow.id)
    assert {number.callFlowId for number in listed.data} == {flow.id}
    assert listed.pagination["totalCount"] == 2


def test_refusals_arrive_as_the_sdks_own_error(messagebird, sdk):
    unknown = "00000000-0000-4000-8000-000000000000"
    for call, code in (
        (lambda: messagebird.call_flow(unknown), 13),
        (lambda: messagebird.call_flow_update(unknown, STEPS, False, False), 13),
        (lambda: messagebird.call_flow_delete(unknown), 13),
        (lambda: messagebird.call_flow_numbers_list(unknown), 13),
        (lambda: messagebird.call_flow_create([{"action": "dance"}]), 11),
        (lambda: sdk.Client("wrong_key").call_flow_list(), 2),
    ):
        with pytest.raises(sdk.ErrorException) as caught:
            call()
        assert [error.code for error in caught.value.errors] == [code]
