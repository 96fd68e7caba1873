from datetime import date

import pytest

from claude_admin_lake.errors import InvalidInput
from claude_admin_lake.settings import DIMENSIONS, FEDERATION, VARIABLES, Settings, read_settings
from claude_admin_lake.tables import TABLES, choose

STANDARD = tuple(table.name for table in TABLES if table.group == "standard")
DAILY = tuple(table.name for table in TABLES if table.group in ("standard", "analytics"))

VARIABLES_OF_THE_CONTRACT = {
    "ORGANIZATIONS",
    "ADMIN_KEY_SECRET_ID",
    "FEDERATION_RULE_ID",
    "FEDERATION_ORGANIZATION_ID",
    "FEDERATION_SERVICE_ACCOUNT_ID",
    "ADMIN_API_BASE_URL",
    "ANTHROPIC_VERSION",
    "LAKE_BUCKET",
    "LAKE_PREFIX",
    "CURSOR_TABLE",
    "START_DATE",
    "LOOKBACK_DAYS",
    "REPORT_LOOKBACK_DAYS",
    "INCLUDE_TODAY",
    "USAGE_GROUP_BY",
    "REQUESTS_PER_MINUTE",
    "TABLES",
    "CONTINUATION_STATE_MACHINE_ARN",
}

DEFAULTS = {
    "organizations": ("main",),
    "base_url": "https://api.anthropic.com",
    "api_version": "2023-06-01",
    "prefix": "",
    "lookback_days": 3,
    "report_lookback_days": 30,
    "include_today": False,
    "usage_group_by": ("model", "workspace_id", "api_key_id", "service_tier", "context_window"),
    "requests_per_minute": 90,
    "tables": DAILY,
    "choice": choose(["standard", "analytics"]),
    "continuation": "",
}

GOOD = [
    ("ORGANIZATIONS", "research", "organizations", ("research",)),
    ("ORGANIZATIONS", "b, 1-a", "organizations", ("b", "1-a")),
    ("ORGANIZATIONS", "a" * 63, "organizations", ("a" * 63,)),
    ("ADMIN_KEY_SECRET_ID", "admin/key", "secret_id", "admin/key"),
    ("ADMIN_API_BASE_URL", "https://proxy.example", "base_url", "https://proxy.example"),
    ("ADMIN_API_BASE_URL", "https://proxy.example/", "base_url", "https://proxy.example"),
    ("ADMIN_API_BASE_URL", "https://proxy.example/a/", "base_url", "https://proxy.example/a"),
    ("ADMIN_API_BASE_URL", "http://127.0.0.1:8080", "base_url", "http://127.0.0.1:8080"),
    ("ADMIN_API_BASE_URL", "http://localhost:8080", "base_url", "http://localhost:8080"),
    ("ADMIN_API_BASE_URL", "http://[::1]:8080", "base_url", "http://[::1]:8080"),
    ("LAKE_BUCKET", "lake", "bucket", "lake"),
    ("ANTHROPIC_VERSION", "2023-06-01", "api_version", "2023-06-01"),
    ("ANTHROPIC_VERSION", "2026-10-21", "api_version", "2026-10-21"),
    ("LAKE_PREFIX", "", "prefix", ""),
    ("LAKE_PREFIX", "claude/admin/", "prefix", "claude/admin/"),
    ("CURSOR_TABLE", "cursors", "cursor_table", "cursors"),
    ("START_DATE", "2023-01-01", "start_date", date(2023, 1, 1)),
    ("START_DATE", "2024-02-29", "start_date", date(2024, 2, 29)),
    ("LOOKBACK_DAYS", "0", "lookback_days", 0),
    ("LOOKBACK_DAYS", "14", "lookback_days", 14),
    ("REPORT_LOOKBACK_DAYS", "0", "report_lookback_days", 0),
    ("REPORT_LOOKBACK_DAYS", "61", "report_lookback_days", 61),
    ("INCLUDE_TODAY", "true", "include_today", True),
    ("INCLUDE_TODAY", "False", "include_today", False),
    ("USAGE_GROUP_BY", "model", "usage_group_by", ("model",)),
    ("USAGE_GROUP_BY", " model , speed ", "usage_group_by", ("model", "speed")),
    ("USAGE_GROUP_BY", ",".join(DIMENSIONS[:5]), "usage_group_by", DIMENSIONS[:5]),
    ("REQUESTS_PER_MINUTE", "1", "requests_per_minute", 1),
    ("TABLES", "users", "tables", ("users",)),
    ("TABLES", "standard", "tables", STANDARD),
    ("TABLES", "hourly,users", "tables", ("users", "usage_report_hourly")),
    ("TABLES", "users, organization,users", "tables", ("organization", "users")),
    ("CONTINUATION_STATE_MACHINE_ARN", "", "continuation", ""),
    ("CONTINUATION_STATE_MACHINE_ARN", "arn:aws:states:x", "continuation", "arn:aws:states:x"),
]

BAD = [
    ("ORGANIZATIONS", ",", "each once"),
    ("ORGANIZATIONS", "a,b,a", "each once"),
    ("ORGANIZATIONS", "Research", "lower-case"),
    ("ORGANIZATIONS", "a/b", "lower-case"),
    ("ORGANIZATIONS", "-a", "lower-case"),
    ("ORGANIZATIONS", "..", "lower-case"),
    ("ORGANIZATIONS", "é", "lower-case"),
    ("ORGANIZATIONS", "a" * 64, "at most 63"),
    ("ADMIN_KEY_SECRET_ID", " key", "surrounding whitespace"),
    ("ADMIN_API_BASE_URL", "http://api.anthropic.com", "https://"),
    ("ADMIN_API_BASE_URL", "http://localhost.evil.example", "https://"),
    ("ADMIN_API_BASE_URL", "api.anthropic.com", "https://"),
    ("ADMIN_API_BASE_URL", "ftp://127.0.0.1", "https://"),
    ("ADMIN_API_BASE_URL", "https://", "https://"),
    ("ADMIN_API_BASE_URL", "https://name:word@api.example", "https://"),
    ("ADMIN_API_BASE_URL", "https://:word@api.example", "https://"),
    ("ADMIN_API_BASE_URL", "https://api.example?a=b", "https://"),
    ("ADMIN_API_BASE_URL", "https://api.example#a", "https://"),
    ("ADMIN_API_BASE_URL", "https://[::1", "https://"),
    ("ANTHROPIC_VERSION", "2026-11-20", "2023-06-01 or 2026-10-21"),
    ("LAKE_BUCKET", "lake ", "surrounding whitespace"),
    ("LAKE_PREFIX", "claude", "ends with /"),
    ("LAKE_PREFIX", "/claude/", "ends with /"),
    ("LAKE_PREFIX", "claude//admin/", "ends with /"),
    ("LAKE_PREFIX", "/", "ends with /"),
    ("CURSOR_TABLE", "\tcursors", "surrounding whitespace"),
    ("START_DATE", "yesterday", "YYYY-MM-DD"),
    ("START_DATE", "20260101", "YYYY-MM-DD"),
    ("START_DATE", "2026-W01-1", "YYYY-MM-DD"),
    ("START_DATE", "2026-02-30", "YYYY-MM-DD"),
    ("START_DATE", "2026-01-01T00:00:00Z", "YYYY-MM-DD"),
    ("START_DATE", "2022-12-31", "2023-01-01 or later"),
    ("LOOKBACK_DAYS", "-1", "from 0 to 365"),
    ("LOOKBACK_DAYS", "3.0", "from 0 to 365"),
    ("LOOKBACK_DAYS", "366", "from 0 to 365"),
    ("LOOKBACK_DAYS", " 3", "from 0 to 365"),
    ("REPORT_LOOKBACK_DAYS", "many", "from 0 to 365"),
    ("REPORT_LOOKBACK_DAYS", "9" * 30, "from 0 to 365"),
    ("INCLUDE_TODAY", "yes", "true or false"),
    ("INCLUDE_TODAY", "1", "true or false"),
    ("USAGE_GROUP_BY", "model,colour", "workspace_id"),
    ("USAGE_GROUP_BY", "model,model", "different"),
    ("USAGE_GROUP_BY", ",".join(DIMENSIONS[:6]), "one to 5"),
    ("USAGE_GROUP_BY", ",", "one to 5"),
    ("REQUESTS_PER_MINUTE", "0", "from 1 to"),
    ("REQUESTS_PER_MINUTE", "1e3", "from 1 to"),
    ("TABLES", "users,costs", "cost_report"),
]

MAY_BE_EMPTY = {"LAKE_PREFIX", "CONTINUATION_STATE_MACHINE_ARN"}


class Watched(dict):
    """An environment that knows which names it was asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def get(self, name, default=None):
        self.asked.add(name)
        return default

    def __getitem__(self, name):
        self.asked.add(name)
        raise KeyError(name)

    def __contains__(self, name):
        self.asked.add(name)
        return False


def test_no_variable_is_read_that_the_contract_does_not_list():
    environment = Watched()
    read_settings(environment)
    assert environment.asked == VARIABLES_OF_THE_CONTRACT == set(VARIABLES)


@pytest.mark.parametrize(("field", "value"), DEFAULTS.items())
def test_an_absent_variable_has_its_default(field, value):
    assert getattr(read_settings({}), field) == value


def test_an_empty_environment_gives_the_defaults_that_tests_and_docs_use():
    assert read_settings({}) == Settings()


@pytest.mark.parametrize(("name", "text", "field", "value"), GOOD)
def test_a_valid_value_is_taken(name, text, field, value):
    assert getattr(read_settings({name: text}), field) == value


@pytest.mark.parametrize(("name", "text", "allowed"), BAD)
def test_a_bad_value_is_refused_in_words_that_help(name, text, allowed):
    with pytest.raises(InvalidInput) as caught:
        read_settings({name: text})
    message = str(caught.value)
    assert name in message
    assert allowed in message
    assert named_in(message, text)


def named_in(message: str, text: str) -> bool:
    """Whether the value, or the part of a list that is wrong, is quoted; or it is called empty."""
    parts = [text, *text.split(",")]
    return any(part and repr(part) in message for part in parts) or "empty" in message


@pytest.mark.parametrize("name", sorted(VARIABLES_OF_THE_CONTRACT - MAY_BE_EMPTY))
def test_an_empty_value_is_not_silently_the_default(name):
    with pytest.raises(InvalidInput, match=f"{name} is empty"):
        read_settings({name: ""})


@pytest.mark.parametrize("name", ["ADMIN_KEY_SECRET_ID", "LAKE_BUCKET", "CURSOR_TABLE"])
def test_a_required_variable_that_is_missing_is_named(name):
    with pytest.raises(InvalidInput, match=name):
        read_settings({}, required=(name,))


def test_the_first_dimensions_are_five_of_those_that_exist():
    assert len(set(Settings().usage_group_by)) == 5
    assert set(Settings().usage_group_by) <= set(DIMENSIONS)


FEDERATED = {name: name.lower() for name in FEDERATION}


def test_federation_is_all_of_its_variables_or_none():
    assert read_settings({}).federation == {}
    assert read_settings(FEDERATED).federation == {
        name.lower(): name.lower() for name in FEDERATION
    }
    assert read_settings({**FEDERATED, "ORGANIZATIONS": "research"}).federation


@pytest.mark.parametrize("missing", FEDERATION)
def test_a_part_of_a_federation_is_refused(missing):
    environment = {name: value for name, value in FEDERATED.items() if name != missing}
    with pytest.raises(InvalidInput, match=f"but {missing} is not; set all of"):
        read_settings(environment)


def test_one_federation_does_not_serve_several_organizations():
    with pytest.raises(InvalidInput, match="ORGANIZATIONS is a,b; federate several"):
        read_settings({**FEDERATED, "ORGANIZATIONS": "a,b"})
