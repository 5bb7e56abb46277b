"""A copy made in the dashboard, once its original is gone there, is the flow of the file."""

from apply.world import spoken

from .ending import end
from .story import Consent, Story


def test_a_copy_without_original_is_deleted_with_the_file(tmp_path):
    """The lock has no entry of the original: the first apply was killed."""
    story = Story(tmp_path)
    with story.told():
        story.history.add(story.main, "a", [spoken("Hello.")])
        story.history.add(story.main, "b", [spoken("Good day.")])
        story.apply(story.main, Consent(reviewed=True), crash=("after-post", 1))
        (original,) = story.world.live()
        story.people.copy(0)
        story.people.delete(0)
        story.apply(story.main, Consent(reviewed=True))
        assert original not in story.world.live()
        story.history.remove(story.main, "a")
        story.apply(story.main, Consent(reviewed=True, allow_deletes=1))
        assert len(story.world.live()) == 1
        end(story)
    story.close()
