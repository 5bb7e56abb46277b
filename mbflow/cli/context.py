"""The account that a verb looks at: project, environment, live flows, names in the lock.

Flow files are not read, so that a broken one never keeps anybody from looking.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mbflow.model.errors import Error, ProblemsError, RefusedError, UsageError
from mbflow.model.flow import Body, Flow
from mbflow.model.problem import Severity, has_errors
from mbflow.model.project import Environment
from mbflow.model.text import Command, did_you_mean, printable

if TYPE_CHECKING:
    from mbflow.api.client import Client
    from mbflow.model.flow import LiveFlow, LockEntry, Number
    from mbflow.plan.survey import Survey
    from mbflow.project.load import Checkout


@dataclass(frozen=True, slots=True)
class Account:
    root: Path
    environment: Environment
    ids: Mapping[str, str] = field(default_factory=dict)
    """Key to the id of its live flow, as the lock has them."""
    trouble: str = ""
    """Why the lock could not be read."""
    entries: Mapping[str, LockEntry] = field(default_factory=dict)
    """Id of a live flow to what the lock says of it."""

    @property
    def keys(self) -> dict[str, str]:
        """Id to key."""
        return {flow_id: key for key, flow_id in self.ids.items()}

    @property
    def place(self) -> str:
        """For messages: `production (https://voice.messagebird.com)`."""
        return f"{self.environment.name} ({self.environment.endpoint})"

    @property
    def secrets(self) -> dict[str, str]:
        """Name to value of the secret variables."""
        from mbflow.project.variables import secret_texts

        known = secret_texts(self.environment.variables)
        return {name: value for name, value in known.items() if value}

    def shown(self, flow: LiveFlow) -> LiveFlow:
        """The flow with `${name}` where it holds the value of a secret variable.

        Former secrets are covered, as far as the lock knows of them.
        """
        from mbflow.plan.secrets import hide_body
        from mbflow.plan.sent_secrets import covered

        hidden, entry = hide_body(flow.body, self.secrets), self.entries.get(flow.id)
        return replace(flow, body=covered(hidden, None, entry, self.secrets))


def read_account(directory: Path, environment: str | None, *, needs_lock: bool = True) -> Account:
    """What `mbflow.yaml` and the lock say.

    Raises `Error` where one of them cannot be used; a lock that is not needed is then `trouble`.
    """
    from mbflow.project.project_file import choose_environment, find_root, read_project
    from mbflow.state.lock import lock_path, read_lock

    stated = read_project(find_root(directory), os.environ)
    if has_errors(stated.problems):
        raise ProblemsError(stated.problems)
    chosen = choose_environment(stated.project, environment)
    try:
        lock = read_lock(lock_path(stated.root, chosen.name, embedded=chosen.is_embedded))
    except RefusedError as refusal:
        if needs_lock:
            raise
        return Account(stated.root, chosen, trouble=refusal.summary)
    locked = lock.of(chosen.name)
    ids = {key: entry.id for key, entry in locked.items()}
    return Account(stated.root, chosen, ids, entries={one.id: one for one in locked.values()})


def open_account(account: Account, *, can_write: bool, secrets: Collection[str] = ()) -> Client:
    """A client, to be closed; no message shows any of the `secrets`."""
    from mbflow.api.connect import open_client

    return open_client(account.root, account.environment, can_write=can_write, secrets=secrets)


def missing(account: Account, noun: str, name: str, *commands: Command) -> Error:
    """For something that the service does not know; `commands` show what there is."""
    return Error(f"{account.place} has no {noun} {name}.", "To see what there is:", *commands)


@contextmanager
def or_missing(account: Account, noun: str, name: str, *commands: Command) -> Iterator[None]:
    """A refusal with 404 becomes the error of `missing`: the list or address of something gone."""
    from mbflow.api.errors import Rejected

    try:
        yield
    except Rejected as rejection:
        if rejection.status != 404:
            raise
        raise missing(account, noun, name, *commands) from rejection


def find_flow(account: Account, client: Client, name: str) -> tuple[LiveFlow, str | None]:
    """The live flow of a key or an id, to be shown, and its key if the lock knows it."""
    flow_id = account.ids.get(name, name)
    flow = client.get_call_flow(flow_id)
    if flow is not None:
        return account.shown(flow), account.keys.get(flow_id)
    if name in account.ids:
        raise Error(
            f"{name} is {flow_id} by the lock, but {account.place} has no such call flow.",
            "To see what that means for the next apply:",
            Command("mbflow", "plan"),
        )
    from mbflow.model.text import did_you_mean

    raise Error(
        f"{account.place} has no call flow {name}.{did_you_mean(name, account.ids)}",
        "It is neither a key in the lock nor the id of a live call flow. To see what there is:",
        Command("mbflow", "flows", "list"),
    )


def led_flows(account: Account, client: Client) -> list[tuple[LiveFlow, list[Number]]]:
    """Every live flow that a number leads to, with its numbers, in the service's order.

    Sends a GET for each flow. Raises `ApiError` where one of them cannot be answered.
    """
    from mbflow.api.parallel import in_parallel

    flows = client.list_call_flows()
    numbers = in_parallel(client.list_numbers, [flow.id for flow in flows], client.workers)
    pairs = zip(map(account.shown, flows), numbers, strict=True)
    return [(flow, found) for flow, found in pairs if found]


def leaving(
    account: Account, client: Client, flow_id: str, wanted: Sequence[str]
) -> list[tuple[str, LiveFlow]]:
    """The wanted numbers, in digits, that lead to another flow than this now; and which flow."""
    others = [(flow, found) for flow, found in led_flows(account, client) if flow.id != flow_id]
    leads = {number.number.lstrip("+"): flow for flow, found in others for number in found}
    return [(digits, leads[digits]) for digits in wanted if digits in leads]


@contextmanager
def survey_account(directory: Path, environment: str | None) -> Iterator[Survey]:
    """Files, lock and account, while nobody else writes in this checkout. Sends only GET."""
    from mbflow.api.connect import open_client
    from mbflow.apply.run_lock import own_turn, turn_folder
    from mbflow.plan.survey import Wishes, survey
    from mbflow.project.load import read_checkout

    checkout = read_checkout(directory, environment)
    with (
        own_turn(turn_folder(checkout.root, checkout.environment)),
        open_client(checkout.root, checkout.environment, can_write=False) as client,
    ):
        yield survey(checkout, client, Wishes())


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
