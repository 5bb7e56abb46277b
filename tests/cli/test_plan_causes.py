"""Whose a change is, told of real git repositories and an account in the emulator."""

import json
import re
from contextlib import contextmanager

import pytest
from apply.world import say

from .racing import Clone, Hand, committed, git

DONE, FAILED, REFUSED, PARTIAL = 0, 1, 3, 4
ONE, TWO = "442079460100", "442079460101"


@pytest.fixture
def topic(applied):
    """`main` is applied; the checkout is on `topic`, which has just left it."""
    (applied.folder / ".gitignore").write_text(".mbflow/\nplan.json\n")
    git(applied.folder.parent, "init", "--quiet", "-b", "main", str(applied.folder))
    committed(applied, "start")
    git(applied.folder, "checkout", "--quiet", "-b", "topic")
    return applied


def ran(project, *words, code=DONE):
    result, out, err = project.run(*words)
    assert result == code, (words, out, err)
    return out + err


@contextmanager
def on_main(project, message, *, locked=True):
    """What is done within becomes a commit of `main`, and is live."""
    git(project.folder, "checkout", "--quiet", "main")
    yield
    committed(project, message)
    project.run("plan", "--base", "main~1", "--out", "plan.json")
    ran(project, "apply", "plan.json")
    if locked:
        committed(project, "lock")
    git(project.folder, "checkout", "--quiet", "--force", "topic")


def changes(project, base="main"):
    """Name of a flow, or number, to its change."""
    document = json.loads(ran(project, "plan", "--base", base, "--format", "json"))
    found = (*document["changes"], *document["numbers"])
    return {one.get("flow") or one["number"]: one for one in found}


def hazards(change):
    return {one["kind"]: one["needs_allow"] for one in change["hazards"]}


def texts(change):
    return [one["text"] for one in change["hazards"]]


def test_a_change_is_this_branchs(topic):
    topic.write("a", say("I am new", "A"))
    topic.write("new", say("I was not there", "New"))
    topic.remove("b")
    found = changes(topic)
    assert {name: one["cause"] for name, one in found.items()} == dict.fromkeys(
        ["a", "new", "b"], "branch"
    )
    assert {one["file"] for one in found.values()} == {
        "flows/a.yaml",
        "flows/new.yaml",
        "flows/b.yaml",
    }
    assert all(not one["hazards"] for one in found.values())


def test_without_a_base_nobody_knows(topic):
    topic.write("a", say("I am new", "A"))
    document = json.loads(ran(topic, "plan", "--format", "json"))
    assert [one["cause"] for one in document["changes"]] == [None]


def test_a_variable_that_the_branch_changed_is_its_own(topic):
    topic.save(variables={"hello": "Good day"})
    topic.write("a", say("${hello}", "A"))
    committed(topic, "a variable")
    ran(topic, "apply", "--auto-approve")
    topic.save(variables={"hello": "Good evening"})
    found = changes(topic, "HEAD")
    assert {name: one["cause"] for name, one in found.items()} == {"a": "branch"}


def test_a_live_edit_is_drift_also_where_only_a_comment_changed(topic, service):
    Hand(service).edit("A", say("A hotfix"))
    path = topic.folder / "flows" / "a.yaml"
    path.write_text("# A comment is not what callers hear.\n" + path.read_text())
    (change,) = changes(topic).values()
    assert (change["cause"], hazards(change)) == ("drift", {"outside-edit": True})
    assert texts(change) == [
        "the live flow was edited outside git. This branch did not change the flow, and applying "
        "takes the edit back. To keep it:"
    ]
    assert change["hazards"][0]["command"] == ["mbflow", "import", "a", "-e", "production"]


@pytest.mark.parametrize("locked", [True, False], ids=["its lock is in git", "or not yet"])
def test_main_moved_on(topic, locked):
    with on_main(topic, "Shorter greeting", locked=locked):
        topic.write("a", say("Hi", "A"))
    (change,) = changes(topic).values()
    assert (change["cause"], hazards(change)) == ("behind", {"behind": True})
    commit = git(topic.folder, "log", "-1", "--format=%h", "main", "--", "flows/a.yaml").strip()
    assert texts(change) == [
        f'main moved on: this would revert {commit} "Shorter greeting". Merge it first:'
    ]
    assert change["hazards"][0]["command"] == ["git", "merge", "main"]
    out = ran(topic, "plan", "--base", "main", "--out", "plan.json")
    assert "    ! behind: main moved on: this would revert" in out
    assert "git merge main\n" in out
    said = ran(topic, "apply", "plan.json", code=REFUSED)
    assert "update a: behind: main moved on" in said
    git(topic.folder, "stash")
    git(topic.folder, "merge", "--quiet", "main")
    assert changes(topic) == {}


def test_main_moved_on_in_a_variable(topic):
    git(topic.folder, "checkout", "--quiet", "main")
    topic.save(variables={"hello": "Good day"})
    topic.write("a", say("${hello}", "A"))
    committed(topic, "a variable")
    ran(topic, "apply", "--auto-approve")
    git(topic.folder, "branch", "--force", "topic")
    with on_main(topic, "Say good evening"):
        topic.save(variables={"hello": "Good evening"})
    (change,) = changes(topic).values()
    assert change["cause"] == "behind"
    assert '"Say good evening"' in texts(change)[0]


def test_main_made_and_deleted_flows(topic):
    with on_main(topic, "Other flows"):
        topic.write("new", say("I am new", "New"))
        topic.remove("b")
    found = changes(topic)
    assert {name: (one["action"], one["cause"]) for name, one in found.items()} == {
        "b": ("create", "behind")
    }
    assert "main moved on and has no such flow: this would make it again" in texts(found["b"])[0]


def test_both_changed_it(topic):
    with on_main(topic, "Shorter greeting"):
        topic.write("a", say("Hi", "A"))
    topic.write("a", say("Good day", "A"))
    (change,) = changes(topic).values()
    assert (change["cause"], hazards(change)) == ("branch", {"conflict": True})
    assert "this branch and main both changed it since they parted" in texts(change)[0]
    assert '"Shorter greeting"' in texts(change)[0]


def test_the_branch_deletes_what_main_changed(topic):
    with on_main(topic, "Shorter greeting"):
        topic.write("a", say("Hi", "A"))
    topic.remove("a")
    (change,) = changes(topic).values()
    assert (change["action"], change["cause"]) == ("delete", "branch")
    assert hazards(change) == {"conflict": True}


def test_the_branch_changed_what_somebody_edited(topic, service):
    Hand(service).edit("A", say("A hotfix"))
    topic.write("a", say("Good day", "A"))
    (change,) = changes(topic).values()
    assert (change["cause"], hazards(change)) == ("branch", {"conflict": False})
    assert texts(change) == [
        "this branch changed the flow, and somebody edited the live flow outside git; the live "
        "edit would be lost. To see both sides:"
    ]


def test_main_moved_on_and_somebody_edited(topic, service):
    with on_main(topic, "Shorter greeting"):
        topic.write("a", say("Hi", "A"))
    Hand(service).edit("A", say("A hotfix"))
    (change,) = changes(topic).values()
    assert (change["cause"], hazards(change)) == ("drift", {"outside-edit": True})
    assert "was edited outside git, and main moved on too. This branch" in texts(change)[0]


def test_what_main_wants_and_nobody_applied_is_pending(topic):
    git(topic.folder, "checkout", "--quiet", "main")
    topic.write("a", say("Not applied yet", "A"))
    committed(topic, "waits")
    git(topic.folder, "branch", "--force", "topic")
    git(topic.folder, "checkout", "--quiet", "topic")
    topic.write("b", say("Mine", "B"))
    found = changes(topic)
    assert {name: one["cause"] for name, one in found.items()} == {"a": "pending", "b": "branch"}
    assert not found["a"]["hazards"]
    out = ran(topic, "plan", "--base", "main")
    assert "By git: 1 this branch's, 1 not this branch's, and not applied yet\n" in out
    assert '~ update  a  "A"\n    not this branch\'s, and not applied yet\n' in out


def test_files_of_main_that_cannot_be_read(topic, service):
    git(topic.folder, "checkout", "--quiet", "main")
    (topic.folder / "flows" / "a.yaml").write_text("steps: [")
    committed(topic, "broken")
    git(topic.folder, "checkout", "--quiet", "topic")
    Hand(service).edit("A", say("A hotfix"))
    (change,) = changes(topic).values()
    assert (change["cause"], hazards(change)) == ("drift", {"outside-edit": True})
    assert "outside git, or main moved on: its file cannot be read. This" in texts(change)[0]


def test_a_project_file_of_main_that_cannot_be_read(topic, service):
    git(topic.folder, "checkout", "--quiet", "main")
    (topic.folder / "mbflow.yaml").write_text("environments: 7")
    committed(topic, "broken")
    git(topic.folder, "checkout", "--quiet", "topic")
    Hand(service).edit("A", say("A hotfix"))
    (change,) = changes(topic).values()
    assert "its file cannot be read" in texts(change)[0]


def test_numbers_have_causes_too(topic, service):
    git(topic.folder, "checkout", "--quiet", "main")
    topic.save(numbers={ONE: "a", TWO: "b"})
    committed(topic, "numbers")
    ran(topic, "apply", "--auto-approve", "--allow", ONE, "--allow", TWO)
    committed(topic, "lock")
    git(topic.folder, "branch", "--force", "topic")
    with on_main(topic, "Lead it to c"):
        topic.save(numbers={ONE: "c", TWO: "b"})
    Hand(service).assign("C", TWO)
    topic.save(numbers={ONE: "a", TWO: "b"})
    found = changes(topic)
    assert {name: (one["cause"], one["file"]) for name, one in found.items()} == {
        ONE: ("behind", "mbflow.yaml"),
        TWO: ("drift", "mbflow.yaml"),
    }
    assert hazards(found[ONE]) == {"behind": True}
    assert '"Lead it to c"' in texts(found[ONE])[0]
    assert hazards(found[TWO]) == {"outside-edit": True}
    topic.save(numbers={ONE: "b", TWO: "a"})
    assert {one["cause"] for one in changes(topic).values()} == {"branch"}


def test_numbers_that_main_leads_and_the_branch_lacks(topic):
    with on_main(topic, "A number"):
        topic.save(numbers={ONE: "c"})
    topic.save(numbers={})
    assert changes(topic) == {}
    out = " ".join(ran(topic, "plan", "--base", "main").split())
    assert f"This branch lacks what main changed since they parted: {ONE}." in out


def test_a_move_names_both_files(topic):
    topic.write("d", say("I am a", "A"), was="a")
    topic.remove("a")
    (change,) = changes(topic).values()
    assert (change["action"], change["cause"]) == ("move", "branch")
    assert (change["file"], change["former_file"]) == ("flows/d.yaml", "flows/a.yaml")


def test_a_removal_that_was_declared_before_is_pending(topic):
    git(topic.folder, "checkout", "--quiet", "main")
    topic.remove("a")
    document = json.loads((topic.folder / "mbflow.yaml").read_text())
    (topic.folder / "mbflow.yaml").write_text(json.dumps({**document, "removed": ["a"]}))
    committed(topic, "a is not needed any more")
    assert changes(topic, "main~1")["a"]["cause"] == "branch"
    (change,) = changes(topic, "main").values()
    assert (change["action"], change["cause"], change["file"]) == (
        "delete",
        "pending",
        "flows/a.yaml",
    )


def test_a_new_environment_is_the_branchs_own(topic):
    document = json.loads((topic.folder / "mbflow.yaml").read_text())
    document["environments"]["staging"] = {"endpoint": "embedded"}
    (topic.folder / "mbflow.yaml").write_text(json.dumps(document))
    words = ("plan", "-e", "staging", "--base", "main", "--format", "json")
    assert {one["cause"] for one in json.loads(ran(topic, *words))["changes"]} == {"branch"}


def test_before_the_first_push_all_is_the_branchs_own(topic):
    topic.write("a", say("Good day", "A"))
    assert {one["cause"] for one in changes(topic, "0" * 40).values()} == {"branch"}


def test_a_flows_folder_that_the_branch_renamed(topic, service):
    git(topic.folder, "mv", "flows", "calls")
    document = json.loads((topic.folder / "mbflow.yaml").read_text())
    (topic.folder / "mbflow.yaml").write_text(json.dumps({**document, "flows": "calls"}))
    Hand(service).edit("A", say("A hotfix"))
    (change,) = changes(topic).values()
    assert (change["cause"], change["file"]) == ("drift", "calls/a.yaml")


def test_a_project_below_its_repository_says_where(topic, service):
    (topic.folder / "telephony").mkdir()
    for name in ("flows", "mbflow.yaml", "mbflow.lock.yaml"):
        git(topic.folder, "mv", name, f"telephony/{name}")
    committed(topic, "moved")
    topic.folder /= "telephony"
    topic.write("a", say("Good day", "A"))
    document = json.loads(ran(topic, "plan", "--base", "HEAD", "--format", "json"))
    (change,) = document["changes"]
    assert document["root"] + change["file"] == "telephony/flows/a.yaml"
    assert change["cause"] == "branch"
    Hand(service).edit("C", say("A hotfix"))
    assert changes(topic, "HEAD")["c"]["cause"] == "drift"


# A hotfix and an unrelated merge


def test_an_unrelated_merge_does_not_take_a_hotfix_back(topic, service, tmp_path):
    hotfix = say("We have moved: call 42")
    topic.write("b", say("The unrelated change", "B"))
    committed(topic, "unrelated")
    Hand(service).edit("A", hotfix)
    ran(topic, "plan", "--base", "main", "--out", "plan.json", "--require-applicable", code=REFUSED)
    git(topic.folder, "checkout", "--quiet", "main")
    git(topic.folder, "merge", "--quiet", "topic")
    job = Clone(topic, tmp_path / "job", "main")
    (job.folder / "plan.json").write_bytes((topic.folder / "plan.json").read_bytes())
    said = ran(job, "apply", "plan.json", code=REFUSED)
    assert "update a: outside-edit: the live flow was edited outside git. This branch did" in said
    assert "mbflow import a -e production" in said
    assert "mbflow plan --base main --target b --out plan.json" in said
    assert texts_of(service)["A"] == "We have moved: call 42"
    # The rest goes on its way without it.
    ran(topic, "plan", "--base", "main~1", "--target", "b", "--out", "rest.json")
    ran(topic, "apply", "rest.json")
    assert texts_of(service) == {
        "A": "We have moved: call 42",
        "B": "The unrelated change",
        "C": "I am c",
    }
    # A word in the approval is enough.
    topic.write("c", say("Later", "C"))
    ran(topic, "plan", "--base", "main~1", "--out", "plan.json")
    ran(topic, "apply", "plan.json", "--allow", "a")
    assert texts_of(service)["A"] == "I am a"


def test_a_hotfix_may_be_given_up_in_git(topic, service):
    """Reviewed like all else; the code is of this edit and of no later one."""
    topic.write("b", say("The unrelated change", "B"))
    Hand(service).edit("A", say("A hotfix"))
    plan = ("plan", "--base", "main", "--out", "plan.json", "--require-applicable")
    said = ran(topic, *plan, code=REFUSED)
    (stated,) = re.findall(r"^ +acknowledged: (.*)$", said, re.MULTILINE)
    topic.save(acknowledged=json.loads(stated))
    Hand(service).edit("A", say("Another hotfix"))
    assert "outside-edit of a, and it is not what it was then" in " ".join(
        ran(topic, *plan, code=REFUSED).split()
    )
    Hand(service).edit("A", say("A hotfix"))
    ran(topic, *plan)
    ran(topic, "apply", "plan.json")
    assert texts_of(service) == {"A": "I am a", "B": "The unrelated change", "C": "I am c"}


def test_a_hotfix_after_the_plan_is_left_alone(topic, service):
    topic.write("b", say("The unrelated change", "B"))
    ran(topic, "plan", "--base", "main", "--out", "plan.json")
    Hand(service).edit("A", say("A hotfix"))
    ran(topic, "apply", "plan.json", code=PARTIAL)
    assert texts_of(service)["A"] == "A hotfix"


def test_a_hotfix_that_is_taken_into_git_is_kept(topic, service):
    topic.write("b", say("The unrelated change", "B"))
    Hand(service).edit("A", say("A hotfix"))
    ran(topic, "import", "a")
    ran(topic, "plan", "--base", "main", "--out", "plan.json")
    ran(topic, "apply", "plan.json")
    assert texts_of(service)["A"] == "A hotfix"


@pytest.mark.parametrize("depth", ["whole", "shallow"])
def test_a_cause_and_its_hazard_cannot_be_taken_out(topic, tmp_path, depth):
    """A clone without the history believes the plan; one with it looks again."""
    with on_main(topic, "Shorter greeting", locked=False):
        topic.write("a", say("Hi", "A"))
    git(topic.folder, "checkout", "--quiet", "--", ".")
    ran(topic, "plan", "--base", "main", "--out", "plan.json")
    options = ["--depth", "1"] if depth == "shallow" else []
    source = f"file://{topic.folder}"
    git(tmp_path, "clone", "--quiet", *options, "--branch", "topic", source, str(tmp_path / "job"))
    job = Clone.__new__(Clone)
    job.folder, job.environment = tmp_path / "job", topic.environment
    path = job.folder / "plan.json"
    whole = json.loads((topic.folder / "plan.json").read_text())
    path.write_text(json.dumps(whole))
    assert "behind: main moved on" in ran(job, "apply", "plan.json", code=REFUSED)
    for edit in ({"hazards": []}, {"cause": "drift"}):
        signed(path, whole, edit)
        said = ran(job, "apply", "plan.json", code=REFUSED)
        assert "update a: " in said or depth == "shallow"
    path.write_text(json.dumps(whole))
    ran(job, "apply", "plan.json", "--allow", "a")


def signed(path, whole, edit):
    from mbflow.plan.document import document_digest

    document = json.loads(json.dumps(whole))
    document["changes"][0].update(edit)
    document["digest"] = document_digest(document)
    path.write_text(json.dumps(document))


def texts_of(service):
    bodies = service.live().values()
    return {one["title"]: one["steps"][0]["options"]["payload"] for one in bodies}
