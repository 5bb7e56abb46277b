"""The proxy on the way: which one, hosts that need none, and how its failures are told."""

import socket
import threading

import pytest

from mbflow.api.errors import ApiError, NotSent
from mbflow.api.proxy import is_excepted
from mbflow.model.errors import Error

from .conftest import client_of
from .service import Reply, listed, refused

PASSWORD = "hunter2"


@pytest.fixture
def proxied(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return lambda **settings: [monkeypatch.setenv(k, v) for k, v in settings.items()]


@pytest.fixture
def door():
    """A proxy on a socket that gives every connection one answer; the value is its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve(answer):
            def run():
                while True:
                    try:
                        connection, _ = server.accept()
                    except OSError:
                        return
                    with connection:
                        connection.recv(65536)
                        connection.sendall(answer)

            threading.Thread(target=run, daemon=True).start()
            return server.getsockname()[1]

        yield serve
        server.shutdown(socket.SHUT_RDWR)


def answer(status, *headers):
    lines = [f"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def failure(clock, endpoint="https://voice.invalid", call=lambda client: client.list_call_flows()):
    with pytest.raises(Error) as caught, client_of(endpoint, clock) as client:
        call(client)
    text = "\n".join([caught.value.summary, *map(str, caught.value.details)])
    assert PASSWORD not in text
    return caught.value, text


def test_a_remote_service_is_asked_through_the_proxy(run, clock, proxied):
    proxy, _ = run(lambda asked: listed([], 0))
    proxied(http_proxy=proxy.url)
    with client_of("http://voice.invalid", clock) as client:
        assert client.list_call_flows() == []
    assert len(proxy.asked) == 1


def test_no_proxy_is_obeyed(run, clock, proxied):
    proxy, _ = run(lambda asked: listed([], 0))
    proxied(http_proxy=proxy.url, NO_PROXY="a.invalid voice.invalid:8080")
    with client_of("http://voice.invalid:8080", clock) as client, pytest.raises(Error):
        client.list_call_flows()
    assert proxy.asked == []


def test_this_machine_is_never_asked_through_a_proxy(run, proxied):
    proxied(http_proxy="http://127.0.0.1:9", all_proxy="http://127.0.0.1:9")
    _, client = run(lambda asked: listed([], 0))
    assert client.list_call_flows() == []


@pytest.mark.parametrize(
    ("variable", "address", "why"),
    [
        ("HTTPS_PROXY", "gopher://me:hunter2@x", "gopher://x is neither an http nor a SOCKS 5"),
        ("https_proxy", "socks4://me:hunter2@x", "socks4://x is neither an http nor a SOCKS 5"),
        ("ALL_PROXY", "socks5h://me:hunter2@x:1080", "socks5h://x:1080 speaks SOCKS, which needs"),
        ("all_proxy", "http://me:hunter2@[::1", "it is not a complete URL"),
        ("HTTPS_PROXY", "http://", "it is not a complete URL"),
        ("HTTPS_PROXY", "me:hunter2@x:99999", "it is not a complete URL"),
        ("HTTPS_PROXY", "http://me:hunter2@a b", "it is not a complete URL"),
        ("HTTPS_PROXY", "\udcff", "it is not a complete URL"),
        ("HTTPS_PROXY", "http://me:12/hunter2@x:3128", "its password holds signs that are"),
        ("HTTPS_PROXY", "http://me:12#hunter2@x:3128", "its password holds signs that are"),
        ("HTTPS_PROXY", "me:12@hunter2@x:3128", ""),
    ],
)
def test_a_proxy_that_cannot_be_used_is_named(clock, proxied, variable, address, why):
    proxied(**{variable: address})
    error, _ = failure(clock)
    assert error.summary.startswith(f"The proxy in {variable} cannot be used: {why}")


@pytest.mark.parametrize(
    ("host", "why"),
    [("127.0.0.1:9", "the connection was refused"), ("px.invalid:3128", "its name is not known")],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_is_named(clock, proxied, scheme, host, why):
    proxied(**{f"{scheme.upper()}_PROXY": f"http://me:{PASSWORD}@{host}"})
    error, text = failure(clock, f"{scheme}://voice.invalid")
    place = f"http://{host} ({scheme.upper()}_PROXY)"
    assert error.summary.startswith(f"The proxy {place} cannot be reached: {why}")
    assert "voice.invalid" not in text


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("offers", "advice"),
    [
        ([], "It wants a user and a password: ALL_PROXY=http://USER:PASSWORD@HOST:PORT"),
        (["NTLM", 'Basic realm="x"'], "It wants a user and a password"),
        (["Negotiate", "NTLM"], "It wants a login by Negotiate or NTLM, and mbflow knows Basic"),
    ],
)
def test_a_proxy_that_wants_a_login(clock, proxied, door, scheme, offers, advice):
    port = door(answer("407 Who?", *(f"Proxy-Authenticate: {offer}" for offer in offers)))
    proxied(ALL_PROXY=f"127.0.0.1:{port}")
    error, text = failure(clock, f"{scheme}://voice.invalid")
    place = f"http://127.0.0.1:{port} (ALL_PROXY)"
    assert error.summary == f"The proxy {place} refused: it answered 407 Who?."
    assert advice in text
    assert isinstance(error, NotSent)
    assert clock.sleeps == []


def test_a_wrong_password_of_a_proxy(clock, proxied, door):
    port = door(answer("407 Who?"))
    proxied(HTTPS_PROXY=f"http://me:{PASSWORD}@127.0.0.1:{port}")
    assert "The user or the password in HTTPS_PROXY is wrong." in failure(clock)[1]


def test_a_proxy_that_forbids_the_service(clock, proxied, door):
    port = door(answer("403 Forbidden"))
    proxied(HTTPS_PROXY=f"http://127.0.0.1:{port}")
    error, text = failure(clock)
    place = f"http://127.0.0.1:{port} (HTTPS_PROXY)"
    assert error.summary == f"The proxy {place} refused: it answered 403 Forbidden."
    assert "Look at HTTPS_PROXY; NO_PROXY names hosts that need no proxy." in text
    assert clock.sleeps == []


@pytest.mark.parametrize("words", [b"", b"SSH-2.0-OpenSSH\r\n"])
def test_a_write_that_a_proxy_cut_off_was_not_sent(clock, proxied, door, words):
    port = door(words)
    proxied(HTTPS_PROXY=f"http://127.0.0.1:{port}")
    error, _ = failure(clock, call=lambda client: client.create_call_flow({"steps": []}))
    assert isinstance(error, NotSent)
    assert error.summary.startswith(f"The proxy http://127.0.0.1:{port} (HTTPS_PROXY)")


def test_an_answer_that_may_be_the_proxys_own(run, clock, proxied):
    proxy, _ = run(lambda asked: Reply(403, b"<html>Blocked"))
    proxied(http_proxy=proxy.url)
    error, text = failure(clock, "http://voice.invalid")
    assert isinstance(error, ApiError)
    assert f"came through the proxy {proxy.url} (http_proxy): it may be its own." in text


def test_an_answer_of_the_api_is_no_proxys(run, clock, proxied):
    proxy, _ = run(lambda asked: refused(403, "no"))
    proxied(http_proxy=proxy.url)
    assert "proxy" not in failure(clock, "http://voice.invalid")[1]


@pytest.mark.parametrize(
    ("stated", "host", "port", "expected"),
    [
        ("*", "example.com", 443, True),
        ("*", "::1", 443, True),
        ("example.com", "example.com", 443, True),
        ("example.com", "voice.EXAMPLE.com", 443, True),
        ("example.com", "badexample.com", 443, False),
        (".example.com", "voice.example.com", 443, True),
        (".example.com", "example.com", 443, True),
        ("*.example.com", "voice.example.com", 443, True),
        ("Example.com.", "example.com", 443, True),
        ("a.b, example.com ,c.d", "example.com", 443, True),
        ("a.b example.com\tc.d", "example.com", 443, True),
        ("example.com:8443", "example.com", 8443, True),
        ("example.com:8443", "example.com", 443, False),
        (".example.com:8443", "voice.example.com", 8443, True),
        ("10.0.0.0/8", "10.1.2.3", 443, True),
        ("10.0.0.0/8", "11.1.2.3", 443, False),
        ("10.1.2.3", "10.1.2.3", 443, True),
        ("10.1.2.3:80", "10.1.2.3", 443, False),
        ("2.3", "10.1.2.3", 443, False),
        ("fd00::/8", "fd12::1", 443, True),
        ("[fd12::1]", "fd12::1", 443, True),
        ("[fd12::1]:443", "fd12::1", 443, True),
        ("[fd12::1]:80", "fd12::1", 443, False),
        ("fd12::1", "fd12:0::1", 443, True),
        ("", "example.com", 443, False),
        (",., ", "example.com", 443, False),
        ("10.0.0.0/99", "10.0.0.1", 443, False),
    ],
)
def test_hosts_that_need_no_proxy(stated, host, port, expected):
    assert is_excepted(stated, host, port) is expected
