"""Bodies of flows as people edit them, files as they lie on disk, ids that repeat themselves."""

import random
import uuid
from contextlib import contextmanager

from apply.world import spoken

OWN = ("createdAt", "updatedAt")
"""Set by the service; nobody hears them."""


def edited(body, how, text):
    """The body with one edit."""
    body = heard(body)
    steps = [dict(step) for step in body["steps"]]
    match how:
        case "title":
            return {**body, "title": f"{body.get('title', '')[:8]} {text}"}
        case "record":
            return {**body, "record": not body.get("record", False)}
        case "unknown":
            return {**body, "ringback": text}
        case "text":
            name = {"id": steps[0]["id"]} if "id" in steps[0] else {}
            steps = [{**spoken(text), **name}, *steps[1:]]
        case "insert":
            steps = [spoken(text), *steps]
        case "drop":
            steps = steps[1:] or [{"action": "hangup"}]
        case "reorder":
            steps = steps[::-1]
    return {**body, "steps": _with_sound_gotos(steps)}


def _with_sound_gotos(steps):
    """Without those whose target went."""
    ids = {step.get("id") for step in steps}
    return [{k: v for k, v in step.items() if k != "onKeypressGoto" or v in ids} for step in steps]


def heard(body):
    return {name: value for name, value in body.items() if name not in OWN}


def tree(folder):
    """Every file below the folder with its content."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@contextmanager
def seeded_ids(seed):
    """The same ids whenever the story is told again: uuid4 is where the emulator gets them."""
    draws, plain = random.Random(seed), uuid.uuid4
    uuid.uuid4 = lambda: uuid.UUID(int=draws.getrandbits(128), version=4)
    try:
        yield
    finally:
        uuid.uuid4 = plain
