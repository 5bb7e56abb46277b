"""Law: a live edit comes into a flow file, and all that it does not touch stays to the letter."""

import copy
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from mbflow.apply.live_document import live_document
from mbflow.flow.alignment import align
from mbflow.flow.canonical import Form, is_alike
from mbflow.model.project import Variable
from mbflow.project.variables import as_text, escaped, fill
from mbflow.project.write import flow_order
from mbflow.project.yaml.document import read_yaml
from mbflow.project.yaml.edit import edited_text
from mbflow.project.yaml.tree_reader import tree_of
from tests.strategies import bodies
from tests.yaml_texts import Writer


def meaning(text, variables):
    document = read_yaml(text.encode())
    assert document.data is not None, text
    values = {name: Variable(name, value) for name, value in variables.items()}
    return document.data, Form(fill(document.data, values, unset="error").raw)


def edited(text, live, variables):
    """The text with what is live in it, and how its steps are aligned with the live ones."""
    template, desired = meaning(text, variables)
    values = {name: escaped(as_text(value)) for name, value in variables.items()}
    pairs = align(live, desired)
    new = live_document(template, desired, live, pairs, written=escaped, values=values)
    origins = {("steps",): new.origins}
    return edited_text(tree_of(text), new.document, flow_order, origins), new


def with_names(body, random):
    """The body as a file holds it, with names for some of its texts, and their values."""
    document, variables = escaped(body), {}
    for step, written in zip(body["steps"], document["steps"], strict=True):
        for key, value in step.get("options", {}).items():
            if isinstance(value, str | int) and random.randint(0, 2) == 0:
                name = f"v{len(variables)}"
                variables[name] = value
                written["options"][key] = f"${{{name}}}"
    return document, variables


def changed(body, other, random):
    """The body after somebody worked on it in the dashboard."""
    live = copy.deepcopy(body)
    steps = live["steps"]
    for _ in range(random.randint(1, 3)):
        place = random.randrange(len(steps))
        match random.randint(0, 4):
            case 0 if len(steps) > 1:
                del steps[place]
            case 1:
                steps.insert(place, copy.deepcopy(random.choice(other["steps"])))
            case 2:
                steps.append(steps.pop(place))
            case 3:
                live["title"] = "Another title"
            case _:
                step = random.choice(other["steps"])
                if step["action"] == steps[place]["action"]:
                    steps[place]["options"] = step.get("options", {})
    sound_ids(steps)
    return live


def sound_ids(steps):
    """Each id once, and no key press that leads nowhere."""
    used = set()
    for step in steps:
        if "id" in step and step["id"] in used:
            del step["id"]
        used.add(step.get("id"))
    for step in steps:
        if step.get("onKeypressGoto") not in used:
            step.pop("onKeypressGoto", None)


@given(bodies(), bodies(), st.integers(0, 2**32))
def test_only_what_was_changed_live_changes_in_the_file(body, other, seed):
    random = Random(seed)
    document, variables = with_names(body, random)
    writer = Writer(random)
    text = writer.document(document)
    live = Form(changed(body, other, random))
    new, plan = edited(text, live, variables)
    template, _ = meaning(text, variables)
    result, wanted = meaning(new, variables)
    assert is_alike(wanted, live), new
    assert edited(new, live, variables)[0] == new
    for number, place in enumerate(plan.origins):
        if place is not None:
            check_step(result["steps"][number], template["steps"][place])
            same_step = result["steps"][number] == template["steps"][place]
            assert not same_step or lines_of_step(text, place) in new, new
    comments = [*tree_of(new).comments()]
    for place in set(plan.origins) - {None}:
        if template["steps"][place] == result["steps"][plan.origins.index(place)]:
            assert all(one in comments for one in comments_of_step(text, place)), new


def check_step(new, old):
    """Every name stays whose text still gives what is live."""
    for key, value in old.get("options", {}).items():
        found = new.get("options", {}).get(key)
        assert found == value or "${" not in str(found) or "$${" in str(found)


def entry_of_step(text, place):
    tree = tree_of(text)
    (steps,) = [one.node for one in tree.root.entries if one.key.data == "steps"]
    return tree, steps, steps.entries[place] if steps.is_block else None


def lines_of_step(text, place):
    """Those of its content, without comments above it; nothing of a step between brackets."""
    tree, _, entry = entry_of_step(text, place)
    if entry is None:
        return ""
    last = entry.node.end[0]
    return "".join(f"{tree.lines[n]}{tree.ends[n]}" for n in range(entry.first, last))


def comments_of_step(text, place):
    _, _, entry = entry_of_step(text, place)
    if entry is None:
        return []
    below = [*entry.node.nodes()]
    found = [*entry.above, entry.beside, *(one for node in below for one in node.after)]
    found += [t for node in below for one in node.entries for t in (*one.above, one.beside)]
    return [one.strip() for one in found if one.strip()]
