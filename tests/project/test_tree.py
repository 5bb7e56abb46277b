"""Which files are flows, under which key, and which are problems because of where they are."""

import os
import unicodedata

import pytest

from mbflow.project.discover import flow_files

FLOW = "steps: [{action: hangup}]\n"


def write(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FLOW)


def told(problems):
    return [(problem.rule, problem.file, problem.message) for problem in problems]


def test_the_name_is_the_path_without_its_suffix(tmp_path):
    write(tmp_path, "flows/menu.yaml", "flows/billing/menu.v2.yaml", "elsewhere/other.yaml")
    files, problems = flow_files(tmp_path, "flows")
    assert problems == []
    assert [(flow.name, flow.file) for flow in files] == [
        ("billing/menu.v2", "flows/billing/menu.v2.yaml"),
        ("menu", "flows/menu.yaml"),
    ]


def test_what_is_no_flow_is_left_alone(tmp_path):
    write(
        tmp_path,
        *("flows/menu.calls.yaml", "flows/.hidden.yaml", "flows/.git/x.yaml", "flows/menu.yaml~"),
        *("flows/#menu.yaml#", "flows/menu.yaml.bak", "flows/menu.yaml.orig", "flows/README.md"),
        *("flows/menu.calls.txt", "flows/menu.wav", "flows/.menu.yaml.swp"),
    )
    assert flow_files(tmp_path, "flows") == ([], [])


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert flow_files(tmp_path, "flows") == ([], [])


@pytest.mark.parametrize("name", ["menu.yml", "menu.json", "menu.YAML", "menu.Json", "a.calls.yml"])
def test_other_suffixes_are_problems(name, tmp_path):
    write(tmp_path, f"flows/{name}")
    files, problems = flow_files(tmp_path, "flows")
    assert files == []
    stem = name.rpartition(".")[0]
    message = f"Flow files end in .yaml, so this one would be ignored. Rename it to {stem}.yaml."
    assert told(problems) == [("file-name", f"flows/{name}", message)]


DASH = "No part of a name may be empty, begin with a dash, or begin or end with a space."
HIDDEN = "The name has a character that a name cannot have. Rename the file."


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("-menu.yaml", DASH),
        ("-sub/menu.yaml", DASH),
        (" menu.yaml", DASH),
        ("menu .yaml", DASH),
        ("me\nnu.yaml", HIDDEN),
        ("me\x1bnu.yaml", HIDDEN),
        ("me\u202enu.yaml", HIDDEN),
        ("me\\nu.yaml", HIDDEN),
    ],
)
def test_awkward_names_are_problems(name, message, tmp_path):
    write(tmp_path, f"flows/{name}")
    files, problems = flow_files(tmp_path, "flows")
    assert files == []
    assert told(problems) == [("file-name", f"flows/{name}", message)]


def test_a_name_that_is_not_utf_8_is_a_problem(tmp_path):
    write(tmp_path, "flows/ok.yaml")
    (tmp_path / "flows" / os.fsdecode(b"caf\xe9.yaml")).write_text(FLOW)
    files, problems = flow_files(tmp_path, "flows")
    assert [flow.name for flow in files] == ["ok"]
    assert [problem.message for problem in problems] == [HIDDEN]


def test_names_differ_in_more_than_case(tmp_path):
    write(tmp_path, "flows/Menu.yaml", "flows/menu.yaml")
    if len(list((tmp_path / "flows").iterdir())) == 1:
        pytest.skip("this file system folds case")
    _, problems = flow_files(tmp_path, "flows")
    assert told(problems) == [
        (
            "file-name",
            "flows/menu.yaml",
            "This file's name differs from flows/Menu.yaml only in upper and lower case, "
            "or in how accents are written. Rename one of them.",
        )
    ]


def test_names_are_nfc_and_unique_as_such(tmp_path):
    composed, apart = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    write(tmp_path, f"flows/{apart}.yaml")
    files, problems = flow_files(tmp_path, "flows")
    assert ([flow.name for flow in files], problems) == ([composed], [])
    write(tmp_path, f"flows/{composed}.yaml")
    if len(list((tmp_path / "flows").iterdir())) == 2:
        assert len(flow_files(tmp_path, "flows")[1]) == 1


def test_links_inside_the_project_are_followed(tmp_path):
    write(tmp_path, "flows/menu.yaml", "shared/common.yaml")
    (tmp_path / "flows/copy.yaml").symlink_to("menu.yaml")
    (tmp_path / "flows/sub").symlink_to(tmp_path / "shared")
    files, problems = flow_files(tmp_path, "flows")
    assert ([flow.name for flow in files], problems) == (["copy", "menu", "sub/common"], [])


def test_links_that_lead_astray_are_problems(tmp_path):
    project, outside = tmp_path / "project", tmp_path / "outside"
    write(project, "flows/menu.yaml")
    write(outside, "secret.yaml")
    (project / "flows/out.yaml").symlink_to(outside / "secret.yaml")
    (project / "flows/folder").symlink_to(outside)
    (project / "flows/gone.yaml").symlink_to("nowhere.yaml")
    (project / "flows/loop").symlink_to(project / "flows")
    (project / "flows/itself.yaml").symlink_to("itself.yaml")
    files, problems = flow_files(project, "flows")
    assert [flow.name for flow in files] == ["menu"]
    out = "This link points outside the project. Put the file itself here."
    assert told(problems) == [
        ("file-unreadable", "flows/folder", out),
        (
            "file-unreadable",
            "flows/gone.yaml",
            "This link points to nothing. Remove it, or put the file itself here.",
        ),
        (
            "file-unreadable",
            "flows/itself.yaml",
            "This link points to nothing. Remove it, or put the file itself here.",
        ),
        (
            "file-unreadable",
            "flows/loop",
            "This link points back to a folder that it is in. Remove it.",
        ),
        ("file-unreadable", "flows/out.yaml", out),
    ]


def test_the_flows_folder_may_not_lead_out_itself(tmp_path):
    write(tmp_path / "outside", "menu.yaml")
    (tmp_path / "project").mkdir()
    (tmp_path / "project/flows").symlink_to(tmp_path / "outside")
    files, problems = flow_files(tmp_path / "project", "flows")
    assert (files, [problem.file for problem in problems]) == ([], ["flows"])


def test_no_part_of_the_way_to_the_flows_folder_leads_out(tmp_path):
    write(tmp_path / "outside/calls", "menu.yaml")
    (tmp_path / "project").mkdir()
    (tmp_path / "project/voice").symlink_to(tmp_path / "outside")
    files, problems = flow_files(tmp_path / "project", "voice/calls")
    assert (files, [problem.file for problem in problems]) == ([], ["voice/calls"])


def test_a_pipe_is_not_waited_for(tmp_path):
    (tmp_path / "flows").mkdir()
    os.mkfifo(tmp_path / "flows/menu.yaml")
    assert told(flow_files(tmp_path, "flows")[1]) == [
        (
            "file-unreadable",
            "flows/menu.yaml",
            "This is not a regular file. Put one here, or remove it.",
        )
    ]
