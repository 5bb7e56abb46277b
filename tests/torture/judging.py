"""What must never happen, told from the account before and after, and from what was approved."""

from dataclasses import dataclass

from mbflow.emulator.quirks import Quirk
from mbflow.flow.canonical import Form, is_alike
from mbflow.plan.model import ChangeKind

from .bodies import heard
from .links import NumberJudge


@dataclass
class Span:
    """A part of one apply in which nobody else touched the account."""

    before: dict
    touched: frozenset = frozenset()
    """Ids that somebody changed since the plan was made."""


class Judge:
    def __init__(self, story, side, consent, saved):
        self.story = story
        self.truth = story.truth
        self.side = side
        self.consent = consent
        self.saved = saved
        self.born = set()
        self.locked = {entry.id for entry in story.entries(side).values()}
        self.tied = {e.id for one in story.sides for e in story.entries(one).values()}
        """Locked by any side."""
        self.locked_numbers = story.locked_numbers(side)
        self.numbers = []

    def judge(self, span):
        after = self.story.world.live()
        last = self.side.repo.last
        self.approved = list(last.approved.flows) if last else []
        self.numbers = list(last.approved.numbers) if last else []
        self.by_id = {change.id: change for change in self.approved if change.id}
        if self.saved is not None:
            planned = {change.name for change in self.saved.everything}
            done = {change.name for change in (*self.approved, *self.numbers)}
            self.check(done <= planned, "more than the saved plan says")
        for flow_id in [one for one in span.before if one not in after]:
            self._judge_delete(flow_id, span)
        for flow_id in [one for one in after if one not in span.before]:
            creates = any(change.action is ChangeKind.CREATE for change in self.approved)
            self.check(creates, f"{flow_id} was created, and nothing was to be created")
            self.truth.owner[flow_id] = self.side.name
            self.truth.written[flow_id] = after[flow_id]
            self.born.add(flow_id)
        for flow_id in [one for one in after if one in span.before]:
            if heard(span.before[flow_id]) != heard(after[flow_id]):
                self._judge_change(span, span.before[flow_id], after[flow_id])
                self.truth.written[flow_id] = after[flow_id]
        defaults = [flow_id for flow_id, body in after.items() if body["default"]]
        self.check(len(defaults) <= 1, f"two default flows: {defaults}")
        NumberJudge(self).all(self.story.links.take())
        self._note_heirs()

    def check(self, truth, text):
        self.story.check(truth, f"{self.side.name}: {text}")

    def is_own(self, flow_id):
        """Whether the side has it, as far as anybody can tell here."""
        untold = self.story.is_blind or (self.story.has_strays and flow_id not in self.tied)
        known = flow_id in self.locked or flow_id in self.truth.copies
        return known or untold or self.truth.owner[flow_id] == self.side.name

    def _note_heirs(self):
        """Once its original is gone, a copy takes its place, without a change to the copy."""
        for entry in self.story.entries(self.side).values():
            if entry.id in self.truth.copies and self.truth.owner[entry.id] == "hand":
                self.truth.owner[entry.id] = self.side.name
                self.truth.kept.pop(entry.id, None)

    def _judge_delete(self, flow_id, span):
        change, owner = self.by_id.get(flow_id), self.truth.owner[flow_id]
        self.check(
            change is not None and change.action is ChangeKind.DELETE,
            f"{flow_id} was deleted, and no delete of it was approved",
        )
        self.check(owner == self.side.name, f"{flow_id} of {owner} was deleted")
        seen = flow_id in span.touched and not self._is_hidden(change, span.before[flow_id])
        self.check(not seen, f"{flow_id} was edited meanwhile and deleted")
        self.check(
            not span.before[flow_id]["default"] or change.name in self.consent.allow,
            f"{flow_id} was the default, and {change.name} was not allowed",
        )
        self.check(
            self.consent.reviewed or self.consent.allow_deletes is not None or change.declared,
            f"{flow_id} was deleted, and nobody looked or counted",
        )

    def _is_hidden(self, change, body):
        """Whether nothing but the title was edited, and answers by id do not show it.

        Such an edit after the listing, in the second of the one before, cannot be told by anybody.
        """
        untitled = {**change.before, "title": ""}, {**body, "title": ""}
        return Quirk.GET_WITHOUT_TITLE in self.story.quirks and is_alike(*map(Form, untitled))

    def _judge_change(self, span, before, after):
        flow_id = before["id"]
        change, owner = self.by_id.get(flow_id), self.truth.owner[flow_id]
        if change is None and flow_id in self.born:
            alone = sounds_alike(self.story, before, after) or flow_id not in span.touched
            self.check(alone, f"{flow_id} was edited meanwhile and overwritten")
            return
        if change is None:
            self._judge_handover(before, after)
            return
        self._judge_ownership(flow_id, owner, change)
        if sounds_alike(self.story, before, after):
            return
        seen = flow_id in span.touched and not self._is_hidden(change, before)
        self.check(not seen, f"{flow_id} was edited meanwhile and overwritten")
        was_edited = not sounds_alike(self.story, self.truth.written.get(flow_id, before), before)
        said = self.consent.reviewed or change.name in self.consent.allow
        self.check(
            said or not was_edited or not self.side.base_known,
            f"{flow_id} was edited by hand and silently overwritten",
        )

    def _judge_ownership(self, flow_id, owner, change):
        if owner != "hand":
            is_stray = self.story.has_strays and flow_id not in self.tied
            told_apart = owner == self.side.name or self.story.is_blind or is_stray
            self.check(told_apart, f"{flow_id} of {owner} was changed")
            self.truth.owner[flow_id] = self.side.name if is_stray else owner
            return
        is_known = flow_id in self.locked or flow_id in self.truth.copies
        self.check(
            change.action is ChangeKind.ADOPT or is_known,
            f"{flow_id} was made by hand and taken over",
        )
        self.truth.owner[flow_id] = self.side.name
        self.truth.kept.pop(flow_id, None)

    def _judge_handover(self, before, after):
        """Another flow became the default, so this one is it no more."""
        wants = any((change.after or {}).get("default") for change in self.approved)
        gave_up = {**heard(before), "default": False} == heard(after) and before["default"]
        self.check(
            wants and gave_up,
            f"{before['id']} was changed without a change in the plan:\n  {before}\n  {after}",
        )
        if self.truth.owner[before["id"]] == "hand":
            self.truth.kept[before["id"]] = after


def sounds_alike(story, one, two):
    """Nothing changed that this service shows, but perhaps the default."""
    hidden = {"default": False}
    if Quirk.LIST_WITHOUT_TITLES in story.quirks:
        hidden["title"] = ""
    return is_alike(Form({**one, **hidden}), Form({**two, **hidden}))
