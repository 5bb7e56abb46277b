"""The lines of the lock: an environment, a flow, a number; each of one exact form."""

from __future__ import annotations

import json
import re

from mbflow.model.flow import LockEntry

TEXT = r'(?:"(?:[^"\\]|\\.)*"|[^\s"{}\[\]:,#]+)'
_TEXTS = rf"{TEXT}(?:, {TEXT})*"
_ENVIRONMENT = re.compile(rf"  ({TEXT}):")
_FLOW = re.compile(
    rf"    ({TEXT}): \{{id: ({TEXT}), sent: ({TEXT}), live: ({TEXT})"
    rf"(?:, secrets: \[({_TEXTS})\])?(, default: true)?(, protect: true)?\}}"
)
_NUMBER = re.compile(rf"    ({TEXT}): \[({_TEXTS})\]")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEX = re.compile(r"(?=.*[abcdf])(?!0b)[0-9a-f]{16}")
"""Digests that no YAML reader takes for a number: 1.2 knows 1e5, 1.1 also 0b11."""
_UNSEEN = "[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
"""Characters that JSON leaves as they are and YAML cannot hold, or takes for the end of a line."""
_RESERVED = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


def read_environment(line: str) -> str | None:
    """The name of the environment that the line begins; None for another line."""
    found = _ENVIRONMENT.fullmatch(line)
    return found and unquoted(found[1])


def read_entry(line: str) -> tuple[str, LockEntry] | None:
    """The name and the entry of a flow. Raises ValueError for a text that is none."""
    found = _FLOW.fullmatch(line)
    if found is None:
        return None
    name, flow_id, sent, live = (unquoted(found[n]) for n in range(1, 5))
    secrets = _unquoted_texts(found[5] or "")
    default, protect = (found[n] is not None for n in (6, 7))
    return name, LockEntry(flow_id, sent, live, protect, default, secrets)


def read_number(line: str) -> tuple[str, tuple[str, ...]] | None:
    """A number and the ids of the flows it was led to. Raises ValueError as `read_entry` does."""
    found = _NUMBER.fullmatch(line)
    return found and (unquoted(found[1]), _unquoted_texts(found[2]))


def environment_line(name: str) -> str:
    """`  production:`, above the lines of its flows."""
    return f"  {scalar(name)}:"


def entry_line(name: str, entry: LockEntry) -> str:
    """`    menu: {id: …, sent: …, live: …}`."""
    secrets = default = protect = ""
    if entry.secrets:
        secrets = f", secrets: [{', '.join(map(scalar, entry.secrets))}]"
    if entry.default:
        default = ", default: true"
    if entry.protect:
        protect = ", protect: true"
    return (
        f"    {scalar(name)}: {{id: {scalar(entry.id)}, sent: {scalar(entry.sent)}, "
        f"live: {scalar(entry.live)}{secrets}{default}{protect}}}"
    )


def number_line(number: str, flow_ids: tuple[str, ...]) -> str:
    """`    "442079460100": [0c3f…]`."""
    return f"    {scalar(number)}: [{', '.join(map(scalar, flow_ids))}]"


def scalar(text: str) -> str:
    """Plain where YAML 1.1 and 1.2 both read it as text, else quoted."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _RESERVED
    if plain or _UUID.fullmatch(text) or _HEX.fullmatch(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub(_UNSEEN, lambda m: f"\\u{ord(m[0]):04x}", quoted)


def unquoted(text: str) -> str:
    """Raises ValueError for half of a character: no name and no id holds one."""
    if not text.startswith('"'):
        return text
    whole = str(json.loads(text))
    whole.encode()
    return whole


def _unquoted_texts(texts: str) -> tuple[str, ...]:
    return tuple(map(unquoted, re.findall(TEXT, texts)))
