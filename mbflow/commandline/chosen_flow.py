"""The flow of the repo that a call is to go through, as its file has it now."""

from __future__ import annotations

from mbflow.errors import ProblemsError, UsageError
from mbflow.files.checkout import Checkout
from mbflow.model import Body, Flow
from mbflow.printable import printable
from mbflow.problem import Severity
from mbflow.suggestion import did_you_mean


def flow_of(checkout: Checkout, key: str) -> Flow:
    """The flow of the key. Problems of other files do not matter to a call.

    Raises `ProblemsError` with those of its file, and `UsageError` for a key that is not there.
    """
    flow = checkout.flows.get(key)
    file = flow.file if flow else f"{checkout.project.flows}/{key}.yaml"
    if key in checkout.broken:
        errors = [p for p in checkout.problems if p.severity is Severity.ERROR and p.file == file]
        raise ProblemsError(errors)
    if flow is None:
        raise UsageError(
            f"There is no call flow {key} for the environment {checkout.environment.name}."
            f"{did_you_mean(key, checkout.flows)}",
            "A key is a file's path below the flows folder without its suffix: billing/menu",
        )
    return flow


def body_for_a_call(flow: Flow) -> Body:
    """Without `default`, which says which flow takes calls that come in."""
    return {name: value for name, value in flow.body.items() if name != "default"}


def file_and_length(flow: Flow) -> str:
    """`flows/menu.yaml (2 steps)`."""
    steps = flow.body.get("steps")
    count = len(steps) if isinstance(steps, list) else 0
    return f"{printable(flow.file)} ({count} step{'s' if count != 1 else ''})"
