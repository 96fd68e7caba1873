"""Column types: how Athena reads a column, and which JSON values are safe to store in it.

One value of a wrong type makes Athena's JSON SerDe fail the whole file, so a value goes into a
declared column only if the column's type accepts it.

A type is defined once: by what msgspec's parser accepts (`parsed`), and by a check of what no
parser type can say (`sound`). Whole batches are parsed by these types; `fits` applies the same
two to a single value.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException, InvalidOperation
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, Union

import msgspec

Sound = Callable[[list[Any]], bool]
Fields = tuple[tuple[str, "Type"], ...]

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_DECIMAL_DIGITS, _DECIMAL_SCALE = 38, 12
_FINEST = Decimal(1).scaleb(-_DECIMAL_SCALE)
_READ = Context(prec=_DECIMAL_DIGITS, rounding=ROUND_HALF_UP, traps=[InvalidOperation])
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
# Numbers, quoted or not, that decimal(38,12) holds however they are rounded. Possessive, because
# keeping other ways to match takes four times as long.
_PLAIN = rb"null|\"?-?(?:[0-9]{1,25}+(?:\.[0-9]++)?+|[0-9]{26}(?:\.[0-9]{1,12})?)\"?"
_PLAIN_LINES = re.compile(rb"(?:(?:" + _PLAIN + rb")(?:\n|\Z))*+")


class Type(msgspec.Struct, frozen=True):
    """A column type: its name in Hive's DDL, and the values that it accepts.

    `sound`, unless it is None, checks values that the parser accepted as `parsed`, all at once
    and without nulls. `item` is the type of an array's or a map's values, `fields` are a struct's.
    """

    hive: str
    parsed: Any
    sound: Sound | None = None
    item: "Type | None" = None
    fields: Fields = ()
    wraps_scalar: bool = False
    """An array whose lone scalar the API may send bare; it is stored as an array of one."""

    @property
    def nested(self) -> bool:
        """Whether values are arrays or objects."""
        return self.item is not None or bool(self.fields)

    def fits(self, raw: bytes) -> bool:
        """Whether the column accepts a JSON text. Null fits every type."""
        try:
            value = _decoder(self).decode(raw)
        except (ValueError, ArithmeticError, RecursionError):
            return False
        return value is None or self.sound is None or self.sound([value])

    def unknown(self, value: Any) -> Iterator[tuple[str, ...]]:
        """The paths, within a decoded value, of fields that no struct declares.

        SQL matches names without case, so a field that differs only in case is not unknown.
        """
        if self.item and isinstance(value, list | dict):
            inside = value.values() if isinstance(value, dict) else value
            for one in inside:
                yield from self.item.unknown(one)
        elif self.fields and isinstance(value, dict):
            known = dict(self.fields)
            for name, inner in value.items():
                if field := known.get(name):
                    yield from ((name, *path) for path in field.unknown(inner))
                elif name.lower() not in known:
                    yield (name,)

    def with_unknown(self, path: tuple[str, ...]) -> "Type":
        """The same type with one more struct field, which accepts any value."""
        if self.item and self.hive.startswith("array<"):
            return array(self.item.with_unknown(path), wraps_scalar=self.wraps_scalar)
        if self.item:
            return map_of(self.item.with_unknown(path))
        fields, (name, *rest) = dict(self.fields), path
        fields[name] = fields[name].with_unknown(tuple(rest)) if rest else ANY
        return struct(**fields)


@lru_cache(maxsize=1000)
def _decoder(of: Type) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(nullable(of.parsed))


def nullable(parsed: Any) -> Any:
    """The parser's type for a value or null."""
    if parsed is msgspec.Raw:  # accepts null as it is
        return parsed
    return Union[parsed, None]  # noqa: UP007 - a type made at run time


def _are_decimals(raws: list[Any]) -> bool:
    """Whether decimal(38,12) can be read from all JSON texts. A finer number is rounded when it
    is read, which loses nothing that is stored; a larger one would silently become null."""
    if _PLAIN_LINES.fullmatch(b"\n".join(raws)):
        return True
    return all(map(_is_decimal, raws))


def _is_decimal(raw: bytes) -> bool:
    text = str(raw, "utf-8", "replace")
    if text == "null":
        return True
    text = text.strip('"')
    if not _NUMBER.fullmatch(text):
        return False
    try:
        return Decimal(text).quantize(_FINEST, context=_READ).is_finite()
    except DecimalException:
        return False


def compact(raw: bytes | msgspec.Raw) -> bytes:
    """A JSON text without whitespace between its tokens, which stay as they are."""
    text = bytes(raw)
    return msgspec.json.format(text, indent=-1) if text[:1] in (b"[", b"{") else text


def are_compact(raws: list[Any]) -> bool:
    """Whether JSON texts can be written as they are: a line break would end the row."""
    try:
        str(
            b"".join(raws), "utf-8"
        )  # the parser does not look into texts that it leaves as they are
    except UnicodeDecodeError:
        return False
    return all(bytes(raw) == compact(raw) for raw in raws)


STRING = Type("string", str)
BIGINT = Type("bigint", Annotated[int, msgspec.Meta(ge=_LOWEST, le=_HIGHEST)])
BOOLEAN = Type("boolean", bool)
DECIMAL = Type(f"decimal({_DECIMAL_DIGITS},{_DECIMAL_SCALE})", msgspec.Raw, sound=_are_decimals)
ANY = Type("any", msgspec.Raw, sound=are_compact)
"""Accepts every value; for fields that no declaration knows, never for a column."""


def array(item: Type, *, wraps_scalar: bool = False) -> Type:
    """A JSON array of one type."""
    sound = item.sound

    def are_sound(values: list[Any]) -> bool:
        return sound is None or sound([x for value in values for x in value if x is not None])

    return Type(
        f"array<{item.hive}>",
        list[nullable(item.parsed)],  # type: ignore[misc]
        sound=are_sound if sound else None,
        item=item,
        wraps_scalar=wraps_scalar,
    )


def map_of(item: Type) -> Type:
    """A JSON object with open names and values of one type."""
    sound = item.sound

    def are_sound(values: list[Any]) -> bool:
        inside = [x for value in values for x in value.values() if x is not None]
        return sound is None or sound(inside)

    return Type(
        f"map<string,{item.hive}>",
        dict[str, nullable(item.parsed)],  # type: ignore[misc]
        sound=are_sound if sound else None,
        item=item,
    )


def struct(**fields: Type) -> Type:
    """A JSON object of known fields."""
    sounds = [
        (attrgetter(f"field_{n}"), field.sound)
        for n, field in enumerate(fields.values())
        if field.sound
    ]
    hive = ",".join(f"{name}:{field.hive}" for name, field in fields.items())

    def are_sound(values: list[Any]) -> bool:
        return all(sound(_present(map(get, values))) for get, sound in sounds)

    return Type(
        f"struct<{hive}>",
        _parsed_struct(fields),
        sound=are_sound if sounds else None,
        fields=tuple(fields.items()),
    )


def _present(values: Iterable[Any]) -> list[Any]:
    return [x for x in values if x is not None and x is not msgspec.UNSET]


def _parsed_struct(fields: Mapping[str, Type]) -> Any:
    """A parser type for an object with these fields, or fewer, and no other."""
    absent = msgspec.UnsetType
    return msgspec.defstruct(
        "Parsed",
        [
            (f"field_{n}", Union[nullable(field.parsed), absent], msgspec.UNSET)  # noqa: UP007
            for n, field in enumerate(fields.values())
        ],
        rename={f"field_{n}": name for n, name in enumerate(fields)},
        forbid_unknown_fields=True,
        gc=False,
    )
