"""The FinOps Foundation's own validator finds nothing wrong with an exported month.

It runs in an environment of its own, `.venv-focus`, because it pins older versions of what we use.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from claude_admin_lake.cli import main
from hand_made import TODAY

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-focus"
REQUIREMENTS = Path(__file__).parent / "validator" / "requirements.txt"

TRUE_OF_US = (
    "ACCOUNT_NAMING_SUPPORTED", "SUB_ACCOUNT_SUPPORTED", "REGION_SUPPORTED", "TAGGING_SUPPORTED",
    "USAGE_MEASUREMENT_SUPPORTED",
)  # fmt: skip
"""The criteria under which rules apply. Not among them: unit prices, which the API does not report,
and commitments, resources and currencies, which it does not have."""

ALTERNATIVES = {"InvoiceId-C-005-C"}
"""Not null if there is an invoice: the other of two alternatives, null without one, holds."""


def python312() -> str | None:
    """An interpreter that the validator's dependencies have wheels for."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = chain(
        [sys.executable, shutil.which("python3.12") or ""],
        map(str, sorted(pyenv.glob("versions/3.12*/bin/python3.12"))),
    )
    return next((one for one in found if one and is_312(one)), None)


def is_312(python: str) -> bool:
    asked = [python, "-c", "import sys; print(sys.version_info[:2])"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout == "(3, 12)\n"


@pytest.fixture(scope="session")
def validator() -> Path:
    """The folder that the validator finds its rules in."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    ready = ENVIRONMENT / f".{wanted}"
    if not ready.exists():
        install()
        ready.touch()
    return next(ENVIRONMENT.glob("lib/python*/site-packages"))


def install() -> None:
    """Install what is pinned; skips the test, and says why, where that is impossible."""
    python = python312()
    if python is None:
        pytest.skip("FOCUS was not validated: the validator needs Python 3.12, and there is none")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    subprocess.run([python, "-m", "venv", ENVIRONMENT], check=True)
    pip = [ENVIRONMENT / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check"]
    options = ["--quiet", "--require-hashes", "--no-deps", "--no-compile"]
    done = subprocess.run(
        [*pip, *options, "-r", REQUIREMENTS], capture_output=True, text=True, check=False
    )
    if done.returncode:
        why = done.stderr.strip().rpartition("\n")[2]
        pytest.skip(f"FOCUS was not validated: the validator cannot be installed: {why}")


def failures(validator: Path, file: Path) -> tuple[set[str], set[str]]:
    """The rules that hold, and those that do not."""
    arguments = ["--validate-version", "1.2.0.1", "--block-download", "--data-file", str(file)]
    criteria = ["--applicability-criteria", ",".join(TRUE_OF_US)]
    done = subprocess.run(
        [ENVIRONMENT / "bin" / "focus-validator", *arguments, *criteria,
         "--focus-dataset", "CostAndUsage"],
        cwd=validator, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    passed, failed = (set(re.findall(rf"(\S+): {word}", done.stdout)) for word in ("PASS", "FAIL"))
    return passed, failed


@pytest.mark.slow
def test_an_exported_month_obeys_the_rules_of_focus(loaded, validator: Path, tmp_path: Path):
    file = tmp_path / "focus.csv"
    arguments = ["export", "focus", "--lake", str(loaded.folder), "--today", str(TODAY)]
    assert main([*arguments, "--month", "2026-11", "--ascii", "--out", str(file), "--quiet"]) == 0
    passed, failed = failures(validator, file)
    assert failed == ALTERNATIVES
    assert {"InvoiceId-C-003-C", "CostAndUsage-D-000-M"} & passed
    assert len(passed) > 150
