"""Pages: what one answer holds, and how to ask for the next. A pager answers; it never sends.

Records stay raw JSON until they become rows, so that a page of any size costs its bytes only.
"""

from collections.abc import Callable

import msgspec

from claude_admin_lake.errors import BadAnswer
from claude_admin_lake.tables import Paging

Raw = msgspec.Raw


class Page(msgspec.Struct, frozen=True):
    """The records of one answer and the parameter that asks for the next, if there is one."""

    records: list[Raw]
    next: tuple[str, str] | None = None


class _IdEnvelope(msgspec.Struct):
    data: list[Raw]
    has_more: bool
    last_id: str | None = None


class _TokenEnvelope(msgspec.Struct):
    data: list[Raw]
    has_more: bool
    next_page: str | None = None


_by_id = msgspec.json.Decoder(_IdEnvelope)
_by_token = msgspec.json.Decoder(_TokenEnvelope)
_object = msgspec.json.Decoder(dict[str, Raw])


def _single(body: bytes) -> Page:
    _object.decode(body)
    return Page([Raw(body)])


def _id_cursor(body: bytes) -> Page:
    page = _by_id.decode(body)
    return Page(page.data, _next("after_id", page.last_id) if page.has_more else None)


def _page_token(body: bytes) -> Page:
    page = _by_token.decode(body)
    return Page(page.data, _next("page", page.next_page) if page.has_more else None)


def _next(parameter: str, token: str | None) -> tuple[str, str]:
    if not token:
        raise BadAnswer("the API says there are more pages but not how to ask for the next")
    return parameter, token


_PAGERS: dict[Paging, Callable[[bytes], Page]] = {
    Paging.NONE: _single,
    Paging.ID_CURSOR: _id_cursor,
    Paging.PAGE_TOKEN: _page_token,
}


def read_page(paging: Paging, body: bytes) -> Page:
    """The page in an answer's body.

    Only `has_more: false` ends a listing (Admin API reference, Pagination). Raises BadAnswer if
    the body is JSON but no page, and msgspec.DecodeError if it is no JSON, being cut off, say.
    """
    try:
        return _PAGERS[paging](body)
    except msgspec.ValidationError as error:
        raise BadAnswer(f"the API's answer is not a page of records: {error}") from error
