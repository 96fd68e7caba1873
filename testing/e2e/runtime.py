"""Runs the function in Lambda's own runtime client, with Lambda's memory and processor limits.

    python -m e2e.runtime [--sam sam] [--memory 256,512,1024]

Deploys the template on the emulated account, reads the function's environment and memory size from
it, and runs the package under awslambdaric against a Runtime API on loopback. If control groups are
writable (root on Linux), memory is a hard limit and the share of a processor is MB / 1769, as on
Lambda; otherwise it only reports peak memory and processor time.
"""

from __future__ import annotations

import argparse
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from admin_double.api import KEY, AdminDouble
from admin_double.organization import Organization
from e2e.account import Account
from e2e.deployment import ROOT, Sam, Stack, copy_project, tools_environment
from e2e.lambda_client import Function, limits

DOLLARS_PER_GB_SECOND = 0.0000133334  # arm64, first tier, most Regions


def scenarios(today: Any) -> dict[str, dict[str, Any]]:
    day = timedelta(days=1)
    return {
        "first load, 60 days": {},
        "daily run": {},
        "one day of 100,000 records": {
            "tables": ["claude_code_usage"],
            "start_date": str(today - 2 * day), "end_date": str(today - 2 * day),
        },
        "31 report days of 10,000 rows": {
            "tables": ["usage_report"],
            "start_date": str(today - 31 * day), "end_date": str(today - day),
        },
    }  # fmt: skip


def measure(stack: Stack, package: Path, api: AdminDouble, megabytes: int) -> None:
    today = datetime.now(UTC).date()
    configured = stack.client("lambda").get_function_configuration(FunctionName=stack.function)
    with limits(megabytes) as groups:
        environment = {
            **stack.account.environment, **configured["Environment"]["Variables"],
            "AWS_LAMBDA_FUNCTION_NAME": stack.function,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(megabytes),
            "AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13", "LAMBDA_TASK_ROOT": str(package),
            # Each memory size starts with a separate lake.
            "LAKE_PREFIX": f"size-{megabytes}/", "REQUESTS_PER_MINUTE": "100000",
        }  # fmt: skip
        _forget_cursors(stack)
        function = Function(package, environment, groups)
        try:
            for name, event in scenarios(today).items():
                api.organization_of_size(name)
                answer, seconds, processor = function.run(event)
                rows = sum(one["rows"] for one in answer["tables"].values())
                dollars = seconds * megabytes / 1024 * DOLLARS_PER_GB_SECOND
                print(
                    f"| {megabytes}{'' if groups else ' (no limit)'} | {function.cold_start:.1f} "
                    f"| {name} | {answer['status']} | {rows:,} | {seconds:.1f} | {processor:.1f} "
                    f"| {function.peak_megabytes} | {dollars:.5f} |",
                    flush=True,
                )
        finally:
            function.close()


def _forget_cursors(stack: Stack) -> None:
    client, table = stack.client("dynamodb"), stack.outputs["CursorTableName"]
    for item in client.scan(TableName=table)["Items"]:
        key = {name: item[name] for name in ("organization", "table_name")}
        client.delete_item(TableName=table, Key=key)


class TwoOrganizations(AdminDouble):
    """An ordinary organization, and one with very many rows a day."""

    def organization_of_size(self, scenario: str) -> None:
        today = datetime.now(UTC).date()
        days = [today - timedelta(days=n) for n in range(1, 32)]
        huge = "100,000" in scenario
        self._grow("claude_code_usage", days[1:2], 100_000 if huge else 0)
        self._grow("usage_report", days, 10_000 if "report" in scenario else 0)

    def _grow(self, table: str, days: list[Any], rows: int) -> None:
        for day in days:
            self.unput(table, day)
            if rows:
                some = self.truth(table, day)
                self.put(table, day, [some[number % len(some)] for number in range(rows)])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m e2e.runtime", description=__doc__)
    parser.add_argument("--sam", default=shutil.which("sam") or "sam")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "e2e-runtime")
    parser.add_argument(
        "--memory", default="", help="sizes in MB, separated by commas; default: the template's"
    )
    options = parser.parse_args()
    shutil.rmtree(options.folder, ignore_errors=True)
    folder = options.folder.resolve()
    project = copy_project(folder / "project")
    package = Sam(options.sam, project, tools_environment()).build("LoadFunction", platform="local")
    today = datetime.now(UTC).date()
    organization = Organization(first_day=today - timedelta(days=200))
    with Account(folder / "account") as account, TwoOrganizations(organization) as api:
        stack = Stack(account, Sam(options.sam, project, account.environment), "acme-lake")
        stack.deploy(AdminApiBaseUrl=api.url, StartDate=str(today - timedelta(days=60)))
        stack.set_key(KEY)
        configured = stack.client("lambda").get_function_configuration(FunctionName=stack.function)
        print(
            "| MB | cold start s | run | status | rows | s | processor s | peak MB | dollars |\n|"
            + " --- |" * 9
        )
        for megabytes in map(int, (options.memory or str(configured["MemorySize"])).split(",")):
            measure(stack, package, api, megabytes)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
