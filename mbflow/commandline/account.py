"""The account that a verb looks at: project, environment, and the keys that the lock knows.

Flow files are not read, so that a broken one never keeps anybody from looking.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mbflow.errors import Error, ProblemsError, RefusedError
from mbflow.problem import has_errors
from mbflow.project import Environment

if TYPE_CHECKING:
    from mbflow.api.client import Client
    from mbflow.model import LiveFlow, LockEntry


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
        from mbflow.variables import secret_texts

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
    from mbflow.files.project_file import choose_environment, find_root, read_project
    from mbflow.lock import lock_path, read_lock

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


def missing(account: Account, noun: str, name: str, *commands: str) -> Error:
    """For something that the service does not know; `commands` show what there is."""
    see = ["To see what there is:", *(f"    {command}" for command in commands)]
    return Error(f"{account.place} has no {noun} {name}.", *see)


@contextmanager
def or_missing(account: Account, noun: str, name: str, *commands: str) -> Iterator[None]:
    """A refusal with 404 becomes the error of `missing`: the list or address of something gone."""
    from mbflow.api.failures import Rejected

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
            "    mbflow plan",
        )
    from mbflow.suggestion import did_you_mean

    raise Error(
        f"{account.place} has no call flow {name}.{did_you_mean(name, account.ids)}",
        "It is neither a key in the lock nor the id of a live call flow. To see what there is:",
        "    mbflow flows list",
    )
