import gzip
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_admin_lake.lake.packing import Packer, digest_of

from .fakes import MemoryUpload

ROWS = [b'{"a":1}', b'{"a":2}', '{"a":"ü"}'.encode()]
LINES = st.lists(st.binary(min_size=1, max_size=30).filter(lambda line: b"\n" not in line))


def text(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def pack(*batches: list[bytes]) -> tuple[bytes, str, dict[str, str]]:
    upload = MemoryUpload()
    packer = Packer([upload])
    for batch in batches:
        packer.add(text(batch))
    packer.publish({"run-id": "r"})
    digest, facts = upload.published[0]
    return upload.content, digest, facts


def test_an_object_is_gzip_with_one_row_a_line():
    assert gzip.decompress(pack(ROWS)[0]) == text(ROWS)


def test_a_day_without_rows_is_a_valid_empty_object():
    content, _, facts = pack()
    assert content
    assert gzip.decompress(content) == b""
    assert facts["rows"] == "0"


def test_the_header_holds_no_time_and_no_name():
    content = pack(ROWS)[0]
    assert content[3:8] == bytes(5)


@given(LINES, st.integers(1, 4))
def test_the_same_rows_give_the_same_bytes_in_batches_of_any_size(lines, size):
    batches = [lines[at : at + size] for at in range(0, len(lines), size)]
    assert pack(*batches) == pack(lines)


@given(LINES, st.randoms(use_true_random=False))
def test_the_digest_does_not_depend_on_the_order(lines, random):
    shuffled = random.sample(lines, len(lines))
    assert pack(shuffled)[1] == pack(lines)[1]


@given(LINES, LINES)
def test_the_digest_depends_on_every_row_and_on_how_often_it_is_there(some, others):
    assert (pack(some)[1] == pack(others)[1]) == (sorted(some) == sorted(others))


@pytest.mark.parametrize(
    "other",
    [[], ROWS[:2], [*ROWS, ROWS[0]], [*ROWS, b"{}"], [ROWS[0] * 2, *ROWS[1:]],
     [ROWS[0], ROWS[0], ROWS[1]]],
    ids=["none", "one less", "one twice", "one more", "one changed", "another one twice"],
)  # fmt: skip
def test_other_rows_have_another_digest(other):
    assert pack(other)[1] != pack(ROWS)[1]


def test_rows_that_are_there_twice_do_not_cancel_each_other():
    once, twice, other = ROWS
    assert pack([once, twice, twice])[1] != pack([once, other, other])[1]


@given(LINES)
def test_a_stored_object_has_the_digest_it_was_published_with(lines):
    content, digest, _ = pack(lines)
    assert digest_of(BytesIO(content)) == digest


@pytest.mark.parametrize(
    "spoilt", [b"no gzip", pack(ROWS)[0][:-9], pack(ROWS)[0][:-12] + b"x" * 12]
)
def test_a_damaged_object_has_no_digest(spoilt):
    with pytest.raises((OSError, EOFError, zlib.error)):
        digest_of(BytesIO(spoilt))


def test_every_key_gets_the_same_object_in_the_order_given():
    uploads = [MemoryUpload(), MemoryUpload()]
    packer = Packer(uploads)
    packer.add(text(ROWS))
    assert [one.changed for one in packer.publish({})] == [True, True]
    assert uploads[0].content == uploads[1].content
    assert uploads[0].published == uploads[1].published


def test_facts_say_how_many_rows_there_are():
    content, _, facts = pack(ROWS[:1], ROWS[1:])
    assert facts == {"run-id": "r", "rows": "3"}
    assert content


def test_bytes_and_rows_are_counted():
    upload = MemoryUpload()
    packer = Packer([upload])
    packer.add(text(ROWS))
    packer.publish({})
    assert (packer.rows, packer.bytes) == (3, len(upload.content))


def test_rows_leave_memory_as_they_come():
    upload = MemoryUpload()
    packer = Packer([upload])
    noise = [f'{{"n":{n**5}}}'.encode() for n in range(20_000)]
    packer.add(text(noise))
    assert sum(map(len, upload.chunks)) > 50_000
    assert not upload.published


def test_a_discarded_object_is_discarded_under_every_key():
    uploads = [MemoryUpload(), MemoryUpload()]
    Packer(uploads).discard()
    assert all(one.discarded for one in uploads)
