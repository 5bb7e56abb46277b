"""Answers of a code host that are not what one hopes for."""

import pytest

from mbflow.ci.github import GitHub
from mbflow.ci.host import Merged, Place
from mbflow.model.errors import Error

SIGNATURE = "c2lnbmF0dXJl"
ELSEWHERE = (
    "",
    "/somewhere",
    "ftp://127.0.0.1/x",
    "https://[bad",
    "http://127.0.0.1:99999999/x",
    "http://a..b/x",
    f"http://{'a' * 300}/x",
    f"http://127.0.0.1:1/x?signature={SIGNATURE}",
)


def plan_of(github):
    environ = github.environ(github.token(actions="read"))
    host = GitHub(environ)
    try:
        return host.plan_of(Merged(12, "head"), "production", Place("", "tree"))
    finally:
        host.close()


@pytest.mark.parametrize("place", ELSEWHERE)
def test_files_may_lie_at_no_address(github, monkeypatch, short_retries, place):
    github.keep("mbflow-plan-production-tree", {"production/plan.json": "{}"}, "head")
    answer = (302, {"Location": place} if place else {}, b"")
    monkeypatch.setattr(type(github), "_zip", lambda *_: answer)
    with pytest.raises(Error) as raised:
        plan_of(github)
    assert SIGNATURE not in f"{raised.value} {raised.value.reason}"


def test_where_files_lie_may_refuse(github):
    found = github.keep("mbflow-plan-production-tree", {}, "head")
    github.files.contents[f"/{found['id']}"] = None
    with pytest.raises(Error) as raised:
        plan_of(github)
    assert "signature" not in raised.value.reason


@pytest.mark.parametrize("found", [{}, 3, {"artifacts": "x"}, {"artifacts": [1, {"id": {}}]}])
def test_a_list_may_be_none(github, monkeypatch, found):
    monkeypatch.setattr(type(github), "_artifacts", lambda *_: found)
    if found == {"artifacts": [1, {"id": {}}]}:
        assert plan_of(github) is None
    else:
        with pytest.raises(Error, match="is not a list"):
            plan_of(github)
