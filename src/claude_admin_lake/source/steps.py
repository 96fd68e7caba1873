"""What a read yields, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from claude_admin_lake.errors import LoaderError
    from claude_admin_lake.plan.read import Read

    from .api import Meter
    from .pages import Page


class Fetched(msgspec.Struct, frozen=True):
    """A step of a read: a page of it, or (no page) its end, which has an error if it failed."""

    read: Read
    page: Page | None = None
    error: LoaderError | None = None


class Answered(msgspec.Struct, frozen=True):
    """The answer to a request that was sent before the tables are read: a page or an error."""

    meter: Meter
    page: Page | None = None
    error: LoaderError | None = None

    def counted(self, meter: Meter) -> Page:
        """The page, or raises the error; what it cost is added to `meter`."""
        meter.requests += self.meter.requests
        meter.retries += self.meter.retries
        meter.wait_seconds += self.meter.wait_seconds
        if self.error:
            raise self.error
        assert self.page
        return self.page
