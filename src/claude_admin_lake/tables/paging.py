"""How endpoints page: a declaration names one of these, `source.pages` follows it."""

from msgspec import Struct


class Paging(Struct, frozen=True):
    """How an answer holds its records and how it leads to the next page.

    `limit` is the API's largest `limit`, in records or in time buckets. `parameter` asks for a
    further page with the value of the answer's field `token`. A listing ends on `has_more: false`;
    where the envelope has no `has_more`, it ends on a null token. `parameter` "" means that the
    answer is a single object without pages. The records are in `data`, or in `also`. `frontier` is
    the field that says up to when the data is complete; it is null if the API does not say.
    """

    limit: int | None = None
    parameter: str = ""
    token: str = ""
    has_more: bool = True
    data: str = "data"
    also: str = ""
    frontier: str = ""


UNSTATED = None
"""No limit is sent where the API does not state its largest: one that is too large is a 400."""

SINGLE = Paging()
"""One object, no pages."""


def by_id(limit: int) -> Paging:
    """Pages that continue with `after_id` = the previous page's `last_id`."""
    return Paging(limit, "after_id", "last_id")


def by_frontier(limit: int) -> Paging:
    """Pages that continue with a token and say up to when the data is complete."""
    return Paging(limit, "page", "next_page", has_more=False, frontier="data_refreshed_at")


def by_token(limit: int | None, *, has_more: bool = True) -> Paging:
    """Pages that continue with `page` = the previous page's `next_page`."""
    return Paging(limit, "page", "next_page", has_more)
