"""The snapshots of a checkout: what one holds, how the next one is called, which was the last.

The clock may be set back between two runs: a name is always later than those that are there.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mbflow.model.errors import Error
from mbflow.model.flow import Json, SafeBody

_FOLDER = "snapshots"
_SECOND = "%Y%m%dT%H%M%SZ"


def snapshot_path(state: Path, now: float, name: str) -> Path:
    """Where the next snapshot goes, below the folder of the environment; `now` is Unix seconds."""
    second = datetime.fromtimestamp(now, UTC)
    for other in _found(state):
        with suppress(ValueError, OverflowError):
            named = datetime.strptime(_second_of(other), _SECOND).replace(tzinfo=UTC)
            second = max(second, named + timedelta(seconds=1))
    return state / _FOLDER / f"{second.strftime(_SECOND)}-{name}.jsonl"


def snapshot_record(
    name: str,
    action: str,
    flow_id: str,
    before: SafeBody | None,
    *,
    was: str = "",
    numbers: Collection[str] = (),
    protect: bool = False,
) -> dict[str, Json]:
    """One body as it was before it was touched; `before` is None for a flow that was created.

    `was` is the name that the flow had, where it moves; `numbers` led to it when it was deleted,
    and `protect` says that it was protected then.
    """
    return {
        "flow": name,
        "action": action,
        "id": flow_id,
        "was": was or None,
        "before": before,
        "numbers": list(numbers),
        "protect": protect,
    }


def number_record(number: str, former: str, former_id: str, to_id: str) -> dict[str, Json]:
    """Where a number led before it was led to another flow.

    `former` is that flow's name, or its live id where it had none here; both are "" for nowhere.
    """
    return {
        "number": number,
        "from": former or None,
        "from_id": former_id or None,
        "to_id": to_id,
    }


def last_snapshot(state: Path) -> Path | None:
    """The newest one that holds anything: a full disk leaves empty ones."""
    return max((path for path in _found(state) if path.stat().st_size), key=_age, default=None)


def _found(state: Path) -> list[Path]:
    folder = state / _FOLDER
    try:
        return [path for path in folder.iterdir() if path.suffix == ".jsonl" and path.is_file()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Error(f"{folder} cannot be read: {error.strerror}.") from error


def _age(snapshot: Path) -> tuple[str, int]:
    """The second in its name, then when it was written: others may have named two alike."""
    return _second_of(snapshot), snapshot.stat().st_mtime_ns


def _second_of(snapshot: Path) -> str:
    return snapshot.name.partition("-")[0]
