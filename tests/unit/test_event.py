import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_admin_lake.days import DayRange
from claude_admin_lake.errors import InvalidInput
from claude_admin_lake.plan.event import read_event
from claude_admin_lake.plan.request import Mode
from claude_admin_lake.plan.span import MOST_TRIES, Span, merged
from claude_admin_lake.settings import Settings
from claude_admin_lake.tables import choose

from .fakes import BY_NAME, DATED, NOON, SNAPSHOTS, day, days, names, spans

SETTINGS = Settings()
DAILY = tuple(name for name in SETTINGS.tables if name in names(DATED))
STANDARD = tuple(name for name in DAILY if BY_NAME[name].group == "standard")
EVENTBRIDGE = {
    "version": "0",
    "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2026-11-22T06:00:00Z",
    "region": "eu-central-1",
    "resources": ["arn:aws:events:eu-central-1:123456789012:rule/daily"],
    "detail": {},
}

BAD = [
    ("scheduled_time", "2026-11-22", "RFC 3339"),
    ("scheduled_time", "2026-11-22T06:00:00", "RFC 3339"),
    ("scheduled_time", "2026-11-31T06:00:00Z", "RFC 3339"),
    ("scheduled_time", "2026-11-22T25:00:00Z", "RFC 3339"),
    ("scheduled_time", "<aws.scheduler.scheduled-time>", "RFC 3339"),
    ("scheduled_time", "9999-12-31T23:59:59-23:00", "RFC 3339"),
    ("scheduled_time", 1795327200, "RFC 3339"),
    ("scheduled_time", True, "RFC 3339"),
    ("scheduled_time", "2027-01-22T06:00:00Z", "the past"),
    ("scheduled_time", "2022-12-31T06:00:00Z", "2023 or later"),
    ("time", "soon", "RFC 3339"),
    ("tables", "users", "a list"),
    ("tables", {"users": True}, "a list"),
    ("tables", ["users", 5], "a list"),
    ("tables", ["user"], "users"),
    ("tables", [], "users"),
    ("tables", ["group"], "hourly"),
    ("optional", "users", "a list"),
    ("optional", ["hourly"], "users"),
    ("start_date", "22.11.2026", "YYYY-MM-DD"),
    ("start_date", "2026-02-30", "YYYY-MM-DD"),
    ("start_date", "2026-11-20T00:00:00Z", "YYYY-MM-DD"),
    ("start_date", 20261120, "YYYY-MM-DD"),
    ("start_date", ["2026-11-20"], "YYYY-MM-DD"),
    ("start_date", "2022-12-31", "2023-01-01 or later"),
    ("start_date", "2026-11-23", "2026-11-22 or earlier"),
    ("end_date", "2026-11-20", "start_date"),
    ("dry_run", "true", "true or false"),
    ("dry_run", 1, "true or false"),
    ("repair", "yes", "true or false"),
    ("execution", 5, "a string"),
    ("slices", ["users"], "an earlier result"),
    ("slices", {}, "users"),
    ("slices", {"user": ["snapshot"]}, "users"),
    ("slices", {"users": ["2026-11-01/2026-11-02"]}, "an earlier result"),
    ("slices", {"cost_report": ["snapshot"]}, "FIRST/LAST"),
    ("slices", {"cost_report": []}, "an earlier result"),
    ("slices", {"cost_report": "2026-11-01/2026-11-02"}, "an earlier result"),
    ("slices", {"cost_report": ["2026-11-02/2026-11-01"]}, "the first one first"),
    ("slices", {"cost_report": ["2026-11-02"]}, "FIRST/LAST"),
    ("slices", {"cost_report": ["2026-11-02/then"]}, "YYYY-MM-DD"),
    ("slices", {"cost_report": [5]}, "FIRST/LAST"),
    ("slices", {"cost_report": ["2026-11-02/2026-11-03 tried 0"]}, "tried N"),
    ("slices", {"cost_report": ["2026-11-02/2026-11-03 tried "]}, "tried N"),
    ("slices", {"cost_report": ["2026-11-02/2026-11-03 only é"]}, "base64"),
    ("slices", {"users": ["snapshot tried x"]}, "tried N"),
]

BAD_RANGES = [
    ("2026-11-10", "2026-11-09", "end_date"),
    ("2026-11-10", "2026-11-23", "end_date"),
    ("2026-11-10", "2026-13-01", "end_date"),
    ("2026-11-10", 5, "end_date"),
    ("2026-11-22", None, "start_date"),
    ("2022-11-10", "2026-11-09", "start_date"),
]


def read(event, settings=SETTINGS, now=NOON):
    return read_event(event, settings, now)


def test_an_empty_event_is_an_incremental_run_of_all_tables_at_the_clock_s_time():
    request = read({})
    assert (request.mode, request.tables, request.now) == (Mode.INCREMENTAL, SETTINGS.tables, NOON)
    assert (request.days, request.dry_run, request.slices, request.execution) == (
        None, False, None, None,
    )  # fmt: skip


def test_eventbridge_s_own_event_is_an_incremental_run_at_its_time():
    request = read(EVENTBRIDGE)
    assert request.now == datetime(2026, 11, 22, 6, tzinfo=UTC)
    assert (request.mode, request.tables) == (Mode.INCREMENTAL, SETTINGS.tables)


@pytest.mark.parametrize("field", ["scheduled_time", "time"])
def test_a_time_ahead_is_the_present_for_the_run_and_for_its_days(field):
    ahead = {field: "2026-12-20T06:00:00Z"}
    assert read(ahead).now == NOON
    assert read(ahead | {"start_date": "2026-11-01"}).days == days("2026-11-01", "2026-11-21")
    with pytest.raises(InvalidInput, match="not in the future"):
        read(ahead | {"start_date": "2026-11-23"})


def test_scheduled_time_goes_before_eventbridge_s_time():
    request = read(EVENTBRIDGE | {"scheduled_time": "2026-11-21T06:00:00Z"})
    assert request.now == datetime(2026, 11, 21, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-22T06:00:00Z", datetime(2026, 11, 22, 6, tzinfo=UTC)),
        ("2026-11-22T06:00:00+00:00", datetime(2026, 11, 22, 6, tzinfo=UTC)),
        ("2026-11-22T00:30:00+01:00", datetime(2026, 11, 21, 23, 30, tzinfo=UTC)),
        ("2026-11-21T20:00:00-05:00", datetime(2026, 11, 22, 1, tzinfo=UTC)),
        ("2026-11-22T06:00:00.5Z", datetime(2026, 11, 22, 6, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-22t06:00:00z", datetime(2026, 11, 22, 6, tzinfo=UTC)),
    ],
)
def test_now_is_utc_whatever_the_zone_of_the_event(text, utc):
    request = read({"scheduled_time": text})
    assert request.now == utc
    assert request.now.utcoffset() == timedelta(0)


@pytest.mark.parametrize("field", ["scheduled_time", "tables", "start_date", "end_date", "slices"])
def test_a_null_field_is_an_absent_one(field):
    assert read({field: None}) == read({})


@pytest.mark.parametrize(("field", "value", "allowed"), BAD)
def test_a_bad_field_is_refused_in_words_that_help(field, value, allowed):
    with pytest.raises(InvalidInput) as caught:
        read({field: value})
    assert field in str(caught.value)
    assert allowed in str(caught.value)


@pytest.mark.parametrize(("first", "last", "named"), BAD_RANGES)
def test_a_bad_range_is_refused_and_the_wrong_end_named(first, last, named):
    with pytest.raises(InvalidInput, match=f"^{named}"):
        read({"start_date": first, "end_date": last})


@pytest.mark.parametrize("field", ["tabels", "startDate", "Tables", "_"])
def test_an_unknown_field_is_refused_and_named_with_those_that_are_allowed(field):
    with pytest.raises(InvalidInput) as caught:
        read({field: 1})
    assert repr(field) in str(caught.value)
    for known in ("scheduled_time", "tables", "start_date", "end_date", "dry_run", "repair"):
        assert known in str(caught.value)


@pytest.mark.parametrize("event", [None, [], "{}", 5])
def test_an_event_that_is_no_object_is_refused(event):
    with pytest.raises(InvalidInput, match="JSON object"):
        read(event)


def test_a_range_is_a_backfill_of_just_those_days():
    request = read({"start_date": "2026-11-01", "end_date": "2026-11-05"})
    assert request.mode is Mode.BACKFILL
    assert request.days == days("2026-11-01", "2026-11-05")


def test_a_range_without_an_end_goes_through_yesterday():
    assert read({"start_date": "2026-11-01"}).days == days("2026-11-01", "2026-11-21")


def test_yesterday_is_meant_at_the_scheduled_time_not_at_the_clock_s():
    event = {"start_date": "2026-11-01", "scheduled_time": "2026-11-10T23:59:59Z"}
    assert read(event).days == days("2026-11-01", "2026-11-09")


@pytest.mark.parametrize(
    ("event", "tables"),
    [
        ({}, SETTINGS.tables),
        ({"start_date": "2026-11-01"}, DAILY),
        ({"repair": True}, DAILY),
        ({"tables": ["users", "cost_report"]}, ("users", "cost_report")),
        ({"tables": ["cost_report", "users", "users"]}, ("users", "cost_report")),
        ({"tables": ["users", "cost_report"], "start_date": "2026-11-01"},
         ("users", "cost_report")),
        ({"tables": ["standard"], "start_date": "2026-11-01"}, STANDARD),
        ({"tables": ["standard", "users"], "start_date": "2026-11-01"}, ("users", *STANDARD)),
        ({"tables": ["hourly", "users"]}, ("users", "usage_report_hourly")),
        ({"tables": ["users", "cost_report"], "repair": True}, ("cost_report",)),
    ],
)  # fmt: skip
def test_a_snapshot_has_no_range_and_is_left_out_of_one_unless_it_is_named(event, tables):
    assert read(event).tables == tables


def test_the_settings_tables_are_the_default():
    assert read({}, Settings(choice=choose(["users"]))).tables == ("users",)


@pytest.mark.parametrize(
    ("event", "optional"),
    [
        ({}, SETTINGS.choice.optional),
        ({"tables": ["standard"]}, set()),
        ({"tables": ["hourly"]}, {"usage_report_hourly"}),
        ({"tables": ["hourly", "usage_report_hourly"]}, set()),
        ({"tables": ["usage_report_hourly", "users"]}, set()),
    ],
)
def test_a_table_may_be_missing_if_only_a_group_other_than_the_standard_one_names_it(
    event, optional
):
    request = read(event)
    assert request.optional == optional


def test_a_continuation_knows_which_tables_may_be_missing():
    slices = {"usage_report_hourly": spans("2026-11-01/2026-11-03"), "users": (Span(None),)}
    for event in ({"tables": ["hourly"]}, {"tables": ["usage_report_hourly"]}):
        request = read(event)
        assert continued(request, slices).optional == request.optional
        assert continued(continued(request, slices), slices).optional == request.optional


def test_a_repair_of_a_range_is_refused():
    with pytest.raises(InvalidInput, match="repair"):
        read({"repair": True, "start_date": "2026-11-01"})


def test_dry_run_and_execution_are_taken():
    request = read({"dry_run": True, "execution": "arn:aws:states:x"})
    assert (request.dry_run, request.execution) == (True, "arn:aws:states:x")


EVENTS = {
    "incremental": {},
    "incremental, scheduled": {"scheduled_time": "2026-11-20T06:00:00.25+01:00"},
    "backfill": {"start_date": "2026-10-01", "end_date": "2026-11-05"},
    "backfill through yesterday": {"start_date": "2026-10-01"},
    "repair": {"repair": True},
    "eventbridge": EVENTBRIDGE,
}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_what_remains_of_a_run_continues_with_the_same_now_mode_and_range(event):
    request = read(event)
    slices = {"cost_report": spans("2026-11-01/2026-11-03", "2026-11-05/2026-11-05")}
    again = continued(request, slices, later=timedelta(days=3))
    assert (again.now, again.mode, again.days) == (request.now, request.mode, request.days)
    assert again.slices == slices
    assert again.tables == ("cost_report",)


def test_what_remains_of_snapshots_and_dated_tables_continues_with_just_those():
    slices = {"cost_report": spans("2026-11-01/2026-11-03"), "users": (Span(None),)}
    again = continued(read({}), slices)
    assert again.slices == slices
    assert again.tables == ("users", "cost_report")


def test_what_remains_of_a_continuation_continues_too():
    slices = {"usage_report": spans("2026-11-02/2026-11-03")}
    once = continued(read({"repair": True}), {"cost_report": spans("2026-11-01/2026-11-03")})
    assert continued(once, slices).slices == slices
    assert continued(once, slices).mode is Mode.REPAIR


FAILURES = st.integers(0, MOST_TRIES)


@given(
    st.dictionaries(
        st.sampled_from(names(DATED)),
        st.dictionaries(
            st.dates(day("2023-01-01"), day("2026-11-21")), FAILURES, min_size=1, max_size=40
        ),
        min_size=1,
    ),
    st.dictionaries(st.sampled_from(names(SNAPSHOTS)), FAILURES),
)
def test_whatever_remains_comes_back_as_it_was(dated, snapshots):
    slices = {
        name: merged(Span(DayRange(one, one), tries) for one, tries in found.items())
        for name, found in dated.items()
    }
    slices |= {name: (Span(None, tries),) for name, tries in snapshots.items()}
    again = continued(read({}), slices)
    assert again.slices == slices
    assert set(again.tables) == set(slices)


def test_many_scattered_days_are_named_exactly_and_briefly():
    scattered = [day("2023-01-01") + timedelta(days=n) for n in range(0, 1400, 2)]
    slices = {
        name: tuple(Span(DayRange(one, one), 2) for one in scattered) for name in names(DATED)
    }
    again = continued(read({}), slices)
    assert again.slices == slices
    assert len(json.dumps(read({}).continued(slices))) < 500 * len(DATED)


def continued(request, slices, later=timedelta()):
    event = json.loads(json.dumps(request.continued(slices)))
    return read(event, now=NOON + later)
