"""What apply writes down: snapshots before it touches anything, journal, lock, results."""

import json
from threading import Event

import pytest

from mbflow.state.journal import read_journal
from mbflow.state.lock import lock_text, read_lock

from .world import Killed, killed_at, payloads, say


def test_the_snapshot_holds_every_body_before_it_is_touched(world, repo):
    for name in "abc":
        repo.write(name, say(f"I am {name}", name.upper()))
    repo.apply()
    before = world.live()
    repo.write("a", say("Good day", "A"))
    repo.rename("b", "moved")
    repo.remove("c")
    repo.apply(allow_deletes=1)
    records = {record["flow"]: record for record in repo.snapshots()[3:]}
    assert {name: record["action"] for name, record in records.items()} == {
        "a": "update",
        "moved": "move",
        "c": "delete",
    }
    for record in records.values():
        assert record["before"] == before[record["id"]]


@pytest.mark.parametrize(
    ("label", "action"), [("before-put", "update"), ("before-delete", "delete")]
)
def test_the_snapshot_is_on_disk_when_the_request_goes_out(world, repo, label, action):
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Other", "B"))
    repo.apply()
    before = world.live()
    repo.write("a", say("Good day", "A"))
    repo.remove("b")
    with pytest.raises(Killed):
        repo.apply(allow_deletes=1, checkpoint=killed_at(label))
    record = repo.snapshots()[-1]
    assert record["action"] == action
    assert record["before"] == before[record["id"]]
    assert record["id"] in world.live()


def test_all_intents_are_on_disk_before_the_first_post(world, repo):
    for name in "abc":
        repo.write(name, say(f"I am {name}", name.upper()))
    with pytest.raises(Killed):
        repo.apply(checkpoint=killed_at("before-post"))
    assert world.writes() == []
    unfinished = read_journal(repo.journal())
    assert {intent.name for intent in unfinished.open} == {"a", "b", "c"}
    assert {intent.time for intent in unfinished.open} == {world.clock.now}


def test_the_journal_goes_when_the_lock_holds_all_it_says(world, repo):
    repo.write("a", say("Hello", "A"))
    with pytest.raises(Killed):
        repo.apply(checkpoint=killed_at("before-lock"))
    assert read_journal(repo.journal()).entries.keys() == {"a"}
    assert not repo.lock_path.exists()
    assert repo.pending() == [], "the journal says whose flow it is"
    repo.apply()
    assert not repo.journal().exists()
    assert repo.lock()["a"].id == world.id_of("A")


def test_the_journal_stays_while_an_outcome_is_unknown(world, repo):
    repo.write("a", say("Hello", "A"))
    world.faults("POST /call-flows reset after nth=1", "GET /call-flows 500 nth=2")
    world.faults("POST /call-flows reset after nth=1", "GET /call-flows/* html=404 p=1")
    applied = repo.apply()
    assert applied.statuses == {"a": "unknown"}
    assert repo.journal().exists()
    world.faults()
    repo.apply()
    assert not repo.journal().exists()
    assert len(world.live()) == 1


def test_the_lock_is_complete_and_reads_back_as_it_was_written(world, repo):
    for name in ("a", "deep/er/menu", "on"):
        repo.write(name, say(f"I am {name}", name.upper()), protect=name == "a")
    repo.apply()
    lock = read_lock(repo.lock_path)
    text = repo.lock_path.read_text()
    assert lock_text(lock) == text
    entries = lock.of("production")
    assert {name: entry.id for name, entry in entries.items()} == {
        name: world.id_of(name.upper()) for name in ("a", "deep/er/menu", "on")
    }
    assert all(entry.sent and entry.live for entry in entries.values())
    assert [name for name, entry in entries.items() if entry.protect] == ["a"]


def test_a_new_protection_is_remembered_though_nothing_is_sent(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    repo.write("a", say("Hello", "A"), protect=True)
    writes = len(world.writes())
    repo.apply()
    assert len(world.writes()) == writes
    assert repo.lock()["a"].protect


def test_the_local_folder_ignores_itself_in_git(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    assert (repo.folder / ".mbflow" / ".gitignore").read_text() == "*\n"


def test_results_one_record_a_change_with_what_undoes_it(world, repo, tmp_path):
    for name in "abc":
        repo.write(name, say(f"I am {name}", name.upper()))
    repo.apply()
    before = world.live()
    repo.write("a", say("Good day", "A"))
    repo.write("b", say("Good day", "B"))
    repo.remove("c")
    world.faults(f"PUT /call-flows/{world.id_of('B')} 429=200")
    file = tmp_path / "results.jsonl"
    repo.apply(allow_deletes=1, results=file)
    records = {record["flow"]: record for record in map(json.loads, file.read_text().splitlines())}
    assert {name: record["status"] for name, record in records.items()} == {
        "a": "done",
        "b": "failed",
        "c": "skipped",
    }
    assert "429" in records["b"]["reason"]
    assert "deletes come last" in records["c"]["reason"]
    for record in records.values():
        del record["before"]["_links"]
        assert record["before"] == before[record["id"]]


def test_results_are_written_as_it_goes(world, repo, tmp_path):
    for name in "abc":
        repo.write(name, say(f"I am {name}", name.upper()))
    file = tmp_path / "results.jsonl"
    with pytest.raises(Killed):
        repo.apply(results=file, checkpoint=killed_at("before-post", nth=3))
    records = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(record["flow"], record["status"]) for record in records] == [
        ("a", "done"),
        ("b", "done"),
    ]


def test_what_a_signal_stopped_the_next_apply_finishes(world, repo, tmp_path):
    for name in "abc":
        repo.write(name, say(f"I am {name}", name.upper()))
    stop = Event()

    def checkpoint(label):
        if label == "after-post":
            stop.set()

    file = tmp_path / "results.jsonl"
    applied = repo.apply(stop=stop, checkpoint=checkpoint, results=file)
    assert applied.statuses == {"a": "done", "b": "skipped", "c": "skipped"}
    assert world.titles() == ["A"]
    assert repo.lock().keys() == {"a"}
    assert repo.apply().statuses == {"b": "done", "c": "done"}
    assert world.titles() == ["A", "B", "C"]


def test_an_old_canonical_version_in_the_lock_is_no_drift(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    repo.lock_path.write_text(repo.lock_path.read_text().replace("canonical: 1", "canonical: 0"))
    assert repo.pending() == []
    repo.write("a", say("Good day", "A"))
    (change,) = repo.plan().plan.changes
    assert not change.hazards
    assert not change.base_known
    repo.apply()
    assert payloads(world.body_of("A")) == ["Good day"]
    assert "canonical: 1" in repo.lock_path.read_text()


def test_a_lost_post_is_looked_for_from_when_it_was_given_up(make_world, make_repo):
    """It timed out after as long as a flow may take to turn up, and turns up a little later."""
    world = make_world(quirks=["stale-reads"], faults=["POST * latency=45 nth=1"])
    repo = make_repo(world)
    repo.write("a", say("Hello", "A"))
    assert repo.apply().statuses == {"a": "done"}
    assert len(world.live()) == 1


def test_a_killed_post_is_looked_for_from_when_it_went_out(make_world, make_repo):
    world = make_world(quirks=["stale-reads"])
    repo = make_repo(world)
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Other", "B"))

    def checkpoint(label):
        if label == "after-read-back":
            world.clock.sleep(60)
        if label == "after-post" and len(world.live()) == 2:
            raise Killed(label)

    with pytest.raises(Killed):
        repo.apply(checkpoint=checkpoint)
    assert repo.pending() == []
    repo.apply()
    assert len(world.live()) == 2


def test_a_journal_that_stays_says_what_the_lock_says(world, repo):
    """Two runs end as unknown; the flow of the second is the one that its key has."""
    repo.write("a", say("Hello", "A"))

    def delete(place):
        if place == "after-read-back":
            world.dashboard.delete_call_flow(world.id_of("A"))

    def edit(place):
        if place == "after-post":
            world.clock.sleep(5)
            flow_id = world.id_of("A")
            body = {**world.live()[flow_id], "record": True}
            world.dashboard.update_call_flow(flow_id, body)

    assert repo.apply(checkpoint=delete).statuses == {"a": "unknown"}
    assert repo.apply(checkpoint=edit).statuses == {"a": "unknown"}
    repo.write("b", say("Good day", "B"))
    repo.remove("a")
    (change,) = [one for one in repo.plan().plan.changes if one.name == "a"]
    assert (change.action.value, change.id) == ("delete", world.id_of("A"))
