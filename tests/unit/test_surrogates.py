r"""Half characters are spelled out, and nothing else changes."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from claude_admin_lake.source.surrogates import spelled_out


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        (rb'"a\ud800b"', rb'"a\\ud800b"'),
        (rb'"\uDFFF"', rb'"\\uDFFF"'),
        (rb'"\ud83d\ude00"', None),
        (rb'"\ude00\ud83d"', rb'"\\ude00\\ud83d"'),
        (rb'"\ud83d\ud83d\ude00"', rb'"\\ud83d\ud83d\ude00"'),
        (rb'"\\ud800"', None),
        (rb'"\\\ud800"', rb'"\\\\ud800"'),
        (rb'"\ud7ff\ue000\u00df"', None),
        (rb'"\n\ud800\""', rb'"\n\\ud800\""'),
        (rb'{"na\udc00me":1}', rb'{"na\\udc00me":1}'),
        (b'"plain"', None),
    ],
)
def test_a_half_character_becomes_its_escape(text, spelled):
    assert spelled_out(text) == (spelled or text)
    if spelled is None:
        assert spelled_out(text) is text


@given(st.text(alphabet=st.one_of(st.sampled_from('\ud800\udc00\\u"d8'), st.characters())))
@example("\ud83d\ude00")
def test_the_text_is_what_json_wrote_for_it(text):
    """Python's JSON writes half characters as escapes; it joins two halves on reading."""
    text = json.loads(json.dumps(text))
    half = {c for c in text if "\ud800" <= c <= "\udfff"}
    found = json.loads(spelled_out(json.dumps(text).encode()))
    assert found == "".join(f"\\u{ord(c):04x}" if c in half else c for c in text)
