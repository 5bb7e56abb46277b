"""Which certificates are trusted, and variables that name none."""

import re

import certifi
import httpx
import pytest

from mbflow.api.http import trouble_of
from mbflow.api.tls import tls_context
from mbflow.model.errors import Error

ENDPOINT = httpx.URL("https://voice.invalid")


@pytest.fixture
def stated(monkeypatch):
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    return lambda **variables: [monkeypatch.setenv(k, str(v)) for k, v in variables.items()]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing.pem", "No such file or directory"),
        ("folder", "Is a directory"),
        ("text.pem", "it holds no certificate in PEM form"),
        ("empty.pem", "it holds no certificate in PEM form"),
    ],
)
def test_a_file_without_certificates(tmp_path, stated, name, why):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.pem").write_text("-----BEGIN CERTIFICATE-----\nno\n")
    (tmp_path / "empty.pem").touch()
    stated(SSL_CERT_FILE=tmp_path / name)
    with pytest.raises(
        Error, match=f"SSL_CERT_FILE names {re.escape(str(tmp_path / name))}: {why}"
    ):
        tls_context(ENDPOINT)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing", "No such file or directory"),
        ("file", "Not a directory"),
        ("folder", "no certificate in it is named by its hash"),
    ],
)
def test_a_folder_without_certificates(tmp_path, stated, name, why):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "my-own.pem").touch()
    (tmp_path / "file").touch()
    stated(SSL_CERT_DIR=tmp_path / name)
    with pytest.raises(Error, match=f"SSL_CERT_DIR names .*{name}: {why}"):
        tls_context(ENDPOINT)


def test_what_holds_certificates_is_taken(tmp_path, stated):
    (tmp_path / "0a1b2c3d.0").touch()
    stated(SSL_CERT_FILE=certifi.where(), SSL_CERT_DIR=tmp_path)
    assert tls_context(ENDPOINT).cert_store_stats()["x509_ca"] > 50
    stated(SSL_CERT_FILE="", SSL_CERT_DIR="")
    assert tls_context(ENDPOINT).cert_store_stats()["x509_ca"] > 50


def test_a_service_without_tls_needs_none(stated):
    stated(SSL_CERT_FILE="/nowhere", SSL_CERT_DIR="/nowhere")
    assert tls_context(httpx.URL("http://voice.invalid")).cert_store_stats()["x509_ca"] == 0


@pytest.mark.parametrize("why", ["certificate has expired", "certificate is not yet valid"])
def test_a_wrong_clock_is_thought_of(why):
    error = httpx.ConnectError(f"[SSL: CERTIFICATE_VERIFY_FAILED] verify failed: {why}")
    assert "Is the clock of this machine right?" in trouble_of(error).advice
