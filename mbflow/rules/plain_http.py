"""An address begins with http: and not with https.

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
        options: {url: "https://calls.example.com/orders"}
"""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.graph.look import look_at
from mbflow.graph.program import urls_of
from mbflow.model import Flow
from mbflow.problem import Problem, Severity

ID = "plain-http"
SEVERITY = Severity.WARNING


def check(flow: Flow) -> Iterator[Problem]:
    for step in look_at(flow).naming_urls():
        for path, url in urls_of(step):
            if url[:5].lower() == "http:":
                message = "This address is not encrypted. Write https:// if the server can."
                yield Problem(ID, SEVERITY, message, path=path)
