"""Chains of renames, killed at every point: the next apply ends where git says, ids kept."""

import pytest

from .world import Killed, killed_at, payloads, say


@pytest.fixture
def chain(world, repo):
    """a, b and c are live; then c becomes d, b becomes c, a becomes b, and a new a comes."""
    for name in "abc":
        repo.write(name, say(f"I was {name}", name.upper()))
    repo.apply()
    repo.rename("c", "d")
    repo.rename("b", "c")
    repo.rename("a", "b")
    repo.write("a", say("I am new", "New"))
    return repo


def settled(world, repo):
    heard = {name: payloads(world.live()[entry.id]) for name, entry in repo.lock().items()}
    assert heard == {"a": ["I am new"], "b": ["I was a"], "c": ["I was b"], "d": ["I was c"]}
    assert len(world.live()) == 4
    assert repo.pending() == []


def test_each_flow_keeps_its_id_through_a_chain(world, chain):
    ids = {title: world.id_of(title) for title in "ABC"}
    for name in "dcb":
        chain.apply(targets=[name])
    chain.apply()
    settled(world, chain)
    lock = chain.lock()
    assert (lock["b"].id, lock["c"].id, lock["d"].id) == (ids["A"], ids["B"], ids["C"])


@pytest.mark.parametrize("nth", range(1, 7))
@pytest.mark.parametrize("killed", [["d"], ["c"], ["b"], []])
def test_killed_anywhere_it_ends_the_same(world, chain, killed, nth):
    ids = {title: world.id_of(title) for title in "ABC"}
    for targets in (["d"], ["c"], ["b"], []):
        if targets == killed:
            with pytest.raises(Killed):
                chain.apply(targets=targets, checkpoint=killed_at("any", nth))
        chain.apply(reviewed=False, targets=targets)
    settled(world, chain)
    lock = chain.lock()
    assert (lock["b"].id, lock["c"].id, lock["d"].id) == (ids["A"], ids["B"], ids["C"])


def test_an_heir_may_adopt_while_the_old_name_has_a_file(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    flow_id = world.id_of("A")
    repo.rename("a", "b")
    repo.write("b", say("Good day", "A"), was="a")
    repo.write("a", say("Something new", "New"))
    repo.adopt("b", flow_id)
    repo.apply(reviewed=False, targets=["b"])
    repo.apply(reviewed=False)
    assert payloads(world.live()[flow_id]) == ["Good day"]
    assert repo.pending() == []


def test_an_undeclared_rename_killed_twice_needs_nobody(repo):
    """The second run knows the flow by its markers only, so it does not say whose it was."""
    repo.write("b", say("Hello", "B"))
    repo.apply()
    repo.rename("b", "a", declared=False)
    with pytest.raises(Killed):
        repo.apply(checkpoint=killed_at("after-put", 1))
    repo.write("a", say("Good day", "B"))
    with pytest.raises(Killed):
        repo.apply(checkpoint=killed_at("before-lock", 1))
    assert set(repo.plan().survey.entries) == {"a"}
    repo.apply(reviewed=False)
    assert set(repo.lock()) == {"a"}
    assert repo.pending() == []
