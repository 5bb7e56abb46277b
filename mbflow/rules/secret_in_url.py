"""Secrets in URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of
from mbflow.flow.steps import urls_of
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
A URL seems to hold a secret.

It can be read in the repository, in the account, and in the logs of every server on the way. Put
the value into a secret variable (`${name}`); better still, have the web server check a header.

Fails:

    title: Orders
    steps:
      - action: fetchCallFlow
        options: {url: "https://calls.example.com/orders?token=3f9c27aa81d04e65"}

Passes:

    # mbflow.yaml
    project: acme
    variables: {orders_token: {env: ORDERS_TOKEN, secret: true, default: "none"}}
    # flows/orders.yaml
    title: Orders
    steps:
      - action: fetchCallFlow
        options: {url: "https://calls.example.com/orders?token=${orders_token}"}"""

_SECRET = (
    r"//[^/?#\s]*:[^/?#\s@$]+@"  # user:password@host
    r"|[?&;](?:[a-z0-9_.-]*[_.-])?(?:token|secret|passw(?:or)?d|pwd|api_?key|access_?key|auth|sig"
    r"|signature|key)=[^&;#$\s]{6,}"
    r"|(?:live|test)_[A-Za-z0-9]{10,}"
)


def check(flow: Flow) -> Iterator[Finding]:
    """Looks at what can be shown: a secret variable is not seen here, as it should be."""
    for step in facts_of(flow).naming_urls:
        for path, url in urls_of(step, raw=False):
            if re.search(_SECRET, url, re.IGNORECASE):
                message = (
                    "This URL seems to hold a secret. Put it into a secret variable: "
                    "in mbflow.yaml, NAME: {env: PROCESS_VARIABLE, secret: true}."
                )
                yield Finding(message, path)
