"""The access key and a secret variable: searched for in all that the real program leaves behind.

Streams and files, after every verb, also where the service echoes what it was sent.
"""

import json
from contextlib import closing

import httpx
import pytest
from api.service import Reply, listed
from api.service import Service as Scripted
from ci.code_hosts import GitHub

from .conftest import KEY, Project

PIN = "8264-hush-7713"
NEWER = "5550-still-9921"
THERE_KEY, THERE_PIN = "the-other-access-key-9", "7345-staging-2280"
HIDDEN = (KEY, PIN, NEWER, THERE_KEY, THERE_PIN, "NobodyMaySeeThis")
"""The last is in the token of a code host."""
HERE = {"PIN": PIN}
FLOW = {
    "title": "Door",
    "steps": [
        {
            "action": "say",
            "options": {"payload": "The code is ${pin}.", "language": "en-GB", "voice": "female"},
        },
        {"action": "transfer", "options": {"destination": "31201234567"}},
    ],
}
SHOWING = [
    "validate",
    "validate --format json",
    "validate --format github",
    "validate --format sarif",
    "test",
    "test --format github",
    "test --format junit",
    "test --coverage --format markdown",
    "test --suggest door",
    "graph",
    "graph --format dot",
    "simulate door",
    "plan",
    "plan --format json",
    "plan --format markdown",
    "plan --out plan.json",
    "show plan.json",
    "show plan.json --format markdown",
    "graph --diff plan.json",
    "flows list",
    "flows list --format json",
    "flows get door",
    "flows get door --format json",
    "flows get door --format yaml",
    "numbers list door",
    "import door",
    "import --all",
]
EVERYWHERE = [
    "-v plan",
    "-v plan -e staging -e production",
    "plan -e staging -e production --format markdown",
    "diff -e staging -e production",
    "diff -e production -e staging --format json",
    "-v flows get door -e staging",
    "import door --show",
    "fmt",
    "test --coverage",
    "page -o page.html",
    "page --plan plan.json -o plan.html",
    "completion bash",
    "ci plan -e production",
    "ci drift -e production --format json",
    "ci apply -e production --lock none",
    "import door -e staging --force",
    "import --all -e staging --force",
]
LOOKING = ("plan", "show", "flows", "import")
CHANGING = [
    "apply --auto-approve --results results.jsonl",
    "apply plan.json --format json",
    "rollback --auto-approve",
    "rollback results.jsonl --auto-approve --allow-deletes 1",
    "adopt door {id}",
    "forget door",
]


@pytest.fixture
def door(tmp_path):
    def make(url):
        project = Project(
            tmp_path / "checkout",
            url,
            settle_seconds=1,
            variables={"pin": {"env": "PIN", "secret": True}},
        )
        project.write("door", FLOW)
        return project

    return make


def leaks(project, *, given=()):
    """Files of the checkout that hold the key or a value of the secret."""
    return [
        str(path)
        for path in sorted(project.folder.rglob("*"))
        if path.is_file() and path.name not in given
        if any(value.encode() in path.read_bytes() for value in HIDDEN)
    ]


def told(project, words, **environ):
    code, out, err = project.run(*words.split(), environ={**HERE, **environ})
    assert code not in (64, 70), f"{words}: {err}"
    for value in HIDDEN:
        assert value not in out + err, f"{words}\n{out}{err}"
    assert leaks(project) == [], words
    return code


def test_in_the_life_of_a_flow(door, service):
    project = door(service.url)
    for words in [*SHOWING, CHANGING[0], *SHOWING]:
        told(project, words)
    assert PIN in json.dumps(service.live()), "the service has it"
    told(project, CHANGING[0], PIN=NEWER)
    assert NEWER in json.dumps(service.live())
    (flow_id,) = service.live()
    for words in [*CHANGING, *SHOWING]:
        told(project, words.format(id=flow_id), PIN=NEWER)


@pytest.mark.parametrize("fault", ["500", "html", "truncated", "reset"])
def test_where_writes_fail(door, make_service, fault):
    service = make_service()
    service.faults(f"POST /call-flows {fault} after")
    project = door(service.url)
    for words in ("apply --auto-approve --results results.jsonl", "plan", "plan --format json"):
        told(project, words)


def echoing(asked):
    """A list is empty; all else is refused with what was asked, as text and as JSON."""
    if asked.method == "GET" and asked.path.rstrip("/").endswith(("call-flows", "numbers")):
        return listed([], 0)
    echo = f"{asked.body.decode()} {asked.headers}"
    error = {"message": echo, "code": 1, "description": echo}
    return Reply(422, {"errors": [error], "echo": echo})


def plainly(asked):
    answer = echoing(asked)
    if answer.status == 200:
        return answer
    return Reply(422, f"{asked.body.decode()} {asked.headers}".encode())


@pytest.mark.parametrize("answer", [echoing, plainly])
def test_where_the_service_echoes_what_it_was_sent(door, answer):
    with Scripted(answer) as service:
        project = door(service.url)
        code = told(project, "apply --auto-approve --results results.jsonl")
        assert code == 1
        assert any(PIN in asked.body.decode() for asked in service.asked), "it was sent"
        for words in ("apply --auto-approve --format json", "flows get x", "calls get x"):
            told(project, words)


def test_where_the_program_is_killed(door, make_service, gates):
    service = make_service(sleep=gates.sleep)
    project = door(service.url)
    service.faults("POST /call-flows latency=1 after")
    process = project.start("apply", "--auto-approve", environ=HERE)
    gates.wait_for(1)
    assert b"intend" in project.journal.read_bytes()
    process.kill()
    process.communicate()
    assert leaks(project) == []


def test_in_the_report_of_a_bug(door, service):
    """Its message and its local values could hold anything, so only places are shown."""
    project = door(service.url)
    program = (
        "from mbflow.cli import run as apply\n"
        "def broken(*a, **k):\n"
        f"    value = {PIN!r}; raise RuntimeError(value + {KEY!r})\n"
        "apply.make_plan = broken\n"
        "from mbflow.cli.main import run\n"
        "run(['apply', '--auto-approve'])\n"
    )
    process = project.start_python(["-c", program], environ=HERE)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 70
    assert "did not expect this: RuntimeError" in err
    assert PIN not in out + err
    assert KEY not in out + err


def take_back(project):
    """The commit that brought the secret, reverted: the use of it and its declaration."""
    project.write("door", {**FLOW, "steps": FLOW["steps"][1:]})
    project.save(variables={})


def test_when_the_commit_that_brought_it_is_taken_back(door, service):
    project = door(service.url)
    assert told(project, CHANGING[0]) == 0
    take_back(project)
    for words in SHOWING:
        told(project, words)
    _, out, _ = project.run("plan")
    assert 'step 1 removed: say "(hidden: it may hold an older secret)"' in out
    assert "! conflict: it was sent with a secret that is not known here any more" in out
    assert told(project, CHANGING[0]) == 3, "whether somebody edited it cannot be told"
    assert told(project, f"{CHANGING[0]} --allow door") == 0
    assert PIN not in json.dumps(service.live())
    assert told(project, "plan") == 0
    code, _, err = project.run("rollback", "last", "--auto-approve")
    assert (code, "older secret" in err) == (3, True), err


def test_when_its_file_is_gone_as_well(door, service):
    project = door(service.url)
    told(project, CHANGING[0])
    (flow_id,) = service.live()
    project.write("other", {"title": "Other", "steps": [{"action": "hangup"}]})
    project.remove("door")
    project.save(variables={})
    shown = [words for words in SHOWING if words.split()[0] in LOOKING]
    for words in [*shown, f"flows get {flow_id}", f"import {flow_id} --as door --force"]:
        told(project, words)
    _, out, _ = project.run("plan")
    assert "! outside-edit: it was sent with a secret that is not known here any more" in out
    assert told(project, f"{CHANGING[0]} --allow-deletes 1 --allow door") == 0
    assert service.titles() == ["Other"]


def test_when_the_live_flow_was_edited_since(door, service):
    """Where the secret stands now is not known: no text that git does not hold is shown."""
    project = door(service.url)
    told(project, CHANGING[0])
    (flow_id,) = service.live()
    body = service.live()[flow_id]
    say = {**FLOW["steps"][0], "options": {**FLOW["steps"][0]["options"], "payload": "New"}}
    edited = {"title": body["title"], "steps": [say, *body["steps"]]}
    headers = {"Authorization": f"AccessKey {KEY}"}
    httpx.put(f"{service.url}/call-flows/{flow_id}", json=edited, headers=headers)
    take_back(project)
    for words in SHOWING:
        told(project, words)
    _, out, _ = project.run("plan")
    assert "! conflict: it was sent with a secret that is not known here any more" in out


def test_when_its_value_is_not_at_hand(door, service):
    project = door(service.url)
    told(project, CHANGING[0])
    for words in ["flows get door", "flows get door --format json", "plan"]:
        told(project, words, PIN="")


def declare_staging(project, **settings):
    """Another environment, with a secret of the same name and with a short one."""
    document = json.loads((project.folder / "mbflow.yaml").read_text())
    own = {"pin": {"env": "STAGING_PIN", "secret": True}, "door": {"env": "DOOR", "secret": True}}
    document["environments"]["staging"] = {"endpoint": "embedded", "variables": own, **settings}
    (project.folder / "mbflow.yaml").write_text(json.dumps(document))


def test_of_another_environment(door, service):
    """Somebody pastes what staging has into the live flow of production."""
    project = door(service.url)
    declare_staging(project)
    told(project, CHANGING[0], STAGING_PIN=NEWER)
    (flow_id,) = service.live()
    say = {**FLOW["steps"][0]["options"], "payload": f"Now {NEWER}, or 3120."}
    code, transfer = service.live()[flow_id]["steps"]
    steps = [code, {"action": "say", "options": say}, transfer]
    body = {**service.live()[flow_id], "steps": steps}
    headers = {"Authorization": f"AccessKey {KEY}"}
    httpx.put(f"{service.url}/call-flows/{flow_id}", json=body, headers=headers)
    there = {"STAGING_PIN": NEWER, "DOOR": "3120"}
    more = [
        "page --plan plan.json -o plan.html",
        f"import {flow_id} --as new",
        "import door --show",
    ]
    looking = [words for words in SHOWING if words.split()[0] in LOOKING]
    for words in [*looking, *more, "ci plan -e production", "ci drift -e production"]:
        told(project, words, **there)
    code, out, _ = project.run("plan", environ={**HERE, **there})
    assert "Now ${pin of staging}, or ${door of staging}." in out
    assert "31201234567" in project.run("flows", "get", "door", environ={**HERE, **there})[1]
    code, _, err = project.run("import", "door", "--force", environ={**HERE, **there})
    assert (code, "the secret door of staging and pin of staging" in err) == (3, True), err
    # What is applied there stays the same whether staging's secrets are at hand.
    told(project, f"{CHANGING[0]} --allow door", **there)
    for given in ({}, there):
        assert "nothing to change" in project.run("plan", environ={**HERE, **given})[1]
    told(project, "rollback last --auto-approve --allow door", **there)
    assert NEWER in json.dumps(service.live())


def test_where_two_environments_and_a_token_are_at_hand(door, make_service):
    """The secrets of one are live in the other, and the service echoes what is wrong."""
    project, staging, github = door(make_service().url), make_service(), GitHub()
    declare_staging(project, endpoint=staging.url, access_key_env="THERE_KEY")
    given = {"STAGING_PIN": THERE_PIN, "DOOR": NEWER, "THERE_KEY": THERE_KEY}
    for words in (CHANGING[0], f"{CHANGING[0]} -e staging", "plan --out plan.json"):
        assert told(project, words, **given) == 0
    project.write("door", {**FLOW, "title": "Door, edited"})
    token = github.token(pull_requests="write", issues="write", actions="read")
    event = {"GITHUB_EVENT_NAME": "push", "GITHUB_REF_NAME": "main", "GITHUB_SHA": "0" * 40}
    with closing(github):
        for words in EVERYWHERE:
            told(project, words, **given, **(github.environ(token) | event))
    told_there = f"{github.issues} {github.posts}"
    assert len(github.issues) == 1 and not any(value in told_there for value in HIDDEN)


def test_braces_are_the_same_whichever_secrets_are_set(door, service):
    project = door(service.url)
    declare_staging(project)
    project.remove("door")
    project.write("braces", {"title": "A $${", "steps": [{"action": "hangup"}]})
    told(project, CHANGING[0])
    for given in ({}, {"STAGING_PIN": NEWER}, HERE):
        _, out, err = project.run("plan", "--target", "braces", environ=given)
        assert "nothing to change" in out, out + err
