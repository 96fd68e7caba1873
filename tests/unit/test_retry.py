from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from claude_admin_lake.errors import Forbidden, RequestRefused, ServerTrouble
from claude_admin_lake.source.retry import TRANSPORT, Refusal, wait_before_next

from .fakes import NOON

RETRIED = [TRANSPORT, 408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529]
NOT_RETRIED = [201, 204, 301, 302, 307, 400, 402, 403, 404, 405, 410, 413, 414, 422, 501]


def refusal(status: int, **headers: str) -> Refusal:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refusal(status, CaseInsensitiveDict(named), f"HTTP {status}")


def wait(refused: Refusal, attempt: int = 1, most: int = 1000, chance: float = 1.0) -> float:
    return wait_before_next(refused, attempt, most=most, now=NOON, chance=lambda: chance)


def attempts(refused: Refusal, most: int = 1000) -> int:
    """How many requests are sent in all if every one is refused like this."""
    for attempt in range(1, 100):
        try:
            wait(refused, attempt, most)
        except (Forbidden, RequestRefused, ServerTrouble):
            return attempt
    raise AssertionError


@pytest.mark.parametrize("status", RETRIED)
def test_what_may_pass_is_tried_again_some_times_and_then_is_server_trouble(status):
    assert 5 <= attempts(refusal(status)) <= 10
    with pytest.raises(ServerTrouble, match=f"HTTP {status}"):
        wait(refusal(status), 100)


@pytest.mark.parametrize("status", NOT_RETRIED)
def test_what_cannot_change_is_never_tried_again(status):
    assert attempts(refusal(status)) == 1


@pytest.mark.parametrize("status", sorted({*NOT_RETRIED, 418} - {403}))
def test_a_refused_request_says_its_status(status):
    with pytest.raises(RequestRefused) as caught:
        wait(refusal(status))
    assert caught.value.status == status


def test_403_is_forbidden():
    with pytest.raises(Forbidden):
        wait(refusal(403))


@pytest.mark.parametrize("status", RETRIED)
@pytest.mark.parametrize("false", ["false", "False"])
def test_x_should_retry_false_decides_before_the_status(status, false):
    assert attempts(refusal(status, x_should_retry=false)) == 1


@pytest.mark.parametrize("status", NOT_RETRIED)
def test_x_should_retry_true_decides_before_the_status(status):
    assert attempts(refusal(status, x_should_retry="true")) > 1


@pytest.mark.parametrize("text", ["", "maybe", "1"])
def test_another_x_should_retry_leaves_it_to_the_status(text):
    assert attempts(refusal(400, x_should_retry=text)) == 1
    assert attempts(refusal(500, x_should_retry=text)) > 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("0.5", 0.5),
        (" 7 ", 7),
        ("86400", 86_400),
        (format_datetime(NOON + timedelta(seconds=90), usegmt=True), 90),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_that_the_api_asks_for_is_kept_to_the_second(status, header, seconds):
    assert wait(refusal(status, retry_after=header)) == seconds


NO_WAITS = ["", "soon", "-5", "1.2.3", ".", "²", "1e3", "nan", "inf",
            "Mon, 1 Jan 99999999999999999999 00:00:00 GMT",
            format_datetime(NOON - timedelta(seconds=90), usegmt=True)]  # fmt: skip


@pytest.mark.parametrize("header", NO_WAITS)
def test_a_retry_after_that_says_nothing_is_passed_over(header):
    assert wait(refusal(429, retry_after=header)) == wait(refusal(429))


@given(st.text(max_size=40) | st.from_regex(r"[A-Z][a-z]{2}, \d{1,30} [A-Z][a-z]{2} \d{1,30} .*"))
def test_no_header_can_make_the_wait_fail_or_go_back(text):
    refused = refusal(429, retry_after=text, anthropic_ratelimit_requests_reset=text)
    assert wait(refused) >= 0


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        ("2026-11-22T12:00:42Z", 42),
        ("2026-11-22T13:00:42+01:00", 42),
        ("2026-11-22T11:59:59Z", None),
        ("2026-11-22T12:00:00Z", None),
        ("2026-11-22T12:00:42", None),
        ("soon", None),
    ],
)
def test_a_reset_is_heeded_if_it_lies_ahead(reset, seconds):
    found = wait(refusal(429, anthropic_ratelimit_requests_reset=reset))
    assert found == (wait(refusal(429)) if seconds is None else seconds)


def test_retry_after_goes_before_the_reset():
    later = "2026-11-22T12:00:42Z"
    assert wait(refusal(429, retry_after="7", anthropic_ratelimit_requests_reset=later)) == 7


def test_a_reset_says_nothing_about_server_trouble():
    later = "2026-11-22T12:00:42Z"
    assert wait(refusal(503, anthropic_ratelimit_requests_reset=later)) == wait(refusal(503))


@pytest.mark.parametrize(
    ("status", "waits"),
    [(429, [4, 8, 16, 32, 60, 60, 60, 60, 60]), (500, [1, 2, 4, 8, 16]), (TRANSPORT, [1, 2, 4])],
)
def test_waits_double_up_to_a_limit_and_429_goes_to_a_full_minute(status, waits):
    found = [wait(refusal(status), attempt) for attempt in range(1, len(waits) + 1)]
    assert found == waits


@given(st.sampled_from([429, 500, TRANSPORT]), st.integers(1, 5), st.floats(0, 1))
def test_chance_spreads_a_wait_over_its_upper_half(status, attempt, chance):
    full = wait(refusal(status), attempt)
    assert full / 2 <= wait(refusal(status), attempt, chance=chance) <= full


@pytest.mark.parametrize("status", RETRIED)
def test_fewer_attempts_can_be_asked_for(status):
    assert attempts(refusal(status), most=2) == 2
    assert attempts(refusal(400), most=2) == 1
