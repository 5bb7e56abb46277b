"""A project on disk, accounts on the real emulator, and time that passes only while one waits.

Everything runs in this process, without a socket. What a person does in the dashboard goes
through `dashboard`, which knows neither faults nor quirks.
"""

import hashlib
import json
import sqlite3
from dataclasses import dataclass

from mbflow.api.client import Client
from mbflow.api.emulator_transport import EmulatorTransport
from mbflow.api.http import ApiRequest
from mbflow.apply.adopt import adopt, forget
from mbflow.apply.approve import Consent, approve, wishes_of
from mbflow.apply.run import Tools, refresh_lock, run
from mbflow.apply.run_lock import own_turn, turn_folder
from mbflow.apply.write import no_checkpoint
from mbflow.emulator.app import Emulator
from mbflow.emulator.faults import parse_fault
from mbflow.model.errors import ProblemsError
from mbflow.model.problem import has_errors
from mbflow.plan.build import make_plan
from mbflow.plan.survey import Wishes, survey
from mbflow.project.load import read_checkout
from mbflow.state.lock import read_lock
from mbflow.state.records import AppendedFile

KEY = "test_AccessKeyOfTheWorld01"
ENDPOINT = "http://127.0.0.1:9"
NUMBERS = tuple(f"4420794601{n:02}" for n in range(100))
"""Kept by Ofcom for drama."""
PRODUCTION = {"production": {"endpoint": ENDPOINT, "settle_seconds": 30}}


class Killed(BaseException):
    """The process died here: nothing of it runs any more."""


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self, now=1_800_000_000.0):
        self.now = now

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += max(0.0, seconds)


class World:
    """The service, and everybody who uses it."""

    def __init__(self, folder, *, quirks=(), faults=(), seed=0, kind=Client):
        self.folder = folder
        self.database = folder / "emulator.db"
        self.clock = Clock()
        self.kind = kind
        self.emulator = Emulator(
            self.database,
            quirks=quirks,
            faults=[parse_fault(spec) for spec in faults],
            seed=seed,
            clock=self.clock,
            sleep=self.clock.sleep,
        )
        self.by_hand = Emulator(self.database, clock=self.clock, sleep=self.clock.sleep)
        self.dashboard = self._client(self.by_hand, KEY)

    def close(self):
        self.dashboard.close()
        self.by_hand.close()
        self.emulator.close()

    def faults(self, *specs, seed=0):
        self.emulator.put_faults([parse_fault(spec) for spec in specs], seed)

    def client(self, *, can_write=True, name=KEY, workers=1):
        return self._client(self.emulator, name, can_write=can_write, workers=workers)

    def _client(self, emulator, name, *, can_write=True, workers=1):
        return self.kind(
            ENDPOINT,
            name,
            can_write=can_write,
            workers=workers,
            transport=lambda: EmulatorTransport(emulator),
            sleep=self.clock.sleep,
            clock=self.clock,
            random=lambda: 1.0,
        )

    def live(self, name=KEY):
        """What the service really holds, newest first: id to body. No quirk comes between."""
        rows = self._rows("SELECT id, text", "flow", "ORDER BY seq DESC", name)
        return {flow_id: json.loads(text) for flow_id, text in rows}

    def leads(self, name=KEY):
        """Number to the titles of the flows that it really leads to."""
        found, live = {}, self.live(name)
        for number, flow_id in self._rows("SELECT tag, parent", "number", "ORDER BY tag", name):
            found.setdefault(number, []).append(live[flow_id].get("title", ""))
        return {number: sorted(titles) for number, titles in found.items()}

    def lead(self, title, *numbers):
        """A person leads numbers to a flow in the dashboard."""
        self.dashboard.assign_numbers(self.id_of(title), list(numbers))

    def put_numbers(self, flow_id, numbers):
        """A person takes away all other numbers of a flow in the dashboard."""
        path, content = f"/call-flows/{flow_id}/numbers", json.dumps({"numbers": numbers}).encode()
        self.dashboard.sender.send(ApiRequest("PUT", path, content=content))

    def emulator_lead(self, title, *numbers):
        """The same by another program, which meets the quirks and faults."""
        with self.client() as client:
            client.assign_numbers(self.id_of(title), list(numbers))

    def _rows(self, select, kind, order, name):
        account = f"key-{hashlib.sha256(name.encode()).hexdigest()}"
        connection = sqlite3.connect(self.database)
        try:
            return connection.execute(
                f"{select} FROM records WHERE kind = ? AND account = ? {order}", (kind, account)
            ).fetchall()
        finally:
            connection.close()

    def titles(self):
        return sorted(body.get("title", "") for body in self.live().values())

    def id_of(self, title):
        (found,) = [name for name, body in self.live().items() if body.get("title") == title]
        return found

    def body_of(self, title):
        return self.live()[self.id_of(title)]

    def edit(self, title, **changes):
        """A person changes a flow in the dashboard."""
        body = self.body_of(title)
        self.clock.sleep(1)
        return self.dashboard.update_call_flow(body["id"], {**body, **changes})

    def sent(self, *methods):
        """`METHOD path` of every request to the emulator, oldest first."""
        return [
            f"{one.method} {one.path}"
            for one in self.emulator.requests()
            if not methods or one.method in methods
        ]

    def writes(self):
        return self.sent("POST", "PUT", "DELETE", "PATCH")


@dataclass
class Applied:
    """What one apply did."""

    outcomes: list
    planned: object
    approved: object

    @property
    def statuses(self):
        return {one.change.name: one.status.value for one in self.outcomes}

    def reason(self, name):
        (reason,) = [str(one.reason) for one in self.outcomes if one.change.name == name]
        return reason


class Repo:
    """One checkout of a project."""

    def __init__(self, world, folder, *, project="acme", environments=None, **settings):
        self.world = world
        self.folder = folder
        self.environ = {}
        self.last = None
        """What the last apply had approved, also where it was killed."""
        self.settings = {"project": project, "environments": environments or PRODUCTION, **settings}
        (folder / "flows").mkdir(parents=True, exist_ok=True)
        self.save_settings()

    def save_settings(self, **changes):
        self.settings.update(changes)
        (self.folder / "mbflow.yaml").write_text(json.dumps(self.settings))

    def write(self, name, body, **settings):
        """The file of a flow; `settings` is its mbflow block."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**body, **({"mbflow": settings} if settings else {})}))

    def path(self, name):
        return self.folder / "flows" / f"{name}.yaml"

    def read(self, name):
        return json.loads(self.path(name).read_text())

    def names(self):
        root = self.folder / "flows"
        return sorted(str(p.relative_to(root))[:-5] for p in root.rglob("*.yaml"))

    def remove(self, name):
        self.path(name).unlink()

    def rename(self, name, new, *, declared=True):
        body = self.read(name)
        settings = {**body.pop("mbflow", {}), **({"was": name} if declared else {})}
        self.remove(name)
        self.write(new, body, **settings)

    @property
    def lock_path(self):
        return self.folder / "mbflow.lock.yaml"

    def numbers(self, environment="production", /, **routes):
        """The table of numbers, as `n1="a"` for NUMBERS[1]; None leaves a line out."""
        environments = self.settings["environments"]
        table = {NUMBERS[int(n[1:])]: to for n, to in routes.items() if to is not None}
        environments = {**environments, environment: {**environments[environment]}}
        environments[environment]["numbers"] = table
        self.save_settings(environments=environments)

    def locked_numbers(self, environment="production"):
        """Number to the ids that the lock says it may lead to."""
        return dict(read_lock(self.lock_path).numbers_of(environment))

    def lock(self, environment="production"):
        return dict(read_lock(self.lock_path).of(environment))

    def journal(self, environment="production"):
        return self.folder / ".mbflow" / environment / "journal.jsonl"

    def snapshots(self, environment="production"):
        """Every record of every snapshot, oldest file first."""
        folder = self.folder / ".mbflow" / environment / "snapshots"
        files = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]

    def checkout(self, environment="production"):
        return read_checkout(self.folder, environment, environ=self.environ)

    def plan(self, environment="production", *, client=None, **wishes):
        """What `mbflow plan` does; the client can only send GET."""
        world = self.world
        with client or world.client(can_write=False) as reading:
            return make_plan(
                self.checkout(environment),
                reading,
                Wishes(**wishes),
                clock=world.clock,
                sleep=world.clock.sleep,
            )

    def apply(
        self,
        environment="production",
        *,
        saved=None,
        reviewed=True,
        allow=(),
        allow_deletes=None,
        targets=(),
        match_title=False,
        base=None,
        workers=1,
        between=None,
        checkpoint=no_checkpoint,
        results=None,
        stop=None,
        report=lambda outcome: None,
        access_key=KEY,
    ):
        """What `mbflow apply` does. `between` runs when the plan is approved, before any write."""
        world, allow = self.world, frozenset(allow)
        checkout = self.checkout(environment)
        if has_errors(checkout.problems):
            raise ProblemsError(checkout.problems)
        wishes = Wishes(
            targets=tuple(targets), base=base, allow=tuple(allow), match_title=match_title
        )
        wishes = wishes_of(saved, allow) if saved else wishes
        with (
            own_turn(turn_folder(checkout.root, checkout.environment)),
            world.client(workers=workers, name=access_key) as client,
        ):
            planned = make_plan(
                checkout, client, wishes, clock=world.clock, sleep=world.clock.sleep
            )
            consent = Consent(reviewed or saved is not None, allow, allow_deletes)
            approved = approve(planned, saved, consent)
            self.last = Applied([], planned, approved)
            if between:
                between()
            if not approved.todo:
                refresh_lock(planned)
                return Applied([], planned, approved)
            tools = Tools(
                workers=workers,
                stop=stop,
                report=report,
                results=AppendedFile(results) if results else None,
                clock=world.clock,
                sleep=world.clock.sleep,
                checkpoint=checkpoint,
            )
            try:
                outcomes = run(
                    planned,
                    client,
                    todo=approved.flows,
                    numbers=approved.numbers,
                    allowed=allow | set(planned.plan.allowed),
                    tools=tools,
                )
            finally:
                if tools.results:
                    tools.results.close()
            return Applied(outcomes, planned, approved)

    def survey(self, environment):
        world = self.world
        with world.client(can_write=False) as reading:
            return survey(
                self.checkout(environment),
                reading,
                Wishes(),
                clock=world.clock,
                sleep=world.clock.sleep,
            )

    def adopt(self, name, flow_id, environment="production"):
        """What `mbflow adopt` does."""
        return adopt(self.survey(environment), name, flow_id)

    def forget(self, name, environment="production"):
        """What `mbflow forget` does."""
        return forget(self.survey(environment), name)

    def pending(self, environment="production", **wishes):
        """`ACTION KEY` of every change that a plan would make now."""
        plan = self.plan(environment, **wishes).plan
        return [f"{change.action} {change.name}" for change in plan.everything]


def say(text, title="", **top):
    """A flow of two steps that says one thing."""
    steps = [spoken(text), {"action": "hangup"}]
    return {**({"title": title} if title else {}), "steps": steps, **top}


def spoken(text, **step):
    options = {"payload": text, "language": "en-GB", "voice": "female"}
    return {"action": "say", "options": options, **step}


def payloads(body):
    """What a caller hears, in order."""
    options = [step.get("options") or {} for step in body["steps"]]
    return [one["payload"] for one in options if "payload" in one]


def killed_at(label, nth=1):
    """A checkpoint that kills the process the nth time it comes to this place, or `any`."""
    seen = []

    def checkpoint(here):
        if label in (here, "any"):
            seen.append(here)
            if len(seen) == nth:
                raise Killed(here)

    return checkpoint
