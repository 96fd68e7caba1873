import pytest
from hypothesis import settings

from .fakes import FakeClock

settings.register_profile("unit", max_examples=50, derandomize=True, deadline=None, database=None)
settings.load_profile("unit")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
