"""`mbflow simulate`: a call walked by hand, at a terminal and from a pipe."""

import os
import pty
import subprocess
import sys

STEPS = """\
steps:
  - action: say
    options: {payload: "Sales is 1.", language: en-GB, voice: male}
    onKeypressGoto: x
  - {action: record, options: {timeout: 5, finishOnKey: "#"}}
  - {action: transfer, options: {destination: "442079460111"}}
  - {action: fetchCallFlow, options: {url: "https://x.example/next"}}
  - {id: x, action: hangup}
"""


def simulate(project, answers, *arguments):
    """In a process of its own, with the answers in a pipe."""
    command = [sys.executable, "-m", "mbflow", "-C", str(project.root), "-e", "local", "simulate"]
    return subprocess.run(
        [*command, *arguments], input=answers, capture_output=True, text=True, timeout=60
    )


def test_from_a_pipe(project):
    project.write("flows/f.yaml", STEPS)
    ran = simulate(project, "\nMy name is Ada.\n#\nbusy\nmenu\n1\n\n", "f")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (
        ran.stdout
        == """\
 0:00.0    1  say     "Sales is 1."
 0:00.8    2  record  ivr
 0:00.8    2  caller  "My name is Ada."
 0:01.8    2  press   # (ends the recording)
 0:01.8    2  recorded ivr, 1 s, key: "My name is Ada."
 0:01.8    3  dial    442079460111
 0:02.8    3  callee  442079460111: busy
 0:02.8    4  fetch   GET https://x.example/next
 0:02.8    4  reply   menu
 0:02.8 menu 1  say     "For sales, press 1."
 0:04.1 menu 1  press   1
 0:04.1 menu 1  input   choice = "1"
 0:04.1 menu 3  dial    442079460111
 0:05.1 menu 3  callee  442079460111: answered
 1:05.1 menu 3  parted  the called party hangs up
 1:05.1       end     transferred 442079460111
"""
    )


def test_when_the_answers_run_out_the_caller_waits(project):
    project.write("flows/f.yaml", STEPS)
    ran = simulate(project, "", "f")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-1] == " 1:06.8       end     transferred 442079460111"


def test_hanging_up(project):
    project.write("flows/f.yaml", STEPS)
    assert "end     caller" in simulate(project, "\nh\n", "f").stdout


def test_a_call_that_is_left_to_a_web_server(project):
    project.write("flows/f.yaml", STEPS)
    ran = simulate(project, "\n\nno_answer\n\n", "f")
    assert ran.stdout.endswith(
        "https://x.example/next\nThe call goes on with the flow of that URL.\n"
    )
    failed = simulate(project, "\n\nno_answer\nfailed\n", "f")
    assert "reply   none: the fetch failed" in failed.stdout


def test_answers_that_are_not_understood(project):
    project.write("flows/f.yaml", STEPS)
    ran = simulate(project, "sales\n\n\nperhaps\nbusy\nmenus\nfailed\n", "f")
    assert ran.returncode == 0
    assert ran.stderr == (
        "Keys are 0 to 9, * and #. Press Enter alone to wait, h and Enter to hang up.\n"
        "Write answered, busy, no_answer, failed or machine.\n"
        'There is no flow "menus".\n'
    )


def test_a_machine(project):
    say = "{payload: Hello., language: en-GB, voice: male, ifMachine: hangup}"
    project.write("flows/m.yaml", f"steps: [{{action: say, options: {say}}}]\n")
    assert "recognised, hung up on" in simulate(project, "", "m", "--machine").stdout
    assert "Hello." in simulate(project, "", "m").stdout


def test_an_endless_flow_is_cut(project):
    say = "{payload: Hold., language: en-GB, voice: male, loop: true}"
    step = f"{{action: say, options: {say}, onKeypressVar: x}}"
    project.write("flows/e.yaml", f"steps: [{step}]\n")
    ran = simulate(project, "\n\n", "e")
    assert ran.stdout.endswith("endless cut after 1000 readings of a looped text\n")


def test_no_such_flow(project):
    ran = simulate(project, "", "menus")
    assert (ran.returncode, ran.stdout) == (64, "")
    assert 'There is no flow menus in local. Did you mean "menu"?' in ran.stderr


def test_at_a_terminal(project):
    """Questions are asked there, and the answers are typed."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "mbflow", "-C", str(project.root), "-e", "local"]
    process = subprocess.Popen(
        [*command, "simulate", "menu"], stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    text = _until(master, "[wait] ")
    os.write(master, b"1\n")
    text += _until(master, "[answered] ")
    os.write(master, b"busy\n")
    text += _until(master, "end_of_flow")
    process.wait(timeout=60)
    os.close(master)
    assert process.returncode == 0
    assert "Keys, or h to hang up? [wait] " in text
    assert "It rings: answered, busy, no_answer, failed or machine? [answered] " in text


def _until(master, wanted):
    """What the terminal shows, up to the words wanted."""
    text = ""
    while wanted not in text:
        text += os.read(master, 1024).decode()
    return text
