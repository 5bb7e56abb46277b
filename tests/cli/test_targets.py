"""`--target`: flows by name, folder and pattern, and numbers."""

import json

import pytest
from apply.world import say

NUMBER = "442079460100"
NAMES = ("menu", "support", "support/menu", "support/night", "support/de/menu", "sales/menu")


@pytest.fixture
def mbflow(project, in_process):
    for name in NAMES:
        (project.folder / "flows" / name).parent.mkdir(parents=True, exist_ok=True)
        project.write(name, say(f"I am {name}", name))
    project.save(numbers={NUMBER: "menu"})
    return in_process(project)


@pytest.mark.parametrize(
    ("targets", "names"),
    [
        (["support"], ["support"]),
        (["support/"], ["support/de/menu", "support/menu", "support/night"]),
        (["support/de"], ["support/de/menu"]),
        (["flows/sales"], ["sales/menu"]),
        (["flows/support/"], ["support/de/menu", "support/menu", "support/night"]),
        (["support/*"], ["support/menu", "support/night"]),
        (["**/menu"], ["menu", "sales/menu", "support/de/menu", "support/menu"]),
        (["*"], ["menu", "support"]),
        (["s?les/menu", "sales/"], ["sales/menu"]),
        (["menu", NUMBER], ["menu", NUMBER]),
        (["menu", "+44 20 7946 0100"], ["menu", NUMBER]),
    ],
)
def test_a_target_names_flows_and_numbers(mbflow, targets, names):
    words = [word for one in targets for word in ("--target", one)]
    ran = mbflow("plan", *words, "--format", "json")
    assert ran.code == 0, ran.err
    document = json.loads(ran.out)
    found = [one["flow"] for one in document["changes"]]
    assert found + [one["number"] for one in document["numbers"]] == names
    assert document["options"]["targets"] == (names if document["numbers"] else sorted(names))


def test_a_flow_that_is_a_folder_too_is_said(mbflow):
    out = " ".join(mbflow("plan", "--target", "support").out.split())
    assert (
        "--target support is the flow of that name alone; --target support/ would be the folder: "
        "support/de/menu, support/menu, support/night"
    ) in out
    assert "the folder" not in mbflow("plan", "--target", "support/").out


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("suport/", 'there is no such folder of call flows. Did you mean "support"?'),
        ("suport", 'there is no call flow of that name. Did you mean "support"?'),
        ("suport/*", 'the pattern fits no call flow. Did you mean "support"?'),
        ("menu/", "there is no such folder of call flows."),
        ("4420794601*", "the pattern fits no call flow."),
        ("442079460109", "there is no such number in mbflow.yaml."),
    ],
)
def test_a_target_that_fits_nothing(mbflow, target, told):
    ran = mbflow("plan", "--target", target)
    assert ran.code == 64
    assert f"--target {target}: {told}" in ran.err


def test_a_saved_plan_keeps_the_flows_of_its_day(mbflow, project, service):
    assert mbflow("plan", "--target", "sales/", "--out", "plan.json").code == 0
    project.write("sales/late", say("I came later", "Late"))
    assert mbflow("apply", "plan.json").code == 0
    assert service.titles() == ["sales/menu"]


def test_apply_takes_them_and_removed_files_too(mbflow, project, service):
    assert mbflow("apply", "--auto-approve", "--target", "s*/**").code == 0
    assert service.titles() == ["sales/menu", "support/de/menu", "support/menu", "support/night"]
    project.remove("support/night")
    document = json.loads((project.folder / "mbflow.yaml").read_text())
    document["removed"] = ["support/night"]
    (project.folder / "mbflow.yaml").write_text(json.dumps(document))
    ran = mbflow("apply", "--auto-approve", "--target", "support/n*", "--allow-deletes", "0")
    assert ran.code == 0, ran.err
    assert service.titles() == ["sales/menu", "support/de/menu", "support/menu"]
