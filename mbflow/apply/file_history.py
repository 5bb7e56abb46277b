"""Flow files as git has had them: which version says what was live before."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from mbflow.flow.canonical import Form, is_alike
from mbflow.model.flow import Flow
from mbflow.model.text import Command
from mbflow.plan.secrets import hide_body
from mbflow.project.branch import former_texts, git_command
from mbflow.project.flow_file import Terms, read_flow
from mbflow.project.load import Checkout
from mbflow.state.lock import FILE


def find_version(
    checkout: Checkout, name: str, is_wanted: Callable[[Flow], bool]
) -> tuple[str, Flow] | None:
    """The newest commit whose file of that name is the wanted flow, and the flow."""
    file = file_of(checkout, name)
    terms = Terms(environments=(checkout.environment,))
    for commit, text in former_texts(checkout.root, file):
        for reading in read_flow(text.encode("utf-8", "surrogateescape"), name, file, terms):
            if reading.flow is not None and is_wanted(reading.flow):
                return commit, reading.flow
    return None


def file_of(checkout: Checkout, name: str) -> str:
    """Below the project's root, also where there is no such file now."""
    return f"{checkout.project.flows.rstrip('/')}/{name}.yaml"


def commands_back(checkout: Checkout, before: Checkout, names: Collection[str]) -> list[Command]:
    """What makes the files of these flows say what those of `before` say, and commits it.

    No commit is reverted: that would take the lock back too, which says what is live now.
    """
    commits: defaultdict[str, list[str]] = defaultdict(list)
    others: list[Command] = []
    for name in sorted(names):
        former, file = before.flows.get(name), file_of(checkout, name)
        if former is None:
            others.append(Command("rm", os.path.relpath(checkout.root / file)))
        elif found := find_version(checkout, name, _like(former, checkout.secrets)):
            commits[found[0]].append(file)
        else:
            others.append(Command("mbflow", "import", name, "--force"))
    root = checkout.root
    restored = (git_command(root, "checkout", one, "--", *of) for one, of in commits.items())
    lock = [] if checkout.environment.is_embedded else [FILE]
    paths = [checkout.project.flows.rstrip("/"), *lock]
    message = ("--message", "Take back what was applied")
    return [
        *restored,
        *others,
        git_command(root, "add", "--all", "--", *paths),
        git_command(root, "commit", *message, "--", *paths),
    ]


def _like(former: Flow, secrets: Mapping[str, str]) -> Callable[[Flow], bool]:
    return lambda flow: is_alike(Form(hide_body(flow.raw, secrets)), Form(former.body))
