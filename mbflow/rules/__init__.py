"""The rules: one module each, in a table written by hand.

A rule module states `ID` (its file name with dashes), `SEVERITY`, and as its docstring the manual
that `mbflow explain` prints, with examples that a test runs. Beyond that it has
- `check(flow)`: the problems of one flow, with paths but without places;
- or `fact(flow)` and `check_all(facts)`: what must be known of each flow (plain data, None for
  nothing), and the problems that the facts of all files show, each with its `file` and `path`;
- or neither: then the problem is found while files are read.

Rules see flows that fit the schema, as the file gives them: with the fields that the service owns.
Messages quote `flow.shown`, never `flow.body`, where a value could be secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from mbflow.model.flow import Flow
from mbflow.model.problem import Problem, Severity
from mbflow.rules import (
    audio_type,
    body_size,
    call_file,
    costly_destination,
    crowded_menu,
    destination_form,
    duplicate_id,
    duplicate_key,
    empty_text,
    endless_loop,
    fall_through,
    file_name,
    file_unreadable,
    impossible_condition,
    large_body,
    long_text,
    marker_id,
    no_ending,
    no_time_to_answer,
    plain_http,
    project_file,
    same_title,
    schema,
    secret_in_url,
    service_fields,
    step_after_fetch,
    transcription_language,
    two_defaults,
    unannounced_recording,
    unknown_environment,
    unknown_goto,
    unknown_language,
    unknown_override,
    unknown_rule,
    unknown_variable,
    unreachable_step,
    unread_variable,
    unset_variable,
    url_scheme,
    yaml_alias,
    yaml_documents,
    yaml_empty,
    yaml_encoding,
    yaml_key,
    yaml_limit,
    yaml_merge_key,
    yaml_number,
    yaml_syntax,
    yaml_tag,
)

MODULES: tuple[ModuleType, ...] = (
    # Found while files are read.
    yaml_syntax,
    yaml_encoding,
    yaml_limit,
    yaml_alias,
    yaml_documents,
    yaml_empty,
    yaml_tag,
    yaml_merge_key,
    yaml_key,
    yaml_number,
    duplicate_key,
    file_name,
    file_unreadable,
    project_file,
    schema,
    unknown_variable,
    unset_variable,
    unknown_override,
    unknown_environment,
    unknown_rule,
    call_file,
    # Found in one flow.
    duplicate_id,
    unknown_goto,
    marker_id,
    body_size,
    service_fields,
    unreachable_step,
    step_after_fetch,
    endless_loop,
    fall_through,
    no_ending,
    no_time_to_answer,
    crowded_menu,
    unread_variable,
    impossible_condition,
    unannounced_recording,
    empty_text,
    long_text,
    unknown_language,
    transcription_language,
    audio_type,
    destination_form,
    costly_destination,
    url_scheme,
    plain_http,
    secret_in_url,
    large_body,
    # Found in all flows together.
    same_title,
    two_defaults,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as its module states it."""

    id: str
    severity: Severity
    manual: str
    check: Callable[[Flow], Iterable[Problem]] | None = None
    fact: Callable[[Flow], Any] | None = None
    check_all: Callable[[Mapping[str, Any]], Iterable[Problem]] | None = None

    @property
    def summary(self) -> str:
        """The first line of the manual."""
        return self.manual.partition("\n\n")[0].replace("\n", " ")


def _rule(module: ModuleType) -> Rule:
    return Rule(
        id=module.ID,
        severity=module.SEVERITY,
        manual=(module.__doc__ or "").strip(),
        check=getattr(module, "check", None),
        fact=getattr(module, "fact", None),
        check_all=getattr(module, "check_all", None),
    )


RULES: Mapping[str, Rule] = {module.ID: _rule(module) for module in MODULES}
"""Rule id to rule."""
