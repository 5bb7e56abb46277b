"""URLs that nobody can be asked at."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of
from mbflow.flow.steps import names_url, urls_of
from mbflow.model.flow import Flow
from mbflow.model.web_address import address_trouble
from mbflow.rules.rule import Finding

MANUAL = """\
A URL is one that no web server can be asked at.

It has a blank or a line break in it, an impossible port, a bracket that is never closed, or no
host. The call would go on as if the web server had failed.

Fails:

    title: Orders
    steps:
      - action: fetchCallFlow
        options: {url: "https://calls.example.com:99999/orders"}

Passes:

    title: Orders
    steps:
      - action: fetchCallFlow
        options: {url: "https://calls.example.com:8443/orders"}"""


def check(flow: Flow) -> Iterator[Finding]:
    if not names_url(flow.raw):  # plans ask this of every flow
        return
    for step in facts_of(flow).naming_urls:
        for path, url in urls_of(step):
            trouble = "" if "${" in url else address_trouble(url)
            if trouble:
                message = f"This URL {trouble}. Write it like https://calls.example.com/orders."
                yield Finding(message, path)
