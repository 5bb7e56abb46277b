"""URLs without encryption."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of
from mbflow.flow.steps import urls_of
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
A URL begins with http: and not with https:.

Recordings, the keys that callers press, and the flow that takes over are sent unencrypted: anyone
on the way can read and change them.

Fails:

    title: Orders
    steps:
      - action: fetchCallFlow
        options: {url: "http://calls.example.com/orders"}

Passes:

    title: Orders
    steps:
      - action: fetchCallFlow
        options: {url: "https://calls.example.com/orders"}"""


def check(flow: Flow) -> Iterator[Finding]:
    for step in facts_of(flow).naming_urls:
        for path, url in urls_of(step):
            if url[:5].lower() == "http:":
                message = "This URL is not encrypted. Use https:// if the server supports it."
                yield Finding(message, path)
