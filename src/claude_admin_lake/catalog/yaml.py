"""CloudFormation resources as YAML that people can read. Pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORT = {"Ref": "!Ref", "Fn::Sub": "!Sub"}
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _./:-]*[A-Za-z0-9_/-]|[A-Za-z]")
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_WIDTH = 120


def dump(value: dict[str, Any], indent: int) -> str:
    """A mapping as YAML text, each line indented by so many blanks."""
    return "".join(f"{line}\n" for line in _block(value, " " * indent))


def _block(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _entry(f"{indent}{_scalar(key)}:", inner, f"{indent}  ")
    else:
        for inner in value:
            yield from _entry(f"{indent}-", inner, f"{indent}  ")


def _entry(start: str, value: Any, indent: str) -> Iterator[str]:
    """A key or a dash with its value: on one line if it fits, else below."""
    flat = f"{start} {_flow(value)}"
    if not _is_tree(value) or (_is_leaf(value) and len(flat) <= _WIDTH):
        yield flat
        return
    if start.endswith("-"):
        first, *rest = _block(value, indent)
        yield f"{start} {first.strip()}"
        yield from rest
        return
    yield start
    yield from _block(value, indent)


def _is_tree(value: Any) -> bool:
    return bool(value) and isinstance(value, dict | list) and not _short(value)


def _is_leaf(value: Any) -> bool:
    """Whether it holds nothing but scalars."""
    inside = value.values() if isinstance(value, dict) else value
    return not any(_is_tree(one) for one in inside)


def _short(value: Any) -> str | None:
    """The tag of an intrinsic function that takes one string."""
    if isinstance(value, dict) and len(value) == 1:
        ((name, argument),) = value.items()
        return _SHORT.get(name) if isinstance(argument, str) else None
    return None


def _flow(value: Any) -> str:
    if tag := _short(value):
        ((_, argument),) = value.items()
        return f"{tag} {_scalar(argument)}"
    if isinstance(value, dict):
        inside = ", ".join(f"{_scalar(k)}: {_flow(v)}" for k, v in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_flow(one) for one in value)}]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    """A plain word where YAML takes it for a string, else JSON, which YAML reads as well."""
    if isinstance(value, str) and value.lower() not in _WORDS and ": " not in value:
        return value if _PLAIN.fullmatch(value) else json.dumps(value)
    return json.dumps(value)
