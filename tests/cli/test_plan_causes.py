"""Whose a change is, told of real git repositories and an account in the emulator."""

import json
import re
import shutil
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


FLOWS = ("moved", "both", "gone", "deleted", "edited", "mine", "removed", "conflict", "hotfix")
OUTSIDE = "the live flow was edited outside git"


def test_each_change_says_whose_it_is(topic, service):
    git(topic.folder, "checkout", "--quiet", "main")
    for name in FLOWS:
        topic.write(name, say(f"I am {name}", name))
    committed(topic, "more flows")
    ran(topic, "apply", "--auto-approve")
    committed(topic, "lock")
    git(topic.folder, "branch", "--force", "topic")
    with on_main(topic, "Shorter greeting"):
        for name in ("moved", "both", "deleted", "edited"):
            topic.write(name, say("Hi", name))
        topic.remove("gone")
        topic.write("theirs", say("I am not the branch's", "Theirs"))
    for name in ("both", "mine", "conflict"):
        topic.write(name, say("Good day", name))
    topic.write("new", say("Nobody has heard these many words before", "Something else"))
    for name in ("removed", "deleted"):
        topic.remove(name)
    comment = topic.folder / "flows" / "hotfix.yaml"
    comment.write_text("# A comment is not what callers hear.\n" + comment.read_text())
    for name in ("edited", "conflict", "hotfix"):
        Hand(service).edit(name, say("A hotfix"))
    found = changes(topic)
    told = {name: (one["action"], one["cause"], hazards(one)) for name, one in found.items()}
    assert told == {
        "moved": ("update", "behind", {"behind": True}),
        "both": ("update", "branch", {"conflict": True}),
        "gone": ("create", "behind", {"behind": True, "recreate": False}),
        "deleted": ("delete", "branch", {"conflict": True}),
        "edited": ("update", "drift", {"outside-edit": True}),
        "mine": ("update", "branch", {}),
        "new": ("create", "branch", {}),
        "removed": ("delete", "branch", {"similar-rename": False}),
        "conflict": ("update", "branch", {"conflict": False}),
        "hotfix": ("update", "drift", {"outside-edit": True}),
    }
    assert all(one["file"] == f"flows/{name}.yaml" for name, one in found.items())
    commit = git(topic.folder, "log", "-1", "--format=%h", "main", "--", "flows/moved.yaml").strip()
    reverted = f'{commit} "Shorter greeting"'
    ours = "This branch did not change the flow, and applying takes the edit back. To keep it:"
    both = "this branch and main both changed it since they parted, and what is live is main's"
    risky = found.keys() - {"mine", "new", "removed"}
    first = {name: texts(found[name])[0] for name in risky}
    assert first == {
        "moved": f"main moved on: this would revert {reverted}. Merge it first:",
        "both": f"{both}: this would revert {reverted}. Merge it, then plan again:",
        "gone": "main moved on and has no such flow: this would make it again. Merge it first:",
        "deleted": f"{both}: this would delete {reverted}. Merge it, then plan again:",
        "edited": f"{OUTSIDE}, and main moved on too. {ours}",
        "conflict": "this branch changed the flow, and somebody edited the live flow outside git; "
        "the live edit would be lost. To see both sides:",
        "hotfix": f"{OUTSIDE}. {ours}",
    }
    assert {
        name: one["hazards"][0]["command"][:3] for name, one in found.items() if name in first
    } == {
        **{name: ["git", "merge", "main"] for name in ("moved", "both", "gone", "deleted")},
        "edited": ["mbflow", "import", "edited"],
        "conflict": ["mbflow", "import", "conflict"],
        "hotfix": ["mbflow", "import", "hotfix"],
    }
    document = json.loads(ran(topic, "plan", "--format", "json"))
    assert {one["cause"] for one in document["changes"]} == {None}, "without a base nobody knows"


def test_an_edit_is_seen_without_a_lock(topic, service):
    """Of a lock that was reverted, or got lost in a merge; the two commits know enough."""
    names = ("mine", "edited", "removed", "gone")
    git(topic.folder, "checkout", "--quiet", "main")
    for name in names:
        topic.write(name, say(f"I am {name}", name))
    ran(topic, "apply", "--auto-approve")
    (topic.folder / "mbflow.lock.yaml").unlink()
    committed(topic, "without a lock")
    git(topic.folder, "checkout", "--quiet", "-B", "topic")
    for name in ("mine", "edited"):
        topic.write(name, say("Good day", name))
    for name in ("removed", "gone"):
        topic.remove(name)
    for name in ("edited", "gone"):
        Hand(service).edit(name, say("A hotfix"))
    shutil.rmtree(topic.folder / ".mbflow")
    told = {name: (one["cause"], hazards(one)) for name, one in changes(topic).items()}
    assert told == {
        "mine": ("branch", {}),
        "edited": ("branch", {"conflict": False}),
        "removed": ("branch", {}),
        "gone": ("branch", {"outside-edit": False}),
    }


def test_main_moved_on_until_it_is_merged(topic):
    """Also where nobody has committed the lock of that apply yet."""
    with on_main(topic, "Shorter greeting", locked=False):
        topic.write("a", say("Hi", "A"))
    topic.write("new", say("New", "New"))
    out = ran(topic, "plan", "--base", "main", "--out", "plan.json")
    assert "    ! behind: main moved on: this would revert" in out
    assert out.endswith(
        """Saved as plan.json. To apply exactly this, with its hazards (!):
    mbflow apply plan.json --allow a
Or leave what is not this branch's for later, and plan the rest:
    mbflow plan --base main --target new --out plan.json
"""
    )
    assert "git merge main\n" in out
    said = ran(topic, "apply", "plan.json", code=REFUSED)
    assert "update a: behind: main moved on" in said
    topic.remove("new")
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
    topic.save(variables={"hello": "Good night"})
    assert {one["cause"] for one in changes(topic).values()} == {"branch"}


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
    git(topic.folder, "checkout", "--quiet", "main")
    (topic.folder / "mbflow.yaml").write_text("environments: 7")
    committed(topic, "broken, too")
    git(topic.folder, "checkout", "--quiet", "topic")
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
    Hand(service).assign("B", TWO)
    Hand(service).put_numbers("B", "31200000099")
    (two,) = [one for name, one in changes(topic).items() if name == TWO]
    assert (two["cause"], hazards(two)) == ("drift", {"outside-edit": True})
    assert "it was taken off its flow outside git. This branch did not" in texts(two)[0]
    topic.save(numbers={ONE: "b", TWO: "a"})
    assert {one["cause"] for one in changes(topic).values()} == {"branch"}
    topic.save(numbers={ONE: "a"})
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


def test_what_the_base_cannot_know_is_the_branchs_own(topic):
    """A new environment; and before the first push, everything."""
    document = json.loads((topic.folder / "mbflow.yaml").read_text())
    document["environments"]["staging"] = {"endpoint": "embedded"}
    (topic.folder / "mbflow.yaml").write_text(json.dumps(document))
    words = ("plan", "-e", "staging", "--base", "main", "--format", "json")
    assert {one["cause"] for one in json.loads(ran(topic, *words))["changes"]} == {"branch"}
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


def test_a_hotfix_after_the_plan_or_in_git_is_kept(topic, service):
    topic.write("b", say("The unrelated change", "B"))
    ran(topic, "plan", "--base", "main", "--out", "plan.json")
    Hand(service).edit("A", say("A hotfix"))
    ran(topic, "apply", "plan.json", code=PARTIAL)
    assert texts_of(service)["A"] == "A hotfix"
    ran(topic, "import", "a")
    topic.write("b", say("Another change", "B"))
    ran(topic, "plan", "--base", "main", "--out", "plan.json")
    ran(topic, "apply", "plan.json")
    assert texts_of(service)["A"] == "A hotfix", "it is in git by now"


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
