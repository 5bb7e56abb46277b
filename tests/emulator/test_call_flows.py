"""The call-flow endpoints, held to the reference, in process and on a socket alike."""

import json
import re
import urllib.parse
import uuid

import pytest

SAY = {"action": "say", "options": {"payload": "Hello", "language": "en-GB", "voice": "female"}}
HANGUP = {"action": "hangup"}


def create(api, *steps, **keys):
    answer = api.post("/call-flows/", json={**keys, "steps": list(steps) or [HANGUP]})
    assert answer.status_code == 201, answer.text
    return answer.json()["data"][0]


def titles(api, **query):
    return [flow["title"] for flow in api.get("/call-flows", params=query).json()["data"]]


def test_a_created_flow_has_what_the_service_fills_in(api):
    answer = api.post("/call-flows", json={"title": "Welcome", "steps": [SAY]})
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    (flow,) = answer.json()["data"]
    assert answer.json()["_links"] == {"self": f"/call-flows/{flow['id']}"}
    assert list(answer.json()) == ["data", "_links"]
    assert uuid.UUID(flow.pop("id")).version == 4
    assert uuid.UUID(flow["steps"][0].pop("id")).version == 4
    created = flow.pop("createdAt")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created)
    assert flow.pop("updatedAt") == created
    assert flow == {"title": "Welcome", "steps": [SAY], "record": False, "default": False}


def test_a_flow_without_a_title_has_no_title_key(api):
    assert "title" not in create(api)


def test_step_ids_of_the_client_are_kept_wherever_named(api):
    steps = [
        {"id": "menu", **SAY, "onKeypressGoto": "end", "onKeypressVar": "key"},
        {
            "id": "end",
            **HANGUP,
            "conditions": [{"variable": "key", "operator": "==", "value": "1"}],
        },
    ]
    assert create(api, *steps)["steps"] == steps


def test_reading_gives_what_creating_gave(api):
    flow = create(api, SAY, title="é — <b>&</b>")
    answer = api.get(f"/call-flows/{flow['id']}")
    assert answer.status_code == 200
    assert answer.json() == {"data": [flow], "_links": {"self": f"/call-flows/{flow['id']}"}}


def test_a_list_has_links_and_pagination_and_is_newest_first(api):
    flows = [create(api, title=f"flow {number}") for number in range(3)]
    answer = api.get("/call-flows")
    assert answer.status_code == 200
    assert answer.json() == {
        "data": [
            {**flow, "_links": {"self": f"/call-flows/{flow['id']}"}} for flow in reversed(flows)
        ],
        "_links": {"self": "/call-flows?page=1"},
        "pagination": {"totalCount": 3, "pageCount": 1, "currentPage": 1, "perPage": 10},
    }


def test_an_empty_account_has_an_empty_list(api):
    assert api.get("/call-flows").json() == {
        "data": [],
        "_links": {"self": "/call-flows?page=1"},
        "pagination": {"totalCount": 0, "pageCount": 0, "currentPage": 1, "perPage": 10},
    }


def test_put_replaces_the_flow_and_keeps_id_place_and_creation(opened):
    moments = iter([1000.0, 1001.0, 1002.0, *[1003.0] * 9])
    api = opened(clock=lambda: next(moments))
    old = create(api, SAY, title="Old", record=True)
    create(api, title="Newer")
    answer = api.put(f"/call-flows/{old['id']}", json={"steps": [HANGUP]})
    assert answer.status_code == 200
    (new,) = answer.json()["data"]
    assert new == {
        "id": old["id"],
        "steps": [{"id": old["steps"][0]["id"], **HANGUP}],
        "record": False,
        "default": False,
        "createdAt": "1970-01-01T00:16:40Z",
        "updatedAt": "1970-01-01T00:16:42Z",
    }
    assert api.get(f"/call-flows/{old['id']}").json()["data"] == [new]
    assert [flow["id"] for flow in api.get("/call-flows").json()["data"]][1] == old["id"]


def test_steps_without_ids_keep_the_ids_of_their_places(api):
    flow = create(api, SAY, HANGUP)
    first, second = (step["id"] for step in flow["steps"])
    put = api.put(f"/call-flows/{flow['id']}", json={"steps": [{"id": second, **SAY}, HANGUP]})
    made = [step["id"] for step in put.json()["data"][0]["steps"]]
    assert made[0] == second
    assert made[1] not in (first, second)


def test_delete_answers_204_without_a_body_and_only_once(api):
    flow = create(api)
    answer = api.delete(f"/call-flows/{flow['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert api.get("/call-flows").json()["data"] == []
    assert api.delete(f"/call-flows/{flow['id']}").status_code == 404


def test_an_unknown_id_has_the_one_documented_error(api):
    for method, body in (("GET", None), ("PUT", {"steps": [HANGUP]}), ("DELETE", None)):
        answer = api.request(method, "/call-flows/1", json=body)
        assert answer.status_code == 404
        assert answer.json() == {
            "data": None,
            "errors": [{"message": "No call flow found for ID `1`.", "code": 13}],
        }


def test_one_flow_is_the_default_and_the_latest_takes_over(api):
    first = create(api, default=True)
    second = create(api)
    api.put(f"/call-flows/{second['id']}", json={"steps": [HANGUP], "default": True})
    defaults = {flow["id"]: flow["default"] for flow in api.get("/call-flows").json()["data"]}
    assert defaults == {first["id"]: False, second["id"]: True}
    third = create(api, default=True)
    assert api.get(f"/call-flows/{second['id']}").json()["data"][0]["default"] is False
    answer = api.put(f"/call-flows/{third['id']}", json={"steps": [HANGUP], "default": True})
    assert answer.json()["data"][0]["default"] is True


@pytest.mark.parametrize(
    "path", ["/call-flows", "/call-flows/", "/v1/call-flows", "/v1/call-flows/"]
)
def test_every_path_form_answers_without_a_redirect(api, path):
    answer = api.post(path, json={"steps": [HANGUP]})
    assert answer.status_code == 201
    name = answer.json()["data"][0]["id"]
    assert api.get(path).json()["_links"]["self"] == "/call-flows?page=1"
    one = api.get(f"{path.removesuffix('/')}/{name}/")
    assert one.status_code == 200
    assert one.json()["_links"]["self"] == f"/call-flows/{name}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, range(11, 1, -1)),
        ({"page": 2}, [1, 0]),
        ({"page": 0, "perPage": 3}, [11, 10, 9]),
        ({"page": "2", "perPage": "5"}, [6, 5, 4, 3, 2]),
        ({"currentPage": 3, "perPage": 5}, [1, 0]),
        ({"page": 2, "perpage": 7}, [4, 3, 2, 1, 0]),
        ({"limit": 4, "offset": 0}, [11, 10, 9, 8]),
        ({"limit": 4, "offset": 4}, [7, 6, 5, 4]),
        ({"limit": 5, "offset": 3}, [8, 7, 6, 5, 4]),
        ({"limit": 20, "page": 0}, range(11, -1, -1)),
        ({"page": 1, "perPage": 0}, range(11, 1, -1)),
        ({"page": "", "perPage": ""}, range(11, 1, -1)),
        ({"page": 3}, []),
        ({"page": 999999999999999999, "perPage": 999999999999999999}, []),
    ],
)
def test_every_spelling_of_paging_that_an_sdk_sends(api, query, expected):
    for number in range(12):
        create(api, title=str(number))
    assert titles(api, **query) == [str(number) for number in expected]


def test_a_page_says_where_it_stands(api):
    for _ in range(5):
        create(api)
    answer = api.get("/call-flows", params={"page": 2, "perPage": 2}).json()
    assert answer["_links"]["self"] == "/call-flows?page=2"
    assert answer["pagination"] == {
        "totalCount": 5,
        "pageCount": 3,
        "currentPage": 2,
        "perPage": 2,
    }


@pytest.mark.parametrize("query", ["page", "perPage", "offset", "limit"])
def test_no_page_is_too_far(api, query):
    create(api)
    answer = api.get(f"/call-flows?{query}={'9' * 5000}")
    assert answer.status_code == 200
    assert len(answer.json()["data"]) == (query in ("perPage", "limit"))


@pytest.mark.parametrize(
    "query", ["page=x", "page=-1", "perPage=1.5", "PERPAGE=x", "limit=١", "offset=1e3"]
)
def test_a_bad_paging_value_is_refused_in_the_documented_shape(api, query):
    answer = api.get(f"/call-flows?{query}")
    name = query.partition("=")[0]
    assert answer.status_code == 422
    assert answer.json() == {
        "data": None,
        "errors": [
            {
                "message": f"The query parameter {name} must be a whole number, 0 or more.",
                "code": 11,
            }
        ],
    }


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_method_can_stand_in_the_query(api, method):
    flow = create(api)
    path = f"/call-flows/{flow['id']}"
    answer = api.request(method, f"{path}?_method=put", json={"steps": [SAY]})
    assert answer.status_code == 200
    assert answer.json()["data"][0]["steps"][0]["action"] == "say"
    assert api.request(method, f"{path}?_method=DELETE").status_code == 204


def test_head_is_get_without_the_body(api):
    create(api)
    head, get = api.head("/call-flows"), api.get("/call-flows")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/call-flows", "GET, HEAD, POST"),
        ("DELETE", "/call-flows/", "GET, HEAD, POST"),
        ("POST", "/call-flows/1", "DELETE, GET, HEAD, PUT"),
        ("OPTIONS", "/v1/call-flows/1", "DELETE, GET, HEAD, PUT"),
        ("BREW", "/call-flows/1/numbers", "GET, HEAD, POST, PUT"),
    ],
)
def test_a_wrong_method_is_405_with_the_right_ones(api, method, path, allowed):
    answer = api.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed
    (error,) = answer.json()["errors"]
    assert error["message"].startswith(f"`{path}` takes ")
    assert error["message"].endswith(f", not {method}.")
    assert error["code"] == 21


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v2/call-flows", "/call-flows//numbers", "/callflows", "/call-flows/%2F"]
)
def test_an_unknown_path_is_404_in_json(api, path):
    answer = api.get(path)
    assert answer.status_code == 404
    path = urllib.parse.unquote(path)
    assert answer.json() == {
        "data": None,
        "errors": [{"message": f"There is nothing at `{path}`.", "code": 13}],
    }


def test_accounts_are_kept_apart_by_their_keys(api):
    mine = create(api, title="mine", default=True)
    other = {"Authorization": "AccessKey another"}
    assert api.get("/call-flows", headers=other).json()["data"] == []
    assert api.get(f"/call-flows/{mine['id']}", headers=other).status_code == 404
    assert api.delete(f"/call-flows/{mine['id']}", headers=other).status_code == 404
    theirs = api.post(
        "/call-flows", headers=other, json={"steps": [HANGUP], "default": True}
    ).json()["data"][0]
    assert api.get(f"/call-flows/{mine['id']}").json()["data"][0]["default"] is True
    assert api.get(f"/call-flows/{theirs['id']}").status_code == 404


@pytest.mark.parametrize("header", ["", "AccessKey", "Bearer key", "key"])
def test_a_missing_key_is_401(api, header):
    answer = api.get("/call-flows", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json() == {
        "data": None,
        "errors": [{"message": "Request not allowed (incorrect access_key).", "code": 2}],
    }


def test_only_the_stated_keys_open_an_account_and_each_its_own(opened):
    api = opened(access_keys=["one", "two"])
    one, two, three = ({"Authorization": f"AccessKey {key}"} for key in ("one", "two", "three"))
    assert api.post("/call-flows", headers=one, json={"steps": [HANGUP]}).status_code == 201
    assert api.get("/call-flows", headers=two).json()["pagination"]["totalCount"] == 0
    assert api.get("/call-flows", headers=three).status_code == 401
    assert api.get("/nowhere", headers=three).status_code == 401


def test_the_embedded_account_needs_no_key(opened):
    api = opened(account="local")
    create(api)
    for header in ("", "AccessKey another"):
        answer = api.get("/call-flows", headers={"Authorization": header})
        assert answer.json()["pagination"]["totalCount"] == 1


def test_flows_outlive_the_emulator(opened):
    flow = create(opened(), title="kept")
    assert opened().get(f"/call-flows/{flow['id']}").json()["data"] == [flow]


def test_the_key_is_nowhere_in_the_database(api, tmp_path):
    from .conftest import KEY

    create(api)
    for file in tmp_path.iterdir():
        assert KEY.encode() not in file.read_bytes()


def test_json_is_read_whatever_the_content_type_and_version(api):
    answer = api.post(
        "/call-flows",
        content=json.dumps({"steps": [HANGUP]}),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "X-MessageBird-Version": "20170314",
        },
    )
    assert answer.status_code == 201


def test_a_body_on_delete_and_get_is_ignored(api):
    flow = create(api)
    path = f"/call-flows/{flow['id']}"
    assert api.request("GET", path, content=b"{").status_code == 200
    assert api.request("DELETE", path, json={}).status_code == 204


def test_a_chunked_body_is_read(api):
    def parts():
        yield b'{"steps": [{"acti'
        yield b'on": "hangup"}]}'

    assert api.post("/call-flows", content=parts()).status_code == 201
