"""What a user would write in an hour: load, validate, list, compare, print. Changes nothing.

python script.py FOLDER SCHEMA ENDPOINT KEY
"""

import json
import sys
from pathlib import Path

import httpx
import jsonschema
import yaml


def main(folder: str, schema: str, endpoint: str, key: str) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(Path(schema).read_text()))
    wanted = {}
    for path in Path(folder).rglob("*.yaml"):
        flow = yaml.load(path.read_bytes(), yaml.CSafeLoader)
        validator.validate(flow)
        wanted[flow["title"]] = flow["steps"]
    live = {flow["title"]: flow["steps"] for flow in call_flows(endpoint, key)}
    changed = [title for title, steps in wanted.items() if plain(steps) != plain(live.get(title))]
    print(f"{len(changed)} to change, {len(wanted) - len(changed)} unchanged")


def call_flows(endpoint: str, key: str):
    headers = {"Authorization": f"AccessKey {key}"}
    with httpx.Client(base_url=endpoint, headers=headers) as client:
        page, pages = 1, 1
        while page <= pages:
            answer = client.get("/call-flows", params={"page": page, "perPage": 100})
            body = answer.raise_for_status().json()
            yield from body["data"]
            page, pages = page + 1, body["pagination"]["pageCount"]


def plain(steps):
    """Without the ids, which the service gives."""
    return [{key: value for key, value in step.items() if key != "id"} for step in steps or []]


if __name__ == "__main__":
    main(*sys.argv[1:])
