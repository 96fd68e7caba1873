from collections.abc import Iterator
from datetime import date

import pytest

from admin_double import AdminDouble, Organization
from tests.double.client import NOW, Client


@pytest.fixture(scope="session")
def organization() -> Organization:
    return Organization(seed=7, users=25, first_day=date(2026, 3, 20))


@pytest.fixture
def api(organization) -> Iterator[AdminDouble]:
    with AdminDouble(organization, now=NOW) as running:
        yield running


@pytest.fixture
def client(api) -> Iterator[Client]:
    asking = Client(api)
    with asking.session:
        yield asking
