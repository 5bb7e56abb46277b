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
    assert line in plan_markdown(plan)


def test_warnings_about_changed_files_are_counted(repo):
    repo.write("old", say("  ", "Old"))
    repo.apply()
    repo.write("new", say("  ", "New"))
    plan = repo.plan().plan
    assert {problem.file for problem in plan.problems} == {"flows/new.yaml"}
    told = f"{len(plan.problems)} warning"
    assert f"{told} about the files. To see them:\n    mbflow validate\n" in plan_text(plan)
    assert f"{told} about the files. To see them: `mbflow validate`" in plan_markdown(plan)
