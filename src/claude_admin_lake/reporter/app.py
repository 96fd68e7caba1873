"""The reporter function: an event `Lake Loaded` becomes a page, widgets, a digest and alerts."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claude_admin_lake import parsers
from claude_admin_lake.analysis.bucket import BucketLake
from claude_admin_lake.analysis.engine import Engine, limited
from claude_admin_lake.analysis.report import read_numbers
from claude_admin_lake.analysis.report.page import page
from claude_admin_lake.analysis.report.widgets import widgets
from claude_admin_lake.clock import SystemClock
from claude_admin_lake.errors import InvalidInput

from .facts import facts_of
from .outside import Outside
from .settings import read_settings
from .telling import tell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_admin_lake.clock import Clock

    from .settings import ReporterSettings

_log = logging.getLogger("claude_admin_lake")
_log.setLevel(logging.INFO)


def lambda_handler(event: Mapping[str, Any], context: object = None) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Report about the organization of the event.

    Raises LoaderError or AnalysisError if something failed, so that Lambda tries again.
    """
    settings, detail = read_settings(os.environ), event.get("detail")
    if not isinstance(detail, dict):
        raise InvalidInput("the event has no detail; must be an event `Lake Loaded`")
    organization = parsers.slug("detail.organization", detail.get("organization"))
    with tempfile.TemporaryDirectory(prefix="lake-") as folder:
        answer = report(settings, organization, SystemClock(), Path(folder))
    _log.info("reported", extra={"report": answer})
    return answer


def report(
    settings: ReporterSettings, organization: str, clock: Clock, folder: Path
) -> dict[str, Any]:
    """Write one organization's page and widgets, then tell what is due."""
    now, outside = clock.now(), Outside(settings, organization)
    lake = BucketLake(settings.bucket, settings.lake_prefix, folder / "objects", organization)
    engine = Engine(lake, now.date(), limited(folder / "spilled"))
    numbers = read_numbers(engine, None, None, now.date())
    html = page(numbers, now)
    outside.put("report.html", html)
    pieces = widgets(numbers, now)
    for name, piece in pieces.items():
        outside.put(f"widgets/{name}.html", piece)
    sent = tell(facts_of(numbers, organization), settings, outside)
    shutil.rmtree(folder, ignore_errors=True)
    return {"organization": organization, "bytes": len(html), "widgets": list(pieces), **sent}
