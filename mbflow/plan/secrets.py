"""Secret values, kept out of everything that is shown or written down.

Comparing, planning and every document work on hidden bodies, in which `${name}` stands for the
value of each secret variable; only the bodies that are sent hold the values themselves.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from mbflow.flow.alignment import Alignment
from mbflow.model.errors import Error
from mbflow.model.flow import Json, LiveFlow, LockEntry, Path, RawBody, RawFlow, SafeBody
from mbflow.model.paths import text_paths, value_at, with_value_at
from mbflow.plan.markers import read_marker
from mbflow.project.variables import FOREIGN, SHORTEST
from mbflow.schema.validator import SERVICE_FIELDS

_TELLING = 8
"""Of another environment, whose secrets are not always at hand: a shorter one may stand in a number
by chance, and counts only where it is a word of its own."""
_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
OLDER = "(hidden: it may hold an older secret)"
# Texts of these are of no secret; what tells one step from another must stay.
_NAMES = {"action", "id", "onKeypressGoto", "language", "voice", *SERVICE_FIELDS}


def check_lengths(secrets: Mapping[str, str]) -> None:
    """Raise `Error` for a secret that cannot be hidden."""
    for name, value in secrets.items():
        if len(value) < SHORTEST:
            raise Error(
                f"The secret ${{{name}}} has fewer than {SHORTEST} characters.",
                "So short a value cannot be kept out of sight. Use a longer one, or no secret.",
            )


def hide(value: Json, secrets: Mapping[str, str]) -> Json:
    """The value with `${name}` in place of each secret, and `$${` for a literal `${`."""
    if not secrets:
        return value
    longest_first = sorted(secrets.items(), key=lambda item: (-len(item[1]), item[0]))
    return _hidden(value, longest_first)


def hide_body(raw: RawBody, secrets: Mapping[str, str]) -> SafeBody:
    """The one way from a body that may hold secrets to one that can be shown."""
    hidden = hide(raw, secrets)
    assert isinstance(hidden, dict)
    return SafeBody(hidden)


def hide_flow(flow: RawFlow, secrets: Mapping[str, str]) -> LiveFlow:
    return LiveFlow(flow.id, hide_body(flow.raw, secrets))


def reveal(value: Json, secrets: Mapping[str, str]) -> Json:
    """The inverse of `hide`. Raises KeyError with the name of a secret that is not known."""
    if isinstance(value, str):
        return _revealed(value, secrets)
    if isinstance(value, list):
        return [reveal(item, secrets) for item in value]
    if isinstance(value, dict):
        return {key: reveal(item, secrets) for key, item in value.items()}
    return value


def secret_paths(value: Json, names: Collection[str]) -> Iterator[Path]:
    """Paths of the texts in a hidden body that hold a secret."""
    return text_paths(value, lambda text: bool(_names_in(text, names)))


def veil(
    live: SafeBody, desired: SafeBody, alignment: Alignment, names: Mapping[str, str]
) -> SafeBody:
    """The live body with every text covered that may hold a former value of a secret.

    Where git wants secrets, and the live text does not show the present value of each, the live
    text is taken for one that holds an older value. Both bodies are hidden ones.
    """
    for place, _ in _older(live, desired, alignment, names):
        live = _with_text(live, place, OLDER)
    return live


def with_present_secrets(
    live: SafeBody, desired: SafeBody, alignment: Alignment, names: Mapping[str, str]
) -> SafeBody:
    """The live body as it would be if only its secrets were brought up to date."""
    for place, path in _older(live, desired, alignment, names):
        live = _with_text(live, place, str(value_at(desired, path)))
    return live


def _older(
    live: SafeBody, desired: SafeBody, alignment: Alignment, names: Mapping[str, str]
) -> Iterator[tuple[Path, Path]]:
    """Places in the live and the desired body where the live text may hold an older secret."""
    for path in secret_paths(desired, names):
        place = alignment.live_path(path)
        text = None if place is None else value_at(live, place)
        wanted = _names_in(str(value_at(desired, path)), names)
        if place is not None and isinstance(text, str) and not wanted <= _names_in(text, names):
            yield place, path


def secrets_in(body: SafeBody, names: Collection[str]) -> tuple[str, ...]:
    """The names of its own secrets in a hidden body, each as often as it stands there."""
    names = [name for name in names if FOREIGN not in name]
    return tuple(sorted(name for _, text in _texts(body) for name in _references(text, names)))


def foreign_in(body: SafeBody, names: Collection[str]) -> list[str]:
    """The secrets of other environments that a hidden body holds: `pin of staging`."""
    names = [name for name in names if FOREIGN in name]
    return sorted({name for _, text in _texts(body) for name in _references(text, names)})


def is_one_missing(live: SafeBody, entry: LockEntry | None, names: Collection[str]) -> bool:
    """Whether a secret that was sent does not show in the hidden live body.

    Git may have stopped to name it, or to know its value, while the live flow still holds it.
    """
    sent = Counter(entry.secrets if entry is not None else ())
    return bool(sent and sent - Counter(secrets_in(live, names)))


def covered(
    live: SafeBody, desired: SafeBody | None, entry: LockEntry | None, names: Collection[str]
) -> SafeBody:
    """The hidden live body; with a secret missing, no text is left that the file does not have."""
    if not is_one_missing(live, entry, names):
        return live
    kept = {text for _, text in _texts(desired)}
    for path, text in list(_texts(live)):
        if text not in kept:
            live = _with_text(live, path, OLDER)
    return live


def _texts(value: Json, at: Path = ()) -> Iterator[tuple[Path, str]]:
    """Everything in a body that a secret could be, with its place."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in _NAMES:
                yield from _texts(item, (*at, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*at, index))
    elif not isinstance(value, bool) and value is not None and len(str(value)) >= SHORTEST:
        yield at, str(value)


def _references(text: str, names: Collection[str]) -> list[str]:
    """The names of the secrets in a hidden text, each as often as it stands there."""
    if "${" not in text:
        return []
    return [found[1] for found in _REFERENCE.finditer(text) if found[1] in names]


def _names_in(text: str, names: Collection[str]) -> set[str]:
    return set(_references(text, names))


def fingerprint(value: str, salt: str) -> str:
    """A keyed hash that is slow to make, so that short secrets cannot be guessed from it."""
    return hashlib.scrypt(value.encode(), salt=salt.encode(), n=1 << 14, r=8, p=1, dklen=16).hex()


def same_fingerprint(value: str, salt: str, known: str) -> bool:
    return hmac.compare_digest(fingerprint(value, salt), known)


def _hidden(value: Json, secrets: list[tuple[str, str]]) -> Json:
    if isinstance(value, str):
        found = [(name, secret) for name, secret in secrets if secret in value]
        if found and read_marker(value):  # A hash: what looks like a secret in it is chance.
            return value
        return _hidden_text(value, found, leads_to_secret=False)
    if isinstance(value, list):
        return [_hidden(item, secrets) for item in value]
    if isinstance(value, dict):
        return {key: _hidden(item, secrets) for key, item in value.items()}
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return next((f"${{{name}}}" for name, secret in secrets if str(value) == secret), value)
    return value


def _hidden_text(text: str, secrets: list[tuple[str, str]], *, leads_to_secret: bool) -> str:
    """Parted at the first secret, so that none is looked for in the name of another."""
    if not secrets:
        return _escaped(text, leads_to_secret=leads_to_secret)
    (name, secret), *rest = secrets
    *parts, last = _parted(text, name, secret)
    hidden = [_hidden_text(part, rest, leads_to_secret=True) for part in parts]
    hidden.append(_hidden_text(last, rest, leads_to_secret=leads_to_secret))
    return f"${{{name}}}".join(hidden)


def _parted(text: str, name: str, secret: str) -> list[str]:
    if FOREIGN in name and len(secret) < _TELLING:
        return re.split(rf"(?<!\w){re.escape(secret)}(?!\w)", text)
    return text.split(secret)


def _escaped(text: str, *, leads_to_secret: bool) -> str:
    """A `$` right before a reference would make a literal of it, so it is written `${$}`."""
    kept = text.rstrip("$") if leads_to_secret else text
    return kept.replace("${", "$${") + "${$}" * (len(text) - len(kept))


def _revealed(text: str, secrets: Mapping[str, str]) -> str:
    def value_of(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "${"
        return "$" if name == "$" else secrets[name]

    return _REFERENCE.sub(value_of, text)


def _with_text(body: SafeBody, path: Path, text: str) -> SafeBody:
    changed = with_value_at(body, path, text)
    assert isinstance(changed, dict)
    return SafeBody(changed)
