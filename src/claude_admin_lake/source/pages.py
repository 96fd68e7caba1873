"""Pages: what one answer holds, and how to ask for the next. A pager answers; it never sends.

Records stay raw JSON until they become rows, so that a page of any size costs its bytes only.
"""

from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType, field
from msgspec.structs import astuple, replace

from claude_admin_lake.errors import BadAnswer
from claude_admin_lake.shapes.stamps import moment
from claude_admin_lake.tables import Paging

from .surrogates import spelled_out

Raw = msgspec.Raw
_LONE = "a string has a lone surrogate, stored as its escape"


class Page(msgspec.Struct, frozen=True):
    """The records of one answer and the parameter that asks for the next, if there is one.

    `common` are fields that all its records get. `parent` is whose listing it belongs to.
    `frontier` is up to when the data is complete, if the answer says so.
    """

    records: list[Raw]
    next: tuple[str, str] | None = None
    common: dict[str, Raw] = field(default_factory=dict)
    repeated: int = 0
    """Records left out because the page before had them."""
    drift: tuple[str, ...] = ()
    """How the answer differs from what an API should send."""
    parent: str = ""
    frontier: datetime | None = None


def read_page(paging: Paging, body: bytes) -> Page:
    """The page in an answer's body.

    Where the envelope has `has_more`, only false ends a listing; where it has none, a null token
    does (Admin API reference, Pagination). Raises BadAnswer if the body is JSON but not a page,
    and msgspec.DecodeError if it is not JSON, for example because it was cut off.
    """
    spelled = spelled_out(body)
    page = _page(paging, spelled)
    return page if spelled is body else replace(page, drift=(*page.drift, _LONE))


def _page(paging: Paging, body: bytes) -> Page:
    try:
        if not paging.parameter:
            _object(body)
            return Page([Raw(body)])
        *lists, has_more, token, said = astuple(_decoder(paging).decode(body))
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadAnswer(f"the API's answer is not a page of records: {error}") from error
    records = next((one for one in lists if one is not UNSET), None)
    if records is None:
        raise BadAnswer(f"the API's answer has neither {paging.data} nor {paging.also}")
    frontier = moment(said) if paging.frontier and said != _NULL else None
    if has_more is False or (has_more is UNSET and not token):
        return Page(records, frontier=frontier)
    if not token:
        raise BadAnswer("the API says there are more pages but not how to ask for the next")
    return Page(records, (paging.parameter, token), frontier=frontier)


_NULL = Raw(b"null")
_object = msgspec.json.Decoder(dict[str, Raw]).decode


@cache
def _decoder(paging: Paging) -> "msgspec.json.Decoder[Any]":
    """A parser of one kind of envelope. An optional `has_more` may still end a listing."""
    more: tuple[Any, ...] = (bool,) if paging.has_more else (bool | UnsetType, UNSET)
    records: tuple[Any, ...] = (list[Raw] | UnsetType, UNSET) if paging.also else (list[Raw],)
    fields = [
        ("data", *records),
        *([("also", *records)] if paging.also else []),
        ("has_more", *more),
        ("token", str | None, None),
        ("frontier", Raw, _NULL),
    ]
    names = {"data": paging.data, "also": paging.also, "token": paging.token}
    names["frontier"] = paging.frontier or "data_refreshed_at"
    made = msgspec.defstruct("Envelope", fields, rename=names, kw_only=True)
    return msgspec.json.Decoder(made)
