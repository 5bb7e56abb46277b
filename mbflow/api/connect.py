"""The client for an environment of the project: the exchange in process, or a remote service."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from mbflow.api.client import Client
from mbflow.errors import Error, RefusedError
from mbflow.printable import command
from mbflow.project import LOCAL, Environment

STATE = ".mbflow"
"""The folder of everything local; it ignores itself in git."""


def open_client(
    root: Path,
    environment: Environment,
    *,
    can_write: bool,
    workers: int = 8,
    secrets: Collection[str] = (),
    environ: Mapping[str, str] = os.environ,
) -> Client:
    """A client that is to be closed; closing it closes an exchange in process too.

    The embedded exchange lives in `.mbflow/NAME/exchange.sqlite3` below the project's root and
    takes one request at a time. No message shows any of the `secrets`. For a remote service the
    access key comes from `environ`; raises `Error` when it is missing or cannot be a key.
    """
    if environment.is_embedded:
        return _embedded(root, environment, can_write=can_write, secrets=secrets)
    return Client(
        environment.endpoint,
        _access_key(environment, environ),
        can_write=can_write,
        workers=workers,
        key_source=environment.access_key_env,
        secrets=secrets,
    )


def state_folder(root: Path, environment: Environment) -> Path:
    """`.mbflow/NAME/`, made if need be. Raises `Error` when it cannot be made or named so.

    Raises `RefusedError` where a link in it leads out of the project: a repository of a stranger
    must not choose which files are written.
    """
    if not _is_file_name(environment.name):
        raise Error(
            f"The environment's name cannot name a folder: {environment.name}",
            "Use letters, digits, dots, hyphens and underscores.",
        )
    folder = root / STATE / environment.name
    _refuse_links(root, root / STATE, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = root / STATE / ".gitignore"
        if not os.path.lexists(ignore):
            ignore.write_text("*\n", encoding="utf-8")
        _refuse_links(root, *folder.parent.iterdir(), *folder.iterdir())
    except OSError as error:
        raise Error(
            f"{folder} cannot be made: {error.strerror}.",
            "Nothing was changed. Work in a checkout that can be written.",
        ) from error
    return folder


def _refuse_links(root: Path, *paths: Path) -> None:
    real_root = os.path.realpath(root)
    for path in paths:
        if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(real_root):
            raise RefusedError(
                f"{path} is a link that leads out of the project, and mbflow writes there.",
                "Remove the link; a missing file or folder is made:",
                f"    {command('rm', str(path))}",
            )


def _embedded(
    root: Path, environment: Environment, *, can_write: bool, secrets: Collection[str]
) -> Client:
    from mbflow.api.embedded import embedded_transport
    from mbflow.exchange.app import Exchange

    database = state_folder(root, environment) / "exchange.sqlite3"
    exchange = Exchange(database, account=LOCAL)
    return Client(
        environment.endpoint,
        None,
        can_write=can_write,
        workers=1,
        transport=lambda: embedded_transport(exchange),
        on_close=exchange.close,
        secrets=secrets,
    )


def _access_key(environment: Environment, environ: Mapping[str, str]) -> str:
    key = environ.get(environment.access_key_env, "")
    if not key:
        raise Error(
            f"No access key: set {environment.access_key_env} to the key of the environment "
            f"{environment.name}."
        )
    return key


def _is_file_name(name: str) -> bool:
    plain = name.replace("-", "").replace("_", "").replace(".", "")
    return plain.isalnum() and not name.startswith(".") and len(name.encode()) <= 100
