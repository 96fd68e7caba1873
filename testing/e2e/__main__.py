"""Test on an emulated account: build, deploy, load, fail, recover, delete. Takes about six minutes.

    python -m e2e [--sam sam] [--folder build/e2e] [--keep]

Run it in an environment with e2e/requirements.txt installed. It prints the result of each step and
exits with status 1 at the first failure.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from admin_double.api import AdminDouble
from admin_double.organization import Organization
from e2e import federating, guarding, loading, package, reporting, several, trouble
from e2e.account import Account
from e2e.context import Proof, check
from e2e.deployment import ROOT, RunError, Sam, copy_project, tools_environment

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS: tuple[Callable[[Proof], str], ...] = (
    loading.deploys_by_its_guide,
    trouble.says_that_the_key_is_not_set,
    loading.loads_itself_when_the_schedule_fires,
    loading.has_brought_everything,
    loading.answers_in_sql,
    reporting.reports_when_a_load_has_ended,
    loading.runs_every_alarm_on_a_metric_that_is_there,
    loading.waits_for_another_run,
    loading.loads_a_range_by_hand,
    trouble.tells_when_a_long_load_fails,
    trouble.goes_on_without_a_forbidden_table,
    guarding.needs_each_permission,
    guarding.obeys_the_buckets_policy,
    guarding.keeps_the_key_to_itself,
    guarding.stands_beside_another_stack,
    several.loads_three_organizations_side_by_side,
    federating.loads_without_a_stored_key,
    guarding.keeps_the_data_when_deleted,
    guarding.takes_over_the_bucket_left_behind,
)


def builds_what_lambda_needs(sam: Sam) -> str:
    """Build twice for arm64, on any machine, then once for this machine."""
    built = sam.build()
    check(package.faults(built, sam.project, package.ON_LAMBDA), [])
    first, size = package.fingerprint(built), len(package.zipped(built))
    check(size <= package.MOST_BYTES)
    compiled = "compiled" if package.compiled(built) else "not compiled"
    check(package.fingerprint(sam.build("LoadFunction")), first)
    here = sam.build(platform="local")
    check(package.faults(here, sam.project, package.HERE), [])
    check(bool(package.compiled(here)))
    return f"{size / 1e6:.2f} MB zipped, {compiled}, the same twice"


class Teller:
    """Prints each step's name, time and result."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, step: Callable[..., str], *arguments: Any) -> None:
        name, began = step.__name__.replace("_", " "), time.monotonic()
        try:
            result = step(*arguments)
        except (AssertionError, RunError) as error:
            print(f"FAILED  {name}\n{error}\n{getattr(error, 'log', '')}", flush=True)
            raise
        print(f"{time.monotonic() - began:6.1f} s  {name}: {result}", flush=True)

    def end(self) -> None:
        print(f"{time.monotonic() - self._began:6.1f} s  in all", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m e2e", description=__doc__)
    parser.add_argument("--sam", default=shutil.which("sam") or "sam")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "e2e")
    parser.add_argument("--keep", action="store_true", help="keep the folder for inspection")
    options = parser.parse_args()
    shutil.rmtree(options.folder, ignore_errors=True)
    folder, tell = options.folder.resolve(), Teller()
    project = copy_project(folder / "project")
    tell(builds_what_lambda_needs, Sam(options.sam, project, tools_environment()))
    organization = Organization(first_day=datetime.now(UTC).date() - timedelta(days=200))
    with Account(folder / "account") as account, AdminDouble(organization) as api:
        proof = Proof(account, api, options.sam, project)
        for step in STEPS:
            tell(step, proof)
    tell.end()
    if not options.keep:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (AssertionError, RunError):
        sys.exit(1)
