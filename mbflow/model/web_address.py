"""Web addresses: which of them a server can be asked at, judged the same wherever one stands.

Files, options of the command line and the emulator ask here.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address

LONGEST = 2000
"""Characters; clients and servers cut off, or refuse, what is much longer."""
_COMPLETE = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_IPV4 = re.compile(r"[0-9]+(\.[0-9]+){3}")
_BRACKETS = re.compile(r"[^\[\]]*|([^\[\]]*@)?\[[^\[\]]*\](:[0-9]*)?")
"""What may stand between `//` and the path; Python's own reader takes `][::1` for `::1`."""
_LABEL = re.compile(r"[\w-]{1,63}")


def is_complete(text: str) -> bool:
    """Whether the text begins as the address of a web server does: with http(s):// and a host."""
    return _COMPLETE.match(text) is not None


def address_trouble(text: str) -> str:
    """Why nobody can be asked at an address, as the rest of a sentence; "" where somebody can.

    Of one that is not complete it only says whether it has blanks, and whether it is too long.
    """
    if not text.isprintable() or " " in text:
        return "has a blank, a line break or an invisible character in it"
    if len(text) > LONGEST:
        return f"has more than {LONGEST:,} characters"
    if not is_complete(text):
        return ""
    from urllib.parse import urlsplit  # only needed where there is an address

    try:
        parts = urlsplit(text)
    except ValueError:
        parts = None
    if parts is None or not _BRACKETS.fullmatch(parts.netloc):
        return "has a [ or ] that belongs to no IPv6 address"
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        return "has a port that is no number from 1 to 65535"
    return _host_trouble(parts.hostname or "")


def is_web_address(text: str) -> bool:
    """Whether a web server can be asked at it."""
    return is_complete(text) and not address_trouble(text)


def _host_trouble(host: str) -> str:
    if not host:
        return "has no host"
    if ":" in host:
        return "" if _is_ip(IPv6Address, host) else "has a host that is no IPv6 address"
    is_one = _is_ip(IPv4Address, host) if _IPV4.fullmatch(host) else _is_name(host)
    return "" if is_one else "has a host that cannot be one"


def _is_name(host: str) -> bool:
    """Letters of other scripts have a form of their own in the DNS, and not all have one."""
    if not all(map(_LABEL.fullmatch, host.removesuffix(".").split("."))):
        return False
    import idna  # only needed where there is an address

    try:
        return host.isascii() or bool(idna.encode(host))
    except idna.IDNAError:
        return False


def _is_ip(kind: type[IPv4Address | IPv6Address], host: str) -> bool:
    try:
        kind(host)
    except ValueError:
        return False
    return True
