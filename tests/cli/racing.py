"""What races are made of, beside gates: edits by hand, and clones of a checkout."""

import os
import pty
import subprocess
from contextlib import suppress

import httpx

from .conftest import KEY, LONGEST, Project


class Hand:
    """A person in the dashboard."""

    def __init__(self, service):
        self.service = service

    def id_of(self, title):
        (found,) = [i for i, body in self.service.live().items() if body.get("title") == title]
        return found

    def make(self, body):
        self._send("POST", "/call-flows", body)

    def edit(self, title, body):
        """The flow of this title says something else now."""
        flow_id = self.id_of(title)
        self._send("PUT", f"/call-flows/{flow_id}", {**self.service.live()[flow_id], **body})

    def copy(self, title):
        """The flow of this title, steps with their ids and all, once more."""
        self.make(
            {name: self.service.live()[self.id_of(title)][name] for name in ("title", "steps")}
        )

    def assign(self, title, number):
        self._send("POST", f"/call-flows/{self.id_of(title)}/numbers", {"numbers": [number]})

    def put_numbers(self, title, number):
        """All other numbers are taken off the flow."""
        self._send("PUT", f"/call-flows/{self.id_of(title)}/numbers", {"numbers": [number]})

    def delete(self, flow_id):
        self._send("DELETE", f"/call-flows/{flow_id}")

    def move_clock(self, seconds):
        """So that a later edit shows a later time."""
        self._send("POST", "/_emulator/clock", {"advance": seconds})

    def _send(self, method, path, body=None):
        headers = {"Authorization": f"AccessKey {KEY}"}
        answer = httpx.request(
            method, self.service.url + path, headers=headers, json=body, verify=False
        )
        answer.raise_for_status()


class Clone(Project):
    """Another checkout of the same repository, with local state of its own."""

    def __init__(self, origin, folder, commit="HEAD"):
        git(origin.folder, "clone", "--quiet", str(origin.folder), str(folder))
        git(folder, "checkout", "--quiet", "--detach", commit)
        self.folder = folder
        self.environment = dict(origin.environment)


def committed(project, message):
    """The checkout as a commit; its name."""
    if not (project.folder / ".git").exists():
        git(project.folder, "init", "--quiet")
    git(project.folder, "add", "--all")
    git(project.folder, "commit", "--quiet", "--message", message)
    return git(project.folder, "rev-parse", "HEAD").strip()


def git(folder, *arguments):
    names = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    command = ["git", "-C", str(folder), *names, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def ended(process):
    """`code, out, err` of a program that was started before."""
    out, err = process.communicate(timeout=LONGEST)
    return process.returncode, out, err


def answered(project, *words, asked, meanwhile, answer):
    """`code, shown` of a program on a terminal that asks; `meanwhile` happens while it waits."""
    master, slave = pty.openpty()
    ends = {"stdin": slave, "stdout": slave, "stderr": slave, "text": False}
    process = project.start(*words, environ={"NO_COLOR": "1", "COLUMNS": "200"}, **ends)
    os.close(slave)
    shown = b""
    with suppress(OSError):  # Linux says so when the other end is closed.
        while chunk := os.read(master, 65536):
            shown += chunk
            if asked.encode() in shown and meanwhile is not None:
                meanwhile, _ = None, meanwhile()
                os.write(master, answer.encode())
    os.close(master)
    return process.wait(LONGEST), shown.decode().replace("\r\n", "\n")
