from decimal import Decimal

import msgspec
import pytest

from handler.buckets import BucketOrder, records_of_day
from handler.days import ONE_DAY
from handler.errors import BadAnswer

from .fakes import BY_NAME, day, days

ASKED = days("2026-11-01", "2026-11-03")
CLAUDE_CODE = BY_NAME["claude_code_usage"]


def raw(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())


def bucket(first: str, *results: str) -> msgspec.Raw:
    nxt = day(first) + ONE_DAY
    return raw(
        f'{{"starting_at":"{first}T00:00:00Z","ending_at":"{nxt}T00:00:00Z",'
        f'"results":[{",".join(results)}]}}'
    )


def take(*buckets: msgspec.Raw):
    order = BucketOrder(ASKED)
    return order, [(found, list(records)) for found, records in map(order.take, buckets)]


def test_each_record_has_its_bucket_s_own_fields():
    _, [(found, records)] = take(bucket("2026-11-01", '{"amount":"1.10"}', '{"amount":"2"}'))
    common = {"starting_at": "2026-11-01T00:00:00Z", "ending_at": "2026-11-02T00:00:00Z"}
    assert found == day("2026-11-01")
    assert records == [{**common, "amount": "1.10"}, {**common, "amount": "2"}]


def test_a_field_that_a_bucket_gains_is_kept_on_each_record():
    text = '{"starting_at":"2026-11-01T00:00:00Z","width":1.10,"results":[{"a":1}]}'
    _, [(_, records)] = take(raw(text))
    assert records[0]["width"] == Decimal("1.10")
    assert str(records[0]["width"]) == "1.10"


def test_an_empty_bucket_is_a_day_without_records():
    _, found = take(*map(bucket, ("2026-11-01", "2026-11-02", "2026-11-03")))
    assert found == [(one, []) for one in ASKED]


@pytest.mark.parametrize(
    "sent",
    [
        ["2026-11-02"],
        ["2026-11-01", "2026-11-03"],
        ["2026-11-01", "2026-11-01"],
        ["2026-11-01", "2026-11-02", "2026-11-01"],
        ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"],
        ["2026-10-31"],
    ],
    ids=["first missing", "one missing", "repeated", "out of order", "one too many", "too early"],
)
def test_buckets_out_of_line_are_refused(sent):
    with pytest.raises(BadAnswer, match="bucket of"):
        take(*map(bucket, sent))


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "5",
        "null",
        "{}",
        '{"starting_at":"2026-11-01T00:00:00Z"}',
        '{"starting_at":"2026-11-01T00:00:00Z","results":null}',
        '{"starting_at":"2026-11-01T00:00:00Z","results":{}}',
        '{"starting_at":"2026-11-01T00:00:00Z","results":[5]}',
        '{"starting_at":"2026-11-01T00:00:00Z","results":[[]]}',
        '{"starting_at":"soon","results":[]}',
        '{"starting_at":null,"results":[]}',
        '{"starting_at":5,"results":[]}',
        '{"results":[]}',
    ],
)
def test_what_is_no_bucket_is_refused(text):
    with pytest.raises(BadAnswer):
        take(raw(text))


@pytest.mark.parametrize(
    ("sent", "required", "missing"),
    [
        (3, "2026-11-03", False),
        (2, "2026-11-03", True),
        (0, "2026-11-03", True),
        (2, "2026-11-02", False),
        (1, "2026-11-02", True),
        (3, "2026-11-30", False),
        (0, "2026-10-31", False),
    ],
)
def test_every_day_asked_for_and_complete_must_have_had_its_bucket(sent, required, missing):
    order, _ = take(*(bucket(str(one)) for one in list(ASKED)[:sent]))
    if missing:
        with pytest.raises(BadAnswer, match="no bucket for"):
            order.finish(day(required))
    else:
        order.finish(day(required))


@pytest.mark.parametrize(
    "stated", ['"2026-11-01T00:00:00Z"', '"2026-11-01"', '"2026-11-01T00:00:00+00:00"', "null"]
)
def test_records_of_the_day_are_taken_in_either_spelling(stated):
    page = [raw(f'{{"date":{stated},"n":1}}'), raw('{"n":2}')]
    found = records_of_day(CLAUDE_CODE, day("2026-11-01"), page)
    assert [one["n"] for one in found] == [1, 2]


@pytest.mark.parametrize("stated", ['"2026-11-02T00:00:00Z"', '"2026-10-31"', '"soon"', "5"])
def test_a_record_of_another_day_is_refused(stated):
    with pytest.raises(BadAnswer, match="2026-11-01 was asked for"):
        list(records_of_day(CLAUDE_CODE, day("2026-11-01"), [raw(f'{{"date":{stated}}}')]))
