"""`mbflow calls list|get|hangup` and `mbflow legs`, as users meet them."""

import pytest

from mbflow.views.calls import call_text, calls_table, leg_text, legs_table, status_lines

from .cli import on_a_terminal
from .samples import CALL, HOSTILE, LEG, call, call_answers, leg, one
from .service import Reply, listed, pages_of, refused

# Looking --------------------------------------------------------------------------------------


def test_a_list_of_calls(against):
    service, run = against(call_answers)
    ran = run("calls", "list")
    assert ran.out.splitlines() == [
        "ID                                    STATUS  CREATED (UTC)     TO            FROM",
        f"{CALL}  ended   2017-02-16 10:52  +31612345678  +31644556677",
    ]
    assert ran.err == f"1 call in production ({service.url})\n"


def test_a_limited_list_says_what_it_leaves_out(against):
    service, run = against(pages_of([call(id=f"call-{n}") for n in range(250)]))
    ran = run("calls", "list", "--limit", "3")
    assert len(ran.out.splitlines()) == 4
    assert ran.err == f"3 of 250 calls in production ({service.url})\n"
    assert len(service.asked) == 1
    ran = run("calls", "list", "--format", "json")
    assert (ran.json["total"], len(ran.json["calls"])) == (250, 250)


def test_a_call_with_its_legs(against):
    _, run = against(call_answers)
    ran = run("calls", "get", CALL)
    assert ran.out.splitlines()[-2:] == [
        "ID                                    STATUS  DIRECTION  TO                   LENGTH"
        "  COST          FROM",
        f"{LEG}  hangup  outgoing   sip:foo@example.com  7 s     0.001519 EUR  +31644556677",
    ]
    ran = run("calls", "get", CALL, "--format", "json")
    assert (ran.json["call"], ran.json["legs"]) == (call(), [leg()])


def test_a_leg(against):
    _, run = against(lambda asked: one(leg()))
    ran = run("legs", "get", CALL, LEG)
    assert ran.out == (
        f"Leg {LEG}\n"
        "  status     hangup\n"
        "  direction  outgoing\n"
        "  from       +31644556677\n"
        "  to         sip:foo@example.com\n"
        "  length     7 s\n"
        "  SIP code   200\n"
        f"  call       {CALL}\n"
        "  ended      2019-01-10 16:13:30 UTC\n"
        "  cost       0.001519 EUR\n"
    )
    assert run("legs", "get", CALL, LEG, "--format", "json").json["leg"] == leg()


def test_a_list_of_legs(against):
    service, run = against(call_answers)
    ran = run("legs", "list", CALL)
    assert ran.out.splitlines()[1].startswith(f"{LEG}  hangup  outgoing")
    assert ran.err == f"1 leg of the call {CALL} in production ({service.url})\n"
    assert run("legs", "list", CALL, "--format", "json").json["legs"] == [leg()]


def test_tables_fit_a_terminal(against, tmp_path):
    against(call_answers)
    for words in (["calls", "list"], ["legs", "list", CALL], ["calls", "get", CALL]):
        code, shown = on_a_terminal([*words, "-e", "production"], tmp_path, columns=80)
        assert code == 0
        table = [line for line in shown.splitlines() if line.startswith(("ID", CALL, LEG))]
        assert len(table) == 2
        assert all(len(line) <= 80 for line in table)


@pytest.mark.parametrize(
    "words", [["calls", "get", "x"], ["calls", "hangup", "x", "--yes"], ["legs", "list", "x"]]
)
def test_a_call_that_is_not_there(against, words):
    service, run = against(lambda asked: refused(404, "No call found for ID `x`."))
    ran = run(*words)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"Error: production ({service.url}) has no call x.\n"
        "  To see what there is:\n"
        "      mbflow calls list -e production\n"
    )


def test_a_leg_that_is_not_there(against):
    _, run = against(lambda asked: refused(404, "No leg found for ID `x`."))
    ran = run("legs", "get", CALL, "x")
    assert f"has no leg x.\n  To see what there is:\n      mbflow legs list {CALL}" in ran.err


def test_looking_sends_only_get(against):
    service, run = against(call_answers)
    for words in (["calls", "list"], ["calls", "get", CALL], ["legs", "list", CALL]):
        assert run(*words).code == 0
    assert {asked.method for asked in service.asked} == {"GET"}


# Hanging up -----------------------------------------------------------------------------------


def test_a_call_that_is_over_is_left_alone(against):
    service, run = against(call_answers)
    ran = run("calls", "hangup", CALL, "--yes", "--format", "json")
    assert (ran.code, ran.json["call"]) == (0, call())
    assert service.count("DELETE") == 0


def test_hanging_up_needs_a_yes(against):
    service, run = against(call_answers)
    ran = run("calls", "hangup", CALL)
    assert (ran.code, service.asked) == (64, [])
    assert ran.err == "Error: There is no terminal to ask on: say --yes to hang up.\n"


@pytest.mark.parametrize(("answer", "code", "deletes"), [("y\n", 0, 1), ("n\n", 3, 0)])
def test_on_a_terminal_somebody_is_asked_before_a_hangup(against, tmp_path, answer, code, deletes):
    def reply(asked):
        if asked.method == "DELETE":
            return Reply(204, None)
        return one(call("ended" if service.count("DELETE") else "ongoing"))

    service, _ = against(reply)
    ran, shown = on_a_terminal(
        ["calls", "hangup", CALL, "-e", "production"], tmp_path, answer=answer
    )
    assert ran == code
    assert "Hang up? [y/N]:" in shown
    assert service.count("DELETE") == deletes


# Views ----------------------------------------------------------------------------------------


def test_text_of_the_service_is_harmless():
    hostile = {"id": HOSTILE, "status": HOSTILE, "destination": HOSTILE, HOSTILE: {HOSTILE: 1}}
    for text in (
        call_text(hostile, [hostile]),
        leg_text(hostile),
        calls_table([hostile]),
        legs_table([hostile]),
        "\n".join(status_lines(hostile, [hostile], {})),
    ):
        assert "\x1b" not in text and "\u202e" not in text
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_objects_of_any_shape_can_be_shown():
    strange = {
        "id": "x",
        "status": None,
        "source": 7,
        "createdAt": [],
        "cost": "much",
        "webhook": {},
    }
    assert call_text(strange, [strange]).startswith("Call x\n")
    assert (
        calls_table([{"id": "x"}])
        == "ID  STATUS  CREATED (UTC)  TO  FROM\nx   -       -              -   -"
    )
    assert leg_text({"id": "x"}) == "Leg x"
    assert (calls_table([]), legs_table([])) == ("", "")


def test_the_token_of_a_call_is_never_shown(against):
    secret = call(webhook={"url": "https://example.com", "token": "sesame"})
    _, run = against(lambda asked: one(secret) if asked.path.endswith(CALL) else listed([], 0))
    for words in ([], ["--format", "json"]):
        ran = run("calls", "get", CALL, *words)
        assert "https://example.com" in ran.out
        assert "(hidden)" in ran.out and "sesame" not in ran.out


def test_news_are_told_once():
    known = {}
    assert status_lines(call("queued"), [], known) == ["call queued"]
    assert status_lines(call("queued"), [leg("ringing", endedAt=None)], known) == [
        "outgoing leg to sip:foo@example.com: ringing"
    ]
    assert status_lines(call("ended"), [leg()], known) == [
        "outgoing leg to sip:foo@example.com: hangup, 7 s",
        "call ended",
    ]
    assert status_lines(call("ended"), [leg()], known) == []
