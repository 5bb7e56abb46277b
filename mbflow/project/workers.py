"""Work on many items by several processes, where there are enough items to pay for them.

The work is a function from a list of items to plain data. It must not depend on threads.
"""

from __future__ import annotations

import gc
import marshal
import os
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

Item = TypeVar("Item")
Work = Callable[[Sequence[Item]], Any]

WORTH_FORKING = 1000
"""Items. Below, starting a process costs more than it saves."""
_MOST_WORKERS = 8


def in_workers(work: Work[Item], items: Sequence[Item]) -> list[Any]:
    """What `work` gives for the parts of `items`, in order. The results must be plain data.

    A worker that fails says nothing: its part is done again here, where an error can be seen.
    """
    count = _workers_for(len(items))
    size = -(-len(items) // count) if items else 0
    parts = [items[start : start + size] for start in range(0, len(items), size)] if size else []
    pipes = [_started(work, part) for part in parts[1:]]
    results = [work(part) for part in parts[:1]]
    for part, (worker, pipe) in zip(parts[1:], pipes, strict=True):
        with os.fdopen(pipe, "rb") as stream:
            packed = stream.read()
        _, status = os.waitpid(worker, 0)
        results.append(marshal.loads(packed) if status == 0 else work(part))
    return results


@contextmanager
def not_collecting() -> Iterator[None]:
    """Without garbage collection: reading makes much, and no cycles of it."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _workers_for(items: int) -> int:
    if items < WORTH_FORKING or not hasattr(os, "fork") or threading.active_count() > 1:
        return 1
    return max(1, min(_MOST_WORKERS, len(os.sched_getaffinity(0)), items // (WORTH_FORKING // 2)))


def _started(work: Work[Item], part: Sequence[Item]) -> tuple[int, int]:
    """The process that does one part, and the end of the pipe that its result comes from."""
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads that C libraries started
        worker = os.fork()
    if worker:
        os.close(theirs)
        return worker, ours
    failed = 1
    try:
        os.close(ours)
        with os.fdopen(theirs, "wb") as stream:
            stream.write(marshal.dumps(work(part)))
        failed = 0
    finally:
        os._exit(failed)
