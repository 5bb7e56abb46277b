"""Runs a workflow as GitHub does: jobs in their order, each `run:` by bash, actions by their kind.

Of `uses:` only five are known. `pip install` is written down and not done: mbflow is there.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

from .expressions import Missing, Open, evaluate, filled

ROOT = Path(__file__).parent.parent.parent
ACTION = yaml.load((ROOT / "action.yml").read_text(), yaml.BaseLoader)
PIP = """#!/bin/sh
if [ "$1 $2" = "-m pip" ]; then echo "$@" >> "$PIP_LOG"; exit 0; fi
exec {python} "$@"
"""


class Run:
    """One run of one workflow. `outcomes` says how each job and step ended."""

    def __init__(self, folder, workflow, github, repository, secrets):
        self.folder = folder
        self.workflow = yaml.load(Path(workflow).read_text(), yaml.BaseLoader)
        self.host = github
        self.repository = repository
        self.secrets = secrets
        """Of the repository, and of each environment below its name."""
        self.results, self.outputs, self.log, self.artifacts = {}, {}, [], {}
        self.signals = {}
        """Number of a job's `run:` step to what is done while it runs."""
        folder.mkdir()
        shims = folder / "shims"
        shims.mkdir()
        (shims / "python").write_text(PIP.format(python=sys.executable))
        (shims / "python").chmod(0o755)
        bins = [str(shims), str(Path(sys.executable).parent), os.environ["PATH"]]
        self.base = {
            "PATH": ":".join(bins),
            "HOME": str(folder),
            "PIP_LOG": str(folder / "pip.log"),
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    def start(self, event_name, event, *, ref_name, sha, in_fork=False):
        """Run the jobs. Returns the result of each."""
        self.event = event
        self.github = {
            "event_name": event_name,
            "event": Missing(event),
            "ref_name": ref_name,
            "sha": sha,
            "action_path": str(ROOT),
        }
        self.in_fork = in_fork
        self.group = self._fill(self.workflow["concurrency"]["group"], {})
        self.cancels = self._fill(self.workflow["concurrency"]["cancel-in-progress"], {})
        for name, job in self.workflow["jobs"].items():
            self._job(name, job)
        return self.results

    def _job(self, name, job):
        needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
        if any(self.results[need] != "success" for need in needs):
            self.results[name] = "skipped"
            return
        known = {"needs": {need: {"outputs": self.outputs[need]} for need in needs}}
        if not self._holds(job.get("if", "success()"), known, failed=False):
            self.results[name] = "skipped"
            return
        assert job["runs-on"] == "ubuntu-latest"
        permissions = dict(job.get("permissions", self.workflow["permissions"]))
        if self.in_fork:
            permissions = {key: "read" for key in permissions}
        self.permissions = permissions
        self.github["token"] = self.host.token(**permissions)
        own = self.secrets.get(job.get("environment"), {})
        top = {key: value for key, value in self.secrets.items() if isinstance(value, str)}
        self.contexts = {
            "secrets": Missing({} if self.in_fork else {**top, **own}),
            **known,
        }
        self.workspace = self.folder / f"work-{name}"
        self.workspace.mkdir()
        steps = Open()
        ok = self._steps(job["steps"], steps, {})
        self.results[name] = "success" if ok else "failure"
        made = {
            key: self._fill(text, {"steps": steps}) for key, text in job.get("outputs", {}).items()
        }
        self.outputs[name] = made

    def _steps(self, steps, done, extra):
        """Whether all went well; `done` gets outcome and outputs of each that has an id."""
        failed = False
        for step in steps:
            contexts = {"steps": done, **extra}
            if not self._holds(step.get("if", "success()"), contexts, failed=failed):
                continue
            outputs = Missing()
            ok = self._step(step, contexts, outputs)
            failed = failed or not ok
            if "id" in step:
                done[step["id"]] = {"outcome": "success" if ok else "failure", "outputs": outputs}
        return not failed

    def _step(self, step, contexts, outputs):
        given = {key: self._fill(text, contexts) for key, text in step.get("with", {}).items()}
        env = {key: self._fill(text, contexts) for key, text in step.get("env", {}).items()}
        if "run" in step:
            assert "${{" not in step["run"], "an expression in a script is a way in for strangers"
            return self._bash(step, {**contexts.get("env", {}), **env}, contexts, outputs)
        name, _, version = step["uses"].partition("@")
        assert version
        if name == "mbflow/mbflow":
            return self._mbflow(given, env, outputs)
        return getattr(self, "_" + name.partition("/")[2].replace("-", "_"))(given)

    def _bash(self, step, env, contexts, outputs):
        place = self.workspace / self._fill(step.get("working-directory", "."), contexts)
        files = {key: self.folder / key for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        files["GITHUB_OUTPUT"].write_text("")
        script = self.folder / "script.sh"
        script.write_text(step["run"])
        variables = {
            **self.base,
            **self._variables(),
            **{key: str(file) for key, file in files.items()},
            **env,
        }
        process = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=place,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if step.get("id") in self.signals:
            self.signals[step["id"]](process)
        said, _ = process.communicate(timeout=120)
        self.log.append(said)
        for line in files["GITHUB_OUTPUT"].read_text().splitlines():
            key, _, value = line.partition("=")
            outputs[key] = value
        self.code = process.returncode
        return process.returncode == 0

    def _variables(self):
        file = self.folder / "event.json"
        file.write_text(json.dumps(self.event))
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.host.url,
            "GITHUB_REPOSITORY": self.host.repository,
            "GITHUB_EVENT_NAME": self.github["event_name"],
            "GITHUB_EVENT_PATH": str(file),
            "GITHUB_REF_NAME": self.github["ref_name"],
            "GITHUB_SHA": self.github["sha"],
        }

    def _mbflow(self, given, env, outputs):
        declared = ACTION["inputs"]
        assert given.keys() <= declared.keys()
        inputs = {key: given.get(key, one.get("default")) for key, one in declared.items()}
        assert None not in inputs.values(), "a required input is missing"
        steps = Open()
        ok = self._steps(ACTION["runs"]["steps"], steps, {"inputs": inputs, "env": env})
        for key, one in ACTION["outputs"].items():
            outputs[key] = self._fill(one["value"], {"steps": steps})
        return ok

    def _checkout(self, given):
        depth = [] if given.get("fetch-depth") == "0" else ["--depth", "1"]
        commit = given.get("ref") or self.github["sha"]
        work = str(self.workspace)
        url = f"file://{self.repository.origin}"
        self._git("init", "-q", work)
        self._git("-C", work, "remote", "add", "origin", url)
        heads = "+refs/heads/*:refs/remotes/origin/*"
        self._git("-C", work, "fetch", "-q", *depth, "origin", *([] if depth else [heads]), commit)
        self._git(
            "-C", work, "checkout", "-q", "--detach", "FETCH_HEAD" if depth else self._known(commit)
        )
        keeps = given.get("persist-credentials") != "false"
        if not keeps or self.permissions.get("contents") != "write":
            self._git("-C", work, "remote", "set-url", "--push", "origin", "/no/permission")
        return True

    def _known(self, commit):
        found = self._git("-C", str(self.repository.origin), "rev-parse", commit)
        return found.strip()

    def _setup_python(self, given):
        assert given.keys() == {"python-version"}
        return True

    def _upload_artifact(self, given):
        source = self.workspace / given["path"]
        files = {
            str(file.relative_to(source)): file.read_bytes()
            for file in sorted(source.rglob("*"))
            if file.is_file()
        }
        assert not any(part.startswith(".") for name in files for part in Path(name).parts)
        if files:
            assert given["name"] not in self.artifacts or given["overwrite"] == "true"
            self.artifacts[given["name"]] = files
            head = (self.event.get("pull_request") or {}).get("head", {}).get("sha")
            self.host.keep(given["name"], files, head or self.github["sha"], from_fork=self.in_fork)
        return True

    def _download_artifact(self, given):
        assert given["merge-multiple"] == "true"
        prefix = given["pattern"].removesuffix("*")
        for name, files in self.artifacts.items():
            if name.startswith(prefix):
                for file, content in files.items():
                    place = self.workspace / given["path"] / file
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(content)
        return True

    def _git(self, *words):
        done = subprocess.run(["git", *words], check=True, capture_output=True, text=True)
        return done.stdout

    def _holds(self, condition, contexts, *, failed):
        if "always()" not in condition:
            condition = f"success() && ({condition})"
        return bool(evaluate(condition, self._contexts(contexts), self._functions(failed)))

    def _fill(self, text, contexts):
        return filled(text, self._contexts(contexts), self._functions(False))

    def _contexts(self, more):
        return {"github": self.github, **getattr(self, "contexts", {}), **more}

    def _functions(self, failed):
        return {
            "always": lambda: True,
            "success": lambda: not failed,
            "format": lambda text, *values: text.replace("{0}", values[0]),
        }

    @property
    def said(self):
        return "\n".join(self.log)

    @property
    def installed(self):
        return (self.folder / "pip.log").read_text().splitlines()
