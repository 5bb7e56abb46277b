"""`mbflow webhooks`, as users meet them: the token comes in safely and never goes out."""

import pytest

from mbflow.cli.verbs.webhooks import webhook_text, webhooks_table

from .cli import on_a_terminal
from .service import Reply, listed, refused

ID = "534e1848-235f-482d-983d-e3e11a04f58a"
URL = "https://example.com/calls"
TOKEN = "open-sesame-1"


def webhook(**more):
    return {
        "id": ID,
        "url": URL,
        "token": "an-older-token",
        "createdAt": "2017-03-15T13:28:32Z",
        "updatedAt": "2017-03-15T13:28:32Z",
        **more,
    }


def answers(asked):
    if asked.method == "DELETE":
        return Reply(204, None)
    if asked.method in ("POST", "PUT"):
        body = webhook()
        body.pop("token")
        return Reply(201, {"data": [body | asked.json]})
    return (
        listed([webhook()], 1) if asked.path == "/webhooks" else Reply(body={"data": [webhook()]})
    )


@pytest.fixture(autouse=True)
def token_in_the_environment(monkeypatch):
    monkeypatch.setenv("HOOK_TOKEN", TOKEN)


def sent(service):
    return [
        (asked.method, asked.path, asked.json) for asked in service.asked if asked.method != "GET"
    ]


def test_a_list_says_whether_there_is_a_token(against):
    service, run = against(answers)
    ran = run("webhooks", "list")
    assert ran.out == f"ID                                    TOKEN  URL\n{ID}  yes    {URL}\n"
    assert ran.err == f"1 webhook in production ({service.url})\n"
    ran = run("webhooks", "list", "--format", "json")
    assert ran.json["webhooks"] == [webhook(token="(hidden)")]


def test_a_webhook(against):
    _, run = against(answers)
    ran = run("webhooks", "get", ID)
    assert ran.out == (
        f"Webhook {ID}\n"
        f"  URL      {URL}\n"
        "  created  2017-03-15 13:28:32 UTC\n"
        "  updated  2017-03-15 13:28:32 UTC\n"
        "  token    (hidden)\n"
    )
    assert run("webhooks", "get", ID, "--format", "json").json["webhook"]["token"] == "(hidden)"


@pytest.mark.parametrize(
    ("words", "body"),
    [([], {"url": URL}), (["--token-env", "HOOK_TOKEN"], {"url": URL, "token": TOKEN})],
)
def test_making_a_webhook(against, words, body):
    service, run = against(answers)
    ran = run("webhooks", "create", URL, *words)
    assert ran.code == 0
    assert ran.err == f"The webhook is made, in production ({service.url})\n"
    assert sent(service) == [("POST", "/webhooks", body)]
    assert TOKEN not in ran.out + ran.err
    assert ("(hidden)" in ran.out) is ("token" in body)


def test_a_token_is_asked_for_without_being_shown(against, tmp_path):
    service, _ = against(answers)
    code, shown = on_a_terminal(
        ["webhooks", "create", URL, "--ask-token", "-e", "production"],
        tmp_path,
        answer=f"{TOKEN}\n",
        prompt="Token:",
    )
    assert code == 0
    assert sent(service) == [("POST", "/webhooks", {"url": URL, "token": TOKEN})]
    after_prompt = shown.partition("Token:")[2]
    assert "(hidden)" in after_prompt and TOKEN not in after_prompt


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["--ask-token"], 64, "no terminal to ask for the token on: say --token-env NAME."),
        (["--token-env", "NOT_SET"], 1, "the process variable NOT_SET is not set, or empty."),
        (["--token-env", "HOOK_TOKEN", "--ask-token"], 64, "Say either --token-env or"),
        (["--token", TOKEN], 64, "No such option"),
    ],
)
def test_a_token_that_cannot_be_taken(against, words, code, text):
    service, run = against(answers)
    ran = run("webhooks", "create", URL, *words)
    assert (ran.code, service.asked) == (code, [])
    assert text in ran.err


def test_a_token_in_the_words_of_the_service_is_masked(against):
    _, run = against(lambda asked: refused(422, f"token {TOKEN} is too short"))
    ran = run("webhooks", "create", URL, "--token-env", "HOOK_TOKEN", "--format", "json")
    assert ran.code == 1
    assert "token [secret] is too short" in ran.err
    assert TOKEN not in ran.out + ran.err


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (["--url", "https://e.x"], {"url": "https://e.x", "token": "an-older-token"}),
        (["--token-env", "HOOK_TOKEN"], {"url": URL, "token": TOKEN}),
        (["--no-token"], {"url": URL, "token": ""}),
    ],
)
def test_what_is_not_named_stays(against, words, body):
    service, run = against(answers)
    ran = run("webhooks", "update", ID, *words, "--yes")
    assert ran.code == 0
    assert sent(service) == [("PUT", f"/webhooks/{ID}", body)]
    assert ran.err.startswith(f"In production ({service.url}):\nWebhook {ID}\n")
    assert "an-older-token" not in ran.out + ran.err


def test_a_kept_token_is_masked_too(against):
    _, run = against(
        lambda asked: (
            answers(asked) if asked.method == "GET" else refused(422, "an-older-token is bad")
        )
    )
    ran = run("webhooks", "update", ID, "--url", "https://e.x", "--yes")
    assert ran.code == 1
    assert "an-older-token" not in ran.err


def test_a_token_that_the_service_does_not_show_may_get_lost(against):
    service, run = against(
        lambda asked: (
            Reply(body={"data": [{"id": ID, "url": URL}]})
            if asked.method == "GET"
            else answers(asked)
        )
    )
    ran = run("webhooks", "update", ID, "--url", "https://e.x", "--yes")
    assert sent(service) == [("PUT", f"/webhooks/{ID}", {"url": "https://e.x"})]
    assert "The service shows no token for it. If it has one, give it again" in ran.err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "Say what is to change: --url, --token-env, --ask-token or --no-token."),
        (["--no-token", "--token-env", "HOOK_TOKEN"], "--no-token does not go with a token."),
        (["--url", "example.com"], "is not a complete URL"),
    ],
)
def test_an_update_of_nothing_or_of_too_much(against, words, text):
    service, run = against(answers)
    ran = run("webhooks", "update", ID, *words, "--yes")
    assert (ran.code, service.asked) == (64, [])
    assert text in ran.err


@pytest.mark.parametrize(("verb", "words"), [("update", ["--url", "https://e.x"]), ("delete", [])])
def test_changes_are_asked_for(against, tmp_path, verb, words):
    service, run = against(answers)
    ran = run("webhooks", verb, ID, *words)
    assert (ran.code, service.asked) == (64, [])
    line = ["webhooks", verb, ID, *words, "-e", "production"]
    code, _ = on_a_terminal(line, tmp_path, answer="n\n")
    assert (code, sent(service) if verb == "update" else service.count("DELETE")) in [
        (3, []),
        (3, 0),
    ]
    code, shown = on_a_terminal(line, tmp_path, answer="y\n")
    assert code == 0
    assert service.count("PUT" if verb == "update" else "DELETE", f"/webhooks/{ID}") == 1
    assert "an-older-token" not in shown


def test_a_deletion(against):
    service, run = against(answers)
    ran = run("webhooks", "delete", ID, "--yes", "--format", "json")
    assert ran.json["deleted"] == webhook(token="(hidden)")
    assert ran.err.endswith(f"The webhook is deleted, in production ({service.url})\n")


@pytest.mark.parametrize("verb", ["get", "update", "delete"])
def test_a_webhook_that_is_not_there(against, verb):
    service, run = against(lambda asked: refused(404, "No webhook found for ID `x`."))
    more = {"get": [], "update": ["--url", "https://e.x", "--yes"], "delete": ["--yes"]}
    ran = run("webhooks", verb, "x", *more[verb])
    assert ran.code == 1
    assert ran.err == (
        f"Error: production ({service.url}) has no webhook x.\n"
        "  To see what there is:\n"
        "      mbflow webhooks list -e production\n"
    )
    assert {asked.method for asked in service.asked} == {"GET"}


def test_long_addresses_are_cut_on_a_terminal():
    shown = webhooks_table([webhook(url="https://example.com/" + "x" * 100)], 80)
    assert [len(line) for line in shown.splitlines()] == [48, 80]
    assert shown.endswith("…")
    assert webhooks_table([]) == ""


def test_text_of_the_service_is_harmless():
    hostile = {"id": "\x1b[2J", "url": "\u202e\n::error::x", "Token": TOKEN}
    for text in (webhook_text(hostile), webhooks_table([hostile])):
        assert "\x1b" not in text and "\u202e" not in text and TOKEN not in text
