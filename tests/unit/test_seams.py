"""What a page repeats of the one before it, told apart from records that are really there twice."""

import pytest
from msgspec import Raw

from claude_admin_lake.source.pages import Page
from claude_admin_lake.source.seams import without_repeats


def records(text: str) -> list[Raw]:
    return [Raw(f'{{"name":"{letter}"}}'.encode()) for letter in text]


@pytest.mark.parametrize(
    ("before", "page", "kept"),
    [
        ("", "ab", "ab"),
        ("ab", "", ""),
        ("ab", "cd", "cd"),
        ("abc", "cde", "de"),
        ("abc", "bcd", "d"),
        ("abc", "abc", ""),
        ("abc", "abcd", "d"),
        ("aab", "ba", "a"),
        ("abb", "cc", "cc"),
        ("abc", "dabc", "dabc"),
        ("abc", "acb", "acb"),
        ("abb", "bc", "c"),
        ("aaa", "aaab", "aab"),
    ],
)
def test_only_what_ends_one_page_and_begins_the_next_is_left_out(before, page, kept):
    found = without_repeats(records(before), Page(records(page), ("page", "t")))
    assert found.records == records(kept)
    assert found.repeated == len(page) - len(kept)
    assert found.next == ("page", "t")
