"""The rules: one module for each that checks something, in a table written by hand.

A rule's module is named by its id and holds its `MANUAL`, and
- `check(flow)`: what is wrong in one flow;
- or `fact(flow)` and `check_all(facts)`: what must be known of each flow, and what is wrong in all
  of them together.

Rules see flows that fit the schema, or the part of one that does (`project.sound_part`), as the
file gives them: with the fields that the service owns.
Messages quote `flow.body`, never `flow.raw`, where a value could be secret.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from mbflow.model.flow import Flow
from mbflow.model.problem import Severity
from mbflow.rules import (
    audio_type,
    body_size,
    costly_destination,
    crowded_menu,
    destination_form,
    duplicate_id,
    empty_text,
    endless_loop,
    fall_through,
    impossible_condition,
    large_body,
    long_text,
    marker_id,
    no_ending,
    no_time_to_answer,
    plain_http,
    same_title,
    secret_in_url,
    service_fields,
    step_after_fetch,
    transcription_language,
    two_defaults,
    unannounced_recording,
    unknown_goto,
    unknown_language,
    unreachable_step,
    unread_variable,
    url_form,
    url_scheme,
)
from mbflow.rules.manuals import RULES_OF_FILES
from mbflow.rules.rule import EVERYTHING, Finding, Rule

__all__ = ["RULES", "Rule"]

ERROR, WARNING = Severity.ERROR, Severity.WARNING


class _Module(Protocol):
    """A module with a rule that looks at one flow."""

    MANUAL: str

    def check(self, flow: Flow) -> Iterator[Finding]: ...


_ALL = frozenset({EVERYTHING})
_STEERING = frozenset(
    {
        *("id", "action", "conditions", "onKeypressGoto", "onKeypressVar", "endKey", "maxNumKeys"),
        *("loop", "ifMachine", "maxLength", "timeout", "finishOnKey", "onFinish", "options"),
    }
)
"""What decides which step comes next; `options` where they are missing."""


def _rule(
    id: str, severity: Severity, module: _Module, reads: frozenset[str] = frozenset()
) -> Rule:
    return Rule(id, severity, module.MANUAL, module.check, reads=reads)


_RULES_OF_ONE_FLOW = (
    _rule("duplicate-id", ERROR, duplicate_id, frozenset({"id"})),
    _rule("unknown-goto", ERROR, unknown_goto, frozenset({"id", "onKeypressGoto"})),
    _rule("marker-id", ERROR, marker_id),
    _rule("body-size", ERROR, body_size, _ALL),
    _rule("url-form", ERROR, url_form),
    _rule("service-fields", WARNING, service_fields),
    _rule("unreachable-step", WARNING, unreachable_step, _STEERING),
    _rule("step-after-fetch", WARNING, step_after_fetch, _STEERING),
    _rule("endless-loop", WARNING, endless_loop, _STEERING),
    _rule("fall-through", WARNING, fall_through, _STEERING),
    _rule("no-ending", WARNING, no_ending, _STEERING),
    _rule("no-time-to-answer", WARNING, no_time_to_answer, _ALL),
    _rule("crowded-menu", WARNING, crowded_menu, _ALL),
    _rule("unread-variable", WARNING, unread_variable, _STEERING),
    _rule("impossible-condition", WARNING, impossible_condition, _STEERING),
    _rule("unannounced-recording", WARNING, unannounced_recording, _ALL),
    _rule("empty-text", WARNING, empty_text),
    _rule("long-text", WARNING, long_text),
    _rule("unknown-language", WARNING, unknown_language),
    _rule("transcription-language", WARNING, transcription_language),
    _rule("audio-type", WARNING, audio_type),
    _rule("destination-form", WARNING, destination_form),
    _rule("costly-destination", WARNING, costly_destination),
    _rule("url-scheme", WARNING, url_scheme),
    _rule("plain-http", WARNING, plain_http),
    _rule("secret-in-url", WARNING, secret_in_url),
    _rule("large-body", WARNING, large_body, _ALL),
)
_RULES_OF_ALL_FLOWS = (
    Rule(
        "same-title",
        WARNING,
        same_title.MANUAL,
        None,
        same_title.fact,
        same_title.check_all,
        frozenset({"title"}),
    ),
    Rule(
        "two-defaults",
        WARNING,
        two_defaults.MANUAL,
        None,
        two_defaults.fact,
        two_defaults.check_all,
        frozenset({"default"}),
    ),
)

RULES: Mapping[str, Rule] = {
    rule.id: rule for rule in (*RULES_OF_FILES, *_RULES_OF_ONE_FLOW, *_RULES_OF_ALL_FLOWS)
}
"""Rule id to rule."""
