"""Paging by token, for every kind of endpoint that has it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from admin_double.endpoint import Call
from admin_double.paging import BY_TOKEN, Envelope, PageToken, ResponsePage, bad_token

PREFIX = "page_"


def no_days(_first: int, _end: int) -> Sequence[date]:
    """The records belong to no day."""
    return ()


@dataclass(frozen=True, kw_only=True)
class TokenChain:
    """All pages of one query.

    `count` entries are paged. `items` renders the entries of a page, and `days` names the days
    that they belong to.
    """

    call: Call
    limit: int
    count: int
    items: Callable[[int, int], Sequence[bytes]]
    days: Callable[[int, int], Sequence[date]] = no_days
    envelope: Envelope = BY_TOKEN
    extra: Mapping[str, object] = field(default_factory=dict)

    def page(self) -> ResponsePage:
        """The page that the request asks for."""
        token = self.call.request.value("page")
        start = PageToken() if token is None else PageToken.unseal(token, PREFIX, self._fingerprint)
        if start is None:
            raise bad_token("page")
        return self._page_at(start, token)

    @property
    def _fingerprint(self) -> str:
        return self.call.request.fingerprint()

    def _page_at(self, start: PageToken, used: str | None) -> ResponsePage:
        limit = min(self.limit, self.call.page_cap or self.limit)
        end = min(start.position + limit, self.count)
        has_more = end < self.count
        return ResponsePage(
            items=self.items(start.position, end),
            number=start.page,
            days=frozenset(self.days(start.position, end)),
            has_more=has_more,
            token=self._token(end, start) if has_more else None,
            used=used,
            again=self._token(start.position, start),
            following=lambda: self._page_at(PageToken(end, start.page), used),
            envelope=self.envelope,
            extra=self.extra,
        )

    def _token(self, position: int, start: PageToken) -> str:
        return PageToken(position, start.page + 1).seal(PREFIX, self._fingerprint)
