"""What a plan says beside its changes: numbers that lead to them, warnings about their files."""

from mbflow.views.plan import plan_text
from mbflow.views.plan_markdown import plan_markdown

from .world import say


def test_an_update_says_which_numbers_lead_to_the_flow(world, repo):
    for name in "ab":
        repo.write(name, say("Hello", name))
    repo.apply()
    world.dashboard.assign_numbers(world.id_of("a"), ["31201234567", "31207654321"])
    for name in "ab":
        repo.write(name, say("Good day", name))
    plan = repo.plan().plan
    line = "    numbers that lead here: 31201234567, 31207654321\n"
    assert plan_text(plan).count("numbers that lead here") == 1
    assert f"{world.id_of('a')}\n{line}" in plan_text(plan)
    assert "numbers that lead here: `31201234567`, `31207654321`\n" in plan_markdown(plan)


def test_warnings_about_changed_files_are_counted(repo):
    repo.write("old", say("  ", "Old"))
    repo.apply()
    repo.write("new", say("  ", "New"))
    plan = repo.plan().plan
    assert {problem.file for problem in plan.problems} == {"flows/new.yaml"}
    told = f"{len(plan.problems)} warning"
    see = "mbflow validate flows/new.yaml"
    assert f"{told} about the files. To see them:\n    {see}\n" in plan_text(plan)
    assert f"{told} about the files. To see them: `{see}`" in plan_markdown(plan)


def test_numbers_that_cannot_be_read_are_told_and_asked_for_once(world, repo):
    for name in "abc":
        repo.write(name, say("Hello", name))
    repo.apply()
    world.faults("GET /call-flows/*/numbers 500")
    for name in "ab":
        repo.write(name, say("Good day", name))
    before = len(world.sent())
    plan = repo.plan().plan
    note = "the numbers that lead to a, b cannot be read"
    assert plan.notes == (note,)
    assert note in plan_text(plan)
    assert note in plan_markdown(plan)
    asked = {path for path in world.sent()[before:] if path.endswith("/numbers")}
    assert asked == {f"GET /call-flows/{world.id_of('a')}/numbers"}


def test_updates_do_not_keep_numbers_of_deletes_from_being_read(world, repo):
    for name in "ab":
        repo.write(name, say("Hello", name))
    repo.apply()
    world.dashboard.assign_numbers(world.id_of("b"), ["31201234567"])
    world.faults(f"GET /call-flows/{world.id_of('a')}/numbers 500")
    repo.write("a", say("Good day", "a"))
    repo.remove("b")
    changes = {change.name: change for change in repo.plan().plan.changes}
    assert changes["b"].numbers == ("31201234567",)
    assert changes["a"].numbers == ()
