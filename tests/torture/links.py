"""Which number leads to which flow, looked at after each write that the service commits, and what
of it must never happen.
"""

from contextlib import contextmanager
from typing import NamedTuple

from mbflow.plan.model import ChangeKind

from .counting import counts

LINKS = (
    "SELECT tag, parent FROM records AS link WHERE kind = 'number' AND EXISTS (SELECT 1 FROM"
    " records WHERE account = link.account AND kind = 'flow' AND id = link.parent)"
)


class Instant(NamedTuple):
    """One write that changed where numbers lead: pairs of a number and the id of a live flow."""

    before: frozenset
    after: frozenset
    by_hand: bool

    def flows(self, number):
        """To which it led until then."""
        return {flow_id for one, flow_id in self.before if one == number}


class Links:
    """Sees every instant: right before a commit a connection sees what all will see after it."""

    def __init__(self, world):
        self.now = frozenset()
        self._seen = []
        for emulator, by_hand in ((world.emulator, False), (world.by_hand, True)):
            self._watch(emulator._store, by_hand)

    def take(self):
        """The instants since the last time."""
        seen, self._seen = self._seen, []
        return seen

    def flows(self, number):
        return {flow_id for one, flow_id in self.now if one == number}

    def _watch(self, store, by_hand):
        write = store.write

        @contextmanager
        def watched():
            with write() as connection:
                yield connection
                self._look(connection, by_hand)

        store.write = watched

    def _look(self, connection, by_hand):
        counts["instants"] += 1
        found = frozenset(connection.execute(LINKS))
        if found != self.now:
            self._seen.append(Instant(self.now, found, by_hand))
            self.now = found


class NumberJudge:
    """Judges what one apply did with numbers; `judge` is that of its flows, and has judged them."""

    def __init__(self, judge):
        self.judge = judge
        self.leads = {change.number: change for change in judge.numbers}

    def all(self, instants):
        for instant in instants:
            if not instant.by_hand:
                self._judge(instant)

    def _judge(self, instant):
        led = dict(instant.after - instant.before)
        for number, flow_id in instant.before - instant.after:
            if number not in led:
                self._judge_loss(number, flow_id)
        for number, flow_id in led.items():
            self._judge_lead(number, flow_id, instant.flows(number))

    def _judge_loss(self, number, flow_id):
        """Only the delete of its flow, of which somebody knew."""
        change = self.judge.by_id.get(flow_id)
        self.judge.check(
            change is not None
            and change.action is ChangeKind.DELETE
            and change.name in self.judge.consent.allow,
            f"{number} led to {flow_id}, and does not any more",
        )

    def _judge_lead(self, number, flow_id, former):
        check, change = self.judge.check, self.leads.get(number)
        check(change is not None, f"{number} leads to {flow_id}, and no plan said so")
        is_there = flow_id in (change.to.id, *self.judge.born)
        check(is_there, f"{number} leads to {flow_id} instead of {change.to}")
        planned = {change.former.id} if change.former else set()
        check(
            planned <= former if planned else not former,
            f"{number} led to {former} and not as planned to {planned}, and was led away",
        )
        allowed = number in self.judge.consent.allow
        theirs = [one for one in former if not self.judge.is_own(one)]
        check(allowed or not theirs, f"{number} was taken from {theirs}, and nobody allowed it")
        said = self.judge.consent.reviewed or allowed
        check(
            said or not self._is_moved(number, former),
            f"{number} was moved by hand and silently led back",
        )
        self.judge.truth.meant.setdefault(number, set()).add(flow_id)
        self.judge.truth.moved.pop(number, None)

    def _is_moved(self, number, former):
        """By hand, since the last apply, to where mbflow never led it."""
        meant = self.judge.truth.meant.get(number, ())
        own = set(self.judge.locked_numbers.get(number, ()))
        moved = self.judge.truth.moved.get(number)
        return bool(own) and moved in former and moved not in own and moved not in meant
