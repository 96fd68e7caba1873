"""Runs several organizations in parallel; none delays another or makes it fail."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

from claude_admin_lake.errors import LoaderError, Unexpected, stack_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


def side_by_side(runs: Mapping[str, Callable[[], _T]]) -> dict[str, _T | LoaderError]:
    """The result of each run, or the error that kept it from starting."""
    with ThreadPoolExecutor(max_workers=len(runs), thread_name_prefix="run") as threads:
        waiting = {
            organization: threads.submit(copy_context().run, _settled, run)
            for organization, run in runs.items()
        }
        return {organization: one.result() for organization, one in waiting.items()}


def _settled(run: Callable[[], _T]) -> _T | LoaderError:
    try:
        return run()
    except LoaderError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a bug in one run must not cost the others
        _log.error("unexpected error: %s", stack_of(error))
        return Unexpected(error)


def together(results: Mapping[str, Mapping[str, object] | LoaderError]) -> dict[str, object]:
    """The result for several organizations."""
    told = {
        organization: (
            {"status": "failed", "error": str(one)} if isinstance(one, LoaderError) else dict(one)
        )
        for organization, one in results.items()
    }
    statuses = {str(one["status"]) for one in told.values()}
    same = statuses.pop() if len(statuses) == 1 else "incomplete"
    return {"status": "incomplete" if same == "failed" else same, "organizations": told}
