"""`mbflow import` says which live flow each file was made of."""

import httpx

from .conftest import KEY
from .racing import Hand


def test_flows_of_one_title_are_told_apart_by_their_ids(project, service):
    body = {"title": "Main menu", "steps": [{"action": "hangup"}]}
    headers = {"Authorization": f"AccessKey {KEY}"}
    ids = [
        httpx.post(f"{service.url}/call-flows", json=body, headers=headers).json()["data"][0]["id"]
        for _ in range(2)
    ]
    code, out, err = project.run("import", *ids)
    assert (code, out.splitlines()) == (
        0,
        [
            f'wrote flows/main-menu.yaml: {ids[0]} "Main menu"',
            f'wrote flows/main-menu-2.yaml: {ids[1]} "Main menu"',
        ],
    ), err
    code, out, _ = project.run("import", "main-menu", "--force")
    assert (code, out) == (0, f'replaced flows/main-menu.yaml: {ids[0]} "Main menu"\n')


def test_comments_that_are_lost_are_said(applied, service):
    """The file is written anew from what is live."""
    path = applied.folder / "flows" / "a.yaml"
    path.write_text(f"# Owner: Ann.\n# 1: orders\n{path.read_text()}")
    assert applied.run("apply", "--auto-approve")[0] == 0
    Hand(service).edit("A", {"steps": [{"action": "hangup"}]})
    code, _, err = applied.run("import", "a")
    assert (code, err) == (
        0,
        "  2 lines of comments are lost. To see them:\n      git diff -- flows/a.yaml\n",
    )
