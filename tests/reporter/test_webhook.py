"""The webhook: one attempt over https, no redirects, five seconds, and its URL in no message."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from claude_admin_lake.reporter import webhook
from claude_admin_lake.reporter.webhook import WebhookFailed, post

SECRET = "T0/B0/very-secret"


class Chat(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, json.loads(body)))
        status = self.server.status
        if not status:
            self.server.ended.wait(10)
            return
        self.send_response(status)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        """Be silent."""


@pytest.fixture
def chat():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Chat)
    server.seen, server.status, server.ended = [], 200, threading.Event()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}/{SECRET}?x=1"
    yield server
    server.ended.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_message_arrives_as_json(chat):
    post(chat.url, {"text": "Grüße"})
    assert chat.seen == [(f"/{SECRET}?x=1", {"text": "Grüße"})]


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 500])
def test_other_answers_and_redirects_are_refused_once(chat, status):
    chat.status = status
    with pytest.raises(WebhookFailed, match=str(status)) as failed:
        post(chat.url, {})
    assert len(chat.seen) == 1
    assert "secret" not in str(failed.value)
    assert failed.value.__cause__ is None


def test_a_silent_chat_tool_is_not_waited_for(chat):
    chat.status = 0
    with pytest.raises(WebhookFailed, match="cannot be reached"):
        post(chat.url, {}, seconds=0.1)
    assert webhook._SECONDS == 5


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://example.com/x",
        "ftp://example.com",
        "file:///etc/passwd",
        "https://",
        "hooks.slack.com/x",
        "http://127.0.0.1.example.com/x",
        "https://[",
        "http://localhost@example.com/",
    ],
)
def test_only_https_and_loopback_in_tests(url):
    with pytest.raises(WebhookFailed, match="not an https:// address"):
        post(url, {})


def test_nobody_there():
    with pytest.raises(WebhookFailed) as failed:
        post(f"http://127.0.0.1:9/{SECRET}", {})
    assert "secret" not in str(failed.value)
