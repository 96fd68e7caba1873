import msgspec
import pytest

from claude_admin_lake.errors import BadAnswer
from claude_admin_lake.source.pages import read_page
from claude_admin_lake.tables import Paging

ID, TOKEN, NONE = Paging.ID_CURSOR, Paging.PAGE_TOKEN, Paging.NONE


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
    ("paging", "body"),
    [
        (ID, '{"data":[1],"has_more":true,"last_id":null}'),
        (ID, '{"data":[1],"has_more":true,"last_id":""}'),
        (ID, '{"data":[1],"has_more":true,"next_page":"t"}'),
        (TOKEN, '{"data":[1],"has_more":true}'),
        (TOKEN, '{"data":[1],"has_more":true,"next_page":null}'),
        (TOKEN, '{"data":[1],"has_more":true,"last_id":"b"}'),
    ],
)
def test_more_pages_without_a_way_to_them_is_an_error_and_not_the_end(paging, body):
    with pytest.raises(BadAnswer, match="more pages"):
        read_page(paging, body.encode())


@pytest.mark.parametrize("paging", [ID, TOKEN])
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
        (TOKEN, '{"type":"error","error":{"type":"api_error"}}'),
    ],
)
def test_json_that_is_no_page_is_a_bad_answer(paging, body):
    with pytest.raises(BadAnswer):
        read_page(paging, body.encode())


TORN = ["", '{"data":[{"a":1},{"a"', "<html>502</html>", '{"data":[],"has_more":false} x']


@pytest.mark.parametrize("paging", list(Paging))
@pytest.mark.parametrize("body", TORN)
def test_a_torn_answer_is_told_from_a_bad_one_so_that_it_is_asked_for_again(paging, body):
    with pytest.raises(msgspec.DecodeError):
        read_page(paging, body.encode())
