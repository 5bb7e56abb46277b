"""A comment as a reader of Markdown makes it: its elements, and what is outside of code."""

import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
KNOWN = {"h3", "h4", "p", "ul", "li", "strong", "b", "em", "code", "pre", "details", "summary", "a"}


class CommentPage(HTMLParser):
    """Fails on an element that no comment of ours has, and on one that is not closed."""

    def __init__(self, markdown):
        super().__init__()
        self.open, self.prose, self.links, self.comments = [], [], [], []
        self.feed(READER.render(markdown))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert tag in KNOWN, tag
        assert {name for name, _ in attrs} <= {"details": {"open"}, "a": {"href"}}.get(
            tag, {"class"}
        )
        self.links += [value for name, value in attrs if name == "href"]
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"code", "pre"} & {*self.open}:
            self.prose.append(data)

    def handle_comment(self, data):
        self.comments.append(data)


def assert_is_safe(markdown):
    """No text of a flow is obeyed: no element, no link, no mention, no reference, no picture."""
    page = CommentPage(markdown)
    assert len(page.comments) == 1 and markdown.startswith("<!-- mbflow ")
    prose = "".join(page.prose)
    assert not re.search(r"[@#<>\[\]!~`$\x1b\u202e]|://|www\.|\*\*|evil|GH-|:\w+:", prose), prose
    return page
