"""The alert about costs that prices do not explain. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from claude_admin_lake.analysis.report.words import percent, usd

from .kinds import Alert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .facts import Reconciled
    from .kinds import Thresholds


def reconciliation_alerts(
    one: Reconciled | None, thresholds: Thresholds, week: str
) -> Iterator[Alert]:
    """A week whose bill differs from usage times price, without a reason that can be told."""
    if one is None or not one.expected or one.unexplained < thresholds.least:
        return
    share = one.unexplained / one.expected
    if share > Decimal(str(thresholds.tolerance)):
        yield Alert(
            key=f"reconciliation/{week}",
            title=f"Reconciliation out of tolerance: {usd(one.unexplained)} unexplained",
            detail=f"From {one.first} to {one.last}, usage times price is {usd(one.expected)}; the "
            f"bill differs by {percent(float(share))} without a known reason, counting amounts "
            "above and below.",
            action="The view reconciliation names the models and days. If your contract has other "
            "prices, set them with claude-admin-lake prices set.",
        )
