"""Complete URLs."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of
from mbflow.flow.steps import urls_of
from mbflow.model.flow import Flow
from mbflow.model.web_address import address_trouble, is_complete
from mbflow.rules.rule import Finding

MANUAL = """\
A URL is not complete, or has a scheme that the service cannot use.

The service needs the complete URL: `https://…`.

Fails:

    title: Orders
    steps:
      - action: fetchCallFlow
        options: {url: "calls.example.com/orders"}

Passes:

    title: Orders
    steps:
      - action: fetchCallFlow
        options: {url: "https://calls.example.com/orders"}"""


def check(flow: Flow) -> Iterator[Finding]:
    for step in facts_of(flow).naming_urls:
        for path, url in urls_of(step):
            if not url.startswith("${") and not is_complete(url) and not address_trouble(url):
                message = "This is not a complete URL. Write it with https:// and a host."
                yield Finding(message, path)
