"""How the pages of each kind of dated endpoint become days."""

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_admin_lake.days import ONE_DAY
from claude_admin_lake.errors import BadAnswer, DataMoved
from claude_admin_lake.records.lines import LineMaker
from claude_admin_lake.shapes import BATCH, batches
from claude_admin_lake.shapes.buckets import Buckets
from claude_admin_lake.shapes.events import Events
from claude_admin_lake.shapes.one_day import OneDay
from claude_admin_lake.shapes.rows import TimeRows

from .fakes import BY_NAME, day, days

ASKED = days("2026-11-01", "2026-11-03")
COST_REPORT = BY_NAME["cost_report"]
ONE_HOUR = timedelta(hours=1)
HOURLY = Buckets("1h", 24)
DEEP = b"[" * 10**5


def raw(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())


def stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def span(start: datetime, length: timedelta, *results: str) -> msgspec.Raw:
    return raw(
        f'{{"starting_at":"{stamp(start)}","ending_at":"{stamp(start + length)}",'
        f'"results":[{",".join(results)}]}}'
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def bucket(first: str, *results: str) -> msgspec.Raw:
    return span(at(first), ONE_DAY, *results)


def hour(n: int, *results: str) -> msgspec.Raw:
    """A bucket, counted from the first hour asked for."""
    return span(at("2026-11-01") + n * ONE_HOUR, ONE_HOUR, *results)


def taken(shape, pages, asked=ASKED, required="2026-10-31"):
    """Every day with its batches, as texts."""
    return [
        (
            one.day,
            [
                ({name: bytes(x) for name, x in common.items()}, list(map(bytes, records)))
                for common, records in one.batches
            ],
        )
        for one in shape.days(asked, iter(pages), day(required))
    ]


def take(*buckets: msgspec.Raw, required: str = "2026-10-31"):
    return taken(Buckets(), [list(buckets)], required=required)


def lines(day, batch):
    common, records = batch
    fields = {name: msgspec.Raw(x) for name, x in common.items()}
    made = LineMaker(COST_REPORT).lines(list(map(msgspec.Raw, records)), fields, day)
    return [json.loads(line) for line in made.splitlines()]


class TestBuckets:
    def test_each_record_has_its_bucket_s_own_fields(self):
        [(found, [batch])] = take(bucket("2026-11-01", '{"amount":"1.10"}', '{"amount":"2"}'))
        common = {"starting_at": "2026-11-01T00:00:00Z", "ending_at": "2026-11-02T00:00:00Z"}
        assert found == day("2026-11-01")
        assert batch[1] == [b'{"amount":"1.10"}', b'{"amount":"2"}']
        assert [
            (line["starting_at"], line["ending_at"], line["amount"]) for line in lines(found, batch)
        ] == [(*common.values(), "1.10"), (*common.values(), "2")]

    def test_a_field_that_a_bucket_gains_is_kept_on_each_record(self):
        text = '{"starting_at":"2026-11-01T00:00:00Z","width":1.10,"results":[{"a":1}]}'
        [(_, [(common, records)])] = take(raw(text))
        assert common == {"starting_at": b'"2026-11-01T00:00:00Z"', "width": b"1.10"}
        assert records == [b'{"a":1}']

    def test_an_empty_bucket_is_a_day_without_records(self):
        found = take(*map(bucket, ("2026-11-01", "2026-11-02", "2026-11-03")))
        assert found == [(one, []) for one in ASKED]

    def test_a_large_bucket_comes_in_batches_that_lose_nothing(self):
        records = [str(n) for n in range(2 * BATCH + 1)]
        [(_, found)] = take(bucket("2026-11-01", *records))
        assert [len(records) for _, records in found] == [BATCH, BATCH, 1]
        assert [x.decode() for _, records in found for x in records] == records

    def test_a_time_of_another_offset_is_the_same_bucket(self):
        text = '{"starting_at":"2026-11-01T02:00:00+02:00","results":[1]}'
        [(found, _)] = take(raw(text))
        assert found == day("2026-11-01")

    @pytest.mark.parametrize(
        "sent",
        [
            ["2026-11-02"],
            ["2026-11-01", "2026-11-03"],
            ["2026-11-01", "2026-11-01"],
            ["2026-11-01", "2026-11-02", "2026-11-01"],
            ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"],
            ["2026-10-31"],
            ["2026-11-01T01:00:00"],
        ],
        ids=["first missing", "one missing", "repeated", "out of order", "one too many",
             "too early", "not at midnight"],
    )  # fmt: skip
    def test_buckets_out_of_line_are_refused(self, sent):
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
            '{"starting_at":"0001-01-01T00:00:00+14:00","results":[]}',
            '{"starting_at":null,"results":[]}',
            '{"starting_at":5,"results":[]}',
            '{"results":[]}',
            pytest.param(DEEP.decode(), id="deep"),
            pytest.param('{"a":' + DEEP.decode() + "}", id="deep inside"),
        ],
    )
    def test_what_is_no_bucket_is_refused(self, text):
        with pytest.raises(BadAnswer):
            take(raw(text))

    @pytest.mark.parametrize("result", ["5", "[]", "null", '"x"'])
    def test_a_result_that_is_no_record_is_refused(self, result):
        [(found, [batch])] = take(bucket("2026-11-01", "{}", result))
        with pytest.raises(BadAnswer, match="not an object"):
            lines(found, batch)

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
    def test_every_day_asked_for_and_complete_must_have_had_its_bucket(
        self, sent, required, missing
    ):
        buckets = [bucket(str(one)) for one in list(ASKED)[:sent]]
        if missing:
            with pytest.raises(BadAnswer, match="no bucket for"):
                take(*buckets, required=required)
        else:
            assert len(take(*buckets, required=required)) == sent

    @pytest.mark.parametrize(
        ("shape", "limit", "fit"),
        [(Buckets(), 31, 31), (HOURLY, 168, 7), (HOURLY, 30, 1), (HOURLY, 20, 1),
         (Buckets("1m", 1440), 1440, 1), (Buckets(), None, 1)],
    )  # fmt: skip
    def test_a_request_is_for_as_many_whole_days_as_fit_its_page_and_at_least_one(
        self, shape, limit, fit
    ):
        assert shape.days_per_request(limit) == fit

    def test_a_width_is_asked_for_and_its_query_is_recorded(self):
        assert dict(HOURLY.parameters(ASKED)) == {
            "starting_at": "2026-11-01T00:00:00Z",
            "ending_at": "2026-11-04T00:00:00Z",
            "bucket_width": "1h",
        }
        assert (Buckets().width, HOURLY.width) == ("1d", "1h")


class TestHours:
    ASKED = days("2026-11-01", "2026-11-07")

    def taken(self, hours, size=168, required="2026-11-07"):
        sent = [hour(n, f'{{"n":{n}}}') for n in hours]
        pages = [sent[at : at + size] for at in range(0, len(sent), size)]
        return taken(HOURLY, pages, self.ASKED, required)

    @pytest.mark.parametrize("size", [168, 24, 100, 5, 1])
    def test_the_24_hours_of_a_day_are_one_day_wherever_pages_end(self, size):
        found = self.taken(range(168), size)
        assert [one for one, _ in found] == list(self.ASKED)
        records = [[x for _, records in found for x in records] for _, found in found]
        assert records == [[b'{"n":%d}' % (24 * d + n) for n in range(24)] for d in range(7)]

    def test_each_hour_keeps_its_own_bounds(self):
        _, second = self.taken(range(168))[0][1][:2]
        assert second[0] == {
            "starting_at": b'"2026-11-01T01:00:00Z"',
            "ending_at": b'"2026-11-01T02:00:00Z"',
        }

    @pytest.mark.parametrize(
        "hours",
        [
            range(1, 168),
            [*range(30), *range(31, 168)],
            [*range(24), *range(48, 168)],
            [*range(31), *range(30, 168)],
            [*range(30), 31, 30, *range(32, 168)],
            range(169),
            range(-1, 168),
        ],
        ids=["first missing", "one missing", "a day missing", "repeated", "out of order",
             "one too many", "too early"],
    )  # fmt: skip
    @pytest.mark.parametrize("size", [168, 24])
    def test_hours_out_of_line_are_refused(self, hours, size):
        with pytest.raises(BadAnswer, match="bucket of"):
            self.taken(hours, size)

    def test_a_missing_last_hour_is_noticed_before_its_day_is_over(self):
        steps = HOURLY.days(self.ASKED, iter([[hour(n) for n in range(167)]]), day("2026-11-07"))
        for one in self.ASKED:
            found = next(steps)
            assert found.day == one
            if one != self.ASKED.last:
                assert list(found.batches) == []
        with pytest.raises(BadAnswer, match="no bucket for 2026-11-07 23:00"):
            list(found.batches)

    def test_hours_of_a_day_that_is_not_over_may_be_missing(self):
        found = self.taken(range(150), required="2026-11-06")
        assert [len(batches) for _, batches in found] == [24] * 6 + [6]


class TestOneDay:
    def test_all_pages_are_of_the_day_asked_for(self):
        one = days("2026-11-01", "2026-11-01")
        found = taken(OneDay(), [[raw("1"), raw("2")], [], [raw("3")]], one)
        assert found == [(one.first, [({}, [b"1", b"2"]), ({}, [b"3"])])]

    def test_no_pages_with_records_are_a_day_without_records(self):
        assert taken(OneDay(), [[]], days("2026-11-01", "2026-11-01")) == [(ASKED.first, [])]

    def test_one_parameter_asks_for_one_day(self):
        assert OneDay("date").parameters(ASKED) == [("date", "2026-11-01")]

    def test_a_day_can_be_a_range_that_ends_before_the_day_after(self):
        one = days("2026-12-31", "2026-12-31")
        assert OneDay("starting_date", "ending_date").parameters(one) == [
            ("starting_date", "2026-12-31"),
            ("ending_date", "2027-01-01"),
        ]

    def test_one_request_is_for_one_day(self):
        assert OneDay().days_per_request(1000) == 1


def row(of: str, n: int = 0, time: str = "T00:00:00Z") -> msgspec.Raw:
    return raw(f'{{"n":{n},"starting_at":"{of}{time}"}}')


class TestTimeRows:
    SHAPE = TimeRows()

    def counted(self, pages):
        found = taken(self.SHAPE, pages)
        return [(str(one), sum(len(records) for _, records in batches)) for one, batches in found]

    @given(st.lists(st.integers(0, 2 * BATCH + 1), min_size=3, max_size=3), st.integers(1, 500))
    def test_days_span_pages_and_pages_span_days(self, counts, size):
        asked = list(ASKED)
        sent = [row(str(d), n) for d, many in zip(asked, counts, strict=True) for n in range(many)]
        pages = [sent[at : at + size] for at in range(0, len(sent), size)]
        found = taken(self.SHAPE, pages)
        assert [one for one, _ in found] == asked
        for (one, cut), many in zip(found, counts, strict=True):
            records = [x for _, records in cut for x in records]
            assert records == [bytes(row(str(one), n)) for n in range(many)]
            assert all(common == {} and len(records) <= BATCH for common, records in cut)

    @pytest.mark.parametrize(
        ("sent", "counts"),
        [
            ([], [0, 0, 0]),
            (["2026-11-01"], [1, 0, 0]),
            (["2026-11-02", "2026-11-02"], [0, 2, 0]),
            (["2026-11-03"], [0, 0, 1]),
            (["2026-11-01", "2026-11-03"], [1, 0, 1]),
        ],
    )
    def test_days_without_rows_are_empty_days_in_their_place(self, sent, counts):
        for pages in (
            [list(map(row, sent))],
            [[row(one)] for one in sent],
            [[], *[[row(one)] for one in sent], []],
        ):
            assert self.counted(pages) == list(zip(map(str, ASKED), counts, strict=True))

    @pytest.mark.parametrize(
        "sent",
        [
            ["2026-11-02", "2026-11-01"],
            ["2026-11-01", "2026-11-02", "2026-11-01"],
            ["2026-10-31"],
            ["2026-11-04"],
            ["2026-11-01", "2026-11-03", "2026-11-04"],
            ["2026-11-01", "2025-11-02"],
        ],
    )
    def test_a_row_out_of_order_or_out_of_range_is_refused(self, sent):
        with pytest.raises(BadAnswer, match="out of order or out of 2026-11-01/2026-11-03"):
            taken(self.SHAPE, [list(map(row, sent))])
        with pytest.raises(BadAnswer, match="out of order or out of"):
            taken(self.SHAPE, [[row(one)] for one in sent])

    @pytest.mark.parametrize("wrong", ["2026-11-01", "2026-10-31", "2026-11-04"])
    def test_before_such_a_row_no_day_is_taken_for_empty(self, wrong):
        """An empty day would replace what is stored of it."""
        pages, found = [[row("2026-11-01"), row("2026-11-02"), row(wrong)]], []
        days = self.SHAPE.days(ASKED, iter(pages), ASKED.first)
        counted = ((str(one.day), sum(len(x.records) for x in one.batches)) for one in days)
        with pytest.raises(DataMoved):
            found.extend(counted)
        assert found == [("2026-11-01", 1), ("2026-11-02", 1)]

    def test_a_row_s_day_is_that_of_utc(self):
        pages = [[row("2026-11-01", time="T23:00:00-05:00"), row("2026-11-03", time="")]]
        assert self.counted(pages) == [("2026-11-01", 0), ("2026-11-02", 1), ("2026-11-03", 1)]

    @pytest.mark.parametrize(
        "text",
        ["[]", "5", "null", "{}", '{"starting_at":null}', '{"starting_at":5}',
         '{"starting_at":"soon"}', '{"starting_at":"9999-12-31T23:00:00-05:00"}', "{",
         pytest.param(DEEP.decode(), id="deep"),
         pytest.param('{"a":' + DEEP.decode() + "}", id="deep inside")],
    )  # fmt: skip
    def test_what_is_no_row_is_refused(self, text):
        with pytest.raises(BadAnswer):
            taken(self.SHAPE, [[raw(text)]])

    def test_a_range_is_asked_for_in_order_of_time(self):
        assert dict(self.SHAPE.parameters(ASKED)) == {
            "starting_at": "2026-11-01T00:00:00Z",
            "ending_at": "2026-11-04T00:00:00Z",
            "time_bucket_width": "1d",
            "order_by": "time",
            "order": "asc",
        }

    @pytest.mark.parametrize("limit", [None, 1, 1000])
    def test_how_many_days_a_request_asks_for_is_no_matter_of_its_page(self, limit):
        assert self.SHAPE.days_per_request(limit) == 31
        assert TimeRows(max_days=7).days_per_request(limit) == 7


@pytest.mark.parametrize("shape", [Buckets(), HOURLY, TimeRows()])
def test_no_page_is_asked_for_before_the_day_before_it_is_taken(shape):
    """One page at a time is in memory, however many days a read has."""
    asked = []

    def pages():
        for one in ASKED:
            asked.append(one)
            yield [span(at(str(one)) + n * (ONE_DAY / getattr(shape, "per_day", 1)), ONE_HOUR, "1")
                   for n in range(getattr(shape, "per_day", 1))]  # fmt: skip

    for found in shape.days(ASKED, pages(), ASKED.last):
        assert asked[-1] == found.day
        list(found.batches)
    assert asked == list(ASKED)


@given(st.lists(st.lists(st.integers(), max_size=250), max_size=4))
def test_batches_hold_every_record_once_and_in_order(chunks):
    found = [records for _, records in batches({}, chunks)]
    assert [x for records in found for x in records] == [x for chunk in chunks for x in chunk]
    assert all(0 < len(records) <= BATCH for records in found)


class TestEvents:
    SHAPE = Events(frozenset(("id", "created_at", "type", "actor")))
    ONE = days("2026-11-01", "2026-11-01")

    def taken(self, *pages):
        sent = [[raw(text) for text in page] for page in pages]
        [(found, cut)] = taken(self.SHAPE, sent, self.ONE)
        assert found == self.ONE.first
        return [x.decode() for common, records in cut for x in records if common == {}]

    @given(st.lists(st.integers(0, 30), max_size=60), st.integers(1, 10))
    def test_each_id_is_kept_once_at_its_first_place_wherever_pages_end(self, ids, size):
        texts = [f'{{"id":"{n}"}}' for n in ids]
        pages = [texts[at : at + size] for at in range(0, len(texts), size)]
        assert self.taken(*pages) == list(dict.fromkeys(texts))

    def test_without_an_id_an_event_is_never_taken_for_another(self):
        texts = ['{"type":"x"}', '{"type":"x"}', '{"id":5}', '{"id":5}', '{"id":null}']
        assert self.taken(texts) == texts

    def test_other_fields_become_one_text_sorted_by_name_and_without_spaces(self):
        [made] = self.taken(['{"b":{"y": 1.10,\n"x":1e400},"id":"1","a":"\\u00e9\\n"}'])
        fields = json.loads(made)
        assert fields["id"] == "1"
        assert fields["details"] == '{"a":"\\u00e9\\n","b":{"y":1.10,"x":1e400}}'

    def test_a_field_named_like_the_column_is_one_of_the_others(self):
        [made] = self.taken(['{"id":"1","details":{"x":1}}'])
        assert json.loads(made)["details"] == '{"details":{"x":1}}'

    def test_an_event_with_nothing_else_has_no_details(self):
        assert self.taken(['{"id":"1","actor":{"type":"x"}}']) == [
            '{"id":"1","actor":{"type":"x"}}'
        ]

    @pytest.mark.parametrize(
        "at", ['"2026-10-31T23:59:59.999999Z"', '"2026-11-02"', '"2026-11-01T23:30:00-02:00"',
               '"soon"', '""'],
    )  # fmt: skip
    def test_an_event_of_another_day_is_refused(self, at):
        with pytest.raises(BadAnswer):
            self.taken([f'{{"id":"1","created_at":{at}}}'])

    @pytest.mark.parametrize(
        "at", ['"2026-11-01T00:00:00Z"', '"2026-11-02T00:30:00+01:00"', "null", "5", "[]"]
    )
    def test_an_event_of_the_day_or_of_no_stated_time_is_kept(self, at):
        text = f'{{"id":"1","created_at":{at}}}'
        assert self.taken([text]) == [text]

    @pytest.mark.parametrize(
        "text", ["5", "null", "[]", '{"a":', DEEP.decode(), '{"a":' + DEEP.decode() + "}"],
        ids=["number", "null", "list", "torn", "deep", "deep inside"],
    )  # fmt: skip
    def test_what_is_no_event_is_refused(self, text):
        with pytest.raises(BadAnswer):
            self.taken([text])

    def test_a_window_of_a_day_is_asked_for(self):
        assert self.SHAPE.days_per_request(5000) == 1
        assert self.SHAPE.parameters(self.ONE) == [
            ("created_at.gte", "2026-11-01T00:00:00Z"),
            ("created_at.lt", "2026-11-02T00:00:00Z"),
        ]
