"""What a read yields: pages and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from claude_admin_lake.errors import LoaderError
    from claude_admin_lake.plan.read import Read

    from .api import Meter
    from .pages import Page


class Fetched(msgspec.Struct, frozen=True):
    """A page of a read; or its end, without a page, and with an error if the read failed."""

    read: Read
    page: Page | None = None
    error: LoaderError | None = None


class Answered(msgspec.Struct, frozen=True):
    """The answer, a page or an error, to a request that was sent before any table was read."""

    meter: Meter
    page: Page | None = None
    error: LoaderError | None = None

    def counted(self, meter: Meter) -> Page:
        """Return the page or raise the error, and add what it cost to `meter`."""
        meter.requests += self.meter.requests
        meter.retries += self.meter.retries
        meter.wait_seconds += self.meter.wait_seconds
        if self.error:
            raise self.error
        assert self.page
        return self.page
