"""Live flows into files: afterwards the plan is empty, and nothing was overwritten by chance."""

import json
import os
import re

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mbflow.api.errors import Rejected
from mbflow.apply.clean_body import FreeNames, name_of
from mbflow.apply.import_flows import imports, write_imports
from mbflow.model.errors import Error, RefusedError, UsageError
from mbflow.model.text import Command
from tests.strategies import bodies

from .world import PRODUCTION, Repo, World, say, spoken


def take_in(repo, *names, everything=False, name=None, force=False, environment="production"):
    """What `mbflow import` does; gives the files that were written."""
    seen = repo.survey(environment)
    planned = imports(seen, names, everything=everything, name=name, force=force)
    write_imports(seen, planned)
    return planned


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies())
def test_after_an_import_the_plan_is_empty(body, tmp_path_factory):
    folder = tmp_path_factory.mktemp("import")
    world = World(folder)
    try:
        try:
            world.dashboard.create_call_flow(body)
        except Rejected:
            assume(False)  # the emulator is stricter than the schema in places
        repo = Repo(world, folder / "checkout")
        assert len(take_in(repo, everything=True)) == 1
        assert repo.pending() == []
        assert world.writes() == []
    finally:
        world.close()


def test_files_are_named_after_titles(world, repo):
    for title in ("Sales & Support!", "Sales, support", "", "../../etc/passwd", "CON", "日本"):
        world.dashboard.create_call_flow(say(f"This is {title}.", title))
    names = {one.name for one in take_in(repo, everything=True)}
    untitled = {name for name in names if name.startswith("flow-")}
    assert len(untitled) == 2
    assert names - untitled == {"sales-support", "sales-support-2", "etc-passwd", "con-flow"}
    assert repo.pending() == []


@pytest.mark.parametrize(
    "title",
    ["../../x", "a/b\\c", "...", "x\0y", "x" * 300, "-rf", ".git", "#x", "\u202egnp", "NUL"],
)
def test_no_title_leads_elsewhere(world, repo, title):
    world.dashboard.create_call_flow(say("Hello.", title))
    (one,) = take_in(repo, everything=True)
    assert re.fullmatch("[a-z0-9][a-z0-9-]{0,65}", one.name)
    assert one.name != "nul"
    assert repo.names() == [one.name]
    assert repo.pending() == []


@pytest.mark.parametrize("link", ["flows/sub", "flows"])
def test_a_link_that_leads_out_is_not_written_through(world, repo, tmp_path, link):
    world.dashboard.create_call_flow(say("Hello.", "Hello"))
    outside = tmp_path / "outside"
    outside.mkdir()
    path = repo.folder / link
    if path.exists():
        path.rmdir()
    path.symlink_to(outside)
    with pytest.raises(RefusedError) as refused:
        take_in(repo, world.id_of("Hello"), name="sub/hello")
    assert refused.value.summary == (
        "flows/sub/hello.yaml would lie outside of the project, because of a link that leads out."
    )
    assert list(outside.iterdir()) == []
    assert repo.lock() == {}


@pytest.mark.parametrize("name", ["../../evil", "x/../../../evil", "/evil"])
def test_a_lock_of_a_stranger_does_not_say_where_a_file_goes(world, repo, name):
    repo.write("hello", say("Hello.", "Hello"))
    repo.apply()
    repo.remove("hello")
    text = repo.lock_path.read_text().replace("    hello:", f'    "{name}":')
    repo.lock_path.write_text(text)
    before = sorted(repo.folder.parent.rglob("*.yaml"))
    with pytest.raises(RefusedError, match="no flow file can have that name"):
        take_in(repo, world.id_of("Hello"))
    assert sorted(repo.folder.parent.rglob("*.yaml")) == before


def test_a_name_keeps_its_variables_and_settings(world, make_repo):
    repo = make_repo(world, variables={"name": "Acme", "room": "blue"})
    body = say("Welcome to ${name}.", "Lobby")
    body["steps"].insert(1, spoken("Go to the ${room} room."))
    repo.write("lobby", body, protect=True, description="The way in")
    repo.apply()
    live = world.body_of("Lobby")
    steps = [live["steps"][0], spoken("Take the lift to the red room."), live["steps"][2]]
    world.edit("Lobby", steps=steps)
    (one,) = take_in(repo, "lobby")
    assert one.replaces
    assert "Welcome to ${name}." in one.draft.text
    assert "Take the lift to the red room." in one.draft.text
    assert "protect: true" in one.draft.text and "The way in" in one.draft.text
    assert repo.pending() == []


@pytest.mark.parametrize("number", [0, 1])
def test_of_steps_that_say_the_same_the_edited_one_changes(world, make_repo, number):
    """Elsewhere the variables have other values, which must not move to other steps."""
    values = {"production": {"hello": "Hi", "hi": "Hi"}, "staging": {"hello": "Hey", "hi": "Ho"}}
    environments = {
        name: {**PRODUCTION["production"], "variables": own} for name, own in values.items()
    }
    repo = make_repo(world, environments=environments)
    repo.write("lobby", {"title": "Lobby", "steps": [spoken("${hello}"), spoken("${hi}")]})
    repo.apply()
    steps = world.body_of("Lobby")["steps"]
    steps[number] = spoken("Closed today")
    world.edit("Lobby", steps=steps)
    with pytest.raises(RefusedError, match=r"staging"):
        take_in(repo, "lobby")
    take_in(repo, "lobby", force=True)
    (kept,) = {"${hello}", "${hi}"} & {s["options"]["payload"] for s in read(repo, "lobby")}
    assert kept == ("${hi}", "${hello}")[number]
    assert read(repo, "lobby")[number]["options"]["payload"] == "Closed today"


def read(repo, name):
    return yaml.safe_load(repo.path(name).read_text())["steps"]


def test_a_secret_in_a_live_flow_is_written_as_its_name(world, make_repo):
    repo = make_repo(world, variables={"token": {"env": "TOKEN", "secret": True}})
    repo.environ["TOKEN"] = "s3cr3t-value"
    world.dashboard.create_call_flow(say("The word is s3cr3t-value, not ${that}.", "Door"))
    (one,) = take_in(repo, everything=True)
    assert "s3cr3t-value" not in one.draft.text
    assert "${token}, not $${that}" in one.draft.text
    assert "s3cr3t-value" not in repo.lock_path.read_text()
    assert repo.pending() == []


def test_ids_stay_only_where_a_key_press_leads(world, repo):
    made = "0b0f0d6e-4b5e-4c43-9a61-bb7bd9f4a6a2"
    steps = [
        {"id": "start", **spoken("Press a key.", onKeypressGoto=made, onKeypressVar="key")},
        {"id": "again", **spoken("Again.", onKeypressGoto="bye", onKeypressVar="key")},
        {"id": made, **spoken("You pressed one.")},
        {"id": "bye", "action": "hangup"},
    ]
    world.dashboard.create_call_flow({"title": "Menu", "steps": steps})
    (one,) = take_in(repo, everything=True)
    assert "id: bye" in one.draft.text and "id: step-3" in one.draft.text
    assert "start" not in one.draft.text and made not in one.draft.text
    assert repo.pending() == []


def test_unapplied_changes_are_not_overwritten(world, repo):
    repo.write("lobby", say("One.", "Lobby"))
    repo.apply()
    repo.write("lobby", say("Two.", "Lobby"))
    before = repo.path("lobby").read_bytes()
    with pytest.raises(RefusedError, match="changes that were not applied"):
        take_in(repo, "lobby")
    assert repo.path("lobby").read_bytes() == before
    take_in(repo, "lobby", force=True)
    assert "One." in repo.path("lobby").read_text()


def test_a_flow_of_another_environment_is_not_taken(world, make_repo):
    other = make_repo(world, project="other")
    other.write("lobby", say("One.", "Lobby"))
    other.apply()
    repo = make_repo(world)
    assert take_in(repo, everything=True) == []
    with pytest.raises(RefusedError, match="another project or environment"):
        take_in(repo, world.id_of("Lobby"))
    assert repo.names() == []


def test_an_action_that_mbflow_does_not_know_is_left_alone(make_world, make_repo):
    world = make_world(quirks=["unknown-actions-accepted"])
    repo = make_repo(world)
    dashboard = world.client()
    dashboard.create_call_flow({"title": "New", "steps": [{"action": "dance"}]})
    dashboard.close()
    with pytest.raises(Error, match='action "dance"'):
        take_in(repo, world.id_of("New"))
    assert repo.names() == []
    assert repo.pending() == []


def test_a_name_that_is_nothing_says_what_to_do(world, repo):
    repo.write("lobby", say("One.", "Lobby"))
    repo.apply()
    with pytest.raises(Error, match="Did you mean") as stop:
        take_in(repo, "loby")
    assert Command("mbflow", "flows", "list") in stop.value.details


def test_import_never_replaces_a_file_that_came_meanwhile(world, repo):
    world.dashboard.create_call_flow(say("One.", "Lobby"))
    seen = repo.survey("production")
    planned = imports(seen, [], everything=True, name=None, force=False)
    repo.path("lobby").write_text("mine")
    with pytest.raises(RefusedError, match="not overwritten"):
        write_imports(seen, planned)
    assert repo.path("lobby").read_text() == "mine"
    assert repo.lock() == {}


def test_import_never_replaces_what_an_editor_saved_meanwhile(world, repo):
    repo.write("lobby", say("One.", "Lobby"))
    repo.apply()
    world.edit("Lobby", steps=say("Two.", "")["steps"])
    seen = repo.survey("production")
    planned = imports(seen, ["lobby"], everything=False, name=None, force=False)
    mine = repo.path("lobby").read_bytes() + b"# saved in an editor\n"
    repo.path("lobby").write_bytes(mine)
    with pytest.raises(RefusedError, match="changed meanwhile"):
        write_imports(seen, planned)
    assert repo.path("lobby").read_bytes() == mine


def test_adopt_ties_a_file_to_a_live_flow_and_sends_nothing(world, repo):
    world.dashboard.create_call_flow(say("One.", "Lobby"))
    repo.write("lobby", say("Two.", "Lobby"))
    with pytest.raises(RefusedError):
        repo.plan()
    repo.adopt("lobby", world.id_of("Lobby"))
    assert world.writes() == []
    assert repo.pending() == ["update lobby"]
    repo.apply()
    assert world.titles() == ["Lobby"] and repo.pending() == []


def test_adopt_takes_no_flow_from_another_file(world, repo):
    repo.write("lobby", say("One.", "Lobby"))
    repo.apply()
    repo.write("hall", say("Two.", "Hall"))
    with pytest.raises(RefusedError, match="belongs to lobby"):
        repo.adopt("hall", world.id_of("Lobby"))


def test_a_forgotten_flow_is_never_deleted(world, repo):
    repo.write("lobby", say("One.", "Lobby"))
    repo.apply()
    repo.remove("lobby")
    repo.forget("lobby")
    assert repo.lock() == {}
    plan = repo.plan().plan
    assert plan.changes == () and plan.summary.orphaned == 1
    with pytest.raises(Error, match="does not know lobby"):
        repo.forget("lobby")


def test_an_imported_file_is_what_a_person_would_write(world, repo):
    long = "Thank you for calling. " * 8
    world.dashboard.create_call_flow(
        json.loads(json.dumps(say(long.strip(), "Yes", record=False, default=False)))
    )
    (one,) = take_in(repo, everything=True)
    assert one.draft.text == (
        "# yaml-language-server: $schema=../schemas/call-flow.schema.json\n"
        'title: "Yes"\n'
        "steps:\n"
        "  - action: say\n"
        "    options:\n"
        "      payload: >-\n"
        "        Thank you for calling. Thank you for calling. Thank you for calling.\n"
        "        Thank you for calling. Thank you for calling. Thank you for calling.\n"
        "        Thank you for calling. Thank you for calling.\n"
        "      language: en-GB\n"
        "      voice: female\n"
        "  - action: hangup\n"
    )


@pytest.mark.parametrize(
    "name", [".hid", "../../evil", "/tmp/evil", "x.yaml", "a//b", "-x", "a/.b"]
)
def test_a_name_that_leads_elsewhere_is_refused(world, repo, name):
    world.dashboard.create_call_flow(say("One.", "Lobby"))
    with pytest.raises(UsageError, match="cannot be a name"):
        take_in(repo, world.id_of("Lobby"), name=name)
    assert repo.lock() == {} and repo.names() == []


def test_a_name_that_is_taken_is_refused(world, repo):
    repo.write("lobby", say("One.", "Lobby"))
    repo.apply()
    world.dashboard.create_call_flow(say("Two.", "Hall"))
    for name, words in {"lobby": "cannot have its file", "Lobby": "upper and lower case"}.items():
        with pytest.raises(RefusedError, match=words):
            take_in(repo, world.id_of("Hall"), name=name)
    with pytest.raises(RefusedError, match="is lobby already"):
        take_in(repo, world.id_of("Lobby"), name="hall")


def test_a_file_that_says_what_is_live_keeps_its_comments(world, repo):
    repo.write("lobby", say("One.", "Lobby"))
    repo.apply()
    path = repo.path("lobby")
    path.write_text("# Ask Ann before you change this.\n" + path.read_text())
    assert take_in(repo, "lobby") == []
    assert path.read_text().startswith("# Ask Ann")


def test_an_older_secret_is_never_written_into_a_file(world, make_repo):
    repo = make_repo(world, variables={"token": {"env": "TOKEN", "secret": True}})
    repo.environ["TOKEN"] = "first-value"
    repo.write("door", say("Say ${token}.", "Door"))
    repo.apply()
    repo.environ["TOKEN"] = "second-value"
    with pytest.raises(RefusedError, match="an older value would be written"):
        take_in(repo, "door")
    assert "first-value" not in repo.path("door").read_text()


def test_a_lock_that_is_made_again_says_nothing_of_a_secret(world, make_repo):
    repo = make_repo(world, variables={"token": {"env": "TOKEN", "secret": True}})
    repo.environ["TOKEN"] = "first-value"
    repo.write("door", say("Say ${token}.", "Door"))
    repo.apply()
    before = repo.lock()
    repo.lock_path.unlink()
    repo.write("hall", say("Two.", "Hall"))
    repo.apply()
    assert repo.lock()["door"] == before["door"]
    repo.write("door", say("Say ${token} aloud.", "Door"))
    (change,) = repo.plan().plan.changes
    assert change.hazards == ()


def test_a_collision_is_settled_by_the_import_that_it_names(world, repo):
    world.dashboard.create_call_flow(say("One.", "Lobby"))
    repo.write("lobby", say("Two.", "Lobby"))
    with pytest.raises(RefusedError) as stop:
        repo.plan()
    flow_id = world.id_of("Lobby")
    assert Command("mbflow", "import", flow_id, "--as", "lobby", "--force") in stop.value.details
    take_in(repo, flow_id, name="lobby", force=True)
    assert repo.pending() == [] and world.titles() == ["Lobby"]


def test_a_renamed_environment_makes_no_twins(world, repo):
    repo.write("lobby", say("One.", "Lobby"))
    repo.apply()
    settings = repo.settings["environments"]["production"]
    repo.save_settings(environments={"prod": settings})
    with pytest.raises(RefusedError) as stop:
        repo.plan("prod")
    assert (
        Command("sed", "-i", "s/^  production:$/  prod:/", "mbflow.lock.yaml") in stop.value.details
    )
    repo.save_settings(environments={"prod": {**settings, "identity": "production"}})
    lock = repo.lock_path.read_text()
    repo.lock_path.write_text(lock.replace("  production:\n", "  prod:\n"))
    assert repo.pending("prod") == []


def test_flows_that_are_live_under_another_project_are_noted(world, make_repo):
    other = make_repo(world, project="former")
    other.write("lobby", say("One.", "Lobby"))
    other.apply()
    repo = make_repo(world)
    repo.write("lobby", say("One.", "Lobby"))
    (note,) = repo.plan().plan.notes
    assert note.startswith("1 of the flows to create are live already")


def test_without_a_flow_file_the_plan_says_that_apply_refuses(repo):
    repo.write("lobby", say("One.", "Lobby"))
    repo.apply()
    repo.remove("lobby")
    assert "apply will refuse" in repo.plan().plan.notes[0]
    with pytest.raises(RefusedError, match="cannot be applied"):
        repo.apply(allow_deletes=1)


def plain_name(title, flow_id, taken):
    """A free name, looked for from the beginning each time."""
    name = name_of(title, flow_id)
    folded = {other.casefold() for other in taken}
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return next(free for free in (name, *numbered) if free not in folded)


@given(
    taken=st.sets(st.sampled_from(["Menu", "menu-2", "menu-2-2", "shop", "menu-3"])),
    flows=st.lists(st.tuples(st.sampled_from(["Menu", "menu 2", "Shop", ""]), st.booleans())),
)
def test_each_new_file_has_the_first_name_that_is_free(taken, flows):
    names = FreeNames(taken)
    for title, is_written in flows:
        found = names.find(title, "abc")
        assert found == plain_name(title, "abc", taken)
        if is_written:  # one that is left out leaves its name to the next
            names.take(found)
            taken = {*taken, found}


def test_names_of_many_flows_sort_in_their_order():
    names = FreeNames(["menu-03"], ["menu"] * 11)
    found = []
    for _ in range(10):
        found.append(names.find("Menu", "abc"))
        names.take(found[-1])
    assert found == ["menu", "menu-02", *(f"menu-{n:02}" for n in range(4, 12))]
    assert name_of("Łódź, Straße & Ærø", "abc") == "lodz-strasse-aero"


def test_every_file_is_on_the_disk_before_the_lock(world, repo, monkeypatch):
    for number in range(20):
        world.dashboard.create_call_flow(say("One.", f"Lobby {number}"))
    seen = repo.survey("production")
    planned = imports(seen, [], everything=True, name=None, force=False)
    synced, plain = [], os.fsync

    def fsync(file):
        plain(file)
        synced.append(os.fstat(file).st_ino)

    monkeypatch.setattr(os, "fsync", fsync)
    write_imports(seen, planned)
    files = {repo.path(one.name).stat().st_ino for one in planned}
    assert len(files) == 20 and files <= set(synced)
    assert synced[-1] == repo.lock_path.stat().st_ino


def test_a_file_that_cannot_be_written_does_not_stop_the_others(world, repo):
    for number in range(20):
        world.dashboard.create_call_flow(say("One.", f"Lobby {number}"))
    seen = repo.survey("production")
    planned = imports(seen, [], everything=True, name=None, force=False)
    repo.path("lobby-7").write_text("mine")
    left = []
    written = write_imports(seen, planned, leave_out=lambda name, error: left.append(name))
    assert left == ["lobby-7"]
    assert [one.name for one in written] == [one.name for one in planned if one.name != "lobby-7"]
    assert set(repo.lock()) == {one.name for one in written}
