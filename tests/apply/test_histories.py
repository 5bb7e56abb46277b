"""Histories of git at random, and edits by hand between: none is overwritten without a word."""

import json
import random
import subprocess

import pytest

from mbflow.model.errors import Error
from mbflow.plan.model import Cause

from .world import say

BY_HAND = "by hand"


class History:
    """`main` and `topic` of one project, which commits, merges and applies as it is drawn."""

    def __init__(self, seed, world, repo):
        self.draw = random.Random(seed)
        self.world, self.repo = world, repo
        self.count = 0
        self.git("init", "-q", "-b", "main")
        (repo.folder / ".gitignore").write_text(".mbflow/\n")
        for name in "abcd":
            self.write(name)
        self.commit()
        repo.apply()
        self.commit()
        self.git("branch", "topic")

    def git(self, *words):
        names = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        command = ["git", "-C", str(self.repo.folder), *names, *words]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "-q", "-m", "more", "--allow-empty")

    def write(self, name):
        self.count += 1
        words = " ".join(f"{word}{self.count}" for word in ("one", "two", "three"))
        self.repo.write(name, say(words, f"Title {name}"))

    def change(self):
        """One commit of what people do."""
        name = self.draw.choice(self.repo.names())
        kind = self.draw.choice(["write", "write", "new", "remove", "rename", "revert"])
        if kind == "write":
            self.write(name)
        elif kind == "new":
            self.write(self.draw.choice("abcdef"))
        elif kind == "remove" and len(self.repo.names()) > 1:
            self.repo.remove(name)
        elif kind == "rename" and not self.repo.path("moved").exists():
            self.repo.rename(name, "moved")
        elif kind == "revert" and not self.git("revert", "--no-edit", "HEAD"):
            self.git("revert", "--abort")
        self.commit()

    def apply_main(self):
        try:
            self.repo.apply(base="HEAD~1")
        except Error:
            return  # It would need more to be said.
        if self.draw.random() < 0.7:
            self.commit()
        else:
            self.git("checkout", "-q", "--force", "main")

    def edit(self):
        """Somebody edits a live flow."""
        body = self.world.live()[self.draw.choice(sorted(self.world.live()))]
        self.count += 1
        steps = say(f"{BY_HAND} {self.count}", "")["steps"]
        self.world.clock.sleep(1)
        self.world.dashboard.update_call_flow(body["id"], {**body, "steps": steps})

    def sometimes(self, *acts):
        for act in acts:
            if self.draw.random() < 0.5:
                act()

    def edited(self):
        """Ids of flows that hold what somebody wrote by hand, with what they hold."""
        live = {flow_id: json.dumps(body["steps"]) for flow_id, body in self.world.live().items()}
        return {flow_id: text for flow_id, text in live.items() if BY_HAND in text}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(40))
def test_no_edit_is_overwritten_without_a_word(world, repo, seed):
    history = History(seed, world, repo)
    history.sometimes(history.change, history.apply_main, history.change, history.edit)
    history.git("checkout", "-q", "--force", "topic")
    history.sometimes(history.change, history.change)
    words = history.draw.choice([[], ["merge", "-q", "--no-edit", "main"], ["rebase", "main"]])
    if words and not history.git(*words):
        history.git(words[0], "--abort")
    history.sometimes(history.edit)
    try:
        saved = repo.plan(base="main").plan
    except Error:
        return  # Such as the lock and the markers naming different flows.
    before = history.edited()
    for change in saved.changes:
        assert change.cause is not None
        said = {one.kind.value: one.needs_allow for one in change.hazards}
        if change.id in before and change.action.value in ("update", "delete"):
            assert said.keys() & {"outside-edit", "conflict"}, change.name
            assert change.cause is Cause.BRANCH or any(said.values()), change.name
    history.sometimes(history.edit)
    before = history.edited()
    is_free = not any(one.needs_allow for change in saved.changes for one in change.hazards)
    try:
        repo.apply(saved=saved, allow_deletes=len(saved.deletes) or None)
    except Error:
        assert not is_free or before, "nothing stands against it"
        assert history.edited() == before
        return
    told = {one.id for one in saved.changes if one.hazards}
    assert {flow_id for flow_id, text in history.edited().items()} >= before.keys() - told
    names = {change.name for change in repo.plan(base="main").plan.changes}
    assert not names & {change.name for change in saved.changes}
