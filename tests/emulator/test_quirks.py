"""Every quirk, seen acting, beside what the emulator does without it."""

import pytest

from mbflow.emulator.quirks import Quirk, find_quirks
from mbflow.model.errors import UsageError
from mbflow.model.text import Command

from .acting import shows

HANGUP = {"action": "hangup"}
SAY = {"action": "say", "options": {"payload": "Hello", "language": "en-gb", "voice": "male"}}


@pytest.fixture
def both(in_process):
    """Two empty emulators: one with the quirk, one without."""

    def opened(quirk, **options):
        return in_process("quirk.db", quirks=[quirk], **options), in_process("plain.db", **options)

    return opened


def create(api, *steps, **keys):
    answer = api.post("/call-flows", json={**keys, "steps": list(steps) or [HANGUP]})
    assert answer.status_code == 201, answer.text
    return answer.json()["data"][0]


def put(api, flow, *steps, **keys):
    answer = api.put(f"/call-flows/{flow['id']}", json={**keys, "steps": list(steps) or [HANGUP]})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"][0]


def get(api, flow):
    return api.get(f"/call-flows/{flow['id']}").json()["data"][0]


def listed(api, **query):
    return api.get("/call-flows", params=query).json()


def options_of(flow):
    return flow["steps"][0]["options"]


@shows(Quirk.LIST_WITHOUT_TITLES, Quirk.LIST_WITHOUT_STEPS)
@pytest.mark.parametrize(
    ("quirk", "key"),
    [(Quirk.LIST_WITHOUT_TITLES, "title"), (Quirk.LIST_WITHOUT_STEPS, "steps")],
)
def test_lists_leave_a_key_out(both, quirk, key):
    quirky, plain = both(quirk)
    for api in (quirky, plain):
        flow = create(api, title="Welcome")
        assert get(api, flow) == flow
    assert key not in listed(quirky)["data"][0]
    assert key in listed(plain)["data"][0]


@shows(Quirk.GET_WITHOUT_TITLE)
def test_get_without_title(both):
    quirky, plain = both(Quirk.GET_WITHOUT_TITLE)
    assert "title" not in get(quirky, create(quirky, title="Welcome"))
    assert listed(quirky)["data"][0]["title"] == "Welcome"
    assert get(plain, create(plain, title="Welcome"))["title"] == "Welcome"


@shows(Quirk.DEFAULTS_WRITTEN)
def test_defaults_written(both):
    quirky, plain = both(Quirk.DEFAULTS_WRITTEN)
    say = {"action": "say", "options": {**SAY["options"], "repeat": 0}}
    assert options_of(create(quirky, say)) == {
        **SAY["options"],
        "repeat": 1,
        "ifMachine": "delay",
        "machineTimeout": 7000,
    }
    assert options_of(create(quirky, {"action": "record"})) == {
        "maxLength": 0,
        "finishOnKey": "none",
        "transcribe": False,
    }
    assert "options" not in create(quirky, HANGUP)["steps"][0]
    assert options_of(create(plain, say)) == say["options"]


@shows(Quirk.UNKNOWN_KEYS_DROPPED)
def test_unknown_keys_dropped(both):
    quirky, plain = both(Quirk.UNKNOWN_KEYS_DROPPED)
    body = {
        "colour": "red",
        "steps": [{**SAY, "mood": 1, "options": {**SAY["options"], "tempo": [2]}}],
    }
    kept = plain.post("/call-flows", json=body).json()["data"][0]
    assert (kept["colour"], kept["steps"][0]["mood"], options_of(kept)["tempo"]) == ("red", 1, [2])
    dropped = quirky.post("/call-flows", json=body).json()["data"][0]
    assert "colour" not in dropped
    assert dropped["steps"] == [{"id": dropped["steps"][0]["id"], **SAY}]


@shows(Quirk.EMPTY_OPTIONS_DROPPED)
def test_empty_options_dropped(both):
    quirky, plain = both(Quirk.EMPTY_OPTIONS_DROPPED)
    say = {
        "action": "say",
        "options": {**SAY["options"], "payload": "", "repeat": 0, "loop": False},
    }
    pause = {"action": "pause", "options": {"length": 0, "mask": False}}
    flow = create(quirky, say, pause)
    assert options_of(flow) == {**SAY["options"], "payload": ""}
    assert flow["steps"][1]["options"] == {"length": 0}
    assert options_of(create(plain, say)) == say["options"]


@shows(Quirk.UNTITLED_AS_EMPTY)
def test_untitled_as_empty(both):
    quirky, plain = both(Quirk.UNTITLED_AS_EMPTY)
    assert create(quirky)["title"] == ""
    assert put(quirky, create(quirky, title="Welcome"))["title"] == ""
    assert "title" not in create(plain)


@shows(Quirk.STEP_IDS_REPLACED)
def test_step_ids_replaced(both):
    quirky, plain = both(Quirk.STEP_IDS_REPLACED)
    steps = [{"id": "ask", **SAY, "onKeypressGoto": "end"}, {"id": "end", **HANGUP}]
    flow = create(quirky, *steps)
    ask, end = flow["steps"]
    assert {ask["id"], end["id"]}.isdisjoint({"ask", "end"})
    assert ask["onKeypressGoto"] == end["id"]
    assert put(quirky, flow, *flow["steps"])["steps"] == flow["steps"]
    again = put(quirky, flow, *steps)["steps"]
    assert again[0]["onKeypressGoto"] == again[1]["id"] != "end"
    assert create(plain, *steps)["steps"] == steps


@shows(Quirk.STEP_IDS_REISSUED)
def test_step_ids_reissued(both):
    quirky, plain = both(Quirk.STEP_IDS_REISSUED)
    flow = create(quirky, SAY, {"id": "own", **HANGUP})
    changed = put(quirky, flow, SAY, {"id": "own", **HANGUP})
    assert changed["steps"][0]["id"] != flow["steps"][0]["id"]
    assert changed["steps"][1]["id"] == "own"
    flow = create(plain, SAY)
    assert put(plain, flow, SAY)["steps"] == flow["steps"]


@shows(Quirk.PUT_MERGES)
def test_put_merges(both):
    quirky, plain = both(Quirk.PUT_MERGES)
    flow = create(quirky, title="Welcome", record=True, maxDuration=60)
    body = {"title": "New", "record": None}
    changed = quirky.put(f"/call-flows/{flow['id']}", json=body).json()["data"][0]
    assert {**changed, "updatedAt": flow["updatedAt"]} == {**flow, "title": "New"}
    flow = create(plain, title="Welcome", record=True, maxDuration=60)
    assert plain.put(f"/call-flows/{flow['id']}", json=body).status_code == 422
    changed = put(plain, flow)
    assert changed["record"] is False
    assert changed.keys().isdisjoint({"title", "maxDuration"})


@shows(Quirk.UNCHANGED_PUT_KEEPS_TIME)
def test_unchanged_put_keeps_time(both):
    now = [1000.0]
    quirky, plain = both(Quirk.UNCHANGED_PUT_KEEPS_TIME, clock=lambda: now[0])
    flows = {quirky: create(quirky, SAY), plain: create(plain, SAY)}
    now[0] += 60
    assert put(quirky, flows[quirky], SAY) == flows[quirky]
    assert put(quirky, flows[quirky], HANGUP)["updatedAt"] == "1970-01-01T00:17:40Z"
    assert put(plain, flows[plain], SAY)["updatedAt"] == "1970-01-01T00:17:40Z"


@shows(Quirk.EMPTY_LIST_NULL)
def test_empty_list_null(both):
    quirky, plain = both(Quirk.EMPTY_LIST_NULL)
    assert listed(quirky)["data"] is None
    assert listed(plain)["data"] == []
    create(quirky)
    assert len(listed(quirky)["data"]) == 1
    assert listed(quirky, page=2)["data"] is None


@shows(Quirk.PER_PAGE_CAP, Quirk.PER_PAGE_IGNORED)
@pytest.mark.parametrize(
    ("quirk", "sizes", "per_page"),
    [(Quirk.PER_PAGE_CAP, [5, 5, 2], 5), (Quirk.PER_PAGE_IGNORED, [10, 2, 0], 10)],
)
def test_pages_are_smaller_than_asked(both, quirk, sizes, per_page):
    quirky, plain = both(quirk)
    for api in (quirky, plain):
        for _ in range(12):
            create(api)
    pages = [listed(quirky, perPage=100, page=number) for number in (1, 2, 3)]
    assert [len(page["data"]) for page in pages] == sizes
    assert {page["pagination"]["perPage"] for page in pages} == {per_page}
    assert len({flow["id"] for page in pages for flow in page["data"]}) == 12
    assert len(listed(plain, perPage=100)["data"]) == 12


@shows(Quirk.LEGACY_PAGING_IGNORED)
def test_legacy_paging_ignored(both):
    quirky, plain = both(Quirk.LEGACY_PAGING_IGNORED)
    for api in (quirky, plain):
        for _ in range(12):
            create(api)
    for query in ({"currentPage": 2}, {"limit": 3}, {"offset": 10}, {"limit": "x"}):
        assert len(listed(quirky, **query)["data"]) == 10
    assert len(listed(quirky, page=2, perPage=7)["data"]) == 5
    assert len(listed(plain, limit=3)["data"]) == 3


@shows(Quirk.ORDER_CHANGES)
def test_order_changes(both):
    quirky, plain = both(Quirk.ORDER_CHANGES, seed=1)
    for api in (quirky, plain):
        for number in range(6):
            create(api, title=str(number))

    def reads(api):
        orders = []
        for _ in range(40):
            pages = [listed(api, perPage=3, page=page)["data"] for page in (1, 2)]
            orders.append("".join(flow["title"] for page in pages for flow in page))
        return orders

    assert set(reads(plain)) == {"543210"}
    orders = reads(quirky)
    assert any(len(set(order)) < 6 for order in orders), "no read met a change between its pages"
    whole = {order for order in orders if len(set(order)) == 6}
    assert whole >= {"543210", "432105"}


def test_the_same_seed_changes_the_order_at_the_same_requests(in_process):
    def reads(database, seed):
        api = in_process(database, quirks=[Quirk.ORDER_CHANGES], seed=seed)
        for number in range(3):
            create(api, title=str(number))
        return [listed(api)["data"][0]["title"] for _ in range(30)]

    assert reads("a.db", 5) == reads("b.db", 5)
    assert reads("c.db", 6) != reads("d.db", 5)


@shows(Quirk.LANGUAGE_NORMALISED)
def test_language_normalised(both):
    quirky, plain = both(Quirk.LANGUAGE_NORMALISED)
    for sent, made in (("en-gb", "en-GB"), ("EN-GB-wls", "en-GB-WLS"), ("odd", "odd")):
        say = {"action": "say", "options": {**SAY["options"], "language": sent}}
        assert options_of(create(quirky, say))["language"] == made
        assert options_of(create(plain, say))["language"] == sent
    record = {"action": "record", "options": {"transcribe": True, "transcribeLanguage": "NL-nl"}}
    assert options_of(create(quirky, record))["transcribeLanguage"] == "nl-NL"


@shows(Quirk.STALE_READS)
def test_stale_reads(both):
    now = [1000.0]
    quirky, plain = both(Quirk.STALE_READS, clock=lambda: now[0])
    gone, kept = create(quirky, title="gone"), create(quirky, title="old")
    now[0] += 1
    new = create(quirky, title="new")
    put(quirky, kept, title="changed")
    assert quirky.delete(f"/call-flows/{gone['id']}").status_code == 204
    assert quirky.get(f"/call-flows/{new['id']}").status_code == 404
    assert get(quirky, kept)["title"] == "old"
    assert [flow["title"] for flow in listed(quirky)["data"]] == ["old", "gone"]
    assert listed(quirky)["pagination"]["totalCount"] == 2
    assert quirky.delete(f"/call-flows/{gone['id']}").status_code == 404, "writes see the present"
    now[0] += 0.5
    assert get(quirky, new) == new
    assert [flow["title"] for flow in listed(quirky)["data"]] == ["new", "changed"]
    assert get(plain, create(plain, title="seen"))["title"] == "seen"


@shows(Quirk.STALE_READS)
def test_stale_reads_of_numbers(both):
    now = [1000.0]
    quirky, plain = both(Quirk.STALE_READS, clock=lambda: now[0])
    for api, seen in ((quirky, 0), (plain, 1)):
        path = f"/call-flows/{create(api)['id']}/numbers"
        now[0] += 1
        assert api.post(path, json={"numbers": ["31612345678"]}).status_code == 201
        assert api.get(path).json()["pagination"]["totalCount"] == seen
        now[0] += 1
        assert api.get(path).json()["pagination"]["totalCount"] == 1


@shows(Quirk.SECOND_DEFAULT_REFUSED)
def test_second_default_refused(both):
    quirky, plain = both(Quirk.SECOND_DEFAULT_REFUSED)
    first = create(quirky, default=True)
    answer = quirky.post("/call-flows", json={"steps": [HANGUP], "default": True})
    assert answer.status_code == 422
    assert answer.json() == {
        "data": None,
        "errors": [{"message": f"Call flow `{first['id']}` is the default already.", "code": 21}],
    }
    assert listed(quirky)["pagination"]["totalCount"] == 1
    assert put(quirky, first, default=True)["default"] is True
    put(quirky, first, default=False)
    assert create(quirky, default=True)["default"] is True
    first = create(plain, default=True)
    create(plain, default=True)
    assert get(plain, first)["default"] is False


@shows(Quirk.DELETE_REFUSED_WITH_NUMBERS)
def test_delete_refused_with_numbers(both):
    quirky, plain = both(Quirk.DELETE_REFUSED_WITH_NUMBERS)
    for api, status in ((quirky, 422), (plain, 204)):
        path = f"/call-flows/{create(api)['id']}"
        api.post(f"{path}/numbers", json={"numbers": ["31612345678"]})
        assert api.delete(path).status_code == status
    path = f"/call-flows/{listed(quirky)['data'][0]['id']}"
    quirky.put(f"{path}/numbers", json={"numbers": []})
    assert quirky.delete(path).status_code == 204


NUMBER, OTHER = "31612345678", "31687654321"


def lead(api, flow, *numbers, method="POST"):
    """The answer to numbers for a flow."""
    path = f"/call-flows/{flow['id']}/numbers"
    return api.request(method, path, json={"numbers": list(numbers)})


def links(api, *flows):
    """By flow: number to the id of its link."""
    answers = [api.get(f"/call-flows/{flow['id']}/numbers").json()["data"] for flow in flows]
    return [{item["number"]: item["id"] for item in answer} for answer in answers]


@shows(Quirk.LINKED_NUMBER_409)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_linked_number_409(both, method):
    quirky, plain = both(Quirk.LINKED_NUMBER_409)
    for api, moved in ((quirky, False), (plain, True)):
        first, second = create(api), create(api)
        assert lead(api, first, NUMBER).status_code == 201
        assert lead(api, second, "31600000001").status_code == 201
        answer = lead(api, second, OTHER, NUMBER, method=method)
        found = [sorted(numbers) for numbers in links(api, first, second)]
        if not moved:
            assert answer.status_code == 409
            assert answer.json()["errors"] == [
                {"message": f"Number {NUMBER} has another call flow.", "code": 21}
            ]
            assert found == [[NUMBER], ["31600000001"]]
        else:
            assert answer.status_code == {"POST": 201, "PUT": 200}[method]
            kept = ["31600000001"] * (method == "POST")
            assert found == [[], [*kept, NUMBER, OTHER]]
    flow = create(quirky)
    for _ in range(2):
        assert lead(quirky, flow, OTHER).status_code == 201, "no other flow has it"


@shows(Quirk.LINKED_NUMBER_ADDED)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_linked_number_added(both, method):
    quirky, plain = both(Quirk.LINKED_NUMBER_ADDED)
    for api, count in ((quirky, 2), (plain, 1)):
        flows = create(api), create(api)
        lead(api, flows[0], NUMBER)
        for _ in range(2):
            assert lead(api, flows[1], NUMBER, method=method).is_success
        ids = [found[NUMBER] for found in links(api, *flows) if found]
        assert len(set(ids)) == len(ids) == count
        for flow, link in zip(flows[-count:], ids, strict=True):
            (item,) = api.get(f"/numbers/{link}").json()["data"]
            assert (item["callFlowId"], item["number"]) == (flow["id"], NUMBER)


def test_the_first_of_two_links_takes_calls(in_process):
    api = in_process(quirks=[Quirk.LINKED_NUMBER_ADDED])
    transfer = {"action": "transfer", "options": {"destination": "31699999999"}}
    flows = [create(api, transfer), create(api)]
    for flow in flows:
        lead(api, flow, NUMBER)
    second = links(api, flows[1])

    def legs_of_a_call():
        request = {"from": "31600000000", "to": NUMBER}
        assert api.post("/_emulator/calls", json=request).status_code == 201
        api.post("/_emulator/clock", json={"advance": 60})
        call = api.get("/calls").json()["data"][0]
        return api.get(f"/calls/{call['id']}/legs").json()["pagination"]["totalCount"]

    assert legs_of_a_call() == 2
    assert api.delete(f"/call-flows/{flows[0]['id']}").status_code == 204
    assert links(api, flows[1]) == second
    assert legs_of_a_call() == 1


@pytest.mark.parametrize("flow", [0, 1])
def test_put_unbinds_the_links_of_its_flow_only(in_process, flow):
    api = in_process(quirks=[Quirk.LINKED_NUMBER_ADDED])
    flows = [create(api), create(api)]
    for one in flows:
        lead(api, one, NUMBER)
    lead(api, flows[flow], method="PUT")
    assert [len(found) for found in links(api, *flows)] == [flow, 1 - flow]


def test_a_second_link_goes_where_the_number_moves(in_process):
    """The database was used with the quirk, and is now used without it."""
    quirky, plain = in_process(quirks=[Quirk.LINKED_NUMBER_ADDED]), in_process()
    flows = [create(quirky) for _ in range(3)]
    for flow in flows[:2]:
        lead(quirky, flow, NUMBER)
    lead(plain, flows[2], NUMBER)
    assert [list(found) for found in links(plain, *flows)] == [[], [], [NUMBER]]
    lead(quirky, flows[0], NUMBER)
    lead(plain, flows[0], NUMBER)
    assert [list(found) for found in links(plain, *flows)] == [[NUMBER], [], []]


def test_409_leaves_nothing_for_a_second_link(in_process):
    api = in_process(quirks=[Quirk.LINKED_NUMBER_ADDED, Quirk.LINKED_NUMBER_409])
    first, second = create(api), create(api)
    lead(api, first, NUMBER)
    assert lead(api, second, NUMBER).status_code == 409
    assert [list(found) for found in links(api, first, second)] == [[NUMBER], []]


@shows(Quirk.NUMBERS_PUT_ADDS)
def test_numbers_put_adds(both):
    quirky, plain = both(Quirk.NUMBERS_PUT_ADDS)
    for api, found in ((quirky, [NUMBER, OTHER]), (plain, [OTHER])):
        flow = create(api)
        lead(api, flow, NUMBER)
        answer = lead(api, flow, OTHER, method="PUT")
        assert sorted(item["number"] for item in answer.json()["data"]) == found
        assert sorted(*links(api, flow)) == found
        assert lead(api, flow, method="PUT").status_code == 200
        assert sorted(*links(api, flow)) == (found if api is quirky else [])


@shows(Quirk.LINKS_SEEN_LATE)
def test_links_seen_late(both):
    now = [1000.0]
    quirky, plain = both(Quirk.LINKS_SEEN_LATE, clock=lambda: now[0])
    for api, is_late in ((quirky, True), (plain, False)):
        first, second = create(api), create(api)
        link = lead(api, first, NUMBER).json()["data"][0]
        now[0] += 1
        lead(api, second, NUMBER)
        assert get(api, create(api, title="Seen"))["title"] == "Seen", "flows are read at once"
        (read,) = api.get(f"/numbers/{link['id']}").json()["data"]
        assert read["callFlowId"] == (first if is_late else second)["id"]
        assert [len(found) for found in links(api, first, second)] == [is_late, not is_late]
        now[0] += 0.5
        assert [len(found) for found in links(api, first, second)] == [0, 1]


@shows(Quirk.NO_NUMBERS_ENDPOINT)
def test_no_numbers_endpoint(both):
    quirky, plain = both(Quirk.NO_NUMBERS_ENDPOINT)
    for api, status in ((quirky, 404), (plain, 200)):
        flow = create(api)
        assert api.get(f"/call-flows/{flow['id']}").status_code == 200
        assert api.get(f"/call-flows/{flow['id']}/numbers").status_code == status
        numbers = api.put(f"/call-flows/{flow['id']}/numbers", json={"numbers": ["31612345678"]})
        assert numbers.status_code == status


@shows(Quirk.UNKNOWN_ACTIONS_ACCEPTED)
def test_unknown_actions_accepted(both):
    quirky, plain = both(Quirk.UNKNOWN_ACTIONS_ACCEPTED)
    dance = {"action": "dance", "options": {"steps": 3}}
    flow = create(quirky, dance)
    assert flow["steps"] == [{"id": flow["steps"][0]["id"], **dance}]
    assert plain.post("/call-flows", json={"steps": [dance]}).status_code == 422


@shows(Quirk.INVALID_CONTENT_400)
def test_invalid_content_400(both):
    quirky, plain = both(Quirk.INVALID_CONTENT_400)
    body = {"steps": [{"action": "dance"}]}
    assert quirky.post("/call-flows", json=body).status_code == 400
    assert plain.post("/call-flows", json=body).status_code == 422
    assert (
        quirky.post("/call-flows", json=body).json() == plain.post("/call-flows", json=body).json()
    )
    for broken in (b"{", b" " * 65_536, b"[" * 100):
        assert quirky.post("/call-flows", content=broken).status_code == 400
        assert plain.post("/call-flows", content=broken).status_code == 422
    assert quirky.get("/calls?page=x").status_code == 400
    assert quirky.post("/_emulator/clock", json={}).status_code == 400


@shows(Quirk.CONFLICT_409)
def test_conflict_409(both):
    quirky, plain = both(Quirk.CONFLICT_409)
    body = {"source": "3120", "destination": "3161", "callFlow": {"steps": [HANGUP]}}
    for api, status in ((quirky, 409), (plain, 422)):
        call = api.post("/calls", json=body).json()["_links"]["self"]
        assert api.post(f"{call}/31612345678").status_code == status
        assert api.post("/calls", json={}).status_code == 422


@shows(Quirk.MALFORMED_VERSION_REFUSED)
def test_malformed_version_refused(both):
    quirky, plain = both(Quirk.MALFORMED_VERSION_REFUSED)
    for version in ("x", "2017-03-14", "20171301", "2017031", "20170314,20170314"):
        header = {"X-MessageBird-Version": version}
        answer = quirky.get("/call-flows", headers=header)
        assert answer.status_code == 422
        assert answer.json()["errors"] == [
            {"message": "X-MessageBird-Version must be a date such as 20170314.", "code": 11}
        ]
        assert plain.get("/call-flows", headers=header).status_code == 200
    for header in ({}, {"X-MessageBird-Version": "20170314"}, {"X-MessageBird-Version": ""}):
        assert quirky.get("/call-flows", headers=header).status_code == 200


@shows(Quirk.WEBHOOK_ECHOED)
def test_webhook_echoed(both):
    quirky, plain = both(Quirk.WEBHOOK_ECHOED)
    webhook = {"url": "http://127.0.0.1:9/", "token": "t"}
    body = {"source": "3120", "destination": "3161", "callFlow": {"steps": [HANGUP]}}
    for api, echoed in ((quirky, [webhook]), (plain, [])):
        made = api.post("/calls", json={**body, "webhook": webhook}).json()
        read = api.get(made["_links"]["self"]).json()
        for call in (made["data"][0], read["data"][0], api.get("/calls").json()["data"][0]):
            assert [call[key] for key in call if key == "webhook"] == echoed
    without = quirky.post("/calls", json=body).json()["data"][0]
    assert "webhook" not in without


def test_a_name_that_is_no_quirk_is_wrong_usage():
    with pytest.raises(UsageError) as caught:
        find_quirks(["put-merges", "nonsense", "more"])
    assert caught.value.summary == "There is no quirk named more, nonsense."
    assert caught.value.details[-1] == Command("mbflow", "emulate", "--list-quirks")
