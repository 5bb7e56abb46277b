"""`mbflow diff -e staging -e production`: golden text, and what is no difference by design."""

import json

import pytest
from apply.world import say

from mbflow.plan.environments import Side, compare_environments
from mbflow.views.environments import environments_document, environments_text

from .racing import Hand
from .test_two_environments import TWO, Both, both  # noqa: F401

ONE, TWO_NUMBERS = "442079460100", ("442079460101", "442079460102")


def step(action, **options):
    return {"action": action, "options": options}


def menu(greeting, *more):
    """A flow in which values of the environment stand."""
    return {
        "title": "Menu",
        "steps": [
            step("say", payload=greeting, language="en-GB", voice="male"),
            *more,
            step("transfer", destination="${desk}"),
        ],
    }


@pytest.fixture
def applied(both):  # noqa: F811
    """Both accounts hold what the files say; only values differ."""
    both.declare(
        staging={"variables": {"desk": "31201111111", "hello": "Test line"}},
        production={"variables": {"desk": "31202222222", "hello": "Acme"}},
    )
    both.write("menu", menu("${hello}, call us at ${desk}!"))
    both.write("night", say("We are closed", "Night"))
    for name in ("staging", "production"):
        code, _, err = both.run("apply", "-e", name, "--auto-approve")
        assert code == 0, err
    return both


def test_values_that_differ_by_design_are_no_difference(applied, service):
    writes = service.writes()
    code, out, err = applied.run("diff", *TWO, "--detailed-exitcode")
    assert (code, err) == (0, "")
    assert out == (
        f"What production ({applied.url}) would get if it became like staging\n"
        "(built-in emulator)\n"
        "no flow differs; 2 the same\n\n"
        "variables that differ, which counts for no difference: desk, hello\n"
    )
    assert service.writes() == writes


def test_what_differs_is_told_as_by_a_plan(applied):
    applied.write("menu", menu("${hello}, call us at ${desk}!", step("pause", length=2)))
    applied.write("new", say("I am new", "New"))
    (applied.folder / "flows" / "night.yaml").unlink()
    applied.declare(
        staging={"variables": {"desk": "31201111111", "hello": "Test line"}},
        production={"variables": {"desk": "31202222222", "hello": "Acme"}},
        removed=["night"],
    )
    assert applied.run("apply", "-e", "staging", "--auto-approve")[0] == 0
    code, out, _ = applied.run("diff", *TWO, "--detailed-exitcode")
    assert code == 2
    assert (
        out
        == f"""\
What production ({applied.url}) would get if it became like staging
(built-in emulator)
1 differs, 1 only in staging, 1 only in production; 0 the same

~ differs  menu  "Menu"
    both kinds of calls change
      a caller who does nothing:
        before: not so
        after: 2 s of silence, and will be transferred to ${{desk}} as before
      a caller who does nothing, and ${{desk}} does not answer:
        before: not so
        after: 2 s of silence, and the flow will end as before
    new step 2: pause 2 s

+ only in staging  new  "New"
    1 say "I am new"
        language "en-GB", voice "female"
    2 hangup

- only in production  night  "Night"
    1 say "We are closed"
        language "en-GB", voice "female"
    2 hangup

variables that differ, which counts for no difference: desk, hello
"""
    )
    _, other, _ = applied.run("diff", *reversed_pair(TWO))
    assert '- only in production  night  "Night"\n' not in other
    assert '+ only in production  night  "Night"\n' in other


def reversed_pair(words):
    return (*words[2:], *words[:2])


def test_a_literal_that_differs_is_a_difference(applied, service):
    """It is no value of a variable, or stands where the other has another."""
    for text in ("Acme, call us at 31203333333!", "31202222222, call us at Acme!"):
        edited(service, text)
        code, out, _ = applied.run("diff", *TWO, "menu", "--detailed-exitcode")
        assert (code, '~ differs  menu  "Menu"' in out) == (2, True), text


def test_a_value_of_the_other_environment_is_said(applied, service):
    """Nobody can tell whether it was written out, or comes from the wrong place."""
    edited(service, "Acme, call us at 31201111111!")
    code, out, _ = applied.run("diff", *TWO, "menu", "--detailed-exitcode")
    assert code == 0
    assert "menu of production holds what ${desk} is in staging" in " ".join(out.split())


def edited(service, text):
    steps = menu(text)["steps"]
    steps[-1]["options"]["destination"] = "31202222222"
    Edit(service, "the-key-of-production").edit("Menu", {"steps": steps})


class Edit(Hand):
    """A person in the dashboard of another account."""

    def __init__(self, service, key):
        super().__init__(service)
        self.key = key

    def edit(self, title, body):
        import httpx

        headers = {"Authorization": f"AccessKey {self.key}"}
        url = f"{self.service.url}/call-flows"
        found = httpx.get(url, headers=headers, verify=False).json()["data"]
        (flow,) = [one for one in found if one["title"] == title]
        answer = httpx.put(
            f"{url}/{flow['id']}", headers=headers, json={**flow, **body}, verify=False
        )
        answer.raise_for_status()


def test_as_a_document_and_as_markdown(applied):
    applied.write("new", say("I am new", "New"))
    assert applied.run("apply", "-e", "staging", "--auto-approve")[0] == 0
    code, out, _ = applied.run("diff", *TWO, "--format", "json")
    document = json.loads(out)
    assert code == 0
    assert (document["source"], document["target"]) == ("staging", "production")
    assert (document["differs"], document["same"]) == (True, 2)
    (change,) = document["flows"]
    assert (change["flow"], change["where"], change["before"]) == ("new", "staging", None)
    assert document["variables"][0] == {
        "name": "desk",
        "source": "31201111111",
        "target": "31202222222",
        "secret": False,
    }
    _, out, _ = applied.run("diff", *TWO, "--format", "markdown")
    assert out.startswith(
        f"### mbflow diff: what `production ({applied.url})` would get if it became like "
        "`staging (built-in emulator)`\n\n"
        "**1 only in staging; 2 the same**\n"
    )
    assert "<summary><code>+ only in staging  new  &quot;New&quot;</code></summary>" in out


def test_secrets_are_only_said_to_differ(applied):
    secret = {"env": "PIN", "secret": True}
    variables = {"desk": "31201111111", "hello": "Test line", "pin": secret}
    applied.declare(
        staging={"variables": variables},
        production={"variables": {**variables, "pin": {"env": "PROD_PIN", "secret": True}}},
    )
    applied.write("door", say("The code is ${pin}", "Door"))
    pins = {"PIN": "staging-4711", "PROD_PIN": "production-4712"}
    for name in ("staging", "production"):
        assert applied.run("apply", "-e", name, "--auto-approve", environ=pins)[0] == 0
    for words in ((), ("--format", "json"), ("--format", "markdown")):
        code, out, err = applied.run("diff", *TWO, "door", *words, environ=pins)
        assert code == 0, err
        assert "-4711" not in out + err and "-4712" not in out + err
        assert "pin" in out
    assert (
        json.loads(applied.run("diff", *TWO, "door", "--format", "json", environ=pins)[1])["same"]
        == 1
    )
    code, out, err = applied.run("diff", *TWO, "door")
    assert "-4711" not in out + err and "-4712" not in out + err
    # Somebody copies the flow of one account into the other.
    applied.write("door", say("The code is staging-4711", "Door"))
    assert applied.run("apply", "-e", "production", "--auto-approve", environ=pins)[0] == 0
    code, out, err = applied.run("diff", *TWO, "door", environ=pins)
    assert "-4711" not in out + err and "${pin of staging}" in out


def test_numbers_and_calendars_are_compared_by_their_flows(applied):
    (applied.folder / "calendars").mkdir()
    (applied.folder / "calendars" / "office.yaml").write_text(
        "zone: Europe/London\nopen: {monday: ['09:00-17:30']}\n"
    )
    calendar = {"calendar": "office", "open": "menu", "closed": "night"}
    staging = {"variables": {"desk": "31201111111", "hello": "Test line"}}
    production = {"variables": {"desk": "31202222222", "hello": "Acme"}}
    applied.declare(
        staging={**staging, "numbers": {ONE: calendar, TWO_NUMBERS[1]: "night"}},
        production={**production, "numbers": {TWO_NUMBERS[0]: "menu"}},
    )
    for name, numbers in (("staging", (ONE, TWO_NUMBERS[1])), ("production", TWO_NUMBERS[:1])):
        allow = [word for number in numbers for word in ("--allow", number)]
        code, _, err = applied.run("apply", "-e", name, "--auto-approve", *allow)
        assert code == 0, err
    code, out, err = applied.run("diff", *TWO, "--detailed-exitcode")
    assert code == 2, err
    told = " ".join(out.split())
    assert "numbers: night has" in told and "in staging, and none in production" in told
    assert "calendar: office leads numbers to menu and night in staging only" in told


def test_a_number_of_both_environments_is_told_in_one_line():
    staging = Side("staging", "", {}, numbers={"day": (ONE, TWO_NUMBERS[0]), "fax": ("31",)})
    production = Side(
        "production", "", {}, numbers={"day": ("32",), "night": (ONE,), "fax": ("31",)}
    )
    found = compare_environments(staging, production)
    lines = environments_text(found).splitlines()
    assert found.differs
    assert lines[-1] == f"numbers: {ONE} leads to day in staging, to night in production"
    assert not any("none in" in line for line in lines)
    (told,) = environments_document(found)["numbers_at_two"]
    assert told == {"number": ONE, "source": ["day"], "target": ["night"]}


def test_the_same_account_is_told(applied):
    other = {"endpoint": applied.url, "access_key_env": "LIVE_KEY", "identity": "production"}
    document = json.loads((applied.folder / "mbflow.yaml").read_text())
    document["environments"]["copy"] = other
    (applied.folder / "mbflow.yaml").write_text(json.dumps(document))
    _, out, _ = applied.run("diff", "-e", "copy", "-e", "production")
    told = " ".join(out.split())
    assert "copy and production are the same account: 2 of its flows were read twice" in told
    assert "the lock names no flow of copy: nothing was applied there from here yet" in told


def test_it_takes_two_environments_and_known_flows(both):  # noqa: F811
    for words in ((), ("-e", "staging"), (*TWO, "-e", "local")):
        code, out, err = both.run("diff", *words)
        assert (code, out) == (64, "")
        assert err.startswith(
            "Error: diff compares what is live in two environments: -e staging -e production.\n"
            "  To compare the files with what is live:\n"
            "      mbflow plan"
        )
    code, _, err = both.run("diff", *TWO, "menue")
    assert code == 64
    assert 'The lock names no flow menue in either environment. Did you mean "menu"?' in err
