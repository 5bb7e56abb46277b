"""A story: an account, three sides that apply to it, people with a dashboard, and bad luck.

Every deed is recorded as a line. After each apply the story checks what must never happen; `end`
lets the noise stop, applies with all that is asked for, and checks what must then be true. What
the story knows of the account it reads from the database, past all quirks.
"""

import random
import uuid
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field

from apply.world import ENDPOINT, PRODUCTION, Killed, Repo, World, killed_at, say, spoken

from mbflow.compare.canonical import alike, same
from mbflow.errors import Error, RefusedError
from mbflow.exchange.quirks import Quirk
from mbflow.plan.document import plan_json, read_plan
from mbflow.plan.value import Action

KEYS = ("a", "b", "c", "deep/d")
TEXTS = ("Hello.", "Good day.", "We are closed.", "Please hold the line.")
LABELS = (
    "journal-begun",
    "before-post",
    "after-post",
    "before-put",
    "after-put",
    "before-default",
    "after-default",
    "after-read-back",
    "before-delete",
    "after-delete",
    "before-lock",
    "after-lock",
)
STAGING = {"staging": {"endpoint": ENDPOINT, "settle_seconds": 30}}
applies = Counter()
"""How many applies, plans, crashes and refusals all stories of this process had."""


class Violation(AssertionError):
    """A promise was broken. The text holds the whole story."""


@dataclass(eq=False)
class Side:
    """One environment of one checkout."""

    name: str
    repo: Repo
    environment: str
    plan: object = None
    """A saved plan."""
    base_known: bool = True
    """The lock was not lost or set back, so it knows what was sent last."""

    def files(self):
        """Key to flow, as git wants them here."""
        return dict(self.repo.checkout(self.environment).flows)


@dataclass
class Past:
    """A state of a checkout that one can go back to."""

    files: dict
    lock: bytes | None


@dataclass
class Consent:
    reviewed: bool = True
    allow: frozenset = frozenset()
    allow_deletes: int | None = None
    match_title: bool = False


@dataclass
class Truth:
    """What is known of the account from outside mbflow."""

    owner: dict = field(default_factory=dict)
    """Id to the side that made or adopted it, or `hand`."""
    kept: dict = field(default_factory=dict)
    """Id to body, of flows made by hand: nobody may change them."""
    dirty: set = field(default_factory=set)
    """Ids edited by hand since mbflow wrote them."""
    copies: set = field(default_factory=set)
    """Ids of copies made in the dashboard: they carry the markers of the flow they are of."""


class Story:
    def __init__(self, folder, *, quirks=(), seed=0):
        self.lines = [f"quirks: {', '.join(sorted(quirks)) or 'none'}; seed {seed}"]
        self.quirks = frozenset(quirks)
        service = folder / "service"
        service.mkdir(parents=True)
        with seeded_ids(seed):
            self.world = World(service, quirks=quirks, seed=seed)
        self.draws = seed
        main = Repo(self.world, folder / "main", environments={**PRODUCTION, **STAGING})
        other = Repo(self.world, folder / "other", project="other")
        self.main = Side("main", main, "production")
        self.staging = Side("staging", main, "staging")
        self.other = Side("other", other, "production")
        self.sides = (self.main, self.staging, self.other)
        self.past = {main: [], other: []}
        self.truth = Truth()
        self.said = []
        self.excuses = set()
        self.numbers = iter(range(31201000000, 31209999999))

    def close(self):
        self.world.close()

    def tell(self, line):
        self.lines.append(line)

    def fail(self, text):
        raise Violation("\n".join([text, "The story:", *(f"  {line}" for line in self.lines)]))

    def check(self, truth, text):
        if not truth:
            self.fail(text)

    @contextmanager
    def ids(self):
        """Ids that are the same whenever the story is told again."""
        self.draws += 1
        with seeded_ids(self.draws):
            yield

    # --- the history of a checkout

    def title(self, side, key):
        name = key.upper()
        return name if side is self.main or not self.is_markerless else f"{side.name} {name}"

    @property
    def is_markerless(self):
        return Quirk.STEP_IDS_REPLACED in self.quirks

    def write(self, side, key, body, **settings):
        body = {key: value for key, value in body.items() if value is not None}
        if body.get("default") and side.repo is self.main.repo:
            settings = {**settings, "environments": ["production"]}
            self._nobody_else_is_default(side, key)
        side.repo.write(key, body, **settings)

    def _nobody_else_is_default(self, side, key):
        for other in side.repo.names():
            flow = side.repo.read(other)
            if other != key and flow.get("default"):
                settings = flow.pop("mbflow", {})
                side.repo.write(other, {**flow, "default": False}, **settings)

    def add(self, side, key, steps):
        if key in side.repo.names():
            return
        self.tell(f"{side.name}: add {key} with {len(steps)} steps")
        self.write(side, key, {"title": self.title(side, key), "steps": steps})

    def edit(self, side, key, how, text):
        if key not in side.repo.names():
            return
        body = side.repo.read(key)
        settings = body.pop("mbflow", {})
        changed = edited(body, how, text)
        if how == "title" and self.is_markerless:
            changed = body
        self.tell(f"{side.name}: edit {key}: {how} {text!r}")
        self.write(side, key, changed, **settings)

    def set_default(self, side, key, value):
        if side is not self.main or key not in side.repo.names():
            return
        body = side.repo.read(key)
        settings = body.pop("mbflow", {})
        self.tell(f"{side.name}: default {value} in {key}")
        self.write(side, key, {**body, "default": value}, **settings)

    def rename(self, side, key, new, declared):
        if key not in side.repo.names() or new in side.repo.names():
            return
        self.tell(f"{side.name}: rename {key} to {new}{'' if declared else ', undeclared'}")
        side.repo.rename(key, new, declared=declared)

    def copy(self, side, key, new):
        if key not in side.repo.names() or new in side.repo.names():
            return
        self.tell(f"{side.name}: copy the file {key} to {new}")
        body = side.repo.read(key)
        settings = body.pop("mbflow", {})
        body.pop("default", None)
        if self.is_markerless:
            body["title"] = self.title(side, new)
        settings.pop("environments", None)
        self.write(side, new, body, **settings)

    def remove(self, side, key):
        if key in side.repo.names() and len(side.repo.names()) > 1:
            self.tell(f"{side.name}: remove {key}")
            side.repo.remove(key)

    def protect(self, side, key):
        if key in side.repo.names():
            self.tell(f"{side.name}: protect {key}")
            body = side.repo.read(key)
            settings = body.pop("mbflow", {})
            self.write(side, key, body, **{**settings, "protect": True})

    def commit(self, side):
        repo = side.repo
        files = {key: repo.path(key).read_bytes() for key in repo.names()}
        lock = repo.lock_path.read_bytes() if repo.lock_path.exists() else None
        self.past[repo].append(Past(files, lock))

    def set_lock_back(self, side, steps):
        self.go_back(side, steps, lock_only=True)

    def go_back(self, side, steps, *, lock_only=False):
        """Check out an older commit: a branch that is behind; or only its lock."""
        past = self.past[side.repo]
        if len(past) <= steps:
            return
        state = past[-1 - steps]
        self.tell(f"{side.name}: go back {steps} commits{' in the lock' if lock_only else ''}")
        if not lock_only and state.files:
            for key in side.repo.names():
                side.repo.remove(key)
            for key, content in state.files.items():
                side.repo.path(key).parent.mkdir(parents=True, exist_ok=True)
                side.repo.path(key).write_bytes(content)
        if state.lock is None:
            side.repo.lock_path.unlink(missing_ok=True)
        else:
            side.repo.lock_path.write_bytes(state.lock)
        self._lock_was_touched(side)

    def lose_lock(self, side):
        self.tell(f"{side.name}: the lock is lost")
        side.repo.lock_path.unlink(missing_ok=True)
        self._lock_was_touched(side)

    def break_lock(self, side, how):
        """A lock that cannot be used: of another project, cut off, or with merge marks."""
        path = side.repo.lock_path
        other = self.other if side.repo is self.main.repo else self.main
        if not path.exists() or not other.repo.lock_path.exists():
            return
        self.tell(f"{side.name}: the lock is {how}")
        content = {
            "foreign": other.repo.lock_path.read_bytes(),
            "cut off": path.read_bytes()[: path.stat().st_size * 2 // 3],
            "unmerged": b"<<<<<<< HEAD\n" + path.read_bytes() + b">>>>>>> branch\n",
        }[how]
        path.write_bytes(content)
        self._lock_was_touched(side)

    def _lock_was_touched(self, side):
        self.excuses.add("the lock was lost or set back")
        for one in self.sides:
            if one.repo is side.repo:
                one.base_known = False

    # --- people with a dashboard

    def by_hand(self, title, text, default=False):
        made = self._hand(lambda hand: hand.create_call_flow(say(text, title, default=default)))
        self.tell(f"by hand: create {title!r} as {made.id}{' as default' if default else ''}")
        self.truth.owner[made.id] = "hand"
        self._hands_changed(made.id)

    def hand_edit(self, number, how, text):
        flow_id = self._pick(number)
        if flow_id is None:
            return
        body = self.world.live()[flow_id]
        if how == "title" and self.is_markerless:
            how = "text"
        self.tell(f"by hand: edit {flow_id}: {how} {text!r}")
        changed = edited(body, how, text)
        self._hand(lambda hand: hand.update_call_flow(flow_id, {**changed, "id": flow_id}))
        self._hands_changed(flow_id)

    def hand_delete(self, number):
        flow_id = self._pick(number)
        if flow_id is None:
            return
        self.tell(f"by hand: delete {flow_id}")
        self._hand(lambda hand: hand.delete_call_flow(flow_id))
        self.truth.kept.pop(flow_id, None)

    def hand_copy(self, number):
        """The copy keeps the step ids, as a dashboard might do."""
        flow_id = self._pick(number)
        if flow_id is None:
            return
        body = {**self.world.live()[flow_id], "default": False}
        made = self._hand(lambda hand: hand.create_call_flow(body))
        self.tell(f"by hand: copy {flow_id} to {made.id}")
        self.truth.owner[made.id] = "hand"
        self.truth.copies.add(made.id)
        self.excuses.add("a copy was made by hand")
        self._hands_changed(made.id)

    def hand_default(self, number):
        flow_id = self._pick(number)
        if flow_id is None:
            return
        body = self.world.live()[flow_id]
        self.tell(f"by hand: {flow_id} becomes the default")
        self._hand(lambda hand: hand.update_call_flow(flow_id, {**body, "default": True}))
        self._hands_changed(flow_id)

    def assign_number(self, number):
        flow_id = self._pick(number)
        if flow_id is not None:
            digits = str(next(self.numbers))
            self.tell(f"by hand: the number {digits} leads to {flow_id}")
            self._hand(lambda hand: hand.assign_numbers(flow_id, [digits]))

    def _pick(self, number):
        live = sorted(self.world.live(), key=list(self.truth.owner).index)
        return live[number % len(live)] if live else None

    def _hand(self, act):
        self.world.clock.sleep(1)
        with self.ids():
            return act(self.world.dashboard)

    def _hands_changed(self, flow_id):
        """Also who was the default before."""
        self.truth.dirty.add(flow_id)
        for name, body in self.world.live().items():
            if self.truth.owner.get(name) == "hand":
                self.truth.kept[name] = body
        self.world.clock.sleep(1)

    # --- plan and apply

    def look(self, side, faults=()):
        """`mbflow plan`: it sends only GET and leaves the checkout as it is."""
        applies["plans"] += 1
        before, writes = tree(side.repo.folder), len(self.world.writes())
        self.tell(f"{side.name}: plan{f' with {faults}' if faults else ''}")
        plan = None
        with self._trouble(faults):
            try:
                plan = side.repo.plan(side.environment).plan
            except Error as error:
                self.hear(error)
        if plan is not None:
            self.said += plan.notes
        self.check(len(self.world.writes()) == writes, "a plan wrote to the service")
        self.check(tree(side.repo.folder) == before, "a plan wrote to the checkout")
        return plan

    def save_plan(self, side):
        plan = self.look(side)
        if plan is not None and not any(p.severity.value == "error" for p in plan.problems):
            side.plan = read_plan(plan_json(plan))

    def apply_saved(self, side, faults=(), crash=None):
        if side.plan is not None:
            self.apply(side, Consent(), faults=faults, crash=crash, saved=side.plan)

    def apply(self, side, consent, *, faults=(), crash=None, saved=None, between=None):
        """One apply under faults, perhaps killed. Returns what it did, or None."""
        applies["applies"] += 1
        before, repo = self.world.live(), side.repo
        numbers = self._numbered()
        locked = self._entries(side)
        repo.last = None
        applied, ended = None, "done"
        with self._trouble(faults):
            try:
                applied = repo.apply(
                    side.environment,
                    saved=saved,
                    reviewed=consent.reviewed,
                    allow=consent.allow,
                    allow_deletes=consent.allow_deletes,
                    match_title=consent.match_title,
                    checkpoint=killed_at(*crash) if crash else lambda label: None,
                    between=between,
                )
                self.said += [outcome.reason for outcome in applied.outcomes]
                ended = ", ".join(f"{k} {s}" for k, s in applied.statuses.items()) or "nothing"
            except Killed:
                applies["crashes"] += 1
                ended = "killed"
            except Error as error:
                applies["refusals"] += isinstance(error, RefusedError)
                self.hear(error)
                ended = f"{type(error).__name__}: {error.summary}"
                stopped = error
            else:
                stopped = None
        how = [*(["a saved plan"] if saved else []), *([str(faults)] if faults else [])]
        how += [f"killed at {crash[0]} #{crash[1]}"] if crash and ended == "killed" else []
        self.tell(f"{side.name}: apply {consent} {' '.join(how)} -> {ended}")
        self._judge(side, consent, before, numbers, locked, saved)
        self.commit(side)
        if ended != "killed" and stopped is not None:
            return stopped
        if applied is not None and not faults and not saved and between is None:
            self._check_clean(side, applied)
        return applied

    def _check_clean(self, side, applied):
        """Apply then plan is empty, once nothing went wrong."""
        if any(status != "done" for status in applied.statuses.values()):
            return
        self.world.clock.sleep(1)
        plan = self._planned(side)
        self.check(
            plan is None or not plan.changes,
            f"{side.name}: apply was done, and the plan is "
            f"{[(c.action.value, c.key, c.id) for c in plan.changes] if plan else ''}",
        )
        self.check(
            not side.repo.journal(side.environment).exists(), "the journal stays after a clean end"
        )

    def _planned(self, side):
        """A plan that is expected to succeed; None where lists do not hold still."""
        try:
            plan = side.repo.plan(side.environment).plan
        except Error as error:
            self.hear(error)
            if "could not be read whole" in error.summary:
                return None
            self.fail(f"{side.name}: a plan after a clean apply fails: {error} {error.details}")
        self.said += plan.notes
        return plan

    def hear(self, error):
        self.said += [error.summary, *error.details]

    @contextmanager
    def _trouble(self, faults):
        self.draws += 1
        self.world.faults(*faults, seed=self.draws)
        if any(" twice" in fault for fault in faults):
            self.excuses.add("a POST was committed twice")
        try:
            with self.ids():
                yield
        finally:
            self.world.faults()

    def _entries(self, side):
        try:
            return side.repo.lock(side.environment)
        except Error:
            return {}

    def _numbered(self):
        """Ids that numbers lead to."""
        return {
            flow_id for flow_id in self.world.live() if self.world.dashboard.list_numbers(flow_id)
        }

    # --- what must never happen

    def _judge(self, side, consent, before, numbers, locked, saved):
        after = self.world.live()
        approved = side.repo.last.approved if side.repo.last else None
        todo = {change.id: change for change in approved.todo if change.id} if approved else {}
        created = {c.key for c in approved.todo if c.action is Action.CREATE} if approved else set()
        if saved is not None and approved is not None:
            keys = {change.key for change in saved.changes}
            self.check(
                {c.key for c in approved.todo} <= keys, "more was done than the saved plan says"
            )
        self._judge_deletes(side, consent, before.keys() - after.keys(), before, numbers, todo)
        for flow_id in after.keys() - before.keys():
            self.check(created, f"{flow_id} was created, and nothing was to be created")
            self.truth.owner[flow_id] = side.name
        for flow_id in before.keys() & after.keys():
            if heard(before[flow_id]) != heard(after[flow_id]):
                self._judge_change(side, consent, before[flow_id], after[flow_id], todo, locked)
        defaults = [name for name, body in after.items() if body["default"]]
        self.check(len(defaults) <= 1, f"two default flows: {defaults}")

    def _judge_deletes(self, side, consent, gone, before, numbers, todo):
        for flow_id in gone:
            change = todo.get(flow_id)
            self.check(
                change is not None and change.action is Action.DELETE,
                f"{flow_id} was deleted, and no delete of it was approved",
            )
            self.check(
                self.truth.owner[flow_id] == side.name,
                f"{flow_id} of {self.truth.owner[flow_id]} was deleted by {side.name}",
            )
            needs_key = before[flow_id]["default"] or flow_id in numbers
            self.check(
                not needs_key or change.key in consent.allow,
                f"{flow_id} was the default or had numbers, and {change.key} was not allowed",
            )
            counted = consent.allow_deletes is not None or consent.reviewed
            self.check(counted, f"{flow_id} was deleted, and nobody looked or counted")

    def _judge_change(self, side, consent, before, after, todo, locked):
        flow_id = before["id"]
        change, owner = todo.get(flow_id), self.truth.owner[flow_id]
        only_default = {**heard(before), "default": 0} == {**heard(after), "default": 0}
        if change is None:
            handover = [c for c in todo.values() if (c.after or {}).get("default")]
            taken = only_default and before["default"] and not after["default"]
            creates = side.repo.last and any(
                (c.after or {}).get("default") for c in side.repo.last.approved.todo
            )
            self.check(
                taken and (handover or creates),
                f"{flow_id} of {owner} was changed by {side.name} without a change in the plan:\n"
                f"  {before}\n  {after}",
            )
            if owner == "hand":
                self.truth.kept[flow_id] = after
            return
        if owner == "hand":
            is_locked = flow_id in {entry.id for entry in locked.values()}
            self.check(
                change.action is Action.ADOPT
                or is_locked
                or flow_id in self.truth.copies
                or consent.match_title,
                f"{flow_id} was made by hand and taken over",
            )
            self.truth.owner[flow_id] = side.name
            self.truth.kept.pop(flow_id, None)
        else:
            self.check(owner == side.name, f"{flow_id} of {owner} was changed by {side.name}")
        silent = not consent.reviewed and change.key not in consent.allow
        if silent and flow_id in self.truth.dirty and side.base_known and not only_default:
            self.check(
                alike_but_ids(before, after),
                f"{flow_id} was edited by hand and silently overwritten",
            )
        self.truth.dirty.discard(flow_id)

    # --- the end

    def end(self):
        """The noise stops; each side applies with what it asks for; then all must be well."""
        self.tell("the noise stops")
        self.world.faults()
        self.world.clock.sleep(60)
        for side in self.sides:
            if side.repo.names():
                self._settle(side)
        for side in self.sides:
            if side.repo.names():
                self._check_settled(side)
        self._check_leftovers()

    def _settle(self, side):
        consent = Consent(reviewed=False)
        for _ in range(12):
            result = self.apply(side, consent)
            if isinstance(result, Error):
                consent = self._way_out(side, result, consent)
            elif all(status == "done" for status in result.statuses.values()):
                return
            else:
                self._help(side, result)
                consent = Consent(reviewed=False)
            self.world.clock.sleep(60)
        self.fail(f"{side.name} does not come to rest")

    def _way_out(self, side, error, consent):
        """Do what the refusal says, as far as it is a command."""
        allow, deletes, seen = set(consent.allow), consent.allow_deletes, set()
        commands = [line.split() for line in error.details if line.startswith("    ")]
        for words in commands:
            match words:
                case ["--allow", key]:
                    self.check(key not in consent.allow, f"--allow {key} is asked for again")
                    allow.add(key)
                case ["--allow-deletes", number]:
                    deletes = int(number)
                case ["mbflow", "adopt", key, flow_id]:
                    if not seen & {key, flow_id}:
                        self._adopt(side, key, flow_id)
                        seen |= {key, flow_id}
                case ["mbflow", "forget", key]:
                    self.tell(f"{side.name}: mbflow forget {key}")
                    side.repo.forget(key, side.environment)
                case ["git", "checkout", "--", _] | ["project_was:", _]:
                    self.tell(f"{side.name}: the lock is taken from git again")
                    self._take_lock_from_git(side)
                case ["mbflow", "import", _] | ["mbflow", "plan", "--match-title"]:
                    pass
                case _:
                    self.fail(f"{side.name}: a way out that leads nowhere: {' '.join(words)}")
        if not commands and "could not be read whole" not in error.summary:
            self.fail(f"{side.name}: refused without a way out: {error} {error.details}")
        return Consent(reviewed=False, allow=frozenset(allow), allow_deletes=deletes)

    def _adopt(self, side, key, flow_id):
        self.tell(f"{side.name}: mbflow adopt {key} {flow_id}")
        side.repo.adopt(key, flow_id, side.environment)
        self.truth.owner[flow_id] = side.name
        self.truth.kept.pop(flow_id, None)
        self.truth.dirty.discard(flow_id)

    def _take_lock_from_git(self, side):
        """The last one that can be read."""
        for state in reversed(self.past[side.repo]):
            side.repo.lock_path.unlink(missing_ok=True)
            if state.lock is None:
                return
            side.repo.lock_path.write_bytes(state.lock)
            entries = self._entries(side)
            project = f"project: {side.repo.settings['project']}".encode()
            if entries and project in state.lock:
                return
        side.repo.lock_path.unlink(missing_ok=True)

    def _help(self, side, applied):
        """What only a person can do: the service itself refuses."""
        for outcome in applied.outcomes:
            if "which no file here gives up" in outcome.reason:
                for flow_id, body in self.world.live().items():
                    if body["default"]:
                        self.tell(f"by hand: {flow_id} gives the default up")
                        changed = {**body, "default": False}
                        self._hand(lambda hand, i=flow_id, c=changed: hand.update_call_flow(i, c))
                        self._hands_changed(flow_id)
            elif outcome.change.action is Action.DELETE and "(409)" in outcome.reason:
                self._free_numbers(outcome.change.id)

    def _free_numbers(self, flow_id):
        self.by_hand("Parking", "Nobody is here.")
        parking = next(iter(self.world.live()))
        digits = [one.number for one in self.world.dashboard.list_numbers(flow_id)]
        self.tell(f"by hand: {digits} lead to {parking}")
        self._hand(lambda hand: hand.assign_numbers(parking, digits))

    def _check_settled(self, side):
        plan = self._planned(side)
        self.check(plan is None or not plan.changes, f"{side.name}: the plan is not empty")
        live, files, entries = self.world.live(), side.files(), self._entries(side)
        self.check(
            set(entries) == set(files), f"{side.name}: locked {set(entries)}, files {set(files)}"
        )
        for key, flow in files.items():
            body = live.get(entries[key].id)
            self.check(body is not None, f"{side.name}: {key} is locked and not live")
            if Quirk.LIST_WITHOUT_TITLES in self.quirks:
                body = {**body, "title": flow.shown.get("title", "")}
            self.check(
                same(*alike(flow.shown, body)),
                f"{side.name}: {key} is live as {body}, and git says {flow.shown}",
            )
            owner = self.truth.owner[entries[key].id]
            self.check(
                owner == side.name or entries[key].id in self.truth.copies,
                f"{side.name}: {key} is {entries[key].id} of {owner}",
            )
        ids = [entry.id for entry in entries.values()]
        self.check(len(ids) == len(set(ids)), f"{side.name}: two keys have one flow")
        self.check(
            not side.repo.journal(side.environment).exists(), f"{side.name}: the journal is left"
        )

    def _check_leftovers(self):
        live = self.world.live()
        for flow_id, body in self.truth.kept.items():
            self.check(flow_id in live, f"{flow_id} was made by hand and is gone")
            self.check(
                heard(live[flow_id]) == heard(body), f"{flow_id} was made by hand and is changed"
            )
        locked = {entry.id for side in self.sides for entry in self._entries(side).values()}
        left = [i for i in live if i not in locked and self.truth.owner[i] != "hand"]
        if self.is_markerless and "the lock was lost or set back" in self.excuses:
            return
        said = "\n".join(self.said)
        for flow_id in left:
            self.check(self.excuses, f"{flow_id} is live and nobody's, without any excuse")
            self.check(flow_id in said, f"{flow_id} is live and nobody's, and was never named")


def edited(body, how, text):
    """The body with one edit; steps are found again by what they say."""
    body = {key: value for key, value in body.items() if key not in ("createdAt", "updatedAt")}
    steps = [dict(step) for step in body["steps"]]
    match how:
        case "text":
            steps = [{**spoken(text), **({"id": s["id"]} if "id" in s else {})} if i == 0 else s
                     for i, s in enumerate(steps)]  # fmt: skip
        case "insert":
            steps = [spoken(text), *steps]
        case "drop":
            steps = steps[1:] or [{"action": "hangup"}]
        case "reorder":
            steps = steps[::-1]
        case "title":
            return {**body, "title": f"{body.get('title', '')[:8]} {text}"}
        case "record":
            return {**body, "record": not body.get("record", False)}
        case "unknown":
            return {**body, "ringback": text}
    return {**body, "steps": _with_sound_gotos(steps)}


def _with_sound_gotos(steps):
    ids = {step.get("id") for step in steps}
    return [{k: v for k, v in step.items() if k != "onKeypressGoto" or v in ids} for step in steps]


def heard(body):
    return {key: value for key, value in body.items() if key not in ("updatedAt", "createdAt")}


def alike_but_ids(one, two):
    return same(*alike({**one, "default": False}, {**two, "default": False}))


def tree(folder):
    """Every file below the folder with its content."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@contextmanager
def seeded_ids(seed):
    """uuid4 is the exchange's only source of ids, and hypothesis must be able to tell the same
    story twice."""
    draws, plain = random.Random(seed), uuid.uuid4
    uuid.uuid4 = lambda: uuid.UUID(int=draws.getrandbits(128), version=4)
    try:
        yield
    finally:
        uuid.uuid4 = plain
