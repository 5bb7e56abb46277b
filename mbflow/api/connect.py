"""The client for an environment of the project: the built-in emulator, or a remote service."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mbflow.api.client import Client
from mbflow.model.errors import Error, RefusedError
from mbflow.model.progress import SILENT, Progress
from mbflow.model.project import LOCAL, Environment
from mbflow.model.text import lines_to_set
from mbflow.project.local_folder import state_folder
from mbflow.project.variables import secrets_of

if TYPE_CHECKING:
    import httpx


def open_client(
    root: Path,
    environment: Environment,
    *,
    can_write: bool,
    workers: int = 8,
    secrets: Collection[str] = (),
    environ: Mapping[str, str] = os.environ,
    progress: Progress = SILENT,
    tell: Callable[[str], object] | None = None,
) -> Client:
    """A client that is to be closed; closing it closes an emulator in process too.

    The built-in emulator lives in `.mbflow/NAME/emulator.sqlite3` below the project's root and
    takes one request at a time. No message shows any of the `secrets`, or of those of the
    environment. For a remote service the access key comes from `environ`; raises `Error` when it is
    missing or cannot be a key, RefusedError when it is of the other kind than is stated.
    `progress` and `tell` are as for `Client`.
    """
    secrets = {*secrets, *secrets_of(environment).values()}
    if environment.is_embedded:
        database = state_folder(root, environment) / "emulator.sqlite3"
        transport, close = _emulator(database)
        return Client(
            environment.endpoint,
            None,
            can_write=can_write,
            workers=1,
            transport=transport,
            on_close=close,
            secrets=secrets,
            progress=progress,
            tell=tell,
        )
    return Client(
        environment.endpoint,
        _access_key(environment, environ),
        can_write=can_write,
        workers=workers,
        key_source=environment.access_key_env,
        secrets=secrets,
        progress=progress,
        tell=tell,
    )


def _emulator(
    database: Path,
) -> tuple[Callable[[], httpx.BaseTransport], Callable[[], object]]:
    """What makes transports to an emulator in this process, and what closes it."""
    # Loaded only here: a remote service needs none of it.
    from mbflow.api.emulator_transport import EmulatorTransport
    from mbflow.emulator.app import Emulator

    emulator = Emulator(database, account=LOCAL)
    return lambda: EmulatorTransport(emulator), emulator.close


def _access_key(environment: Environment, environ: Mapping[str, str]) -> str:
    key = environ.get(environment.access_key_env, "")
    if not key:
        raise Error(
            f"No access key for {environment.name}: put it into the process variable "
            f"{environment.access_key_env}.",
            *lines_to_set(environment.access_key_env),
        )
    _check_kind(key, environment)
    return key


def _check_kind(key: str, environment: Environment) -> None:
    """Raise RefusedError for a key that says by its beginning that it is of the other kind."""
    wanted = environment.access_key_kind
    says = next((kind for kind in ("live", "test") if key.startswith(f"{kind}_")), wanted)
    if not wanted or says == wanted:
        return
    raise RefusedError(
        f"The access key for {environment.name} is a {says} key, and mbflow.yaml says "
        f"`access_key_kind: {wanted}`. Nothing was asked.",
        f"Put the {wanted} key of {environment.name} into the process variable "
        f"{environment.access_key_env}.",
        *lines_to_set(environment.access_key_env),
    )
