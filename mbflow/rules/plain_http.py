"""URLs without encryption."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of
from mbflow.flow.steps import urls_of
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
An address begins with http: and not with https.

Recordings, keys that callers pressed, and the flow that takes over travel readable for everyone on
the way, and can be changed there.

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
    for step in facts_of(flow).naming_urls():
        for path, url in urls_of(step):
            if url[:5].lower() == "http:":
                message = "This address is not encrypted. Write https:// if the server can."
                yield Finding(message, path)
