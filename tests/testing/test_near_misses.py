"""What a failed call says of a text, a number or a URL that is nearly right."""

import pytest

FETCH = """\
title: Orders
steps:
  - action: fetchCallFlow
    options: {url: "https://example.com/orders"}
"""


def told(project, text, name="menu"):
    project.calls(text, name)
    ran = project.test(f"flows/{name}.calls.yaml")
    assert all(len(line) <= 80 for line in ran.out.splitlines() if line.startswith("E   "))
    messages = ran.out.replace("\nE     ", " ")  # a message goes on there
    return ran.code, [line[4:] for line in messages.splitlines() if line.startswith("E   ")]


@pytest.mark.parametrize(
    ("hears", "message"),
    [
        (
            "for SALES, press 1",
            'Expected to hear "for SALES, press 1", but heard "For sales, press 1": '
            "only capitals differ.",
        ),
        (
            "For sales: press 1",
            'Expected to hear "For sales: press 1", but heard "For sales, press 1": '
            "only capitals or punctuation differ.",
        ),
        (
            "good bye",
            'Expected to hear "good bye", but no step of the flow says that. '
            'One says "Good bye": only capitals differ.',
        ),
        ("...", 'Expected to hear "...", but no step of the flow says that.'),
        ("For support", 'Expected to hear "For support", but no step of the flow says that.'),
    ],
    ids=["heard", "punctuation", "not heard", "no words", "another text"],
)
def test_a_text_that_is_nearly_heard(project, hears, message):
    assert told(project, f'  - name: a\n    hears: ["{hears}"]\n') == (1, [message])


@pytest.mark.parametrize(
    ("text", "code", "how"),
    [
        ("For sales", 1, "it was heard."),
        ("for SALES", 1, 'heard "For sales": only capitals differ.'),
        ("For sales press", 0, ""),
        ("FOR SUPPORT", 0, ""),
    ],
)
def test_a_text_that_must_not_be_heard_has_no_capitals(project, text, code, how):
    message = f'Expected never to hear "{text}", but {how}'
    found = told(project, f'  - name: a\n    never_hears: ["{text}"]\n')
    assert found == (code, [message] if code else [])


def test_a_text_is_near_only_in_its_place(project):
    """What was heard before the text above it is not what the second one means."""
    _, (message,) = told(project, '  - {name: a, hears: ["press 1", "FOR SALES"]}\n')
    assert message.startswith('Expected to hear "FOR SALES", but no step of the flow says that.')


def test_a_number_that_no_step_calls(project):
    world = 'world: {transfers: {"442079460112": busy}}'
    text = f'  - name: a\n    does: [{{press: "1"}}]\n    hears: ["press 1"]\n    {world}\n'
    assert told(project, text) == (
        1,
        [
            "world names 442079460112, but this call never calls it. No step of the flow does. "
            'Did you mean "442079460111"?'
        ],
    )


def test_a_number_that_this_call_does_not_come_to(project):
    """A world may be shared by several calls; it is named where the call fails."""
    world = 'world: {transfers: {"${sales}": busy}}'
    assert told(project, f'  - name: a\n    hears: ["press 1"]\n    {world}\n') == (0, [])
    _, messages = told(project, f"  - name: a\n    ends: end_of_flow\n    {world}\n")
    assert messages[-1] == "world names 442079460111, but this call never calls it."


def test_a_url_that_no_step_asks(project):
    project.write("flows/orders.yaml", FETCH)
    world = 'world: {fetches: {"https://example.com/order": menu}}'
    code, messages = told(project, f"  - name: a\n    ends: hangup\n    {world}\n", "orders")
    assert code == 1
    assert messages[-1] == (
        "world names https://example.com/order, but this call never asks it. "
        'No step of the flow does. Did you mean "https://example.com/orders"?'
    )


def test_a_secret_number_is_not_shown(project):
    world = 'world: {transfers: {"${pin}": busy}}'
    _, (message,) = told(project, f'  - name: a\n    hears: ["press 1"]\n    {world}\n')
    assert message.startswith("world names ${pin}, but")
    assert "4711" not in message


def test_a_snapshot_that_differs_says_how_to_accept_it(project):
    project.calls('  - {name: a, hears: ["press 1"]}\n')
    project.test("--update")
    path = project.root / "flows/menu.yaml"
    path.write_text(path.read_text().replace("press 1.", "press 1 now."))
    for shown in ("text", "json", "junit", "markdown"):
        assert "mbflow test --update" in project.test("--format", shown).out
