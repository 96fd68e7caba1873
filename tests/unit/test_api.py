"""The one request loop, against single answers: statuses, headers, waits, secrets."""

import gzip
import json
from datetime import timedelta
from email.utils import format_datetime

import pytest
import requests
import responses
from responses.registries import OrderedRegistry

from claude_admin_lake.errors import (
    BadAnswer,
    CredentialError,
    Forbidden,
    OutOfTime,
    RequestRefused,
    ServerTrouble,
    TooLarge,
    Unreachable,
)
from claude_admin_lake.source.api import AdminApi, Meter
from claude_admin_lake.source.credential import CredentialSource
from claude_admin_lake.source.key_headers import KeyHeaders
from claude_admin_lake.source.pace import Pace
from claude_admin_lake.source.pages import read_page
from claude_admin_lake.source.query import Query
from claude_admin_lake.tables.paging import by_token

from .fakes import limited

BASE = "https://api.test"
QUERY = Query(
    "/v1/organizations/usage_report/messages",
    (("group_by[]", "model"), ("group_by[]", "speed"), ("limit", "31")),
    {"anthropic-version": "2023-06-01"},
)
URL = BASE + QUERY.path
KEY = "sk-ant-admin01-AbCdEf_0123456789-old"
NEW_KEY = "sk-ant-admin01-AbCdEf_0123456789-new"
TOKEN = "sk-ant-oat01-AbCdEf_0123456789-xyz"
PAGE = {"data": [{"a": 1}], "has_more": False, "next_page": None}


@pytest.fixture
def server():
    with responses.RequestsMock(registry=OrderedRegistry) as mock:
        yield mock


@pytest.fixture(autouse=True)
def no_chance(monkeypatch):
    """Every wait is as long as it can be; test_retry.py has what chance does to it."""
    monkeypatch.setattr("claude_admin_lake.source.api.random.random", lambda: 1.0)


class World:
    """An AdminApi with its surroundings."""

    def __init__(self, clock, *, keys=(KEY,), seconds=None, per_minute=60_000, headers=None):
        self.clock, self.meter, self.read = clock, Meter(), 0
        self._keys = keys
        self.api = AdminApi(
            BASE,
            CredentialSource("the secret 'admin-key'", self._secret),
            Pace(per_minute, clock),
            clock,
            limited(clock, seconds),
            headers,
        )

    def _secret(self) -> str:
        self.read += 1
        return self._keys[min(self.read, len(self._keys)) - 1]

    def get(self, query=QUERY, most_bytes=None):
        def parse(body):
            return read_page(by_token(31), body)

        return self.api.get(query, parse, self.meter, most_bytes)


@pytest.fixture
def world(clock) -> World:
    return World(clock)


def refuse(server, status: int, headers=None, body=None, times: int = 1) -> None:
    for _ in range(times):
        server.get(URL, status=status, headers=headers or {}, body=body or f'{{"at":{status}}}')


def serve(server) -> None:
    server.get(URL, json=PAGE)


class TestOneRequest:
    def test_an_answer_is_parsed_and_counted(self, server, world):
        serve(server)
        assert [bytes(record) for record in world.get().records] == [b'{"a": 1}']
        assert world.meter == Meter(requests=1, retries=0, wait_seconds=0.0)

    def test_arrays_repeat_their_bracketed_name(self, server, world):
        serve(server)
        world.get()
        query = server.calls[0].request.url.partition("?")[2]
        assert query == "group_by%5B%5D=model&group_by%5B%5D=speed&limit=31"

    @pytest.mark.parametrize("encoded", [False, True], ids=["plain", "gzip"])
    def test_a_body_is_taken_up_to_a_limit_of_its_size_when_decompressed(
        self, server, world, encoded
    ):
        """Some MB, so that it comes in several pieces."""
        body = b'{"data":["' + b"x" * 3_000_000 + b'"],"has_more":false}'
        headers = {"Content-Encoding": "gzip"} if encoded else {}
        for _ in range(2):
            server.get(URL, body=gzip.compress(body) if encoded else body, headers=headers)
        assert len(world.get(most_bytes=len(body)).records[0]) == 3_000_002
        with pytest.raises(TooLarge):
            world.get(most_bytes=len(body) - 1)
        assert world.meter == Meter(requests=2, retries=0, wait_seconds=0.0)

    def test_it_says_who_asks_and_which_version_is_meant(self, server, world):
        serve(server)
        world.get()
        headers = server.calls[0].request.headers
        assert headers["anthropic-version"] == "2023-06-01"
        assert headers["User-Agent"].startswith("claude-admin-lake/")
        assert server.calls[0].request.body is None

    @pytest.mark.parametrize(
        ("key", "sent", "absent"),
        [
            (KEY, ("x-api-key", KEY), "Authorization"),
            (TOKEN, ("Authorization", f"Bearer {TOKEN}"), "x-api-key"),
        ],
        ids=["key", "token"],
    )
    def test_the_credential_goes_in_its_own_header_only(self, server, clock, key, sent, absent):
        serve(server)
        World(clock, keys=(key,)).get()
        headers = server.calls[0].request.headers
        assert headers[sent[0]] == sent[1]
        assert absent not in headers

    def test_a_password_in_netrc_is_not_sent(self, server, world, tmp_path, monkeypatch):
        netrc = tmp_path / "netrc"
        netrc.write_text("machine api.test login someone password something\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.setenv("HOME", str(tmp_path))
        serve(server)
        world.get()
        assert "Authorization" not in server.calls[0].request.headers

    @pytest.mark.parametrize(
        ("seconds", "read"), [(None, 60), (900, 60), (40, 32), (2.5, 1)], ids=str
    )
    def test_every_call_has_a_timeout_within_what_is_left(self, server, clock, seconds, read):
        refuse(server, 500, {"retry-after": "0"})
        serve(server)
        World(clock, seconds=seconds).get()
        for call in server.calls:
            connect, patience = call.request.req_kwargs["timeout"]
            assert 0 < connect <= 10
            assert patience == pytest.approx(read)


class TestTryingAgain:
    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 529])
    def test_trouble_that_passes_is_waited_out(self, server, world, status):
        refuse(server, status, times=2)
        serve(server)
        assert world.get().records
        assert (world.meter.requests, world.meter.retries) == (3, 2)
        assert world.meter.wait_seconds == pytest.approx(sum(world.clock.sleeps))

    @pytest.mark.parametrize(
        "fault",
        [
            requests.ConnectionError("reset by peer"),
            requests.ConnectTimeout("slow"),
            requests.ReadTimeout("slow"),
            requests.exceptions.ChunkedEncodingError("cut off"),
            requests.exceptions.ContentDecodingError("no gzip"),
            b'{"data":[{"a":1},{"a"',
            b"",
            b"<html>Bad gateway</html>",
        ],
        ids=lambda fault: repr(fault)[:40],
    )
    def test_a_broken_exchange_is_repeated(self, server, world, fault):
        server.get(URL, body=fault)
        serve(server)
        assert world.get().records
        assert world.meter.retries == 1

    def test_a_429_without_retry_after_backs_off_towards_a_minute(self, server, world):
        refuse(server, 429, {"anthropic-ratelimit-requests-reset": "2026-11-22T11:00:00Z"}, times=9)
        serve(server)
        world.get()
        waits = [seconds for seconds in world.clock.sleeps if seconds > 1]
        assert waits == [4, 8, 16, 32, 60, 60, 60, 60, 60]

    @pytest.mark.parametrize("seconds", [7, 61])
    def test_retry_after_is_kept_to_the_second(self, server, world, seconds):
        refuse(server, 429, {"retry-after": str(seconds)})
        serve(server)
        world.get()
        assert seconds in world.clock.sleeps

    def test_retry_after_may_be_a_date(self, server, world):
        later = format_datetime(world.clock.now() + timedelta(seconds=30), usegmt=True)
        refuse(server, 503, {"retry-after": later})
        serve(server)
        world.get()
        assert world.clock.sleeps == [30]

    def test_a_429_uses_up_the_burst(self, server, clock):
        world = World(clock, per_minute=60)
        refuse(server, 429, {"retry-after": "0"})
        serve(server)
        world.get()
        assert sum(clock.sleeps) == pytest.approx(1.0)

    def test_trouble_that_stays_is_given_up_with_its_cause(self, server, world):
        refuse(server, 503, {"request-id": "req_7"}, times=6)
        with pytest.raises(ServerTrouble, match=r"HTTP 503.*req_7"):
            world.get()
        assert (world.meter.requests, world.meter.retries) == (6, 5)

    def test_after_one_request_was_given_up_the_next_ones_are_tried_twice_only(self, server, world):
        refuse(server, 503, times=6 + 2 + 2)
        for requests_so_far in (6, 8, 10):
            with pytest.raises(ServerTrouble):
                world.get()
            assert world.meter.requests == requests_so_far

    def test_an_answer_restores_the_patience(self, server, world):
        refuse(server, 503, times=6)
        refuse(server, 503)
        serve(server)
        refuse(server, 503, times=5)
        serve(server)
        with pytest.raises(ServerTrouble):
            world.get()
        assert world.get().records
        assert world.get().records

    @pytest.mark.parametrize(
        ("status", "error"),
        [(403, Forbidden), (400, RequestRefused), (404, RequestRefused), (413, RequestRefused)],
    )
    def test_what_cannot_change_is_asked_once(self, server, world, status, error):
        refuse(server, status)
        with pytest.raises(error):
            world.get()
        assert (world.meter.requests, world.meter.retries) == (1, 0)
        assert world.clock.sleeps == []

    def test_a_refusal_does_not_discourage_the_requests_that_follow(self, server, world):
        refuse(server, 404)
        refuse(server, 500, times=5)
        serve(server)
        with pytest.raises(RequestRefused):
            world.get()
        assert world.get().records

    def test_x_should_retry_false_ends_it_at_once(self, server, world):
        refuse(server, 500, {"x-should-retry": "false"})
        with pytest.raises(ServerTrouble):
            world.get()

    def test_x_should_retry_true_gives_another_chance(self, server, world):
        refuse(server, 400, {"x-should-retry": "true"})
        serve(server)
        assert world.get().records

    def test_json_that_is_no_page_is_an_error_at_once(self, server, world):
        server.get(URL, json={"data": [], "has_more": True})
        with pytest.raises(BadAnswer):
            world.get()

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_a_redirect_is_not_followed_so_that_no_other_host_sees_the_key(
        self, server, world, status
    ):
        refuse(server, status, {"location": "https://elsewhere.test/"})
        with pytest.raises(RequestRefused) as caught:
            world.get()
        assert caught.value.status == status


def sent(call) -> str:
    """The credential of a request and, by its form, the header that it came in."""
    headers = call.request.headers
    assert len({"x-api-key", "Authorization"} & set(headers)) == 1
    return headers.get("x-api-key") or headers["Authorization"]


def bearer(key: str) -> str:
    return f"Bearer {key}"


class TestCredential:
    def test_after_a_401_the_other_header_is_tried_then_the_secret_is_read_again(
        self, server, clock
    ):
        world = World(clock, keys=(KEY, NEW_KEY))
        refuse(server, 401, times=3)
        serve(server)
        world.get()
        assert [sent(call) for call in server.calls] == [
            KEY, bearer(KEY), NEW_KEY, bearer(NEW_KEY),
        ]  # fmt: skip
        assert (world.read, world.meter.requests, world.meter.retries) == (2, 4, 3)

    def test_a_rotated_key_is_used_from_then_on(self, server, clock):
        world = World(clock, keys=(KEY, NEW_KEY))
        refuse(server, 401, times=2)
        serve(server)
        serve(server)
        world.get()
        world.get()
        assert [sent(call) for call in server.calls] == [KEY, bearer(KEY), NEW_KEY, NEW_KEY]
        assert world.read == 2

    def test_the_header_that_worked_is_kept_for_the_process(self, server, clock):
        headers = KeyHeaders()
        refuse(server, 401)
        for _ in range(3):
            serve(server)
        first = World(clock, headers=headers)
        first.get()
        first.get()
        World(clock, headers=headers).get()
        assert [sent(call) for call in server.calls] == [KEY, *[bearer(KEY)] * 3]
        assert first.read == 1

    def test_a_key_that_is_refused_either_way_is_tried_so_in_each_run(self, server, clock):
        headers = KeyHeaders()
        refuse(server, 401, times=4)
        for _ in range(2):
            with pytest.raises(CredentialError):
                World(clock, headers=headers).get()
        assert [sent(call) for call in server.calls] == [KEY, bearer(KEY)] * 2

    def test_a_key_that_worked_as_bearer_is_tried_so_again_after_a_refusal(self, server, clock):
        headers = KeyHeaders()
        for answer in (401, 200, 401, 401, 401, 200):
            serve(server) if answer == 200 else refuse(server, 401)
        World(clock, headers=headers).get()
        with pytest.raises(CredentialError):
            World(clock, headers=headers).get()
        World(clock, headers=headers).get()
        assert [sent(call) for call in server.calls][:2] == [KEY, bearer(KEY)]
        assert sent(server.calls[-1]) == bearer(KEY)

    def test_trouble_does_not_end_the_attempt_as_bearer(self, server, world):
        refuse(server, 401)
        refuse(server, 503)
        serve(server)
        world.get()
        assert [sent(call) for call in server.calls] == [KEY, bearer(KEY), bearer(KEY)]

    @pytest.mark.parametrize("status", [302, 307, 403, 404])
    def test_nothing_but_a_401_changes_the_header(self, server, world, status):
        refuse(server, status, {"location": URL})
        serve(server)
        with pytest.raises((RequestRefused, Forbidden)):
            world.get()
        world.get()
        assert [sent(call) for call in server.calls] == [KEY, KEY]

    def test_a_token_goes_as_bearer_and_is_refused_once(self, server, clock):
        world = World(clock, keys=(TOKEN,))
        refuse(server, 401)
        with pytest.raises(CredentialError):
            world.get()
        assert [sent(call) for call in server.calls] == [bearer(TOKEN)]
        assert world.read == 2

    def test_a_second_key_that_is_refused_is_the_last(self, server, clock):
        world = World(clock, keys=(KEY, NEW_KEY, KEY))
        refuse(server, 401, times=4)
        with pytest.raises(CredentialError):
            world.get()
        assert (world.read, world.meter.requests) == (2, 4)

    @pytest.mark.parametrize(
        ("key", "kind"),
        [
            (KEY, "an Admin API key"),
            (TOKEN, "an OAuth access token"),
            ("sk-ant-api03-AbCdEf", "an ordinary API key (sk-ant-api03...)"),
            ("sk-ant-api01-AbCdEf", "a key of Claude Enterprise"),
        ],
    )
    def test_the_error_says_which_kind_was_refused(self, server, clock, key, kind):
        refuse(server, 401, times=1 if key == TOKEN else 2)
        with pytest.raises(CredentialError) as caught:
            World(clock, keys=(key,)).get()
        assert f"it is {kind}" in str(caught.value)

    def test_the_error_names_the_secret_and_the_kind_of_key_and_never_the_key(self, server, clock):
        world = World(clock, keys=(KEY, NEW_KEY))
        refuse(server, 401, {"request-id": "req_7"}, body=f"invalid {KEY}", times=2)
        refuse(server, 401, {"request-id": "req_8"}, body=f"invalid {NEW_KEY}", times=2)
        with pytest.raises(CredentialError) as caught:
            world.get()
        message = str(caught.value)
        for part in ("the secret 'admin-key'", "Admin API key", "sk-ant-admin...", "req_8"):
            assert part in message
        assert KEY not in message
        assert NEW_KEY not in message

    def test_without_a_credential_nothing_is_asked(self, server, clock):
        world = World(clock, keys=("replace-me",))
        with pytest.raises(CredentialError):
            world.get()
        assert world.meter.requests == 0


class TestTime:
    def test_a_wait_longer_than_what_is_left_is_not_begun(self, server, clock):
        refuse(server, 429, {"retry-after": "300"})
        with pytest.raises(OutOfTime, match="429"):
            World(clock, seconds=200).get()
        assert clock.sleeps == []

    @pytest.mark.parametrize("seconds", [None, 900], ids=["laptop", "function"])
    def test_a_retry_after_of_a_day_is_not_slept_out(self, server, clock, seconds):
        refuse(server, 429, {"retry-after": "86400"})
        with pytest.raises(OutOfTime):
            World(clock, seconds=seconds).get()
        assert clock.sleeps == []

    def test_backing_off_stops_before_the_end(self, server, clock):
        refuse(server, 429, times=5)
        with pytest.raises(OutOfTime):
            World(clock, seconds=90).get()
        assert clock.sleeps == [4, 8, 16, 32]

    def test_no_request_is_sent_when_time_is_up(self, server, clock):
        world = World(clock, seconds=30)
        clock.pass_by(30)
        with pytest.raises(OutOfTime):
            world.get()
        assert world.meter.requests == 0

    def test_requests_are_paced(self, server, clock):
        world = World(clock, per_minute=60)
        for _ in range(10):
            serve(server)
            world.get()
        assert clock.elapsed() > 3
        assert world.meter.wait_seconds == pytest.approx(clock.elapsed())


class TestWords:
    """What errors and logs say about a refusal."""

    def test_they_have_path_status_and_request_id(self, server, world):
        refuse(server, 400, {"request-id": "req_42"}, body='{"type":"error"}')
        with pytest.raises(RequestRefused) as caught:
            world.get()
        for part in (QUERY.path, "400", "req_42", '{"type":"error"}'):
            assert part in str(caught.value)

    def test_a_long_body_is_cut(self, server, world):
        refuse(server, 400, body="<p>" * 100_000)
        with pytest.raises(RequestRefused) as caught:
            world.get()
        assert len(str(caught.value)) < 1000

    @pytest.mark.parametrize("key", [KEY, TOKEN, "sk-ant-api03-SomebodyElse_s0-key"])
    def test_no_key_is_in_them(self, server, world, caplog, key):
        refuse(server, 500, body=json.dumps({"error": f"key {key}"}), times=6)
        with pytest.raises(ServerTrouble) as caught:
            world.get()
        assert "[secret]" in str(caught.value)
        assert key not in str(caught.value) + caplog.text

    def test_a_key_at_the_cut_is_not_half_shown(self, server, world):
        refuse(server, 400, body="x" * 490 + KEY)
        with pytest.raises(RequestRefused) as caught:
            world.get()
        assert "sk-ant" not in str(caught.value)

    def test_a_transport_error_shows_no_key(self, server, world):
        server.get(URL, body=requests.ConnectionError(f"header {KEY} refused"))
        serve(server)
        world.get()

    def test_a_transport_error_that_stays_shows_no_key(self, server, world):
        for _ in range(6):
            server.get(URL, body=requests.ConnectionError(f"header {KEY} refused"))
        with pytest.raises(ServerTrouble) as caught:
            world.get()
        assert KEY not in str(caught.value)


def test_an_api_that_has_never_answered_is_tried_three_times(clock, server):
    for _ in range(3):
        server.get(URL, body=requests.ConnectTimeout("x"))
    world = World(clock)
    with pytest.raises(Unreachable, match=r"^cannot connect to api\.test; check the network"):
        world.get()
    assert (world.meter.requests, clock.elapsed()) == (3, 3.0)


def test_an_api_that_has_answered_is_tried_as_often_as_after_any_fault(clock, server):
    server.get(URL, json=PAGE)
    for _ in range(6):
        server.get(URL, body=requests.ConnectTimeout("x"))
    world = World(clock)
    world.get()
    with pytest.raises(Unreachable):
        world.get()
    assert world.meter.requests == 7
