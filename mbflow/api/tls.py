"""The certificates that TLS trusts: those of SSL_CERT_FILE and SSL_CERT_DIR, else certifi's."""

from __future__ import annotations

import os
import re
import ssl
from pathlib import Path

import httpx

from mbflow.model.errors import Error

FILE, FOLDER = "SSL_CERT_FILE", "SSL_CERT_DIR"
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")
"""How OpenSSL looks certificates up in a folder; other names are never opened."""


def tls_context(endpoint: httpx.URL) -> ssl.SSLContext:
    """Certificates are loaded (20 ms) only where they are looked at.

    Raises `Error` where a variable names something that holds no certificates.
    """
    if endpoint.scheme != "https":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    file, folder = os.environ.get(FILE) or None, os.environ.get(FOLDER) or None
    if file is None and folder is None:
        return httpx.create_ssl_context(trust_env=False)
    if folder is not None:
        _check_folders(folder)
    try:
        return ssl.create_default_context(cafile=file, capath=folder)
    except ssl.SSLError:
        why = "it holds no certificate in PEM form"
    except OSError as error:
        why = str(error.strerror)
    raise _unusable(FILE, file or "", why)


def _check_folders(folders: str) -> None:
    """OpenSSL passes over what is missing in silence, and then trusts nobody."""
    try:
        files = [file for one in folders.split(os.pathsep) for file in Path(one).iterdir()]
    except OSError as error:
        why = str(error.strerror)
    else:
        if any(_HASHED.fullmatch(file.name) for file in files):
            return
        why = "no certificate in it is named by its hash (openssl rehash names them)"
    raise _unusable(FOLDER, folders, why)


def _unusable(variable: str, value: str, why: str) -> Error:
    where = os.pathsep.join(str(Path.cwd() / one) for one in value.split(os.pathsep))
    return Error(
        f"The certificates to trust cannot be read. {variable} names {where}: {why}.",
        f"Correct {variable}, or unset it to trust the usual authorities.",
    )
