from decimal import Decimal

import msgspec
import pytest

from claude_admin_lake.days import ONE_DAY
from claude_admin_lake.errors import BadAnswer
from claude_admin_lake.records.lines import LineMaker
from claude_admin_lake.records.rows import decode_record
from claude_admin_lake.shapes.bucket_order import BucketOrder

from .fakes import BY_NAME, day, days

ASKED = days("2026-11-01", "2026-11-03")
COST_REPORT = BY_NAME["cost_report"]


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
    return order, [order.take(one) for one in buckets]


def lines(day, common, results):
    made = LineMaker(COST_REPORT).lines(results, common, day)
    return [decode_record(msgspec.Raw(line)) for line in made.splitlines()]


def test_each_record_has_its_bucket_s_own_fields():
    _, [found] = take(bucket("2026-11-01", '{"amount":"1.10"}', '{"amount":"2"}'))
    common = {"starting_at": "2026-11-01T00:00:00Z", "ending_at": "2026-11-02T00:00:00Z"}
    results = [raw('{"amount":"1.10"}'), raw('{"amount":"2"}')]
    assert found == (day("2026-11-01"), common, results)
    blank = dict.fromkeys(COST_REPORT.column_names)
    assert lines(*found) == [blank | common | {"amount": x} for x in ("1.10", "2")]


def test_a_field_that_a_bucket_gains_is_kept_on_each_record():
    text = '{"starting_at":"2026-11-01T00:00:00Z","width":1.10,"results":[{"a":1}]}'
    _, [found] = take(raw(text))
    [line] = lines(*found)
    assert line["width"] == Decimal("1.10")
    assert str(line["width"]) == "1.10"
    assert line["a"] == 1


def test_an_empty_bucket_is_a_day_without_records():
    _, found = take(*map(bucket, ("2026-11-01", "2026-11-02", "2026-11-03")))
    assert [(one, results) for one, _, results in found] == [(one, []) for one in ASKED]


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
        '{"starting_at":"soon","results":[]}',
        '{"starting_at":null,"results":[]}',
        '{"starting_at":5,"results":[]}',
        '{"results":[]}',
    ],
)
def test_what_is_no_bucket_is_refused(text):
    with pytest.raises(BadAnswer):
        take(raw(text))


@pytest.mark.parametrize("result", ["5", "[]", "null", '"x"'])
def test_a_result_that_is_no_record_is_refused(result):
    _, [found] = take(bucket("2026-11-01", "{}", result))
    with pytest.raises(BadAnswer, match="not an object"):
        lines(*found)


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
