"""`mbflow test` as users meet it: what passes, what fails and how it is told."""

import os
import re
from xml.etree import ElementTree

import processes
import pytest

PASSES = """\
  - name: a caller who presses 1 reaches sales
    does: [{press: "1"}]
    hears: ["For sales"]
    ends: {transferred: "442079460111"}
"""
FAILS = """\
  - name: nobody presses
    hears: ["For sales", "Good bye"]
    ends: caller
"""


def test_calls_that_are_as_expected(project):
    project.calls(PASSES)
    ran = project.test()
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "menu  1 passed\n\n1 call: 1 passed.\n"


def test_a_call_that_falls_short_is_told_with_its_transcript(project):
    project.calls(PASSES + FAILS)
    ran = project.test()
    assert (ran.code, ran.err) == (1, "")
    assert (
        ran.out
        == """\
menu  1 passed, 1 failed

FAILED menu: nobody presses
flows/menu.calls.yaml:6
   0:00.0    1  say     "For sales, press 1."
>  0:01.3       end     hangup
E   Expected to hear "Good bye" after "For sales", but it was not heard there.
E   Expected the call to end by the caller hanging up, but it ended with a
E     hangup.

2 calls: 1 passed, 1 failed.
"""
    )


def test_json_is_one_document_whatever_the_outcome(project):
    project.calls(PASSES + FAILS)
    ran = project.test("--format", "json", "--coverage")
    assert ran.code == 1
    assert ran.json["summary"] == {"calls": 2, "failed": 1}
    passed, failed = ran.json["calls"]
    assert (passed["passed"], passed["flow"], passed["line"]) == (True, "menu", 2)
    assert passed["transcript"]["events"][1] == {
        "at": 1.3,
        "kind": "key",
        "flow": "menu",
        "step": 0,
        "text": "1",
    }
    assert passed["transcript"]["ends"]["text"] == "442079460111"
    assert passed["transcript"]["variables"] == {"choice": "1"}
    assert [failure["event"] for failure in failed["failures"]] == [1, 1]
    assert ran.json["problems"] == []
    assert ran.json["coverage"]["flows"][0]["missed"] == [
        {"step": 2, "branch": "skipped"},
        {"step": 2, "branch": "unanswered"},
        {"step": 3, "branch": "run"},
        {"step": 3, "branch": "falls_off"},
    ]


def test_junit(project):
    project.calls(PASSES + FAILS)
    project.calls("  - {name: gone, ends: hangup}\n", name="gone")
    ran = project.test("--format", "junit")
    root = ElementTree.fromstring(ran.out)
    assert (ran.code, root.attrib) == (
        1,
        {"name": "mbflow", "tests": "3", "failures": "1", "errors": "1"},
    )
    suite, files = root
    assert [case.get("name") for case in suite] == [
        "a caller who presses 1 reaches sales",
        "nobody presses",
    ]
    assert suite[0].find("failure") is None
    assert "> " in suite[1].find("failure").text
    assert 'There is no flow "gone"' in files[0].find("error").get("message")


def test_markdown(project):
    project.calls(PASSES + FAILS)
    ran = project.test("--format", "markdown", "--coverage")
    assert ran.out.startswith("**2 calls: 1 passed, 1 failed.**\n\n<details><summary>menu: nobody")
    assert "| menu | 60 % | 6 of 10 |" in ran.out
    assert "- menu: step 3, transfer: is skipped, its condition fails" in ran.out


def test_markdown_keeps_within_a_comment(project):
    calls = [f"  - {{name: caller {n}, hears: [something else {n}]}}\n" for n in range(400)]
    project.calls("".join(calls))
    for n in range(400):
        name = f"some/rather/long/folder/flow-{n}"
        project.write(f"flows/{name}.yaml", "steps: [{action: hangup}]\n")
        project.calls("  - {name: c, ends: hangup}\n", name=name)
    ran = project.test("--format", "markdown", "--coverage")
    assert len(ran.out) < 65_536
    assert len(ran.out) > 45_000
    assert ran.out.startswith("**800 calls: 400 passed, 400 failed.**\n\n<details><summary>menu: ")
    assert "- `menu: caller 399`\n" in ran.out
    (flows,) = re.findall(r"\n\*(\d+) more flows do not fit here; ", ran.out)
    assert ran.out.count("| 1 of 1 |") + int(flows) == 400
    assert "| **all** |" in ran.out
    project.calls(PASSES)
    assert project.test("--format", "markdown", "--coverage").out.count("| 1 of 1 |") == 400


def test_coverage_as_text(project):
    project.calls(PASSES)
    project.write("flows/other.yaml", "steps: [{action: hangup}]\n")
    ran = project.test("--coverage")
    assert ran.code == 0
    assert (
        ran.out
        == """\
Coverage of branches:
  menu      40 %  4 of 10
    step 1, say: nobody presses a key
    step 2, hangup: runs
    step 3, transfer: is skipped, its condition fails
    step 3, transfer: the transfer is busy, failed or not answered
    step 4, say: runs
    step 4, say: the flow ends below its last step
  other      0 %  no call comes here
  all     36.3 %  4 of 11

menu  1 passed

1 call: 1 passed.
"""
    )


def test_where_no_flow_can_be_called_nothing_counts_as_covered(project):
    project.write("flows/menu.yaml", "steps: [{action: sing}]\n")
    told = "there is no flow that can be called."
    ran = project.test("--coverage")
    assert (ran.code, ran.out.splitlines()[0]) == (1, f"Coverage of branches: {told}")
    assert f"Coverage: {told}" in project.test("--coverage", "--format", "markdown").out
    assert project.test("--coverage", "--format", "json").json["coverage"]["branches"] == 0


def test_too_little_coverage_fails(project):
    project.calls(PASSES)
    assert project.test("--fail-under", "40").code == 0
    ran = project.test("--fail-under", "40.1")
    assert (ran.code, ran.err) == (1, "Coverage is 40 %, below 40.1 %.\n")
    assert "step 2, hangup: runs" in ran.out


def test_a_flow_without_calls_counts_unless_others_are_named(project):
    project.calls(PASSES)
    project.write("flows/other.yaml", "steps: [{action: hangup}]\n")
    assert "other" in project.test("--coverage").out
    assert "other" not in project.test("--coverage", "menu").out


def test_selection_by_flow_path_and_call(project):
    project.calls(PASSES + FAILS)
    project.write("flows/other/bye.yaml", "steps: [{action: hangup}]\n")
    project.calls("  - {name: hangs up, ends: hangup}\n", name="other/bye")
    for asked in ("other/bye", "flows/other", "flows/other/bye.calls.yaml", "flows/other/bye.yaml"):
        assert project.test(asked).out == "other/bye  1 passed\n\n1 call: 1 passed.\n"
    assert project.test("--name", "PRESSES 1").out == "menu  1 passed\n\n1 call: 1 passed.\n"
    assert project.test("menu", "other/bye").out.endswith("3 calls: 2 passed, 1 failed.\n")


def test_a_selection_that_finds_nothing(project):
    project.calls(PASSES)
    ran = project.test("menus")
    assert ran.code == 64
    assert (
        'no simulated calls for menus, and no file or folder of that name. Did you mean "menu"?'
        in ran.err
    )
    project.write("flows/other.yaml", "steps: [{action: hangup}]\n")
    ran = project.test("flows/other.yaml")
    assert (ran.code, "flows/other.yaml has no simulated calls." in ran.err) == (64, True)
    assert "--suggest flows/other.yaml" in ran.err


def test_no_calls_at_all(project):
    ran = project.test()
    assert ran.code == 0
    assert ran.out.startswith("No calls were run. They stand in NAME.calls.yaml beside a flow.\n")


def test_a_name_that_no_call_has(project):
    project.calls(PASSES)
    ran = project.test("--name", "sails")
    assert (ran.code, ran.out) == (64, "")
    assert 'No call has "sails" in its name.' in ran.err


def test_calls_name_their_environment(project):
    press = "does: [{press: '1'}], ends: {transferred:"
    there = f"  - {{name: s, environment: staging, {press} '442079460222'}}}}\n"
    here = f"  - {{name: l, {press} '${{sales}}'}}}}\n"
    project.calls(there + here)
    assert project.test().code == 0
    assert project.run("-e", "staging", "test").code == 0


PRODUCTION = """\
project: acme
variables: {sales: "442079460111"}
environments:
  production: {endpoint: "https://voice.example.com"}
  staging: {endpoint: embedded, variables: {sales: "442079460222"}}
"""
ONLY_STAGING = "steps: [{action: hangup}]\nmbflow: {environments: [staging]}\n"


def test_a_flow_is_called_in_its_first_environment(project):
    project.write("mbflow.yaml", PRODUCTION)
    project.write("flows/only.yaml", ONLY_STAGING)
    project.calls(PASSES)
    project.calls("  - {name: c, ends: hangup}\n", name="only")
    ran = project.run("test", "--coverage")
    assert ran.code == 0
    assert ran.out.endswith("menu  1 passed\nonly  1 passed\n\n2 calls: 2 passed.\n")
    assert "  only    100 %  1 of 1\n" in ran.out
    assert ran.err == (
        "Without -e: the flows as they are in production, or in the first environment that has "
        "them, of production and staging.\n"
    )
    staging = project.run("-e", "staging", "test")
    assert (staging.code, staging.err) == (1, "")
    assert "442079460222" in staging.out


def test_a_flow_without_calls_counts_in_any_environment(project):
    project.write("mbflow.yaml", PRODUCTION)
    project.write("flows/only.yaml", ONLY_STAGING)
    project.calls(PASSES)
    assert "  only      0 %  no call comes here\n" in project.run("test", "--coverage").out


def test_one_environment_is_no_choice(project):
    project.calls("  - {name: c, does: [{press: '1'}], ends: {transferred: '442079460222'}}\n")
    ran = project.run("test")
    assert (ran.code, ran.err) == (0, "")


def test_a_flow_that_is_not_for_the_environment(project):
    only = "steps: [{action: hangup}]\nmbflow: {environments: [staging]}\n"
    project.write("flows/only.yaml", only)
    project.calls("  - {name: c, ends: hangup}\n", name="only")
    ran = project.test()
    assert ran.code == 1
    assert 'The flow "only" is not for the environment local.' in ran.err
    assert "environment: staging" in ran.err
    project.calls("  - {name: c, environment: staging, ends: hangup}\n", name="only")
    assert project.test("--coverage").code == 0


def test_a_call_file_for_a_flow_that_is_gone(project):
    project.calls("  - {name: c, ends: hangup}\n", name="menue")
    ran = project.test()
    assert ran.code == 1
    assert ran.err == (
        "flows/menue.calls.yaml: error: "
        'There is no flow "menue". Did you mean "menu"? [call-file]\n'
    )


def test_a_flow_with_errors_cannot_be_called(project):
    project.write("flows/menu.yaml", "steps: [{action: sing}]\n")
    project.calls(PASSES)
    ran = project.test()
    assert ran.code == 1
    assert 'The flow "menu" has errors, so it cannot be called.' in ran.err
    assert 'There is no action "sing"' in ran.err


BROKEN_TEXT = """\
Coverage of branches:
  menu     40 %  4 of 10
    step 1, say: nobody presses a key
    step 2, hangup: runs
    step 3, transfer: is skipped, its condition fails
    step 3, transfer: the transfer is busy, failed or not answered
    step 4, say: runs
    step 4, say: the flow ends below its last step
  bad         -  cannot be called
  gone        -  cannot be called
  all      40 %  4 of 10

menu  1 passed

1 call: 1 passed; 2 files have errors.
"""
BROKEN_MARKDOWN = """\
**1 call: 1 passed; 2 files have errors.**

```
flows/bad.calls.yaml: error: The flow "bad" has errors, so it cannot be called. [call-file]

flows/bad.yaml:1:18: error: There is no action "sing". Use transfer, say, play, pause, record, \
fetchCallFlow, sendKeys or hangup. [schema]

flows/gone.calls.yaml: error: There is no flow "gone". Its file is gone; remove the calls as well. \
[call-file]
```

| Flow | Covered | Branches |
|---|---:|---:|
| menu | 40 % | 4 of 10 |
| bad | - | cannot be called |
| gone | - | cannot be called |
| **all** | 40 % | 4 of 10 |
"""


def test_calls_that_could_not_be_run_are_no_success(project):
    project.calls(PASSES)
    project.write("flows/bad.yaml", "steps: [{action: sing}]\n")
    for name in ("bad", "gone"):
        project.calls("  - {name: c, ends: hangup}\n", name=name)
    ran = project.test("--coverage")
    assert (ran.code, ran.out) == (1, BROKEN_TEXT)
    ran = project.test("--coverage", "--format", "markdown")
    assert (ran.code, ran.out[: len(BROKEN_MARKDOWN) - 1]) == (1, BROKEN_MARKDOWN[:-1])


def test_flows_without_calls_are_one_row_where_they_are_many(project):
    project.calls(PASSES)
    for number in range(21):
        project.write(f"flows/more/{number}.yaml", "steps: [{action: hangup}]\n")
    rows = project.test("--coverage", "--format", "markdown").out.splitlines()
    assert rows[4:7] == [
        "| menu | 40 % | 4 of 10 |",
        "| 21 flows that no call goes through | 0 % | 0 of 21 |",
        "| **all** | 12.9 % | 4 of 31 |",
    ]
    project.calls("  - {name: c, ends: hangup}\n", name="more/20")
    assert "| more/19 | 0 % | 0 of 1 |" in project.test("--coverage", "--format", "markdown").out


def test_where_all_is_broken_no_advice_is_given(project):
    project.write("flows/menu.yaml", "steps: [{action: sing}]\n")
    project.calls(PASSES)
    assert project.test().out == "No calls were run: 1 file has errors.\n"
    markdown = project.test("--format", "markdown").out
    assert markdown.startswith("**No calls were run: 1 file has errors.**\n\n```\nflows/menu.calls")


ENDLESS = (
    "steps: [{action: say, options: {payload: Hold., language: en-GB, voice: male, loop: true}}]\n"
)
SELF = "steps: [{action: fetchCallFlow, options: {url: 'https://x.example/again'}}]\n"


def test_an_endless_flow_is_cut_and_told(project):
    project.write("flows/endless.yaml", ENDLESS)
    project.calls("  - {name: c, hears: [Hold]}\n", name="endless")
    ran = project.test("endless")
    assert ran.code == 1
    assert "without end: cut after 1000 readings of a looped text." in ran.out


def test_a_flow_that_fetches_itself_is_cut_and_told(project):
    project.write("flows/self.yaml", SELF)
    world = "{fetches: {'https://x.example/again': self}}"
    project.calls(f"  - {{name: c, world: {world}, ends: hangup}}\n", name="self")
    ran = project.test("self")
    assert ran.code == 1
    assert "it ended without end: cut\nE     after 100 fetched flows." in ran.out


def test_five_hundred_steps(project):
    step = "  - {action: say, options: {payload: 'Number %d.', language: en-GB, voice: male}}\n"
    steps = "".join(step % number for number in range(500))
    project.write("flows/long.yaml", "steps:\n" + steps)
    project.calls("  - {name: c, hears: [Number 0, Number 499], ends: end_of_flow}\n", name="long")
    assert project.test("long").code == 0


def fetches(given):
    return (
        "  - name: c\n    does: [{press: '1'}]\n    ends: end_of_flow\n    hears: [Fetched]\n"
        f"    world: {{fetches: {{'https://x.example/f': {given}}}}}\n"
    )


def test_where_fetched_flows_come_from(project):
    step = "{action: fetchCallFlow, options: {url: 'https://x.example/f'}}"
    project.write("flows/fetch.yaml", f"steps: [{step}]\n".replace("fetch.", "fetch."))
    fetched = "steps: [{action: say, options: {payload: Fetched.}}]"
    project.write("flows/menu2.yaml", fetched.replace("}}]", ", language: en-GB, voice: male}}]\n"))
    project.write("replies/next.yaml", fetched)
    project.write(
        "replies/next.json", '{"steps": [{"action": "say", "options": {"payload": "Fetched."}}]}'
    )
    for given in ("menu2", "../replies/next.yaml", "../replies/next.json", f"{{{fetched}}}"):
        project.calls(fetches(given).replace("    does: [{press: '1'}]\n", ""), name="fetch")
        assert (project.test("fetch").code, given) == (0, given)


def test_fetched_flows_that_cannot_be_had(project):
    project.write("flows/fetch.yaml", SELF)
    project.write("replies/empty.yaml", "title: nothing\n")
    project.write("replies/odd.yaml", "steps: [1\n")
    for given, message in {
        "menue": 'There is no flow "menue". Did you mean "menu"?',
        "../replies/none.yaml": "The file cannot be read: No such file or directory.",
        "../replies/empty.yaml": "That file holds no call flow",
        "../replies/odd.yaml": "Line 1 of that file:",
        "../../../../etc/passwd.yaml": "This file lies outside the project.",
    }.items():
        project.calls(fetches(given), name="fetch")
        ran = project.test("fetch")
        assert (ran.code, "fetch.calls.yaml:6" in ran.err) == (1, True)
        assert message in ran.err


def test_a_secret_is_never_shown(project):
    flow = (
        "steps:\n"
        "  - {action: say, options: {payload: 'Pin ${pin}.', language: en-GB, voice: male}}\n"
        "  - {action: transfer, options: {destination: '${pin}'}}\n"
    )
    project.write("flows/secret.yaml", flow)
    project.calls(
        "  - {name: kept, hears: ['Pin ${pin}'], ends: {transferred: '${pin}'}}\n"
        "  - {name: fails, world: {transfers: {'${pin}': busy}}, ends: caller}\n",
        name="secret",
    )
    for form in ("text", "json", "junit", "markdown"):
        ran = project.test("secret", "--coverage", "--format", form)
        assert "4711" not in ran.out + ran.err
    assert ran.code == 1
    text = project.test("secret").out
    assert "1 passed, 1 failed" in text and 'say     "Pin ${pin}."' in text
    assert "${pin}: busy" in text


NEEDS_SECRETS = """\
project: acme
variables:
  hook: {env: ACME_HOOK, secret: true}
  floor: {env: ACME_FLOOR, secret: true, type: integer}
  desk: {env: ACME_DESK}
environments:
  production: {endpoint: "https://voice.example.com"}
  staging:
    endpoint: embedded
    variables: {hook: {env: ACME_HOOK, secret: true, default: open}}
"""
WITH_HOOK = """\
steps:
  - {action: say, options: {payload: "Code ${hook}.", language: en-GB, voice: male}}
  - {action: fetchCallFlow, options: {url: "https://x.example/f?t=${hook}"}}
"""
FETCHES_HOOK = """\
  - name: c
    hears: ["Code ${hook}"]
    world: {fetches: {"https://x.example/f?t=${hook}": failed}}
    ends: fetch_failed
"""


@pytest.fixture
def needing_secrets(project, monkeypatch):
    for name in ("ACME_HOOK", "ACME_FLOOR", "ACME_DESK"):
        monkeypatch.delenv(name, raising=False)
    project.write("mbflow.yaml", NEEDS_SECRETS)
    (project.root / "flows/menu.yaml").unlink()
    project.write("flows/code.yaml", WITH_HOOK)
    project.calls(FETCHES_HOOK, name="code")
    return project


def test_calls_need_no_secret(needing_secrets):
    ran = needing_secrets.run("-e", "production", "test", "--fail-under", "60")
    assert (ran.code, ran.out, ran.err) == (0, "code  1 passed\n\n1 call: 1 passed.\n", "")
    needing_secrets.calls(FETCHES_HOOK.replace("fetch_failed", "hangup"), name="code")
    told = needing_secrets.run("-e", "production", "test").out
    assert '   0:00.0    1  say     "Code ${hook}."\n' in told
    assert "fetch   GET https://x.example/f?t=${hook}\n" in told
    graph = needing_secrets.run("-e", "production", "graph")
    assert (graph.code, graph.err) == (0, "")


def test_a_default_is_a_value_in_its_own_environment_only(needing_secrets):
    needing_secrets.write("flows/code.yaml", WITH_HOOK.replace("Code ${hook}.", "As ${hook} as."))
    length = FETCHES_HOOK.replace('"Code ${hook}"', "As") + "    within: %s\n"
    needing_secrets.calls(length % "800ms", name="code")
    assert needing_secrets.run("-e", "staging", "test").code == 0
    assert needing_secrets.run("-e", "production", "test").code == 1, "${hook} is longer"


@pytest.mark.parametrize(
    ("name", "variable"), [("desk", "ACME_DESK"), ("floor", "ACME_FLOOR")], ids=["open", "integer"]
)
def test_what_has_no_text_to_stand_for_it_must_be_set(needing_secrets, name, variable):
    needing_secrets.write("flows/code.yaml", WITH_HOOK.replace("${hook}.", f"${{{name}}}."))
    ran = needing_secrets.run("-e", "production", "test")
    assert (ran.code, ran.out) == (1, "No calls were run: 1 file has errors.\n")
    assert (
        f'The variable "{name}" has no value: the process variable {variable} is not set.'
        in ran.err
    )


def test_snapshots(project):
    project.calls(PASSES)
    ran = project.test("--update")
    assert ran.out == "menu  1 passed\n\nWrote flows/menu.calls.txt.\n\n1 call: 1 passed.\n"
    snapshot = project.root / "flows/menu.calls.txt"
    assert (
        snapshot.read_text()
        == """\
# What callers of menu hear. Written by mbflow test --update; review it as text.

== a caller who presses 1 reaches sales
 0:00.0    1  say     "For sales, press 1."
 0:01.3    1  press   1
 0:01.3    1  input   choice = "1"
 0:01.3    3  dial    442079460111
 0:02.3    3  callee  442079460111: answered
 1:02.3    3  parted  the called party hangs up
 1:02.3       end     transferred 442079460111
"""
    )
    assert project.test().code == 0
    assert "Wrote" not in project.test("--update").out


def test_a_transcript_that_differs_from_its_snapshot(project):
    project.calls(PASSES)
    project.test("--update")
    path = project.root / "flows/menu.yaml"
    path.write_text(path.read_text().replace("For sales, press 1.", "For sales, please press 1."))
    ran = project.test()
    assert ran.code == 1
    assert (
        """\
>  0:00.0    1  say     "For sales, please press 1."
E   flows/menu.calls.txt says: 0:00.0    1  say     "For sales, press 1."
E     (mbflow test --update accepts the change)
"""
        in ran.out
    )
    assert project.test("--update").code == 0
    assert project.test().code == 0


def test_a_snapshot_and_its_calls_must_agree(project):
    project.calls(PASSES)
    project.test("--update")
    project.calls(PASSES.replace("a caller who", "whoever"))
    ran = project.test()
    assert ran.code == 1
    assert (
        "flows/menu.calls.txt does not know this call. Add it with:\n"
        "E     mbflow test --update." in ran.out
    )
    assert (
        'It holds a call that the call file no longer has: "a caller who presses 1 reaches sales".'
        in ran.err
    )


def test_update_takes_whole_files_only(project):
    project.calls(PASSES)
    ran = project.test("--update", "--name", "sales")
    assert (ran.code, "use --update without --name" in ran.err) == (64, True)
    assert not (project.root / "flows/menu.calls.txt").exists()


def test_names_cannot_act_on_terminals_or_markdown(project):
    name = '"\\e[31m<b>::error::x"'
    project.calls(f"  - {{name: {name}, ends: caller}}\n")
    for form in ("text", "junit", "markdown", "json"):
        out = project.test("--format", form).out
        assert "\x1b" not in out and "\n::error" not in out
    assert "<b>" not in project.test("--format", "markdown").out


def test_the_program_itself(project):
    """In a process of its own, from the folder itself."""
    project.calls(FAILS)
    environ = {**os.environ, "NO_COLOR": "1"}
    words = ["-m", "mbflow", "-e", "local", "test"]
    ran = processes.run(words, cwd=project.root, env=environ)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "1 call: 0 passed, 1 failed." in ran.stdout
