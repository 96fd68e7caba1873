"""The lakes that tests look at: one loaded from the API's double, many made by hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from admin_double import KEY, AdminDouble, Organization
from claude_admin_lake.analysis.engine import Engine
from claude_admin_lake.analysis.lake import FolderLake
from claude_admin_lake.clock import SystemClock
from claude_admin_lake.plan.event import read_event
from claude_admin_lake.run.run import execute, new_run_id
from claude_admin_lake.settings import read_settings
from claude_admin_lake.wiring import on_laptop
from hand_made import TODAY, HandMade

from .deployed import deploy, objects_in
from .oracle import Oracle

FIRST = date(2026, 10, 12)


@dataclass
class Loaded:
    """A lake that the loader filled, and the organization it is about."""

    folder: Path
    organization: Organization
    days: list[date]
    api: AdminDouble

    def age(self, day: date) -> int:
        """How old a day was when it was read."""
        return (TODAY - day).days


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("loaded")
    organization = Organization(seed=7, users=30, workspaces=5, first_day=FIRST)
    now = datetime(TODAY.year, TODAY.month, TODAY.day, 6, tzinfo=UTC)
    clock = SystemClock()
    with AdminDouble(organization, now=now) as api:
        settings = read_settings(
            {
                "ADMIN_API_BASE_URL": api.url,
                "START_DATE": str(FIRST),
                "TABLES": "standard,analytics,hourly",
                "REQUESTS_PER_MINUTE": "99999",
            }
        )
        services = on_laptop(
            settings, "main", clock, folder=folder, key=KEY, progress=lambda _: None
        )
        request = read_event({"scheduled_time": now.isoformat()}, settings, now)
        assert execute(new_run_id(clock), request, services).status == "complete"
        days = [FIRST + timedelta(days=n) for n in range((TODAY - FIRST).days)]
        yield Loaded(folder, organization, days, api)


@pytest.fixture
def hand(tmp_path: Path) -> HandMade:
    folder = tmp_path / "lake"
    folder.mkdir()
    return HandMade(folder)


@pytest.fixture(scope="session")
def glue_tables() -> list[Any]:
    """The tables as Glue gives them back; the account ends here, before another test's begins."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        client = boto3.client("glue", region_name="us-east-1")
        pages = client.get_paginator("get_tables").paginate(DatabaseName=deploy(client))
        return [table for page in pages for table in page["TableList"]]


@pytest.fixture
def oracle(glue_tables: list[Any], hand: HandMade, tmp_path: Path) -> Oracle:
    """What Athena would say of the lake made by hand."""
    return Oracle(glue_tables, objects_in(hand.folder), TODAY, tmp_path)


@pytest.fixture(scope="session")
def loaded_oracle(
    glue_tables: list[Any], loaded: Loaded, tmp_path_factory: pytest.TempPathFactory
) -> Oracle:
    """What Athena would say of the lake that the loader filled."""
    scratch = tmp_path_factory.mktemp("scratch")
    return Oracle(glue_tables, objects_in(loaded.folder), TODAY, scratch)


@pytest.fixture
def engine_over() -> Callable[[Path], Engine]:
    """The laptop's engine over a folder, on the day of the tests."""
    return lambda folder: Engine(FolderLake(folder), TODAY)
