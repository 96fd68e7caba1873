"""The FinOps Foundation's own validator finds nothing wrong with an exported month."""

import re
import subprocess
from pathlib import Path

import pytest

from claude_admin_lake.cli import main
from hand_made import TODAY

from .validator.__main__ import ENVIRONMENT, Unavailable, set_up

TRUE_OF_US = (
    "ACCOUNT_NAMING_SUPPORTED", "SUB_ACCOUNT_SUPPORTED", "REGION_SUPPORTED", "TAGGING_SUPPORTED",
    "USAGE_MEASUREMENT_SUPPORTED",
)  # fmt: skip
"""The criteria under which rules apply. Not among them: unit prices, which the API does not report,
and commitments, resources and currencies, which it does not have."""

ALTERNATIVES = {"InvoiceId-C-005-C"}
"""Not null if there is an invoice: the other of two alternatives, null without one, holds."""


@pytest.fixture(scope="session")
def validator() -> Path:
    """The folder that the validator finds its rules in."""
    try:
        return set_up()
    except Unavailable as error:
        pytest.skip(f"FOCUS was not validated: {error}")


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
