"""Fields that the service sets."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding
from mbflow.schema.validator import SERVICE_FIELDS

MANUAL = """\
The file has a field that the service sets: id, createdAt, updatedAt or _links.

Such fields come along when a flow is copied from the API. They are neither sent nor compared:
`mbflow.lock.yaml` says which live flow a file belongs to, and `mbflow adopt FLOW ID` connects them.

Fails:

    id: de3ed163-d5fc-45f4-b8c4-7eea7458c635
    title: Copied from the dashboard
    steps: [{action: hangup}]

Passes:

    title: Copied from the dashboard
    steps: [{action: hangup}]"""


def check(flow: Flow) -> Iterator[Finding]:
    for field in SERVICE_FIELDS:
        if field in flow.body:
            message = f"{field} is set by the service and ignored here. Remove the line."
            yield Finding(message, (field,))
