"""The page as one file: complete, closed, and with texts that cannot act."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from harmless import TEXTS
from hypothesis import given
from hypothesis import strategies as st

import mbflow.views.page
from mbflow.views.page import MARK, MODULES, data_text, page_html

HERE = Path(mbflow.views.page.__file__).parent
EMPTY = {"project": "acme", "flows": []}
TAGS = ["</script>", "<!--", "<script>", "]]>", "&lt;", "{{script}}", "\u2028", "\ud800", "\0"]
hostile = st.one_of(st.text(), st.sampled_from([*TEXTS.values(), *TAGS]))
documents = st.recursive(hostile, lambda of: st.lists(of) | st.dictionaries(hostile, of))


class Elements(HTMLParser):
    """The elements of a page as a browser would see them, each with its text."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), []))

    def handle_endtag(self, tag):
        self.found[-1][2].append(None)

    def handle_data(self, data):
        if self.found and None not in self.found[-1][2]:
            self.found[-1][2].append(data)

    def of(self, tag):
        return [
            (attrs, "".join(filter(None, text))) for name, attrs, text in self.found if name == tag
        ]


PLAIN = Elements(page_html(EMPTY))


@given(hostile, st.dictionaries(hostile, documents))
def test_no_text_begins_or_ends_an_element(name, texts):
    page = Elements(page_html({**EMPTY, "texts": texts, "project": name}))
    assert [tag for tag, _, _ in page.found] == [tag for tag, _, _ in PLAIN.found]
    data, layout, script = page.of("script")
    assert [layout, script] == PLAIN.of("script")[1:]
    assert json.loads(data[1]) == {**EMPTY, "texts": texts, "project": name}


@given(documents)
def test_data_holds_no_sign_of_markup(value):
    text = data_text({"value": value})
    assert not re.search("[<>&\u2028\u2029]", text)
    text.encode()
    assert json.loads(text) == {"value": value}


def test_the_page_allows_its_own_parts_and_nothing_else():
    (policy,) = [one["content"] for one, _ in PLAIN.of("meta") if "http-equiv" in one]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    parts = {"style-src": [PLAIN.of("style")[0][1]]}
    parts["script-src"] = [text for attrs, text in PLAIN.of("script") if "id" not in attrs]
    for rule, texts in parts.items():
        digests = [hashlib.sha256(text.encode()).digest() for text in texts]
        known = [f"'sha256-{base64.b64encode(one).decode()}'" for one in digests]
        assert rules[rule].split() == known
    assert rules.keys() == {"default-src", "base-uri", "form-action", *parts}


def test_the_page_names_no_address_to_ask():
    addresses = re.findall(r"https?://[^\s\"'`]+", page_html(EMPTY))
    assert addresses == ["http://www.w3.org/2000/svg"]
    assert "sourceMappingURL" not in page_html(EMPTY)
    assert page_html(EMPTY).startswith(MARK)


def test_every_module_is_in_the_page_after_what_it_imports():
    files = {path.stem for path in HERE.glob("*.js")} - {"dagre.min"}
    assert sorted(MODULES) == sorted(files)
    for number, name in enumerate(MODULES):
        source = (HERE / f"{name}.js").read_text()
        needs = re.findall(r"^import [^;]*[\"']\./(\w+)\.js[\"'];$", source, re.MULTILINE)
        assert set(needs) <= set(MODULES[:number]), name
    script = PLAIN.of("script")[-1][1]
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)


def test_no_two_modules_have_a_name_in_common():
    script = PLAIN.of("script")[-1][1]
    named = r"^(?:async )?(?:const|let|class|function\*?) (\w+)"
    names = re.findall(named, script, re.MULTILINE)
    assert len(names) > 50
    assert sorted(names) == sorted(set(names))


def test_dagre_is_what_came_from_npm():
    origin = (HERE / "ORIGIN").read_text()
    digest = hashlib.sha256((HERE / "dagre.min.js").read_bytes()).hexdigest()
    assert re.search(r"@dagrejs/dagre \d+\.\d+\.\d+ from npm", origin)
    assert f"sha256 {digest}" in origin
    licence = (HERE / "dagre.LICENSE").read_text()
    assert "Permission is hereby granted" in licence
    assert licence.strip() in PLAIN.of("script")[1][1]


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_short_and_make_text_nodes(name):
    source = (HERE / f"{name}.js").read_text()
    assert source.count("\n") < 400
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b", source)
