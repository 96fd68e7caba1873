"""The world: in a folder, and on AWS (moto)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws
from moto.core.base_backend import BaseBackend
from moto.s3.models import S3Backend

from admin_double.api import AdminDouble
from admin_double.organization import Organization
from claude_admin_lake.aws.secret import SecretCache
from claude_admin_lake.function import app
from tests.guarantees.world import NOW, OnAws, OnLaptop, World, ago

HERE = Path(__file__).parent


@pytest.fixture
def api() -> Iterator[AdminDouble]:
    organization = Organization(seed=7, users=12, workspaces=3, first_day=ago(200))
    with AdminDouble(organization, now=NOW) as double:
        yield double


@pytest.fixture
def aws_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(app, "_SECRETS", SecretCache())
    # S3's own reads its module again at every request, in case the environment has changed.
    monkeypatch.setattr(S3Backend, "_url_module", BaseBackend._url_module)
    with mock_aws():
        yield


@pytest.fixture
def on_aws(api: AdminDouble, aws_account: None) -> World:
    store = OnAws()
    store.create()
    return World(api, store)


@pytest.fixture
def on_laptop(api: AdminDouble, tmp_path: Path) -> World:
    return World(api, OnLaptop(tmp_path))


@pytest.fixture
def world(request: pytest.FixtureRequest) -> World:
    """A folder; in modules of `STORING` also S3 and DynamoDB."""
    return request.getfixturevalue(request.param)


STORING = {
    "test_accept", "test_damaged_state", "test_main_job", "test_order", "test_organizations",
    "test_overlap", "test_restatement", "test_seen",
}  # fmt: skip
"""Modules whose guarantees depend on where objects and cursors are stored."""


IN_CHECK = {"test_overlap"}
"""Modules whose tests on moto are part of `make check`: two runs at once meet only in a store."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give `world` its parameters, except in modules that have a `world` of their own."""
    if "world" in metafunc.fixturenames and not hasattr(metafunc.module, "world"):
        both = metafunc.definition.path.stem in STORING
        metafunc.parametrize("world", ["on_aws"] * both + ["on_laptop"], indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs on moto as slow: it takes several times as long as a folder."""
    for item in items:
        on_aws = "aws_account" in getattr(item, "fixturenames", ()) or "on_aws" in item.name
        if on_aws and item.path.is_relative_to(HERE) and item.path.stem not in IN_CHECK:
            item.add_marker(pytest.mark.slow)
