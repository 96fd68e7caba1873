"""Paging by id."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from admin_double.errors import ApiError
from admin_double.paging import BY_ID, PageToken, ResponsePage, bad_token
from admin_double.request import IncomingRequest

PAGING = ("limit", "after_id", "before_id")
PREFIX = "cursor_"


@dataclass(frozen=True, kw_only=True)
class IdChain:
    """All pages of one list. A record without an id is named by an opaque cursor."""

    items: Sequence[bytes]
    ids: Sequence[str]
    fingerprint: str
    limit: int

    def page(self, request: IncomingRequest) -> ResponsePage:
        """The page that the request asks for."""
        after, before = request.value("after_id"), request.value("before_id")
        if after is not None and before is not None:
            raise ApiError(400, "Only one of before_id and after_id may be given")
        if before is not None:
            return self._before(self._find("before_id", before).position - 1)
        start = PageToken() if after is None else self._find("after_id", after)
        return self._after(start, after)

    def _find(self, parameter: str, name: str) -> PageToken:
        """The position just after the named record."""
        if name in self.ids:
            position = self.ids.index(name) + 1
            return PageToken(position, 1 + -(-position // self.limit))
        found = PageToken.unseal(name, PREFIX, self.fingerprint)
        if found is None:
            raise bad_token(parameter)
        return found

    def _after(self, start: PageToken, used: str | None) -> ResponsePage:
        end = min(start.position + self.limit, len(self.items))
        return replace(
            self._between(start, end),
            has_more=end < len(self.items),
            used=used,
            following=lambda: self._after(PageToken(end, start.page), used),
        )

    def _before(self, end: int) -> ResponsePage:
        first = max(0, end - self.limit)
        return replace(self._between(PageToken(first), end), has_more=first > 0)

    def _between(self, start: PageToken, end: int) -> ResponsePage:
        filled = end > start.position
        return ResponsePage(
            items=self.items[start.position : end],
            number=start.page,
            token=self._name(end - 1, start.page + 1) if filled else None,
            first=self._name(start.position, start.page) if filled else None,
            again=PageToken(start.position, start.page + 1).seal(PREFIX, self.fingerprint),
            envelope=BY_ID,
        )

    def _name(self, position: int, page: int) -> str:
        return self.ids[position] or PageToken(position + 1, page).seal(PREFIX, self.fingerprint)
