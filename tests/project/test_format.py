"""Law of `mbflow fmt` for one file: the same meaning, the same comments, and done at once."""

from collections import Counter

from hypothesis import given

from mbflow.model.paths import same_document
from mbflow.project.format import formatted
from mbflow.project.yaml.document import read_yaml
from mbflow.project.yaml.tree_reader import tree_of
from tests.strategies import bodies
from tests.yaml_texts import written


def comments(source):
    return Counter(tree_of(source.decode()).comments())


@given(written(bodies()))
def test_a_file_keeps_its_meaning_and_its_comments(drawn):
    value, text, stated = drawn
    source = text.encode()
    document = read_yaml(source)
    assert same_document(document.data, value), text
    new, problems = formatted(source, is_flow=True)
    assert problems == (), text
    assert same_document(read_yaml(new).data, value)
    assert comments(new) == comments(source) == Counter(stated)
    assert formatted(new, is_flow=True) == (new, ()), new.decode()
