"""Short ways to say call flows, live flows and lock entries in tests."""

from collections import Counter
from contextlib import contextmanager

from mbflow.flow.alignment import align
from mbflow.flow.canonical import Form
from mbflow.flow.edits import edits
from mbflow.model.flow import Flow, LiveFlow, LockEntry, Settings
from mbflow.model.progress import Part, Progress
from mbflow.plan.markers import Marker, account_bits, name_bits
from mbflow.plan.model import Known, Plan, Summary

PROJECT = "acme"
IDENTITY = "production"


def flow(*steps, **top):
    """`flow(say("Hello."), hangup(), title="Support")`."""
    return {**top, "steps": list(steps)}


def say(payload, *, language="en-GB", voice="female", options=None, **names):
    return _step("say", names, payload=payload, language=language, voice=voice, **(options or {}))


def pause(length, **names):
    return _step("pause", names, length=length)


def transfer(destination, *, options=None, **names):
    return _step("transfer", names, destination=destination, **(options or {}))


def play(media, **names):
    return _step("play", names, media=media)


def hangup(**names):
    return _step("hangup", names)


def when(variable, value):
    """`say("…", conditions=[when("choice", "1")])`."""
    return {"variable": variable, "operator": "==", "value": value}


def _step(action, rest, /, **options):
    step = {"action": action, **rest}
    return {**step, "options": options} if options else step


def wanted(name, raw, *, body=None, **settings):
    """A flow file."""
    return Flow(name, f"flows/{name}.yaml", raw, body or raw, Settings(**settings))


def live(flow_id, body, *, marked=None, project=PROJECT, identity=IDENTITY):
    """A live flow; `marked` is the key whose markers its steps carry."""
    if marked is not None:
        body = with_markers(body, marked, project=project, identity=identity)
    return LiveFlow(flow_id, {**body, "id": flow_id, "updatedAt": "2026-01-02T03:04:05Z"})


def with_markers(body, name, *, project=PROJECT, identity=IDENTITY):
    account = account_bits(project, identity)
    steps = [
        step if step.get("id") else {**step, "id": str(Marker(account, name_bits(name), number))}
        for number, step in enumerate(body["steps"])
    ]
    return {**body, "steps": steps}


def entry(flow_id, body, *, sent=True, answered=True, protect=False):
    """The lock entry of a flow that was sent as `body` and answered the same.

    Without `sent` it was adopted; without both nothing is known of it.
    """
    form = Form(body).digest
    default = body.get("default") is True
    return LockEntry(flow_id, form if sent else "", form if answered else "", protect, default)


def edits_of(live, desired):
    """The edits between two bodies."""
    found, wanted = Form(live), Form(desired)
    return edits(found, wanted, align(found, wanted))


def known(*parts, entries=None, **rest):
    """Flow files and live flows in any order, with lock entries by key."""
    return Known(
        project=PROJECT,
        identity=IDENTITY,
        flows={part.name: part for part in parts if isinstance(part, Flow)},
        live={part.id: part for part in parts if isinstance(part, LiveFlow)},
        entries=entries or {},
        **{name: frozenset(v) if isinstance(v, set) else v for name, v in rest.items()},
    )


def plan_of(*changes, **rest):
    """A plan of these changes, counted."""
    counts = Counter(change.action.value for change in changes)
    values = {
        "id": "5f3c1d0a-0000-4000-8000-000000000001",
        "project": PROJECT,
        "environment": IDENTITY,
        "endpoint": "https://voice.example.com",
        "created": "2026-01-02T03:04:05Z",
        "summary": Summary(**counts),
    }
    return Plan(**{**values, "changes": changes, **rest})


class Recorder(Progress):
    """What a run told of its parts: label, total, and how much of it was done."""

    def __init__(self):
        self.parts = []

    @contextmanager
    def begin(self, label, total=None):
        part = Counted()
        yield part
        self.parts.append((label, total, part.count))


class Counted(Part):
    count = 0

    def advance(self, count=1):
        self.count += count
