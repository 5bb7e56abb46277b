"""Rules as text: their manuals, and the list of all."""

from __future__ import annotations

from collections.abc import Iterable

from mbflow.rules import Rule

_NOTES = {
    "error": "An error: it cannot be excepted, lowered or turned off.",
    "warning": (
        "A warning. mbflow.yaml can make it an error or turn it off (rules: {ID: off});\n"
        "a flow can be excepted with a reason (mbflow: {exceptions: {ID: why}})."
    ),
}


def rules_text(rules: Iterable[Rule]) -> str:
    """A line each: id, severity, what it is about."""
    listed = sorted(rules, key=lambda rule: rule.id)
    width = max(len(rule.id) for rule in listed)
    lines = [f"{rule.id:{width}}  {rule.severity:7}  {rule.summary}" for rule in listed]
    return "\n".join(lines)


def manual_text(rule: Rule) -> str:
    note = _NOTES[rule.severity.value].replace("ID", rule.id)
    return f"{rule.id}\n{'=' * len(rule.id)}\n\n{rule.manual}\n\n{note}"
