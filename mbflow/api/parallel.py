"""Reading in parallel: results in order, the first failure stops the rest, Ctrl-C waits for nobody.

For reads only: threads are daemons, so an interrupted program leaves answers under way behind.
Where the system gives fewer threads, fewer work.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import TypeVar

Argument = TypeVar("Argument")
Result = TypeVar("Result")


def in_parallel(
    function: Callable[[Argument], Result], arguments: Sequence[Argument], workers: int
) -> list[Result]:
    """`function` of each argument; one worker works in the thread that calls.

    Raises what the first failing call raises, after the calls under way have ended.
    """
    if workers == 1 or len(arguments) < 2:
        return [function(argument) for argument in arguments]
    left = deque(enumerate(arguments))
    done: SimpleQueue[tuple[int, Result] | BaseException] = SimpleQueue()

    def work() -> None:
        while (task := _take(left)) is not None:
            number, argument = task
            try:
                done.put((number, function(argument)))
            except BaseException as error:
                left.clear()
                done.put(error)

    threads = []
    with suppress(RuntimeError):
        for _ in range(min(workers, len(arguments))):
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            threads.append(thread)
    if not threads:
        work()
    results: dict[int, Result] = {}
    while len(results) < len(arguments):
        outcome = done.get()
        if isinstance(outcome, BaseException):
            for thread in threads:
                thread.join()
            raise outcome
        results[outcome[0]] = outcome[1]
    return [results[number] for number in range(len(arguments))]


def _take(left: deque[tuple[int, Argument]]) -> tuple[int, Argument] | None:
    try:
        return left.popleft()
    except IndexError:
        return None
