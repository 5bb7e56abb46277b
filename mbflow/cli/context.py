"""The account that a verb looks at: project, environment, live flows, names in the lock.

Flow files are not read, so that a broken one never keeps anybody from looking.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from mbflow.cli.notes import request_teller, shown_progress
from mbflow.model.errors import Error, ProblemsError, RefusedError
from mbflow.model.flow import LiveFlow
from mbflow.model.problem import has_errors
from mbflow.model.project import Environment, place_words
from mbflow.model.text import Command, Line, did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.api.client import Client
    from mbflow.cli.options import AccountOptions
    from mbflow.model.flow import LockEntry, RawFlow
    from mbflow.plan.survey import Survey

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Account:
    """Where a verb looks, and what the lock says of the flows there."""

    root: Path
    environment: Environment
    ids: Mapping[str, str] = field(default_factory=dict)
    """Name to the id of its live flow, as the lock has them."""
    trouble: str = ""
    """Why the lock could not be read."""
    entries: Mapping[str, LockEntry] = field(default_factory=dict)
    """Id of a live flow to what the lock says of it."""
    output_format: str = "text"
    """How the verb is to show what it finds."""

    @property
    def names(self) -> dict[str, str]:
        """Id to name."""
        return {flow_id: name for name, flow_id in self.ids.items()}

    @property
    def place(self) -> str:
        """For messages: `production (https://voice.messagebird.com)`."""
        return place_words(self.environment.name, self.environment.endpoint)

    @property
    def secrets(self) -> dict[str, str]:
        """What `secrets_of` says of the environment. Raises `Error` for one that is too short."""
        from mbflow.plan.secrets import check_lengths
        from mbflow.project.variables import secrets_of

        known = secrets_of(self.environment)
        check_lengths(known)
        return known

    def hide_secrets(self, flow: RawFlow) -> LiveFlow:
        """The flow with `${name}` where it holds the value of a secret variable.

        Former secrets are covered, as far as the lock knows of them.
        """
        from mbflow.plan.secrets import covered, hide_flow

        hidden, entry = hide_flow(flow, self.secrets), self.entries.get(flow.id)
        return LiveFlow(hidden.id, covered(hidden.body, None, entry, self.secrets))


def read_account(options: AccountOptions, *, needs_lock: bool = False) -> Account:
    """What `mbflow.yaml` and the lock say.

    Raises `Error` where one of them cannot be used; a lock that is not needed is then `trouble`.
    """
    from mbflow.project.discover import find_root
    from mbflow.project.project_file import check_is_project, choose_environment, read_project
    from mbflow.state.lock import lock_path, read_lock

    stated = read_project(find_root(options.directory), os.environ)
    if has_errors(stated.problems):
        raise ProblemsError(stated.problems)
    check_is_project(stated)
    chosen = choose_environment(stated.project, options.environment)
    account = Account(stated.root, chosen, output_format=options.output_format)
    try:
        lock = read_lock(lock_path(stated.root, chosen.name, embedded=chosen.is_embedded))
    except RefusedError as refusal:
        if needs_lock:
            raise
        return replace(account, trouble=refusal.summary)
    entries = lock.of(chosen.name)
    return replace(
        account,
        ids={name: entry.id for name, entry in entries.items()},
        entries={entry.id: entry for entry in entries.values()},
    )


def open_account(
    account: Account, *, can_write: bool = False, secrets: Collection[str] = ()
) -> Client:
    """A client, to be closed; it sends only GET unless it `can_write`.

    No message shows any of the `secrets`.
    """
    return connect(account.root, account.environment, can_write=can_write, secrets=secrets)


def connect(root: Path, environment: Environment, *, can_write: bool, **others: Any) -> Client:
    """A client, to be closed, that shows how far it is, and with `-v` each request."""
    from mbflow.api.connect import open_client

    others |= {"progress": shown_progress(), "tell": request_teller()}
    return open_client(root, environment, can_write=can_write, **others)


def missing(account: Account, noun: str, name: str, *commands: Command, hint: str = "") -> Error:
    """For something that the service does not know; `commands` show what there is."""
    see: tuple[Line, ...] = ("To see what there is:", *commands)
    return Error(f"{account.place} has no {noun} {name}.", *([hint] if hint else []), *see)


def need(
    account: Account, value: Value | None, noun: str, name: str, *commands: Command, hint: str = ""
) -> Value:
    """The value; raises the error of `missing` where there is none."""
    if value is None:
        raise missing(account, noun, name, *commands, hint=hint)
    return value


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
    """The live flow of a name or an id, to be shown, and its name if the lock knows it."""
    flow_id = account.ids.get(name, name)
    flow = client.get_call_flow(flow_id)
    if flow is not None:
        return account.hide_secrets(flow), account.names.get(flow_id)
    if name in account.ids:
        raise Error(
            f"{name} is {flow_id} by the lock, but {account.place} has no such call flow.",
            "To see what that means for the next apply:",
            Command("mbflow", "plan"),
        )
    raise Error(
        f"{account.place} has no call flow {name}.{did_you_mean(name, account.ids)}",
        "It is neither a name in the lock nor the id of a live call flow. To see what there is:",
        Command("mbflow", "flows", "list"),
    )


@contextmanager
def survey_account(directory: Path, environment: str | None) -> Iterator[tuple[Survey, Client]]:
    """Files, lock and account, while nobody else writes in this checkout; and a client.

    It sends only GET.
    """
    from mbflow.apply.run_lock import own_turn, turn_folder
    from mbflow.plan.survey import Wishes, survey
    from mbflow.project.load import read_checkout

    checkout = read_checkout(directory, environment, progress=shown_progress())
    with (
        own_turn(turn_folder(checkout.root, checkout.environment)),
        connect(checkout.root, checkout.environment, can_write=False) as client,
    ):
        yield survey(checkout, client, Wishes()), client
