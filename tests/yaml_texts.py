"""Strategies: a document as people write it, in any style and with comments everywhere."""

import json
from random import Random

from hypothesis import strategies as st

from mbflow.project.yaml.parser import is_text_everywhere
from mbflow.project.yaml.scalar import quoted, scalar_text

COMMENTS = ["# orders", "# a: b", "#x", "# - no step", '# "quoted"', "# é", "#", "# ## [x]"]


class Writer:
    """Writes one document; every comment is unlike all others."""

    def __init__(self, random):
        self.random = random
        self.count = 0
        self.indent = random.choice([2, 2, 4])
        self.dash_indent = random.choice([0, 2])
        self.comments = []
        self.anchors = {}

    def chance(self, of=4):
        return self.random.randint(0, of) == 0

    def comment(self):
        self.count += 1
        text = f"{self.random.choice(COMMENTS)} {self.count}"
        self.comments.append(text)
        return text

    def above(self, column):
        lines = []
        while self.chance():
            lines.append("" if self.chance(2) else " " * column + self.comment())
        return lines

    def beside(self):
        return f"{self.random.choice(['  ', '   ', ' '])}{self.comment()}" if self.chance() else ""

    def anchor(self, value):
        """A name for a list or mapping, or an alias of one that is the same; often nothing."""
        text = json.dumps(value)
        if text in self.anchors and self.chance(1):
            return f" *{self.anchors[text]}"
        if not self.chance(2):
            return ""
        self.count += 1
        self.anchors[text] = f"a{self.count}"
        return f" &{self.anchors[text]}"

    def document(self, value):
        lines = [*self.above(0), *self.block(value, 0), *self.above(0)]
        return "\n".join(lines) + self.random.choice(["\n", "\n", "", "\n\n"])

    def block(self, value, column):
        lines = []
        if isinstance(value, dict):
            for key, item in value.items():
                lines += [*self.above(column), *self.pair(key, item, column)]
            return lines
        for item in value:
            lines += [*self.above(column), *self.item(item, column)]
        return lines

    def pair(self, key, item, column):
        pad, name = " " * column, scalar_text(key, in_brackets=True)
        if isinstance(item, (dict, list)) and item and not self.chance(3):
            inner = column + (self.dash_indent if isinstance(item, list) else self.indent)
            anchor = self.anchor(item)
            if isinstance(item, dict) and not anchor and self.chance(9):
                return self.announced(f"{pad}? {name}{self.beside()}", item, column)
            head = f"{pad}{name}:{anchor}{self.beside()}"
            return [head] if "*" in anchor else [head, *self.block(item, inner)]
        return self.beside_key(f"{pad}{name}: ", item, column + self.indent)

    def announced(self, head, item, column):
        """A pair whose colon stands on a line below its key, and comments between them."""
        lines = self.block(item, column + 2)
        place = next(n for n, one in enumerate(lines) if one and one.lstrip()[0] != "#")
        lines[place] = f"{' ' * column}: {lines[place].lstrip()}"
        return [head, *lines]

    def item(self, item, column):
        pad = " " * column
        if isinstance(item, (dict, list)) and item and not self.chance(3):
            anchor = self.anchor(item)
            if "*" in anchor:
                return [f"{pad}-{anchor}{self.beside()}"]
            first, *more = self.block(item, column + 2)
            if anchor:
                return [f"{pad}-{anchor}{self.beside()}", first, *more]
            if first.lstrip().startswith("#") or not first or self.chance():
                return [f"{pad}-{self.beside()}", first, *more]
            return [f"{pad}- {first.lstrip()}", *more]
        return self.beside_key(f"{pad}- ", item, column + 2)

    def beside_key(self, head, value, column):
        if isinstance(value, str) and self.chance(2) and is_foldable(value):
            lines = value.split(" ") if self.chance(1) else [value]
            pad = " " * column
            return [f"{head}>-{self.beside()}", *(pad + line for line in lines)]
        if isinstance(value, (dict, list)) and value and self.chance(2):
            first, *more = self.brackets_over_lines(value, " " * column)
            return [head + first, *more]
        return [f"{head}{self.brackets(value)}{self.beside()}"]

    def brackets(self, value):
        if isinstance(value, dict):
            pairs = [f"{json.dumps(key)}: {self.brackets(item)}" for key, item in value.items()]
            return "{" + ", ".join(pairs) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self.brackets, value)) + "]"
        return self.scalar(value)

    def brackets_over_lines(self, value, pad):
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        parts = self.brackets_of(value)
        lines = [opening]
        for number, part in enumerate(parts):
            lines += self.above(len(pad))
            comma = "," if number + 1 < len(parts) or self.chance(1) else ""
            lines.append(f"{pad}{part}{comma}{self.beside()}")
        return [*lines, *self.above(len(pad)), f"{pad}{closing}{self.beside()}"]

    def brackets_of(self, value):
        if isinstance(value, dict):
            return [f"{json.dumps(key)}: {self.brackets(item)}" for key, item in value.items()]
        return [self.brackets(item) for item in value]

    def scalar(self, value):
        if not isinstance(value, str):
            return json.dumps(value)
        if value.isprintable() and self.chance(2):
            return "'" + value.replace("'", "''") + "'"
        if self.chance(1) and value and is_text_everywhere(value):
            return scalar_text(value, in_brackets=True)
        return quoted(value)


def is_foldable(text):
    words = text.split(" ")
    return text.isprintable() and all(words) and not any(word[0] in "#\t" for word in words)


@st.composite
def written(draw, values):
    """A value, the text of a file that says it, and the comments in it.

    The style comes from one number: to draw each part of it takes too long.
    """
    value = draw(values)
    writer = Writer(Random(draw(st.integers(0, 2**32))))
    text = writer.document(value)
    if writer.chance(5):
        text = text.replace("\n", "\r\n")
    return value, text, writer.comments
