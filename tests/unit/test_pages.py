import msgspec
import pytest

from claude_admin_lake.errors import BadAnswer
from claude_admin_lake.source.pages import read_page
from claude_admin_lake.tables.paging import SINGLE, Paging, by_id, by_token

ID, TOKEN, NONE = by_id(1000), by_token(31), SINGLE
EITHER = Paging(1000, "page", "next_page", has_more=False, also="summaries")
TOKEN_ALONE = by_token(1000, has_more=False)
"""A listing whose envelope has no `has_more`."""


@pytest.mark.parametrize(
    ("paging", "body", "following"),
    [
        (ID, '{"data":[],"has_more":true,"first_id":"a","last_id":"b"}', ("after_id", "b")),
        (ID, '{"data":[1],"has_more":false,"first_id":"a","last_id":"b"}', None),
        (ID, '{"data":[],"has_more":false,"first_id":null,"last_id":null}', None),
        (ID, '{"data":[],"has_more":false}', None),
        (TOKEN, '{"data":[1],"has_more":true,"next_page":"t"}', ("page", "t")),
        (TOKEN, '{"data":[],"has_more":true,"next_page":"t"}', ("page", "t")),
        (TOKEN, '{"data":[1],"has_more":false,"next_page":null}', None),
        (TOKEN, '{"data":[1],"has_more":false,"next_page":"t"}', None),
        (TOKEN, '{"data":[1],"has_more":false,"something_new":{}}', None),
        (NONE, '{"id":"o","has_more":true}', None),
    ],
)
def test_only_has_more_false_ends_a_listing(paging, body, following):
    assert read_page(paging, body.encode()).next == following


@pytest.mark.parametrize(
    ("body", "following"),
    [
        ('{"data":[1],"next_page":"t"}', ("page", "t")),
        ('{"data":[],"next_page":"t"}', ("page", "t")),
        ('{"data":[1],"next_page":null}', None),
        ('{"data":[],"next_page":null}', None),
        ('{"data":[1],"next_page":""}', None),
        ('{"data":[1],"next_page":"t","has_more":true}', ("page", "t")),
        ('{"data":[1],"next_page":"t","has_more":false}', None),
        ('{"data":[1],"next_page":null,"has_more":false}', None),
    ],
)
def test_a_listing_without_has_more_ends_on_a_null_token_or_on_has_more_false(body, following):
    page = read_page(TOKEN_ALONE, body.encode())
    assert page.next == following
    assert list(map(bytes, page.records)) == ([b"1"] if "[1]" in body else [])


def test_an_envelope_s_field_names_are_the_declaration_s():
    paging = Paging(100, "cursor", "next_cursor", data="rows")
    page = read_page(paging, b'{"rows":[1],"has_more":true,"next_cursor":"c","data":[2]}')
    assert (list(map(bytes, page.records)), page.next) == ([b"1"], ("cursor", "c"))


@pytest.mark.parametrize(
    ("paging", "body"),
    [
        (ID, '{"data":[1],"has_more":true,"last_id":null}'),
        (ID, '{"data":[1],"has_more":true,"last_id":""}'),
        (ID, '{"data":[1],"has_more":true,"next_page":"t"}'),
        (TOKEN, '{"data":[1],"has_more":true}'),
        (TOKEN, '{"data":[1],"has_more":true,"next_page":null}'),
        (TOKEN, '{"data":[1],"has_more":true,"last_id":"b"}'),
        (TOKEN_ALONE, '{"data":[1],"has_more":true,"next_page":null}'),
    ],
)
def test_more_pages_without_a_way_to_them_is_an_error_and_not_the_end(paging, body):
    with pytest.raises(BadAnswer, match="more pages"):
        read_page(paging, body.encode())


@pytest.mark.parametrize("paging", [ID, TOKEN, TOKEN_ALONE])
def test_records_stay_the_api_s_own_bytes(paging):
    body = b'{"data":[{"a": 1.10}, {"a":1e400}],"has_more":false}'
    assert list(map(bytes, read_page(paging, body).records)) == [b'{"a": 1.10}', b'{"a":1e400}']


def test_one_object_is_one_record():
    assert list(map(bytes, read_page(NONE, b'{"id":"o"}').records)) == [b'{"id":"o"}']


@pytest.mark.parametrize(
    ("paging", "body"),
    [
        (NONE, "[]"),
        (NONE, "null"),
        (ID, "[]"),
        (ID, '{"has_more":false}'),
        (ID, '{"data":[]}'),
        (ID, '{"data":[],"has_more":null}'),
        (ID, '{"data":{},"has_more":false}'),
        (ID, '{"data":[],"has_more":"false"}'),
        (TOKEN, '{"data":null,"has_more":false}'),
        (TOKEN, '{"data":[],"has_more":true,"next_page":5}'),
        (TOKEN_ALONE, '{"data":[],"has_more":null,"next_page":"t"}'),
        (TOKEN_ALONE, '{"data":[],"next_page":5}'),
        (TOKEN_ALONE, '{"next_page":null}'),
        (TOKEN, '{"type":"error","error":{"type":"api_error"}}'),
    ],
)
def test_json_that_is_no_page_is_a_bad_answer(paging, body):
    with pytest.raises(BadAnswer):
        read_page(paging, body.encode())


TORN = ["", '{"data":[{"a":1},{"a"', "<html>502</html>", '{"data":[],"has_more":false} x']


@pytest.mark.parametrize("paging", [ID, TOKEN, TOKEN_ALONE, NONE])
@pytest.mark.parametrize("body", TORN)
def test_a_torn_answer_is_told_from_a_bad_one_so_that_it_is_asked_for_again(paging, body):
    with pytest.raises(msgspec.DecodeError):
        read_page(paging, body.encode())


@pytest.mark.parametrize("name", ["data", "summaries"])
def test_records_can_stand_under_either_of_two_names(name):
    page = read_page(EITHER, f'{{"{name}":[1,2],"next_page":"t"}}'.encode())
    assert (list(map(bytes, page.records)), page.next) == ([b"1", b"2"], ("page", "t"))


@pytest.mark.parametrize("body", ["{}", '{"records":[]}', '{"summaries":null}', '{"data":{}}'])
def test_an_answer_with_neither_name_is_no_page(body):
    with pytest.raises(BadAnswer):
        read_page(EITHER, body.encode())
