"""What failed exchanges are called: every real kind of failure that can be made on loopback."""

import socket
import ssl

import pytest
import requests

from claude_admin_lake.errors import Unreachable
from claude_admin_lake.source.exchange import Answer
from claude_admin_lake.source.retry import TRANSPORT, UNREACHABLE
from claude_admin_lake.source.wording import broken, refused


@pytest.fixture
def closed_port():
    """A port of loopback that nothing listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def failure(url, **options):
    with pytest.raises(requests.RequestException) as raised:
        requests.get(url, timeout=5, **options)
    return broken("/v1/x", url, raised.value)


def test_a_refused_connection(closed_port):
    found = failure(f"http://127.0.0.1:{closed_port}")
    assert found.status == UNREACHABLE
    assert isinstance(found.error(), Unreachable)
    assert found.text.startswith(
        f"cannot connect to 127.0.0.1:{closed_port} (Connection refused); check the network"
    )


def test_a_name_that_does_not_resolve():
    found = failure("http://nowhere.invalid")
    assert found.status == UNREACHABLE
    assert found.text.startswith("the name nowhere.invalid cannot be resolved; check the network")


def test_a_dead_proxy_is_not_shown_with_its_password(closed_port):
    proxy = f"http://ada:secret@127.0.0.1:{closed_port}"
    found = failure("http://api.example.com", proxies={"http": proxy})
    assert found.status == UNREACHABLE
    assert found.text == (
        "the proxy that HTTP_PROXY names does not work (Connection refused);"
        " fix or unset HTTP_PROXY"
    )


def test_a_certificate_that_is_not_accepted():
    inner = ssl.SSLCertVerificationError(1, "certificate verify failed")
    inner.verify_message = "self-signed certificate"
    found = broken("/v1/x", "https://api.example.com", requests.exceptions.SSLError(inner))
    assert "api.example.com is not accepted (self-signed certificate)" in found.text
    assert "REQUESTS_CA_BUNDLE" in found.text


def test_a_connection_that_broke_off():
    error = requests.ConnectionError(ConnectionResetError(104, "Connection reset by peer"))
    found = broken("/v1/x", "https://api.example.com", error)
    assert found.status == TRANSPORT
    assert found.text == (
        "/v1/x: the connection to api.example.com broke off (Connection reset by peer)"
    )
    late = broken("/v1/x", "https://api.example.com", requests.ReadTimeout("x"))
    assert late.text == "/v1/x: api.example.com stopped answering"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            '{"type": "error", "error": {"type": "permission_error", "message": "No."}}',
            "permission_error: No.",
        ),
        ("<html>\n <b>Bad gateway</b></html>", "<html> <b>Bad gateway</b></html>"),
        ('{"type": "error", "error": "no object"}', '{"type": "error", "error": "no object"}'),
        ("", ""),
    ],
)
def test_an_answer_is_told_in_the_apis_words(body, words):
    answer = Answer(403, {"request-id": "req_7"}, body.encode())
    assert refused("/v1/x", answer).text == f"/v1/x: HTTP 403, request-id req_7: {words}"
