"""What verbs that change the files and the lock, and never the service, look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mbflow.planning.survey import Survey


@contextmanager
def surveyed(directory: Path, environment: str | None) -> Iterator[Survey]:
    """Files, lock and account, while nobody else writes in this checkout. Sends only GET."""
    from mbflow.api.connect import open_client
    from mbflow.apply.turn import own_turn, turn_folder
    from mbflow.files.checkout import read_checkout
    from mbflow.planning.survey import Wishes, survey

    checkout = read_checkout(directory, environment)
    with (
        own_turn(turn_folder(checkout.root, checkout.environment)),
        open_client(checkout.root, checkout.environment, can_write=False) as client,
    ):
        yield survey(checkout, client, Wishes())
