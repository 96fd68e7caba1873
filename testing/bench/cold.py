"""Cold starts of the function under Lambda's runtime client, and its package's size, as JSON.

Run by `bench.function` with the emulated account's interpreter: python -m bench.cold FOLDER RUNS
"""

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from admin_double.api import KEY, AdminDouble
from admin_double.organization import Organization
from e2e.account import REGION, Account
from e2e.lambda_client import Function, limits
from e2e.package import compiled, zipped

from .children import ROOT

MEMORY_MB = 512
NAMES = {"LAKE_BUCKET": "bench-lake", "CURSOR_TABLE": "bench-state", "ADMIN_KEY_SECRET_ID": "bench"}
DAY = (datetime.now(UTC) - timedelta(days=60)).date()


class WatchedApi(AdminDouble):
    """Remembers when the first request came."""

    first_asked = 0.0

    def _answer(self, *request: Any) -> Any:
        self.first_asked = self.first_asked or time.perf_counter()
        return super()._answer(*request)


def create(account: Account) -> None:
    client = account.client
    client("s3").create_bucket(Bucket=NAMES["LAKE_BUCKET"])
    client("secretsmanager").create_secret(Name=NAMES["ADMIN_KEY_SECRET_ID"], SecretString=KEY)
    client("dynamodb").create_table(
        TableName=NAMES["CURSOR_TABLE"], BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "organization", "KeyType": "HASH"},
            {"AttributeName": "table_name", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("organization", "table_name")
        ],
    )  # fmt: skip


def build(target: Path, platform: str) -> Path:
    command = [sys.executable, ROOT / "packaging" / "build_function.py", target]
    subprocess.run(command, check=True, env={**os.environ, "FUNCTION_PLATFORM": platform})
    return target


def plain_package(package: Path, target: Path) -> Path:
    """The same libraries, without compiled files, with a handler that imports them plainly."""
    shutil.copytree(package, target, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "testing" / "bench" / "plain_handler.py", target / "handler" / "app.py")
    return target


def first_request(account: Account, api: WatchedApi, package: Path) -> float:
    """Seconds from the start of the process to its first request to the API."""
    environment = {
        **account.environment, **NAMES, "AWS_REGION": REGION, "ADMIN_API_BASE_URL": api.url,
        "START_DATE": str(DAY), "REQUESTS_PER_MINUTE": "100000", "LAKE_PREFIX": "lake/",
        "AWS_LAMBDA_FUNCTION_NAME": "bench", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEMORY_MB),
        "AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13", "LAMBDA_TASK_ROOT": str(package),
        "PYTHONDONTWRITEBYTECODE": "1",  # on Lambda nothing can be written to the package
    }  # fmt: skip
    api.first_asked = 0.0
    with limits(MEMORY_MB) as groups:
        function = Function(package, environment, groups)
        try:
            ready = time.perf_counter()
            function.run({"tables": ["organization"]})
            return function.cold_start + api.first_asked - ready
        finally:
            function.close()


def main(folder: Path, runs: int) -> None:
    ours, target = build(folder / "ours", "local"), build(folder / "arm64", "arm64")
    both = (ours, plain_package(ours, folder / "plain"))
    with Account(folder / "account") as account, WatchedApi(Organization(first_day=DAY)) as api:
        create(account)
        pairs = [[first_request(account, api, one) for one in both] for _ in range(runs)]
    size = {"zip": len(zipped(target)), "compiled": bool(compiled(target))}
    print("\n" + json.dumps({"pairs": pairs, **size}))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]))
