"""Where secrets stood in what was sent last, as the lock remembers it.

Git may have stopped to name a secret, or to know its value, while the live flow still holds it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from mbflow.flow.canonical import alike, but_default, canonical, digest
from mbflow.model.flow import Body, Flow, Json, LockEntry, Path
from mbflow.model.paths import path_text, read_path, value_at, with_value_at
from mbflow.plan.secrets import OLDER, SHORTEST, references, secret_paths
from mbflow.schema.validator import SERVICE_FIELDS

_NAMES = {"action", "id", "onKeypressGoto", "language", "voice", *SERVICE_FIELDS}
"""Names whose texts are of no secret; what tells one step from another must stay."""


def secret_places(form: Body, names: Collection[str]) -> tuple[str, ...]:
    """The places of secrets in a hidden canonical form, as text: one for each reference."""
    return tuple(
        path_text(path)
        for path in secret_paths(form, names)
        for _ in references(str(value_at(form, path)), names)
    )


def rest_digest(form: Body, places: Collection[str]) -> str:
    """Of a canonical form without what stands in these places; empty where there are none."""
    if not places:
        return ""
    for place in places:
        path = read_path(place)
        if value_at(form, path) is not None:
            form = _with(form, path, "")
    return digest(form)


def only_secrets_differ(live: Body, entry: LockEntry, names: Collection[str]) -> bool:
    """Whether the live body is as it was sent but for texts that hold an unknown secret."""
    return bool(_unknown(live, entry, names)) and _is_as_sent_but_for_secrets(live, entry)


def covered(
    live: Body, desired: Body | None, entry: LockEntry | None, names: Collection[str]
) -> Body:
    """The hidden live body with every text covered that may hold a secret unknown by now.

    What a file that says what was sent would tell by itself is left to `secrets.veil`.
    """
    if entry is None or not entry.secrets or _is_as_sent(live, entry):
        return live
    if desired is not None and entry.sent == digest(canonical(desired)):
        return live
    unknown = _unknown(live, entry, names)
    if unknown and _is_as_sent_but_for_secrets(live, entry):
        places: Collection[Path] = unknown
    elif sum(len(references(text, names)) for _, text in _texts(live)) < len(entry.secrets):
        kept = {text for _, text in _texts(desired or {})}
        places = [path for path, text in _texts(live) if text not in kept]
    else:
        return live
    for path in places:
        live = _with(live, path, OLDER)
    return live


def _unknown(live: Body, entry: LockEntry, names: Collection[str]) -> list[Path]:
    """Places in the live body that show fewer secrets than were sent there."""
    return [
        path
        for path, number in ((read_path(p), n) for p, n in Counter(entry.secrets).items())
        if value_at(live, path) is not None
        and len(references(str(value_at(live, path)), names)) < number
    ]


def _is_as_sent(live: Body, entry: LockEntry) -> bool:
    return entry.live in (digest(canonical(live)), digest(but_default(live)))


def _is_as_sent_but_for_secrets(live: Body, entry: LockEntry) -> bool:
    forms = canonical(live), but_default(live)
    return entry.rest in (rest_digest(form, entry.secrets) for form in forms)


def _texts(value: Json, at: Path = ()) -> Iterator[tuple[Path, str]]:
    """Everything in a body that a secret could be, with its place."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in _NAMES:
                yield from _texts(item, (*at, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*at, index))
    elif not isinstance(value, bool) and value is not None and len(str(value)) >= SHORTEST:
        yield at, str(value)


def _with(body: Body, path: Path, text: str) -> Body:
    changed = with_value_at(body, path, text)
    assert isinstance(changed, dict)
    return changed


def entry_of(flow: Flow, live: Body, flow_id: str, *, secrets: Collection[str]) -> LockEntry:
    """The lock entry of a flow, with the digests of both sides.

    `live` has its secrets hidden: those of these names.
    """
    wanted, found = alike(flow.shown, live)
    places = secret_places(found, secrets)
    return LockEntry(
        flow_id,
        digest(wanted),
        digest(found),
        flow.settings.protect,
        places,
        rest_digest(found, places),
    )
