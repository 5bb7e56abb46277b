"""Runs a pipeline as GitLab does: jobs whose rules hold, their scripts by bash, what is kept.

Of rules only what the template uses is known; anything else fails.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

PIP = '#!/bin/sh\n[ "$*" = "install mbflow" ] && echo "$@" >> "$PIP_LOG"\n'
TERM = re.compile(r"\$(\w+) (==|!=) (?:\"([^\"]*)\"|\$(\w+))")


class Pipeline:
    """One pipeline. `results` says how each job ended, `artifacts` what it kept."""

    def __init__(self, folder, template, repository, secrets):
        self.folder, self.repository, self.secrets = folder, repository, secrets
        self.document = yaml.load(template.read_text(), yaml.BaseLoader)
        self.results, self.artifacts, self.said = {}, {}, ""
        folder.mkdir()
        shims = folder / "shims"
        shims.mkdir()
        (shims / "pip").write_text(PIP)
        (shims / "pip").chmod(0o755)
        self.base = {
            "PATH": ":".join([str(shims), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(folder),
            "PIP_LOG": str(folder / "pip.log"),
            "GIT_CONFIG_GLOBAL": "/dev/null",
        }

    def start(self, variables, commit):
        self.variables, self.commit = variables, commit
        for name, job in self.document.items():
            if not name.startswith("."):
                self._job(name, self._whole(job))
        return self.results

    def _whole(self, job):
        base = self.document[job["extends"]]
        merged = {**base, **job}
        merged["variables"] = {**base.get("variables", {}), **job.get("variables", {})}
        return merged

    def _job(self, name, job):
        if not any(self._holds(rule["if"]) for rule in job["rules"]):
            return
        environment = job.get("environment")
        environment = environment["name"] if isinstance(environment, dict) else environment
        known = {**self.variables, **self.secrets[""], **self.secrets.get(environment, {})}
        own = {
            key: re.sub(r"\$(\w+)", lambda found: known.get(found[1], ""), value)
            for key, value in job["variables"].items()
        }
        work = self.folder / name
        origin = f"file://{self.repository.origin}"
        git = ["git", "-c", "advice.detachedHead=false"]
        subprocess.run([*git, "clone", "-q", origin, str(work)], check=True)
        subprocess.run([*git, "-C", str(work), "checkout", "-q", self.commit], check=True)
        # The clone of a job only reads; what pushes is told by CI_PROJECT_URL.
        environ = {**self.base, **known, **own}
        code = self._bash([*job["before_script"], *job["script"]], work, environ)
        self._bash(job.get("after_script", []), work, environ)
        self.results[name] = code
        assert job["artifacts"]["when"] == "always"
        kept = {}
        for path in job["artifacts"]["paths"]:
            for file in sorted((work / path).rglob("*")):
                if file.is_file():
                    kept[str(file.relative_to(work))] = file.read_bytes()
        report = job["artifacts"].get("reports", {}).get("codequality")
        assert report is None or (work / report).exists()
        self.artifacts[name] = kept

    def _bash(self, lines, work, environ):
        script = "set -eo pipefail\n" + "\n".join(lines)
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=work,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        self.said += done.stdout
        return done.returncode

    def _holds(self, condition):
        return all(self._term(term) for term in condition.split(" && "))

    def _term(self, term):
        found = TERM.fullmatch(term)
        assert found, f"not known: {term}"
        left = self.variables.get(found[1], "")
        right = self.variables.get(found[4], "") if found[4] else found[3]
        return (left == right) == (found[2] == "==")
