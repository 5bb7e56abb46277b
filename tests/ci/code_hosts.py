"""GitHub and GitLab on this machine: real HTTP, with state, permissions, pages and faults."""

import io
import json
import re
import threading
import zipfile
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

BOT = {"id": 7, "login": "github-actions[bot]", "type": "Bot", "username": "project_bot"}
STRANGER = {"id": 8, "login": "mallory", "type": "User", "username": "mallory"}


class Refused(Exception):
    def __init__(self, status):
        self.status = status


class CodeHost:
    """What both have: a port, tokens with permissions, a log of requests, faults."""

    def __init__(self):
        self.tokens = {}
        self.requests = []
        self.faults = []
        """Statuses that answer the next writes instead; one that is negative comes after it."""
        self.posts = defaultdict(list)
        """Number of a pull request to its comments."""
        self.issues = []
        self.proposals = []
        self.merges = {}
        """Commit to the pull request that it came with: number and head."""
        self._ids = iter(range(100, 10**6))
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                status, headers, content = host.answer(self.command, self.path, self.headers, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = answer

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def token(self, **permissions):
        """A new token; `pull_requests="write"`."""
        name = f"tok_{len(self.tokens):03}_NobodyMaySeeThis"
        self.tokens[name] = {key.replace("_", "-"): value for key, value in permissions.items()}
        return name

    def sent(self, *methods):
        return [request for request in self.requests if request.split()[0] in methods]

    def answer(self, method, target, headers, body):
        place = urlsplit(target)
        path, query = place.path, {key: values[0] for key, values in parse_qs(place.query).items()}
        self.requests.append(f"{method} {path}")
        fault = self.faults.pop(0) if self.faults and method != "GET" else None
        if fault is not None and fault > 0:
            return self._json(fault, {"message": "a fault"})
        try:
            for pattern, permission, route in self.routes():
                verb, _, form = pattern.partition(" ")
                found = re.fullmatch(form, path)
                if verb == method and found:
                    self._check(headers, method, permission)
                    answer = route(query, body, *map(unquote, found.groups()))
                    if fault is not None:
                        return self._json(-fault, {"message": "done, and not said so"})
                    return answer if isinstance(answer, tuple) else self._json(200, answer)
        except Refused as refusal:
            return self._json(refusal.status, {"message": "Resource not accessible"})
        return self._json(404, {"message": f"no such address: {method} {path}"})

    def _check(self, headers, method, permission):
        given = self.tokens.get(self.token_in(headers))
        if given is None:
            raise Refused(401)
        if permission is None:
            return
        allowed = [given.get(name) for name in permission.split()]
        if not (set(allowed) & ({"write"} if method != "GET" else {"read", "write"})):
            raise Refused(403)

    def _json(self, status, document):
        return status, {"Content-Type": "application/json"}, json.dumps(document).encode()

    def page(self, items, query):
        size, number = min(int(query.get("per_page", 30)), 100), int(query.get("page", 1))
        return list(items)[(number - 1) * size : number * size]

    def comment(self, number, body, user=STRANGER):
        found = {"id": next(self._ids), "body": body, "user": user, "author": user}
        self.posts[number].append(found)
        return found

    def comments(self, number, user=BOT):
        return [one["body"] for one in self.posts[number] if one["user"] == user]

    def _edit(self, items, key, number, changes):
        for one in items:
            if str(one[key]) == number:
                one.update(changes)
                return one
        raise Refused(404)


class GitHub(CodeHost):
    """One repository, `acme/phone`. Files are on another address, where no token may come."""

    repository = "acme/phone"
    app = True
    """Whether tokens are those of an app, which may not ask who they are."""

    def __init__(self):
        self.artifacts = []
        self.reviewed = set()
        """Environments that somebody has to approve."""
        super().__init__()
        self.files = Files()

    def close(self):
        self.files.close()
        super().close()

    def token_in(self, headers):
        return headers.get("Authorization", "").removeprefix("Bearer ")

    def environ(self, token):
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.url,
            "GITHUB_REPOSITORY": self.repository,
            "GITHUB_TOKEN": token,
        }

    def keep(self, name, files, head, *, from_fork=False):
        """As actions/upload-artifact does."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for file, content in files.items():
                archive.writestr(file, content)
        number = next(self._ids)
        self.files.contents[f"/{number}"] = buffer.getvalue()
        run = {"head_sha": head, "repository_id": 1, "head_repository_id": 2 if from_fork else 1}
        found = {"id": number, "name": name, "expired": False, "workflow_run": run}
        self.artifacts.append(found)
        return found

    def read(self, artifact, file):
        content = self.files.contents[f"/{artifact['id']}"]
        return zipfile.ZipFile(io.BytesIO(content)).read(file)

    def damage(self, artifact):
        """As an upload that was cut and filled up: the packed bytes are no deflate stream."""
        at = f"/{artifact['id']}"
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("production/plan.json", "{}" * 100)
        content = bytearray(buffer.getvalue())
        start = 30 + len("production/plan.json")
        content[start : start + 4] = b"\xff\xff\xff\xff"
        self.files.contents[at] = bytes(content)

    def routes(self):
        base = "/repos/acme/phone"
        pulls = "pull-requests issues"
        return [
            ("GET /user", None, self._user),
            (f"GET {base}/issues/(\\d+)/comments", pulls, self._comments),
            (f"POST {base}/issues/(\\d+)/comments", pulls, self._add),
            (f"PATCH {base}/issues/comments/(\\d+)", pulls, self._edit_comment),
            (f"GET {base}/issues", "issues", self._issues),
            (f"POST {base}/issues", "issues", self._open),
            (f"PATCH {base}/issues/(\\d+)", "issues", self._edit_issue),
            (f"GET {base}/pulls", "pull-requests", self._pulls),
            (f"POST {base}/pulls", "pull-requests", self._propose),
            (f"GET {base}/commits/(\\w+)/pulls", "pull-requests", self._merged),
            (f"GET {base}/environments/(\\w+)", "actions", self._environment),
            (f"GET {base}/actions/artifacts", "actions", self._artifacts),
            (f"GET {base}/actions/artifacts/(\\d+)/zip", "actions", self._zip),
        ]

    def _user(self, query, body):
        if self.app:
            raise Refused(403)
        return BOT

    def _environment(self, query, body, name):
        kinds = ["branch_policy", *(["required_reviewers"] if name in self.reviewed else [])]
        return {"name": name, "protection_rules": [{"type": kind} for kind in kinds]}

    def _comments(self, query, body, number):
        return self.page(self.posts[int(number)], query)

    def _add(self, query, body, number):
        return self.comment(int(number), body["body"], BOT)

    def _edit_comment(self, query, body, number):
        every = [one for found in self.posts.values() for one in found]
        return self._edit(every, "id", number, {"body": body["body"]})

    def _issues(self, query, body):
        pulls = [{"number": 1, "body": "", "user": STRANGER, "state": "open", "pull_request": {}}]
        found = [one for one in [*pulls, *self.issues] if one["state"] == query["state"]]
        return self.page(found, query)

    def _open(self, query, body):
        found = {"number": next(self._ids), "state": "open", "user": BOT, **body}
        self.issues.append(found)
        return found

    def _edit_issue(self, query, body, number):
        return self._edit(self.issues, "number", number, body)

    def _pulls(self, query, body):
        head = query["head"].removeprefix("acme:")
        return self.page([one for one in self.proposals if one["head"] == head], query)

    def _propose(self, query, body):
        self.proposals.append(body)
        return {"number": next(self._ids)}

    def _merged(self, query, body, commit):
        found = self.merges.get(commit)
        if found is None:
            return []
        return [{"number": found[0], "head": {"sha": found[1]}, "merged_at": "2026-11-27"}]

    def _artifacts(self, query, body):
        found = [one for one in self.artifacts if one["name"] == query["name"]]
        return {"total_count": len(found), "artifacts": self.page(reversed(found), query)}

    def _zip(self, query, body, number):
        return 302, {"Location": f"{self.files.url}/{number}?signature=a%2Fb"}, b""


class Files(CodeHost):
    """Where GitHub keeps files: an address of its own, that must see no token."""

    def __init__(self):
        self.contents = {}
        super().__init__()

    def answer(self, method, target, headers, body):
        assert "Authorization" not in headers
        self.requests.append(f"{method} {target}")
        content = self.contents.get(urlsplit(target).path)
        return (403, {}, b"") if content is None else (200, {}, content)


class GitLab(CodeHost):
    """One project, 42. All permissions are one: `api`."""

    def __init__(self):
        self.pipelines = []
        """Each with `merge_request`, `jobs`; a job has `files`, by path."""
        super().__init__()

    def token_in(self, headers):
        return headers.get("PRIVATE-TOKEN", "")

    def environ(self, token):
        return {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": self.url,
            "CI_PROJECT_ID": "42",
            "GITLAB_TOKEN": token,
        }

    def routes(self):
        base, api = "/projects/42", "api"
        return [
            ("GET /user", api, lambda query, body: BOT),
            (f"GET {base}/merge_requests/(\\d+)/notes", api, self._notes),
            (f"POST {base}/merge_requests/(\\d+)/notes", api, self._add),
            (f"PUT {base}/merge_requests/(\\d+)/notes/(\\d+)", api, self._edit_note),
            (f"GET {base}/issues", api, self._issues),
            (f"POST {base}/issues", api, self._open),
            (f"PUT {base}/issues/(\\d+)", api, self._edit_issue),
            (f"GET {base}/merge_requests", api, self._requests),
            (f"POST {base}/merge_requests", api, self._propose),
            (f"GET {base}/repository/commits/(\\w+)/merge_requests", api, self._merged),
            (f"GET {base}/merge_requests/(\\d+)/pipelines", api, self._pipelines),
            (f"GET {base}/pipelines/(\\d+)/jobs", api, self._jobs),
            (f"GET {base}/jobs/(\\d+)/artifacts/(.+)", api, self._file),
        ]

    def keep(self, number, files, head, *, project=42):
        """A pipeline of a merge request, with one job that keeps these files."""
        job = {"id": next(self._ids), "files": files, "artifacts_file": {"filename": "a.zip"}}
        pipeline = {"id": next(self._ids), "sha": head, "project_id": project}
        self.pipelines.insert(0, {**pipeline, "merge_request": number, "jobs": [job]})

    def _notes(self, query, body, number):
        return self.page(self.posts[int(number)], query)

    def _add(self, query, body, number):
        return self.comment(int(number), body["body"], BOT)

    def _edit_note(self, query, body, number, note):
        return self._edit(self.posts[int(number)], "id", note, {"body": body["body"]})

    def _issues(self, query, body):
        return self.page([one for one in self.issues if one["state"] == query["state"]], query)

    def _open(self, query, body):
        found = {"iid": next(self._ids), "state": "opened", "author": BOT, **body}
        self.issues.append(found)
        return found

    def _edit_issue(self, query, body, number):
        changes = dict(body)
        if changes.pop("state_event", "") == "close":
            changes["state"] = "closed"
        return self._edit(self.issues, "iid", number, changes)

    def _requests(self, query, body):
        branch = query["source_branch"]
        return self.page([one for one in self.proposals if one["source_branch"] == branch], query)

    def _propose(self, query, body):
        self.proposals.append(body)
        return {"iid": next(self._ids)}

    def _merged(self, query, body, commit):
        found = self.merges.get(commit)
        return [] if found is None else [{"iid": found[0], "sha": found[1], "state": "merged"}]

    def _pipelines(self, query, body, number):
        found = [one for one in self.pipelines if one["merge_request"] == int(number)]
        keys = ("id", "sha", "project_id")
        return self.page([{key: one[key] for key in keys} for one in found], query)

    def _jobs(self, query, body, number):
        (jobs,) = [one["jobs"] for one in self.pipelines if one["id"] == int(number)]
        shown = [{key: job[key] for key in ("id", "artifacts_file")} for job in jobs]
        return self.page(shown, query)

    def _file(self, query, body, number, path):
        jobs = [job for one in self.pipelines for job in one["jobs"] if job["id"] == int(number)]
        content = jobs[0]["files"].get(path)
        if content is None:
            raise Refused(404)
        return 200, {"Content-Type": "application/octet-stream"}, content
