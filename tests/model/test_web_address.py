"""An address that passes is one that an HTTP client can be given."""

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import MANY

from mbflow.emulator.webhooks import webhook_faults
from mbflow.model.web_address import address_trouble, is_web_address

PIECES = [
    "https://",
    "http://",
    "HTTPS://",
    "a",
    "calls.example.com",
    "bücher",
    "ÄÖ",
    "日本",
    "☕",
    ".",
]
PIECES += ["..", "-", "_", ":", "80", "0", "99999", "٣", "/", "?", "#", "[", "]", "::1", "@", "u:p"]
PIECES += ["%20", "%", "\\", " ", "\t", "\n", "\xa0", "\u2028", "\ufeff", "x" * 70, "..example"]


@settings(max_examples=MANY)
@given(
    st.builds(
        lambda first, rest: first + "".join(rest),
        st.sampled_from(["https://", "http://", "https://a", ""]),
        st.lists(st.sampled_from(PIECES), max_size=6),
    )
)
def test_what_passes_can_be_asked(text):
    if is_web_address(text):
        assert httpx.URL(text).host
        assert webhook_faults({"url": text}) == []
    else:
        assert webhook_faults({"url": text})


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("https://a b", "has a blank, a line break or an invisible character in it"),
        ("https://a\r\nHost: b", "has a blank, a line break or an invisible character in it"),
        ("https://a/" + "x" * 2000, "has more than 2,000 characters"),
        ("https://[::1", "has a [ or ] that belongs to no IPv6 address"),
        ("https://][::1", "has a [ or ] that belongs to no IPv6 address"),
        ("https://a]", "has a [ or ] that belongs to no IPv6 address"),
        ("https://a:0/", "has a port that is no number from 1 to 65535"),
        ("https://a:65536/", "has a port that is no number from 1 to 65535"),
        ("https://user:secret@/", "has no host"),
        ("https://999.1.1.1/", "has a host that cannot be one"),
        ("https://a..b/", "has a host that cannot be one"),
        ("https://user:secret@a/", ""),
        ("https://a:65535/", ""),
        ("https://[::1]:80/", ""),
        ("https://bücher.example/ä", ""),
        ("calls.example.com", ""),
        ("http://", ""),
    ],
)
def test_troubles_are_told_in_words(text, trouble):
    assert address_trouble(text) == trouble
