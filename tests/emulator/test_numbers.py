"""The numbers of call flows: reference section 12, and what the emulator adds to bind them."""

import uuid

import httpx
import pytest

HANGUP = {"action": "hangup"}
DIGITS = "31611111111"


@pytest.fixture
def flow(api):
    return create(api)


def create(api):
    return api.post("/call-flows", json={"steps": [HANGUP]}).json()["data"][0]


def post(api, flow, *digits):
    return api.post(path_of(flow), json={"numbers": list(digits)})


def path_of(flow):
    return f"/call-flows/{flow['id']}/numbers"


def numbers(api, flow):
    return [item["number"] for item in api.get(path_of(flow)).json()["data"]]


def test_numbers_are_added_and_listed_newest_first(api, flow):
    answer = api.post(path_of(flow), json={"numbers": ["31611111111", "+31611111112"]})
    assert answer.status_code == 201
    assert [item["number"] for item in answer.json()["data"]] == ["31611111112", "31611111111"]
    api.post(f"/v1{path_of(flow)}/", json={"numbers": ["31611111112", "31600000000"]})
    assert numbers(api, flow) == ["31600000000", "31611111112", "31611111111"]
    assert numbers(api, create(api)) == []


def test_an_item_has_the_documented_fields_and_links(api, flow):
    api.post(path_of(flow), json={"numbers": ["31611111111"]})
    listed = api.get(path_of(flow)).json()
    (item,) = listed["data"]
    assert uuid.UUID(item["id"]).version == 4
    link = f"/numbers/{item['id']}"
    assert item == {
        "id": item["id"],
        "number": "31611111111",
        "callFlowId": flow["id"],
        "createdAt": item["createdAt"],
        "updatedAt": item["createdAt"],
        "_links": {"self": link},
    }
    assert listed["_links"] == {"self": f"{path_of(flow)}?page=1"}
    assert listed["pagination"] == {
        "totalCount": 1,
        "pageCount": 1,
        "currentPage": 1,
        "perPage": 10,
    }
    del item["_links"]
    assert api.get(link).json() == {"data": [item], "_links": {"self": link}}


def test_put_replaces_the_set(api, flow):
    api.post(path_of(flow), json={"numbers": ["31611111111", "31611111112"]})
    before = {item["number"]: item["id"] for item in api.get(path_of(flow)).json()["data"]}
    answer = api.put(path_of(flow), json={"numbers": ["31611111112", "31611111113"]})
    assert answer.status_code == 200
    after = {item["number"]: item["id"] for item in answer.json()["data"]}
    assert after.keys() == {"31611111112", "31611111113"}
    assert after["31611111112"] == before["31611111112"]
    assert api.get(f"/numbers/{before['31611111111']}").status_code == 404
    api.put(path_of(flow), json={"numbers": []})
    assert numbers(api, flow) == []


def test_a_number_belongs_to_one_flow_and_moves(api, flow):
    other = create(api)
    api.post(path_of(flow), json={"numbers": ["31611111111"]})
    api.post(path_of(other), json={"numbers": ["31611111111"]})
    assert (numbers(api, flow), numbers(api, other)) == ([], ["31611111111"])
    item = api.get(path_of(other)).json()["data"][0]
    assert item["callFlowId"] == other["id"]


def test_deleting_the_flow_unbinds_its_numbers(api, flow):
    api.post(path_of(flow), json={"numbers": [f"3161111111{n}" for n in range(10)]})
    item = api.get(path_of(flow)).json()["data"][0]
    assert api.delete(f"/call-flows/{flow['id']}").status_code == 204
    assert api.get(f"/numbers/{item['id']}").status_code == 404
    assert api.get(path_of(flow)).status_code == 404
    api.post(path_of(create(api)), json={"numbers": [item["number"]]})


def test_numbers_of_accounts_do_not_meet(api, flow):
    api.post(path_of(flow), json={"numbers": ["31611111111"]})
    item = api.get(path_of(flow)).json()["data"][0]
    other = {"Authorization": "AccessKey another"}
    assert api.get(f"/numbers/{item['id']}", headers=other).status_code == 404
    assert api.get(path_of(flow), headers=other).status_code == 404
    assert api.put(path_of(flow), headers=other, json={"numbers": []}).status_code == 404
    assert numbers(api, flow) == ["31611111111"]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({}, 10, "numbers is missing."),
        ({"numbers": None}, 11, "numbers must be a list of texts."),
        ({"numbers": "31611111111"}, 11, "numbers must be a list of texts."),
        ([], 11, "The request body must be a JSON object."),
        *(
            (
                {"numbers": [bad]},
                11,
                "numbers[0] must be a phone number in E.164 digits, as a text.",
            )
            for bad in (31611111111, "", "+", "abc", "0612345678", "3" * 16, "٣١٦١١١١١١١١", None)
        ),
    ],
)
def test_invalid_content_is_refused_and_binds_nothing(api, flow, body, code, message):
    for method in ("POST", "PUT"):
        answer = api.request(method, path_of(flow), json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"] == [{"message": message, "code": code}]
    assert numbers(api, flow) == []


def test_one_bad_number_binds_none(api, flow):
    answer = api.post(path_of(flow), json={"numbers": ["31611111111", "x"]})
    assert answer.status_code == 422
    assert numbers(api, flow) == []


FAULTS = [
    ("reset", False),
    ("reset after", True),
    ("503", False),
    ("503 after", True),
    ("html=502 after", True),
    ("429", False),
]


@pytest.mark.parametrize(("fault", "moved"), FAULTS)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_fault_before_or_after_a_number_moves(opened, method, fault, moved):
    api = opened(faults=[f"{method} /call-flows/*/numbers {fault} nth=1"])
    flow, other = create(api), create(api)
    api.request("PUT" if method == "POST" else "POST", path_of(flow), json={"numbers": [DIGITS]})
    try:
        answer = api.request(method, path_of(other), json={"numbers": [DIGITS, "31611111112"]})
        assert str(answer.status_code) in fault
    except httpx.ReadError:
        assert "reset" in fault
    found = len(numbers(api, flow)), len(numbers(api, other))
    assert found == ((0, 2) if moved else (1, 0))


@pytest.mark.parametrize("fault", ["reset", "503"])
def test_what_is_sent_again_after_a_fault_makes_no_second_link(in_process, fault):
    api = in_process(faults=[f"POST */numbers {fault} after nth=1"])
    flow = create(api)
    try:
        post(api, flow, DIGITS)
    except httpx.ReadError:
        assert fault == "reset"
    link = api.get(path_of(flow)).json()["data"]
    assert post(api, flow, DIGITS).json()["data"] == link
    assert [item["number"] for item in link] == [DIGITS]


@pytest.mark.parametrize(
    ("quirks", "left"), [([], 0), (["linked-number-added"], 1), (["links-seen-late"], 0)]
)
def test_numbers_committed_twice_are_linked_once(in_process, quirks, left):
    now = [1000.0]
    api = in_process(
        quirks=quirks, faults=["POST */numbers twice", "PUT */numbers twice"], clock=lambda: now[0]
    )
    flow, other = create(api), create(api)
    for target in (flow, other):
        answer = post(api, target, DIGITS, "31611111112")
        assert answer.status_code == 201
        assert len(answer.json()["data"]) == 2
    now[0] += 1
    assert (len(numbers(api, flow)), len(numbers(api, other))) == (2 * left, 2)
    answer = api.put(path_of(other), json={"numbers": [DIGITS]})
    assert [item["number"] for item in answer.json()["data"]] == [DIGITS]


def test_a_refusal_committed_twice_is_one_refusal(in_process):
    api = in_process(quirks=["linked-number-409"], faults=["POST */numbers twice nth=2"])
    flow, other = create(api), create(api)
    post(api, flow, DIGITS)
    assert post(api, other, DIGITS).status_code == 409
    assert (numbers(api, flow), numbers(api, other)) == ([DIGITS], [])


def test_reading_numbers_under_faults_changes_nothing(in_process):
    api = in_process(faults=["GET */numbers 500 nth=1", "GET /numbers/* 502 after nth=1"])
    flow = create(api)
    (link,) = post(api, flow, DIGITS).json()["data"]
    paths = path_of(flow), f"/numbers/{link['id']}"
    assert [api.get(path).status_code for path in paths] == [500, 502]
    assert [api.get(path).status_code for path in paths] == [200, 200]
