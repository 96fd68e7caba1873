"""The locks agree: what the demo installs is part of what developers test."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOLS = {"mypy", "pytest", "ruff", "hypothesis", "uv"}


def pins(name):
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", (ROOT / name).read_text(), re.MULTILINE))


def test_the_demo_installs_the_tested_versions():
    tested = pins("requirements-dev.txt")
    assert pins("requirements-demo.txt").items() <= tested.items()


def test_the_demo_installs_no_tools_of_developers():
    assert not TOOLS & pins("requirements-demo.txt").keys()
    assert TOOLS - {"uv"} <= pins("requirements-dev.txt").keys()


def test_what_the_function_carries_is_tested_in_the_same_versions():
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()
