"""Documents that are no call flows, told by their keys: one sentence in place of many mistakes."""

from __future__ import annotations

from mbflow.model.flow import Json
from mbflow.model.text import nearest
from mbflow.schema.validator import SERVICE_FIELDS, SETTINGS, flow_keys, step_keys

_PROJECT = {"project", "environments", "variables", "removed", "rules"}
_OF_MBFLOW = (
    (
        {"format", "canonical", "environments"},
        "This is the lock, which mbflow writes: no flow file. It is called mbflow.lock.yaml.",
    ),
    (
        {"format_version", "changes"},
        "This is a saved plan and no flow file. mbflow show prints it.",
    ),
    (
        {"calls"},
        "These are simulated calls and no flow. Call the file NAME.calls.yaml, beside NAME.yaml.",
    ),
)


def not_a_flow(document: Json) -> str:
    """What the document is, where it is certainly no call flow; empty where it may be one."""
    if not isinstance(document, dict) or not document or {"steps", "title"} & document.keys():
        return ""
    for keys, told in _OF_MBFLOW:
        if keys <= document.keys():
            return told
    known = {*flow_keys(), *step_keys(), *SERVICE_FIELDS, SETTINGS}
    if any(nearest(key, known) for key in document):  # Perhaps misspelled: that is told elsewhere.
        return ""
    if document.keys() & _PROJECT:
        return (
            "This is a project file and no flow. It is called mbflow.yaml, and lies in the folder "
            "that holds the one of the flows."
        )
    return "This is no call flow: it has none of its keys. A call flow has a title and steps."
