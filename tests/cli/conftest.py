"""A small organization on the API's double, and the environment that points at it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from admin_double import KEY, AdminDouble, Organization

NOW = datetime.now(UTC)
"""The command has no other clock than the machine's."""
FIRST = NOW.date() - timedelta(days=4)


@pytest.fixture
def api() -> Iterator[AdminDouble]:
    organization = Organization(seed=3, users=5, workspaces=2, first_day=date(2026, 1, 1))
    with AdminDouble(organization, now=datetime.now(UTC)) as api:  # tests may start long after NOW
        yield api


@pytest.fixture
def environment(api: AdminDouble, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    variables = {
        "ANTHROPIC_ADMIN_KEY": KEY,
        "ADMIN_API_BASE_URL": api.url,
        "START_DATE": str(FIRST),
        "REQUESTS_PER_MINUTE": "99999",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables
