"""Work on many items by several processes, where there are enough items to pay for them.

The work is a function from a list of items to plain data. It must not depend on threads.
"""

from __future__ import annotations

import gc
import marshal
import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from mbflow.model.progress import SILENT, Part, Progress

Item = TypeVar("Item")
Work = Callable[[Sequence[Item]], Any]

WORTH_FORKING = 1000
"""Items. Below, starting a process costs more than it saves."""
_MOST_WORKERS = 8
_LABEL = "Reading flow files"
_PARTS_EACH = 8
"""Parts for each process: one that is slow, or has something else to do, does fewer of them."""


def nothing() -> None:
    """What is to be done beside, where there is nothing."""


def in_workers(
    work: Work[Item],
    items: Sequence[Item],
    beside: Callable[[], object] = nothing,
    progress: Progress = SILENT,
) -> list[Any]:
    """What `work` gives for the parts of `items`, in order. The results must be plain data.

    `beside` is done here, once the other processes have begun: it may use threads.
    A worker that fails says nothing: its parts are done again here, where an error can be seen.
    """
    count = _workers_for(len(items))
    if count == 1:
        beside()
        with progress.begin(_LABEL):
            return [work(items)] if items else []
    size = -(-len(items) // (count * _PARTS_EACH))
    parts = [items[start : start + size] for start in range(0, len(items), size)]
    results: dict[int, Any] = {}
    with _started(work, parts, count - 1) as (queue, workers):
        beside()
        # Begun here: what draws it may use threads.
        with progress.begin(_LABEL, len(parts)) as part:
            results.update(_done(part.counts(work), parts, queue))
            results.update(_received(workers, part))
    return [results[n] if n in results else work(part) for n, part in enumerate(parts)]


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
    # Where there is no affinity, on macOS, libraries of the system do not bear a fork.
    can_fork = hasattr(os, "sched_getaffinity") and threading.active_count() == 1
    if items < WORTH_FORKING or not can_fork:
        return 1
    return max(1, min(_MOST_WORKERS, len(os.sched_getaffinity(0)), items // (WORTH_FORKING // 2)))


@contextmanager
def _started(
    work: Work[Item], parts: Sequence[Sequence[Item]], count: int
) -> Iterator[tuple[int, dict[int, int]]]:
    """Processes, each with the end of the pipe that its results come from, and what they take.

    That is a pipe with a byte for each part, its number. No process is left in the end.
    """
    queue, end = os.pipe()
    os.write(end, bytes(range(len(parts))))
    os.close(end)
    workers: dict[int, int] = {}
    try:
        for _ in range(count):
            process, pipe = _worker(work, parts, queue)
            workers[process] = pipe
        yield queue, workers
    finally:
        os.close(queue)
        for process, pipe in workers.items():
            os.close(pipe)
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)


def _done(work: Work[Item], parts: Sequence[Sequence[Item]], queue: int) -> dict[int, Any]:
    """The results of the parts that this process took, by number, when none is left."""
    results = {}
    while number := os.read(queue, 1):
        results[number[0]] = work(parts[number[0]])
    return results


def _received(workers: dict[int, int], told: Part) -> dict[int, Any]:
    """The same of the workers, which end with it."""
    results: dict[int, Any] = {}
    for process, pipe in list(workers.items()):
        with open(pipe, "rb", closefd=False) as stream:
            packed = stream.read()
        _, status = os.waitpid(process, 0)
        os.close(workers.pop(process))
        if status == 0:
            found = marshal.loads(packed)
            results.update(found)
            told.advance(len(found))
    return results


def _worker(work: Work[Item], parts: Sequence[Sequence[Item]], queue: int) -> tuple[int, int]:
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads that C libraries started
        process = os.fork()
    if process:
        os.close(theirs)
        return process, ours
    failed = 1
    try:
        os.close(ours)
        packed = marshal.dumps(_done(work, parts, queue))
        with os.fdopen(theirs, "wb") as stream:
            stream.write(packed)
        failed = 0
    finally:
        os._exit(failed)
