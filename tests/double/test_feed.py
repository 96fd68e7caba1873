"""The compliance activity feed."""

from base64 import b64decode
from datetime import UTC, datetime, timedelta
from json import loads

import pytest

from tests.double.client import HEADERS, Client

PATH = "/v1/compliance/activities"
DAY = {"created_at.gte": "2026-04-08T00:00:00Z", "created_at.lt": "2026-04-09T00:00:00Z"}
OWN = "compliance_api_accessed"


@pytest.fixture
def client(api):
    headers = HEADERS | {"user-agent": "loader/1"}
    with (asking := Client(api, headers)).session:
        yield asking


def ids(records) -> list[str]:
    return [record["id"] for record in records]


def test_the_pages_of_a_day_are_its_truth_newest_first(api, client):
    pages = list(client.pages(PATH, DAY | {"limit": "3"}))
    events = [event for page in pages for event in page["data"]]
    assert events == api.truth("compliance_activities", "2026-04-08")
    assert len(pages) > 3
    order = [(event["created_at"], event["id"]) for event in events]
    assert order == sorted(order, reverse=True)
    assert [set(page) for page in pages] == [{"data", "has_more", "first_id", "last_id"}] * len(
        pages
    )


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"limit": "5000"}, 200),
        ({"limit": "5001"}, 400),
        ({"limit": "0"}, 400),
        ({"created_at.gte": "yesterday"}, 400),
        ({"activity_types[]": "platform_api_key_created"}, 200),
        ({"activity_types[]": "made_up"}, 400),
        ({"after_id": "made_up"}, 400),
        ({"page": "x"}, 400),
    ],
)
def test_a_request_is_checked(client, change, status):
    assert client.get(PATH, DAY | change).status_code == status


def test_both_directions_at_once_are_400(client):
    first = client.get(PATH, DAY).json()["first_id"]
    assert client.get(PATH, DAY | {"after_id": first, "before_id": first}).status_code == 400


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"foo": "1"}, "Unknown query parameter: 'foo'."),
        ({"limit": "5001"}, "limit: Input should be less than or equal to 5000"),
        (
            {"activity_types[]": "made_up"},
            "activity_types[].0: Input is not one of the permitted values.",
        ),
    ],
)
def test_errors_have_the_observed_messages(client, query, message):
    assert client.get(PATH, query).json()["error"]["message"] == message


def test_a_page_has_100_events_by_default(api, client):
    at = "2026-04-08T12:00:00.000000Z"
    api.put(
        "compliance_activities",
        "2026-04-08",
        [{"id": f"activity_{n:03}", "created_at": at} for n in range(120)],
    )
    page = client.get(PATH, DAY).json()
    assert (len(page["data"]), page["has_more"]) == (100, True)
    assert ids(page["data"])[0] == "activity_119"


def test_a_cursor_is_opaque_and_the_id_of_an_event_works_too(api, client):
    everything = ids(api.truth("compliance_activities", "2026-04-08"))
    first = client.get(PATH, DAY | {"limit": "3"}).json()
    assert set(loads(b64decode(first["last_id"]))) >= {"id", "created_at"}
    by_cursor = client.get(PATH, DAY | {"limit": "3", "after_id": first["last_id"]}).json()
    by_id = client.get(PATH, DAY | {"limit": "3", "after_id": everything[2]}).json()
    assert ids(by_cursor["data"]) == everything[3:6] == ids(by_id["data"])


def test_before_id_goes_to_newer_events(api, client):
    everything = ids(api.truth("compliance_activities", "2026-04-08"))
    page = client.get(PATH, DAY | {"limit": "3", "before_id": everything[6]}).json()
    assert (ids(page["data"]), page["has_more"]) == (everything[3:6], True)
    page = client.get(PATH, DAY | {"limit": "9", "before_id": everything[2]}).json()
    assert (ids(page["data"]), page["has_more"]) == (everything[:2], False)


@pytest.mark.parametrize(
    ("bounds", "included"),
    [
        (("gte", "lt"), (True, False)),
        (("gt", "lte"), (False, True)),
        (("gte", "lte"), (True, True)),
        (("gt", "lt"), (False, False)),
    ],
)
def test_bounds_are_inclusive_or_exclusive_as_they_say(api, client, bounds, included):
    events = api.truth("compliance_activities", "2026-04-08")
    newest, oldest = events[3], events[6]
    lower, upper = bounds
    asked = {
        f"created_at.{lower}": oldest["created_at"],
        f"created_at.{upper}": newest["created_at"],
    }
    found = ids(client.data(PATH, asked))
    assert (oldest["id"] in found, newest["id"] in found) == included
    assert set(ids(events[4:6])) <= set(found)


def test_without_bounds_the_feed_has_everything(api, client):
    found = client.data(PATH, {"limit": "5000"})
    days = [(datetime(2026, 3, 20, tzinfo=UTC) + timedelta(days=n)).date() for n in range(27)]
    api.now -= timedelta(hours=1)
    known = [event for day in days for event in api.truth("compliance_activities", day)]
    assert set(ids(known)) <= set(ids(found))


def test_events_come_in_every_form(api):
    days = [f"2026-04-{day:02}" for day in range(1, 15)]
    events = [event for day in days for event in api.truth("compliance_activities", day)]
    assert len({event["type"] for event in events}) > 5
    assert len({event["actor"]["type"] for event in events}) == 6
    assert {event["organization_id"] is None for event in events} == {True, False}


@pytest.mark.parametrize("name", ["activity_types[]", "organization_ids[]", "actor_ids[]"])
def test_a_filter_keeps_what_it_names(api, client, name):
    events = api.truth("compliance_activities", "2026-04-08")
    event = next(e for e in events if e["organization_id"] and "user_id" in e["actor"])
    field = {
        "activity_types[]": lambda e: e["type"],
        "organization_ids[]": lambda e: e["organization_id"] or event["organization_id"],
        "actor_ids[]": lambda e: e["actor"].get("user_id"),
    }[name]
    found = client.data(PATH, DAY | {name: field(event)})
    assert found == [e for e in events if field(e) == field(event)]


def test_every_read_writes_an_event_with_its_request_id(api, client):
    today = {"created_at.gte": "2026-04-15T00:00:00Z"}
    first = client.get(PATH, today)
    assert OWN not in {event["type"] for event in first.json()["data"]}
    second = client.get(PATH, today).json()["data"]
    (event,) = [event for event in second if event["type"] == OWN]
    assert event["request_id"] == first.headers["request-id"]
    assert event["organization_id"] is None
    assert event["actor"]["user_agent"] == "loader/1"
    assert len(api.truth("compliance_activities", "2026-04-15")) == len(second) + 1


def test_a_refused_read_writes_no_event(api, client):
    client.get(PATH, {"foo": "1"})
    types = [event["type"] for event in api.truth("compliance_activities", "2026-04-15")]
    assert OWN not in types


def test_own_reads_can_be_switched_off(api, client):
    api.switches.logs_own_reads = False
    assert client.get(PATH, DAY).json() == client.get(PATH, DAY).json()
    assert api.truth("compliance_activities", "2026-04-15") == api.truth(
        "compliance_activities", "2026-04-15"
    )
    today = api.truth("compliance_activities", "2026-04-15")
    assert OWN not in {event["type"] for event in today}


def test_the_future_is_not_served(api, client):
    api.now = datetime(2026, 4, 8, 12, tzinfo=UTC)
    events = client.data(PATH, DAY)
    assert events
    assert all(event["created_at"] <= "2026-04-08T12:00:00.9" for event in events)
