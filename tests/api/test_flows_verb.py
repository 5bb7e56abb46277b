"""`mbflow flows list` and `flows get`, as users meet them."""

import os
import signal
import threading

import pytest
import yaml
from processes import PIPE, Process

from mbflow.api.connect import open_client
from mbflow.model.flow import LiveFlow, LockEntry
from mbflow.model.project import Environment
from mbflow.state.lock import Lock, lock_path, write_lock
from mbflow.views.flows import flow_text, flows_table
from mbflow.views.text import cells

from .cli import on_a_terminal, runner
from .conftest import KEY
from .service import Reply, Service, flow, listed, one, pages_of, refused

LOCAL = Environment("local")
MENU = {
    "title": "Support line",
    "default": True,
    "steps": [
        {
            "action": "say",
            "options": {"payload": "For sales,\npress 1.", "language": "en-GB", "voice": "male"},
            "onKeypressGoto": "sales",
            "onKeypressVar": "choice",
        },
        {"action": "hangup"},
        {"id": "sales", "action": "transfer", "options": {"destination": "31201234567"}},
    ],
}
HOSTILE = "\x1b[2J\u202eevil\n::error::x"


@pytest.fixture
def mbflow(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)
    monkeypatch.delenv("MESSAGEBIRD_ACCESS_KEY", raising=False)
    return runner(capsys, tmp_path)


@pytest.fixture
def live(tmp_path):
    """Three call flows in the built-in emulator, newest first; the menu has a key."""
    with open_client(tmp_path, LOCAL, can_write=True) as client:
        made = [
            client.create_call_flow(body)
            for body in (
                MENU,
                {"title": HOSTILE, "steps": [{"action": "hangup"}]},
                {"steps": [{"action": "hangup"}] * 12},
            )
        ]
    write_lock(
        lock_path(tmp_path, "local", embedded=True),
        Lock("local", environments={"local": {"billing/menu": LockEntry(made[0].id, "", "")}}),
    )
    return made[::-1]


def remote(tmp_path, endpoint):
    (tmp_path / "mbflow.yaml").write_text(
        f"project: acme\nenvironments:\n  production: {{endpoint: '{endpoint}'}}\n"
    )


def test_a_list_is_a_table(mbflow, live):
    ran = mbflow("flows", "list")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "ID                                    STEPS  DEFAULT  NAME          TITLE",
        f"{live[0].id}     12                         -",
        f"{live[1].id}      1                         \\e[2J\\u202eevil\\n::error::x",
        f"{live[2].id}      3  yes      billing/menu  Support line",
    ]
    assert ran.err == "3 call flows in local (built-in emulator)\n"


def test_a_list_of_nothing(mbflow):
    ran = mbflow("flows", "list")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "0 call flows in local (built-in emulator)\n"


def test_a_limited_list_says_what_it_leaves_out(mbflow, live):
    ran = mbflow("flows", "list", "--limit", "1")
    assert [line[:36] for line in ran.out.splitlines()[1:]] == [live[0].id]
    assert ran.err == "1 of 3 call flows in local (built-in emulator)\n"


def test_a_list_as_json_is_all_that_the_service_sent(mbflow, live):
    ran = mbflow("flows", "list", "--format", "json", "--limit", "3")
    assert ran.json["environment"] == "local"
    assert ran.json["endpoint"] == "embedded"
    assert ran.json["total"] == 3
    assert [(item["id"], item["name"]) for item in ran.json["flows"]] == [
        (live[0].id, None),
        (live[1].id, None),
        (live[2].id, "billing/menu"),
    ]
    assert ran.json["flows"][1]["flow"]["title"] == HOSTILE
    assert ran.out.isascii() and "\x1b" not in ran.out


@pytest.fixture
def numbered(tmp_path, live):
    """Two numbers lead to the menu, one to the long flow, none to the other."""
    with open_client(tmp_path, LOCAL, can_write=True) as client:
        client.assign_numbers(live[2].id, ["442079460101", "442079460100"])
        client.assign_numbers(live[0].id, ["31201234567"])
    return live


def test_a_list_shows_the_numbers(mbflow, numbered):
    ran = mbflow("flows", "list")
    ids = [flow.id for flow in numbered]
    assert ran.out.splitlines() == [
        f"{'ID':36}  STEPS  DEFAULT  {'NUMBERS':28}  NAME          TITLE",
        f"{ids[0]}     12           {'+31201234567':28}                -",
        f"{ids[1]}      1           {'':28}                \\e[2J\\u202eevil\\n::error::x",
        f"{ids[2]}      3  yes      +442079460100, +442079460101  billing/menu  Support line",
    ]
    assert ran.err == "3 call flows in local (built-in emulator)\n"


def test_a_list_as_json_has_the_numbers(mbflow, numbered):
    found = mbflow("flows", "list", "--format", "json").json["flows"]
    assert [flow["numbers"] for flow in found] == [
        ["31201234567"],
        [],
        ["442079460100", "442079460101"],
    ]
    limited = mbflow("flows", "list", "--format", "json", "--limit", "1").json["flows"]
    assert limited == found[:1]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (refused(404), "The service cannot say which numbers lead to a call flow."),
        (refused(403, "no\n::x"), "The access key may not do this (403): GET /call-flows/"),
        (Reply(body=b"<html>"), "could not be read: it answered 200 with an HTML page"),
    ],
)
def test_numbers_that_cannot_be_read_are_left_out(mbflow, tmp_path, monkeypatch, reply, why):
    monkeypatch.setenv("MESSAGEBIRD_ACCESS_KEY", KEY)
    monkeypatch.setattr("mbflow.api.retry.FIRST_DELAY", 0)
    flows = {f"/call-flows/{flow(n)['id']}": flow(n) for n in (1, 2)}

    def answer(asked):
        if asked.path.endswith("/numbers"):
            return reply
        if asked.path in flows:
            return one(flows[asked.path])
        return listed(list(flows.values()), 2)

    with Service(answer) as service:
        remote(tmp_path, service.url)
        ran = mbflow("flows", "list", "-e", "production")
        document = mbflow("flows", "list", "-e", "production", "--format", "json")
    assert (ran.code, document.code) == (0, 0)
    assert "NUMBERS" not in ran.out and len(ran.out.splitlines()) == 3
    left_out, count = ran.err.splitlines()
    assert count == f"2 call flows in production ({service.url})"
    for line in (left_out, document.err.removesuffix("\n")):
        assert line.startswith("The numbers are left out: ") and why in line
        assert line.isprintable()
    assert [found["numbers"] for found in document.json["flows"]] == [None, None]


def test_a_broken_flow_file_keeps_nobody_from_looking(mbflow, live, tmp_path):
    (tmp_path / "flows").mkdir(exist_ok=True)
    (tmp_path / "flows/broken.yaml").write_text("steps: [")
    assert mbflow("flows", "list").code == 0


def test_a_broken_lock_keeps_nobody_from_looking(mbflow, live, tmp_path):
    lock_path(tmp_path, "local", embedded=True).write_text("<<<<<<< HEAD\n")
    ran = mbflow("flows", "list")
    assert ran.code == 0
    assert "NAME" not in ran.out
    assert ran.err.startswith(
        "The names are left out: .mbflow/local/mbflow.lock.yaml:1: the lock cannot be read: "
        "a merge left its marks in it.\n"
    )
    assert mbflow("flows", "get", live[0].id).code == 3


def test_a_broken_project_file_is_a_problem(mbflow, tmp_path):
    (tmp_path / "mbflow.yaml").write_text("project: [")
    ran = mbflow("flows", "list")
    assert (ran.code, ran.out) == (1, "")


@pytest.mark.parametrize("by", ["id", "key"])
def test_one_flow_in_full(mbflow, live, by):
    menu = live[2]
    ran = mbflow("flows", "get", menu.id if by == "id" else "billing/menu")
    assert ran.code == 0
    assert ran.out == (
        "Support line\n"
        f"  id       {menu.id}\n"
        "  name     billing/menu\n"
        "  default  yes\n"
        "  record   no\n"
        f"  created  {menu.raw['createdAt']}\n"
        f"  updated  {menu.raw['updatedAt']}\n"
        "\n"
        "    1  say\n"
        "         payload: For sales,\\npress 1.\n"
        "         language: en-GB\n"
        "         voice: male\n"
        "         onKeypressGoto: sales\n"
        "         onKeypressVar: choice\n"
        "\n"
        "    2  hangup\n"
        "\n"
        "    3  transfer\n"
        "         destination: 31201234567\n"
        "         id: sales\n"
    )


def test_one_flow_as_json(mbflow, live):
    ran = mbflow("flows", "get", "billing/menu", "--format", "json")
    assert ran.json["id"] == live[2].id
    assert ran.json["name"] == "billing/menu"
    assert ran.json["flow"]["steps"] == live[2].raw["steps"]


def test_one_flow_as_yaml(mbflow, live):
    ran = mbflow("flows", "get", "billing/menu", "--format", "yaml")
    assert ran.out.startswith("title: Support line\n")
    assert yaml.safe_load(ran.out)["steps"] == live[2].raw["steps"]


def test_a_hostile_title_is_harmless(mbflow, live):
    ran = mbflow("flows", "get", live[1].id, "--format", "yaml")
    assert yaml.safe_load(ran.out)["title"] == HOSTILE
    assert not {"\x1b", "\u202e"} & set(ran.out) and "\n::error" not in ran.out
    ran = mbflow("flows", "get", live[1].id)
    assert ran.out.startswith("\\e[2J\\u202eevil\\n::error::x\n  id ")


PIN = "8264-hush-7713"
SECRET_STEP = {
    "action": "say",
    "options": {"payload": f"It is {PIN}, not ${{PIN}}.", "language": "en-GB", "voice": "male"},
}


@pytest.fixture
def secret_flow(tmp_path, monkeypatch):
    monkeypatch.setenv("PIN", PIN)
    (tmp_path / "mbflow.yaml").write_text(
        "variables: {pin: {env: PIN, secret: true}, none: {env: NO_SUCH, secret: true}}\n"
    )
    with open_client(tmp_path, LOCAL, can_write=True) as client:
        return client.create_call_flow({"title": f"Code {PIN}", "steps": [SECRET_STEP]})


@pytest.mark.parametrize("output", ["text", "json", "yaml"])
def test_a_flow_is_shown_without_secrets(mbflow, secret_flow, output):
    ran = mbflow("flows", "get", secret_flow.id, "--format", output)
    assert ran.code == 0
    assert PIN not in ran.out + ran.err
    assert "It is ${pin}, not $${PIN}." in ran.out


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_list_is_shown_without_secrets(mbflow, secret_flow, output):
    ran = mbflow("flows", "list", "--format", output)
    assert ran.code == 0
    assert PIN not in ran.out + ran.err
    assert "Code ${pin}" in ran.out


def test_numbers_are_listed_without_secrets(mbflow, secret_flow):
    ran = mbflow("numbers", "list", secret_flow.id)
    assert (ran.code, PIN in ran.out + ran.err) == (0, False)
    assert '"Code ${pin}"' in ran.err


def test_a_flow_that_is_not_there(mbflow, live):
    ran = mbflow("flows", "get", "biling/menu")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "Error: local (built-in emulator) has no call flow biling/menu. "
        'Did you mean "billing/menu"?\n'
        "  It is neither a name in the lock nor the id of a live call flow. To see what there is:\n"
        "      mbflow flows list\n"
    )


def test_a_flow_that_the_lock_has_and_the_service_has_not(mbflow, live, tmp_path):
    with open_client(tmp_path, LOCAL, can_write=True) as client:
        client.delete_call_flow(live[2].id)
    ran = mbflow("flows", "get", "billing/menu")
    assert ran.code == 1
    assert ran.err == (
        f"Error: billing/menu is {live[2].id} by the lock, but local (built-in emulator) "
        "has no such call flow.\n"
        "  To see what that means for the next apply:\n"
        "      mbflow plan\n"
    )


def test_a_remote_account(mbflow, tmp_path, monkeypatch):
    monkeypatch.setenv("MESSAGEBIRD_ACCESS_KEY", KEY)
    pages = pages_of([flow(n) for n in range(150)])

    def answer(asked):
        return listed([], 0) if asked.path.endswith("/numbers") else pages(asked)

    with Service(answer) as service:
        remote(tmp_path, service.url)
        ran = mbflow("flows", "list", "-e", "production")
        assert service.count("GET") == len(service.asked) == 2 + 150
        assert service.count("GET", "/call-flows") == 2
        service.asked.clear()
        assert mbflow("flows", "list", "-e", "production", "--limit", "3").code == 0
    assert ran.code == 0
    assert len(ran.out.splitlines()) == 151
    assert ran.err == f"150 call flows in production ({service.url})\n"
    numbered = {asked.path for asked in service.asked if asked.path.endswith("/numbers")}
    assert numbered == {f"/call-flows/{flow(n)['id']}/numbers" for n in range(3)}
    assert len(service.asked) == 2 + 3


def test_no_key_names_the_variable_and_how_to_set_it(mbflow, tmp_path):
    remote(tmp_path, "https://voice.messagebird.com")
    ran = mbflow("flows", "list", "-e", "production")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "Error: No access key for production: put it into the process variable "
        "MESSAGEBIRD_ACCESS_KEY.\n"
        "  In a terminal, to type it unseen:\n"
        "      read -rs MESSAGEBIRD_ACCESS_KEY\n"
        "      export MESSAGEBIRD_ACCESS_KEY\n"
    )


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (refused(401, f"bad key {KEY}"), "does not accept the access key (401)"),
        (listed([flow(1)], 2), "the list of call flows could not be read completely"),
    ],
)
def test_trouble_is_exit_1_and_nothing_on_standard_output(
    mbflow, tmp_path, monkeypatch, reply, words
):
    monkeypatch.setenv("MESSAGEBIRD_ACCESS_KEY", KEY)
    with Service(lambda asked: reply) as service:
        remote(tmp_path, service.url)
        ran = mbflow("flows", "list", "-e", "production")
    assert (ran.code, ran.out) == (1, "")
    assert words.lower() in ran.err.lower()
    assert KEY not in ran.err


def test_an_unreachable_service(mbflow, tmp_path, monkeypatch, closed_port):
    monkeypatch.setenv("MESSAGEBIRD_ACCESS_KEY", KEY)
    remote(tmp_path, f"http://127.0.0.1:{closed_port}")
    ran = mbflow("flows", "get", "x", "-e", "production")
    assert (ran.code, ran.out) == (1, "")
    assert "cannot be reached: the connection was refused." in ran.err


def test_looking_sends_only_get(mbflow, tmp_path, monkeypatch):
    monkeypatch.setenv("MESSAGEBIRD_ACCESS_KEY", KEY)
    with Service(lambda asked: one(flow(1))) as service:
        remote(tmp_path, service.url)
        assert mbflow("flows", "get", flow(1)["id"], "-e", "production").code == 0
    assert {asked.method for asked in service.asked} == {"GET"}


def test_a_table_on_a_terminal_fits_it(live, tmp_path):
    code, shown = on_a_terminal(["flows", "list"], tmp_path, columns=80)
    assert code == 0
    assert "Support line" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_numbers_on_a_terminal_leave_room(numbered, tmp_path):
    code, shown = on_a_terminal(["flows", "list"], tmp_path, columns=80)
    ids = [flow.id for flow in numbered]
    assert code == 0
    assert [line.rstrip() for line in shown.splitlines()[:4]] == [
        f"{'ID':36}  DEFAULT  NUMBERS       CALL FLOW",
        f"{ids[0]}           +31201234567",
        f'{ids[1]}                         "\\e[2J\\u202eevil\\n…',
        f"{ids[2]}  yes      2 numbers     billing/menu",
    ]
    code, shown = on_a_terminal(["flows", "list"], tmp_path, columns=120)
    assert f"{ids[2]}      3  yes      2 numbers     billing/menu  Support line" in shown


def test_ctrl_c_does_not_wait_for_answers_that_are_under_way(tmp_path):
    """The service hangs for longer than the test waits for the program to end."""
    good = pages_of([flow(n) for n in range(1000)])

    def answer(asked):
        if asked.page > 1:
            hanging.set()
            return Reply(act="hang")
        return good(asked)

    hanging = threading.Event()
    with Service(answer) as service:
        remote(tmp_path, service.url)
        process = Process(
            ["-m", "mbflow", "-e", "production", "flows", "list"],
            cwd=tmp_path,
            env={**os.environ, "MESSAGEBIRD_ACCESS_KEY": KEY},
            stdout=PIPE,
            stderr=PIPE,
        )
        assert hanging.wait(30)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err.strip()) == (130, "", "Interrupted.")


# Views ----------------------------------------------------------------------------------------


def named(*titles):
    return [LiveFlow(f"id-{n}", {"title": title, "steps": []}) for n, title in enumerate(titles)]


def test_columns_that_would_be_empty_are_left_out():
    assert flows_table(named("A"), {}) == "ID    STEPS  TITLE\nid-0      0  A"


def test_titles_are_cut_to_the_width():
    table = flows_table(named("x" * 100, "short"), {}, width=40)
    assert [len(line) for line in table.splitlines()] == [18, 40, 18]
    assert flows_table([], {}) == ""
    assert table.splitlines()[1].endswith("x…")


def test_wide_characters_count_twice():
    table = flows_table(named("日本語のタイトル" * 4), {"id-0": "キー"}, width=40)
    assert table.splitlines()[1] == "id-0      0  キー  日本語のタイトル日本…"


@pytest.mark.parametrize("title", ["x", "Support line " * 30, "日本語" * 30])
def test_a_long_name_leaves_room(title):
    table = flows_table(named(title), {"id-0": "billing/" + "very-" * 30 + "long"}, width=60)
    head, line = table.splitlines()
    assert line.startswith("id-0      0  billing/very-very-") and "…" in line
    assert 50 < cells(line) <= 60
    assert head.endswith("TITLE")


def test_a_short_title_leaves_room_for_the_name():
    assert flows_table(named("A"), {"id-0": "k" * 20}, width=40).endswith(f"{'k' * 20}  A")


def test_no_title_is_endless():
    assert len(flows_table(named("x" * 400), {}).splitlines()[1]) == len("id-0      0  ") + 100


def test_marks_over_letters_take_no_column():
    table = flows_table(named("e\u0301" * 30), {}, width=30)
    assert table.splitlines()[1] == "id-0      0  " + "e\u0301" * 16 + "…"


def test_a_list_without_steps_or_titles_still_shows():
    table = flows_table([LiveFlow("id-0", {"id": "id-0", "steps": None})], {})
    assert table.splitlines()[1] == "id-0      -  -"


@pytest.mark.parametrize("steps", [None, [], {}, "x", [None], [[]], [{"action": 7, "options": []}]])
def test_a_flow_of_any_shape_can_be_shown(steps):
    text = flow_text(LiveFlow("id-0", {"steps": steps, "createdAt": None}), None)
    assert text.startswith("(no title)\n  id       id-0\n  name     -\n")
