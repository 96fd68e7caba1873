"""The wheel: one importable package, with everything that it reads at run time."""

import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        yield wheel


def test_the_wheel_has_one_top_level_package(wheel):
    top = {name.partition("/")[0] for name in wheel.namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == {"claude_admin_lake"}


def test_the_wheel_has_every_file_of_the_package(wheel):
    files = {
        file.relative_to(SOURCE).as_posix()
        for file in (SOURCE / "claude_admin_lake").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    packed = {name for name in wheel.namelist() if name.startswith("claude_admin_lake/")}
    assert packed == files
    assert {Path(name).suffix for name in packed} >= {".py", ".sql", ".css"}


def test_the_wheel_installs_the_command(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    entry_points = ConfigParser()
    entry_points.read_string(wheel.read(name).decode())
    command = {"claude-admin-lake": "claude_admin_lake.cli:main"}
    assert dict(entry_points["console_scripts"]) == command


def test_what_is_heavy_is_an_extra(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith("METADATA"))
    lines = wheel.read(name).decode().splitlines()
    required = [line for line in lines if line.startswith("Requires-Dist: ")]
    plain = {line.split()[1] for line in required if "extra ==" not in line}
    assert plain.isdisjoint({"boto3", "duckdb", "jinja2", "prompt-toolkit", "sqlglot"})
    assert plain >= {"click", "msgspec", "requests", "rich"}
