"""Somebody else at work while an apply runs."""

from .counting import counts
from .judging import Span, sounds_alike


class Meanwhile:
    """Never between a read and the write after it, where the API has no protection."""

    def __init__(self, story, judge, deed):
        self.story = story
        self.judge = judge
        self.deed, self.left = deed or (None, 0)
        self.span = self._span()

    def __call__(self, label):
        if self.deed is None or label.startswith("before-"):
            return
        self.left -= 1
        if self.left == 0:
            self.judge.judge(self.span)
            before = self.story.world.live()
            self.deed()
            after = self.story.world.live()
            touched = {
                i
                for i in after
                if i in before and not sounds_alike(self.story, before[i], after[i])
            }
            self.span = self._span(frozenset(touched))
            counts["meddlings"] += 1

    def _span(self, touched=frozenset()):
        return Span(self.story.world.live(), touched)
