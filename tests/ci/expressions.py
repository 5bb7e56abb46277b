"""The expressions of GitHub's workflows, as far as the template and the action use them.

Anything else fails: a name, a function or a form that is not known here was never run.
"""

import re

TOKEN = re.compile(r"\s*('(?:[^']|'')*'|&&|\|\||==|!=|!|\(|\)|,|[A-Za-z_][\w.-]*)")


def evaluate(text, contexts, functions):
    """What stands between `${{` and `}}`."""
    tokens = tokens_of(text)
    value = Reader(tokens, contexts, functions).either()
    assert not tokens, f"not read: {tokens} of {text}"
    return value


def tokens_of(text):
    tokens, place = [], 0
    while text[place:].strip():
        found = TOKEN.match(text, place)
        assert found, f"not known: {text[place:]}"
        tokens.append(found[1])
        place = found.end()
    return tokens


def filled(text, contexts, functions):
    """The text with its expressions filled in, as text."""

    def value(found):
        result = evaluate(found[1], contexts, functions)
        if isinstance(result, bool):
            return str(result).lower()
        return "" if result is None else str(result)

    return re.sub(r"\$\{\{(.*?)\}\}", value, text)


class Reader:
    def __init__(self, tokens, contexts, functions):
        self.tokens, self.contexts, self.functions = tokens, contexts, functions

    def took(self, *wanted):
        if self.tokens and self.tokens[0] in wanted:
            return self.tokens.pop(0)
        return None

    def either(self):
        value = self.both()
        while self.took("||"):
            other = self.both()
            value = value or other
        return value

    def both(self):
        value = self.compared()
        while self.took("&&"):
            other = self.compared()
            value = value and other
        return value

    def compared(self):
        value = self.one()
        while sign := self.took("==", "!="):
            other = self.one()
            value = (value == other) == (sign == "==")
        return value

    def one(self):
        if self.took("!"):
            return not self.one()
        if self.took("("):
            value = self.either()
            assert self.took(")")
            return value
        token = self.tokens.pop(0)
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if self.took("("):
            arguments = []
            while not self.took(")"):
                arguments.append(self.either())
                self.took(",")
            return self.functions[token](*arguments)
        return self.named(token)

    def named(self, name):
        context, *path = name.split(".")
        value = self.contexts[context]
        for part in path:
            if value is None:
                return None
            value = value[part]
        return value


class Missing(dict):
    """A part of a context in which any name may be absent, as in an event."""

    def __missing__(self, key):
        return None


class Open(dict):
    """Such a context whose parts are objects: steps that did not run have no outputs."""

    def __missing__(self, key):
        return Missing(outputs=Missing())
