"""The official Node SDK, unmodified, runs every voice method it has against `mbflow emulate`.

It is installed from npm by name into a temporary folder. Only a machine without node or npm leaves
these tests out, and never where CI says that it is CI.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import client
from .telephone import behave

HERE = Path(__file__).parent
SPOKEN = "I would like to order a pizza"


@pytest.fixture(scope="module")
def sdk_folder(tmp_path_factory):
    npm = shutil.which("npm")
    if not (npm and shutil.which("node")) and not os.environ.get("CI"):
        pytest.skip("node and npm are not on this machine")
    folder = tmp_path_factory.mktemp("node")
    subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "messagebird@4"],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=300,
    )
    return folder


@pytest.fixture(scope="module")
def found(sdk_folder, tmp_path_factory):
    """What every method gave."""
    from contextlib import ExitStack

    from .conftest import started_emulate

    with ExitStack() as stack:
        options = ("--access-key", "live_key", "--time-factor", "100")
        _, url = started_emulate(stack, tmp_path_factory.mktemp("emulator"), *options)
        with client(url) as api:
            api.headers["Authorization"] = "AccessKey live_key"
            behave(api, "31612345678", does=[{"say": SPOKEN}])
        ended = subprocess.run(
            ["node", "--require", str(HERE / "redirect.js"), str(HERE / "node_sdk.js")],
            cwd=sdk_folder,
            env={
                **os.environ,
                "NODE_PATH": str(sdk_folder / "node_modules"),
                "EMULATOR": url,
                "KEY": "live_key",
            },
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)


def only(answer):
    (item,) = answer["data"]
    return item


def test_call_flows(found):
    made = only(found["flowCreate"])
    assert made["title"] == "0"
    assert only(found["flowRead"]) == made
    assert only(found["flowUpdate"])["title"] == "changed"
    titles = [[flow["title"] for flow in page["data"]] for page in found["flowPages"]]
    assert titles == [["6", "5", "4"], ["3", "2", "1"], ["changed"]]
    assert [page["pagination"]["pageCount"] for page in found["flowPages"]] == [3, 3, 3]
    assert len(found["flowList"]["data"]) == 7
    assert found["flowDelete"] is True
    assert found["flowGone"]["status"] == 404


def test_calls(found):
    made, read = only(found["callCreate"]), only(found["callRead"])
    assert (made["status"], made["endedAt"]) == ("queued", None)
    assert (read["id"], read["status"]) == (made["id"], "ended")
    assert found["callDelete"] is True
    assert only(found["callHungUp"])["status"] == "ended"
    assert [call["id"] for call in found["callList"]["data"]][1:] == [made["id"]]


def test_recordings(found):
    recording = only(found["recordingList"])
    assert (recording["type"], recording["status"]) == ("ivr", "done")
    assert found["recordingPage"]["pagination"]["perPage"] == 1
    assert only(found["recordingRead"]) == recording
    assert found["recordingDownload"] == "RIFF"
    assert found["recordingDelete"] is True
    assert found["recordingGone"]["errors"] == [
        {"message": f"No recording found for ID `{recording['id']}`.", "code": 13}
    ]


def test_transcriptions(found):
    made, read = only(found["transcriptionCreate"]), only(found["transcriptionRead"])
    assert (made["status"], read["status"]) == ("created", "done")
    assert [entry["id"] for entry in found["transcriptionList"]["data"]] == [made["id"]]
    assert found["transcriptionDownload"] == SPOKEN


def test_webhooks(found):
    made = only(found["webhookCreate"])
    assert (made["url"], made["token"]) == ("http://127.0.0.1:1/0", "t")
    assert only(found["webhookRead"]) == made
    assert only(found["webhookUpdate"])["token"] == "u"
    urls = [[hook["url"][-1] for hook in page["data"]] for page in found["webhookPages"]]
    assert urls == [["4", "3"], ["2", "1"], ["0"]]
    assert len(found["webhookList"]["data"]) == 5
    assert found["webhookDelete"] is True
    assert found["webhookGone"]["status"] == 404


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("wrongKey", 401, 2),
        ("unknownCall", 404, 13),
        ("unknownAudio", 404, 13),
        ("unknownText", 404, 13),
        ("noFlow", 422, 10),
    ],
)
def test_refusals_arrive_as_the_sdks_own_error(found, name, status, code):
    assert found[name]["status"] == status
    assert [error["code"] for error in found[name]["errors"]] == [code]
