"""Which step of the live flow is which step of the file.

Steps are aligned, not indexed: an inserted step must not look like a change of all that follow.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from mbflow.flow.canonical import Form
from mbflow.model.flow import Body, Path, options_in, steps_in

LIKENESS = 0.3
"""Steps of one action are the same step when at least this share of them is equal."""
MOST_PAIRS = 10_000
"""What has more pairs than this is paired in order: to compare each with each takes too long."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs of step indexes, live and desired; what is in no pair was removed or inserted."""

    pairs: tuple[tuple[int, int], ...]
    """(live index, desired index), in the order of the desired steps."""
    live_of: Mapping[int, int]
    """The same pairs: desired index to live index."""
    moved: frozenset[int]
    """Desired indexes of pairs that crossed others."""
    removed: tuple[int, ...]
    inserted: tuple[int, ...]

    def live_path(self, path: Path) -> Path | None:
        """Where a place of the desired flow stands in the live one; None inside a new step."""
        if len(path) < 2 or path[0] != "steps" or not isinstance(path[1], int):
            return path
        live = self.live_of.get(path[1])
        return None if live is None else ("steps", live, *path[2:])


def align(live: Form, desired: Form) -> Alignment:
    """Align the steps of two flows by their ids and by what they do."""
    found, wanted = steps_in(live.labelled), steps_in(desired.labelled)
    before, after = _tokens(found, wanted)
    pairs, gaps = _equal_runs(before, after)
    pairs += _equal_anywhere(gaps, before, after)
    taken_live, taken_desired = {i for i, _ in pairs}, {j for _, j in pairs}
    for lows, highs in gaps:
        pairs += _similar(
            [i for i in lows if i not in taken_live],
            [j for j in highs if j not in taken_desired],
            found,
            wanted,
        )
    return _alignment(sorted(pairs, key=lambda pair: pair[1]), len(before), len(after))


def _alignment(pairs: list[tuple[int, int]], live: int, desired: int) -> Alignment:
    used_live, used_desired = {i for i, _ in pairs}, {j for _, j in pairs}
    return Alignment(
        pairs=tuple(pairs),
        live_of={j: i for i, j in pairs},
        moved=frozenset(j for _, j in pairs) - _longest_run(pairs),
        removed=tuple(i for i in range(live) if i not in used_live),
        inserted=tuple(j for j in range(desired) if j not in used_desired),
    )


def _tokens(before: list[Body], after: list[Body]) -> tuple[list[str], list[str]]:
    """A token a step: its id where it is unique on both sides, else its content."""
    shared = _unique_ids(before) & _unique_ids(after)
    return [_token(s, before, shared) for s in before], [_token(s, after, shared) for s in after]


def _unique_ids(steps: list[Body]) -> set[str]:
    counts = Counter(step.get("id") for step in steps)
    return {name for name, count in counts.items() if isinstance(name, str) and count == 1}


def _token(step: Body, steps: list[Body], shared: set[str]) -> str:
    name = step.get("id")
    if isinstance(name, str) and name in shared:
        return f"id {name}"
    target = step.get("onKeypressGoto")
    inside = isinstance(target, int) and 0 <= target < len(steps)
    return _content(step) + (_content(steps[target]) if inside else "")  # type: ignore[index]


def _content(step: Body) -> str:
    kept = {key: value for key, value in step.items() if key not in ("id", "onKeypressGoto")}
    return json.dumps(kept, sort_keys=True)


Gap = tuple[range, range]


def _equal_runs(before: list[str], after: list[str]) -> tuple[list[tuple[int, int]], list[Gap]]:
    """Runs of equal steps, and the gaps between them.

    The longest run is taken first. In a long flow of many equal steps that takes too long: such a
    flow is cut at its anchors.
    """
    if len(before) * len(after) <= MOST_PAIRS:
        return _longest_runs(before, after, (range(len(before)), range(len(after))))
    pairs = _anchors(before, after)
    gaps: list[Gap] = []
    for lows, highs in _between(pairs, len(before), len(after)):
        if len(lows) * len(highs) <= MOST_PAIRS:
            runs, left = _longest_runs(before, after, (lows, highs))
            pairs += runs
            gaps += left
        else:
            gaps.append((lows, highs))
    return pairs, gaps


def _longest_runs(
    before: list[str], after: list[str], gap: Gap
) -> tuple[list[tuple[int, int]], list[Gap]]:
    pairs: list[tuple[int, int]] = []
    gaps: list[Gap] = []
    lows, highs = gap
    found, wanted = ([tokens[n] for n in of] for tokens, of in ((before, lows), (after, highs)))
    matcher = SequenceMatcher(None, found, wanted, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            pairs += zip(lows[i1:i2], highs[j1:j2], strict=True)
        else:
            gaps.append((lows[i1:i2], highs[j1:j2]))
    return pairs, gaps


def _anchors(before: list[str], after: list[str]) -> list[tuple[int, int]]:
    """Pairs of equal steps, in one order on both sides: at both ends, and those there only once."""
    most = min(len(before), len(after))
    first = next((n for n in range(most) if before[n] != after[n]), most)
    last = next((n for n in range(most - first) if before[~n] != after[~n]), most - first)
    lows, highs = range(first, len(before) - last), range(first, len(after) - last)
    once = _once(before, lows)
    pairs = [(once[token], j) for token, j in _once(after, highs).items() if token in once]
    run = _longest_run(pairs)
    return [
        *((n, n) for n in range(first)),
        *((i, j) for i, j in pairs if j in run),
        *((len(before) - n, len(after) - n) for n in range(last, 0, -1)),
    ]


def _once(tokens: list[str], places: range) -> dict[str, int]:
    """Where each token stands that is at these places only once, in their order."""
    counts = Counter(tokens[n] for n in places)
    return {tokens[n]: n for n in places if counts[tokens[n]] == 1}


def _between(pairs: Sequence[tuple[int, int]], live: int, desired: int) -> Iterator[Gap]:
    low = high = 0
    for i, j in (*pairs, (live, desired)):
        if low < i or high < j:
            yield range(low, i), range(high, j)
        low, high = i + 1, j + 1


def _equal_anywhere(
    gaps: Iterable[Gap], before: list[str], after: list[str]
) -> list[tuple[int, int]]:
    """Equal steps left over in different gaps: steps that moved."""
    waiting: defaultdict[str, deque[int]] = defaultdict(deque)
    gaps = list(gaps)
    for lows, _ in gaps:
        for i in lows:
            waiting[before[i]].append(i)
    pairs = []
    for _, highs in gaps:
        for j in highs:
            if waiting[after[j]]:
                pairs.append((waiting[after[j]].popleft(), j))
    return pairs


def _similar(
    lows: list[int], highs: list[int], live: Sequence[Body], desired: Sequence[Body]
) -> list[tuple[int, int]]:
    """Pair the steps of one gap by likeness, best first; ties go to the nearer pair."""
    if len(lows) * len(highs) > MOST_PAIRS:
        return _in_order(lows, highs, live, desired)
    found = {i: _words(options_in(live[i])) for i in lows}
    wanted = {j: _words(options_in(desired[j])) for j in highs}
    scored = [
        (-_likeness(live[i], desired[j], found[i], wanted[j]), abs(a - b), i, j)
        for a, i in enumerate(lows)
        for b, j in enumerate(highs)
        if live[i].get("action") == desired[j].get("action")
    ]
    pairs: list[tuple[int, int]] = []
    used_low: set[int] = set()
    used_high: set[int] = set()
    for score, _, i, j in sorted(scored):
        if -score >= LIKENESS and i not in used_low and j not in used_high:
            pairs.append((i, j))
            used_low.add(i)
            used_high.add(j)
    rest_low = [i for i in lows if i not in used_low]
    rest_high = [j for j in highs if j not in used_high]
    return pairs + _only_ones(rest_low, rest_high, live, desired)


def _only_ones(
    lows: list[int], highs: list[int], live: Sequence[Body], desired: Sequence[Body]
) -> list[tuple[int, int]]:
    """One step of an action left on each side of a gap: the same step with a new content.

    A transfer has one option; its new destination would else read as a removed and a new step.
    """
    before, after = (
        Counter(str(flow[n].get("action")) for n in places)
        for flow, places in ((live, lows), (desired, highs))
    )
    alone = {action for action in before if before[action] == after[action] == 1}
    wanted = {str(desired[j].get("action")): j for j in highs}
    return [
        (i, wanted[str(live[i].get("action"))]) for i in lows if str(live[i].get("action")) in alone
    ]


def _in_order(
    lows: list[int], highs: list[int], live: Sequence[Body], desired: Sequence[Body]
) -> list[tuple[int, int]]:
    waiting: defaultdict[str, deque[int]] = defaultdict(deque)
    for i in lows:
        waiting[str(live[i].get("action"))].append(i)
    pairs = []
    for j in highs:
        candidates = waiting[str(desired[j].get("action"))]
        if candidates:
            pairs.append((candidates.popleft(), j))
    return pairs


def likeness(left: Body, right: Body) -> float:
    """Share of equal options, or of shared words, whichever is larger; 1 for equal steps."""
    return _likeness(left, right, *(_words(options_in(step)) for step in (left, right)))


def _likeness(left: Body, right: Body, found: Counter[str], wanted: Counter[str]) -> float:
    one, two = options_in(left), options_in(right)
    if not one and not two:
        return 1.0
    names = one.keys() | two.keys()
    equal = sum(1 for name in names if one.get(name) == two.get(name))
    return max(equal / len(names), _shared_words(found, wanted))


def _shared_words(left: Counter[str], right: Counter[str]) -> float:
    if not left or not right:
        return 0.0
    return 2 * sum((left & right).values()) / (left.total() + right.total())


def _words(options: Body) -> Counter[str]:
    texts = [value for value in options.values() if isinstance(value, str)]
    return Counter(word for text in texts for word in text.lower().split())


def _longest_run(pairs: Sequence[tuple[int, int]]) -> frozenset[int]:
    """Desired indexes of a longest run of pairs whose live indexes only grow."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int | None] = []
    for n, (i, _) in enumerate(pairs):
        at = bisect_left(tails, i)
        previous.append(ends[at - 1] if at else None)
        tails[at : at + 1] = [i]
        ends[at : at + 1] = [n]
    run: set[int] = set()
    here = ends[-1] if ends else None
    while here is not None:
        run.add(pairs[here][1])
        here = previous[here]
    return frozenset(run)
