"""Where the function is run: its package, the emulated account, its environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from admin_double.api import KEY
from e2e.account import REGION, Account
from e2e.runtime import TwoOrganizations

from .children import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COLD_MEMORY = 512
NAMES = {"LAKE_BUCKET": "bench-lake", "CURSOR_TABLE": "bench-state", "ADMIN_KEY_SECRET_ID": "bench"}


class WatchedApi(TwoOrganizations):
    """Remembers when it was first asked."""

    first_asked = 0.0

    def _answer(self, method: str, target: str, headers: Mapping[str, str]) -> Any:
        self.first_asked = self.first_asked or time.perf_counter()
        return super()._answer(method, target, headers)


def today() -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def build(folder: Path, platform: str) -> Path:
    target = folder / f"package-{platform}"
    subprocess.run(
        [sys.executable, ROOT / "packaging" / "build_function.py", target], check=True,
        env={**os.environ, "FUNCTION_PLATFORM": platform}, stdout=sys.stderr,
    )  # fmt: skip
    return target


def copy_of(package: Path, name: str) -> Path:
    """The package under another name, without compiled files."""
    copy = package.parent / name
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def plain_package(package: Path) -> Path:
    """The same libraries, with a handler that imports them plainly, as `sam build` packs them."""
    plain = copy_of(package, "plain")
    (plain / "handler" / "app.py").write_text(
        (ROOT / "testing" / "bench" / "plain_handler.py").read_text()
    )
    (plain / "handler" / "__init__.py").write_text("")
    return plain


def create(account: Account) -> None:
    account.client("s3").create_bucket(Bucket=NAMES["LAKE_BUCKET"])
    account.client("secretsmanager").create_secret(
        Name=NAMES["ADMIN_KEY_SECRET_ID"], SecretString=KEY
    )
    account.client("dynamodb").create_table(
        TableName=NAMES["CURSOR_TABLE"], BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "table_name", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "table_name", "AttributeType": "S"}],
    )  # fmt: skip


def forget_cursors(account: Account) -> None:
    client = account.client("dynamodb")
    for item in client.scan(TableName=NAMES["CURSOR_TABLE"])["Items"]:
        client.delete_item(TableName=NAMES["CURSOR_TABLE"], Key={"table_name": item["table_name"]})


def environment(
    account: Account, api: WatchedApi, package: Path, megabytes: int, **more: str
) -> dict[str, str]:
    return {
        **account.environment, **NAMES, "AWS_REGION": REGION, "ADMIN_API_BASE_URL": api.url,
        "START_DATE": str((today() - timedelta(days=60)).date()), "LAKE_PREFIX": "lake/",
        "REQUESTS_PER_MINUTE": "100000", "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(megabytes), "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "LAMBDA_TASK_ROOT": str(package),
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        # A package on Lambda cannot be written to, so nothing compiled is kept in it.
        "PYTHONDONTWRITEBYTECODE": "1", **more,
    }  # fmt: skip
