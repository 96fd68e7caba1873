"""Column types: how Athena reads a column, and which JSON values are safe to store in it.

One value of a wrong type makes Athena's JSON SerDe fail the whole file, so a value goes into a
declared column only if `fits` says so. Null fits every type and is not asked about.

The same rule stands here twice: as a test of parsed JSON (`fits`), and as the type that msgspec's
parser checks by itself, ten times faster (`parsed`, with `sound` for what no type can say).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException, InvalidOperation
from operator import attrgetter
from typing import Annotated, Any, Union

import msgspec

Fits = Callable[[object], bool]
Sound = Callable[[list[Any]], bool]

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_DECIMAL_DIGITS, _DECIMAL_SCALE = 38, 12
_FINEST = Decimal(1).scaleb(-_DECIMAL_SCALE)
_READ = Context(prec=_DECIMAL_DIGITS, rounding=ROUND_HALF_UP, traps=[InvalidOperation])
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_PLAIN_LINES = re.compile(rb"(?:(?:null|-?[0-9]{1,26}(?:\.[0-9]{1,12})?)(?:\n|\Z))*")


class Type(msgspec.Struct, frozen=True):
    """A column type: its name in Hive's DDL, its test, and whether it holds other values.

    `sound`, unless it is None, is asked about values that the parser took for `parsed`, all at
    once and without nulls.
    """

    hive: str
    fits: Fits
    parsed: Any
    sound: Sound | None = None
    nested: bool = False
    wraps_scalar: bool = False
    """An array whose lone scalar the API may send bare; it is stored as an array of one."""
    unknown: Callable[[Any], Iterable[str]] = lambda _: ()
    """The paths, within a value that fits, of fields that no struct declares."""


def _is_string(value: object) -> bool:
    return type(value) is str


def _is_bigint(value: object) -> bool:
    return type(value) is int and _LOWEST <= value <= _HIGHEST


def _is_boolean(value: object) -> bool:
    return type(value) is bool


def _is_decimal(value: object) -> bool:
    """Whether decimal(38,12) can be read from the value. A finer one is rounded when it is read,
    which loses nothing that is stored; a larger one would be null without a word."""
    if type(value) not in (int, str, Decimal) or not _NUMBER.fullmatch(str(value)):
        return False
    try:
        return Decimal(value).quantize(_FINEST, context=_READ).is_finite()  # type: ignore[arg-type]
    except DecimalException:
        return False


def _are_plain_numbers(raws: list[Any]) -> bool:
    """Whether JSON texts are numbers of which nobody need look closer; text is none."""
    return _PLAIN_LINES.fullmatch(b"\n".join(raws)) is not None


def nullable(parsed: Any) -> Any:
    """The type that the parser takes for a value or null."""
    if parsed is msgspec.Raw:  # holds a null as it is
        return parsed
    return Union[parsed, None]  # noqa: UP007 - a type made at run time


STRING = Type("string", _is_string, str)
BIGINT = Type("bigint", _is_bigint, Annotated[int, msgspec.Meta(ge=_LOWEST, le=_HIGHEST)])
BOOLEAN = Type("boolean", _is_boolean, bool)
DECIMAL = Type(
    f"decimal({_DECIMAL_DIGITS},{_DECIMAL_SCALE})",
    _is_decimal,
    msgspec.Raw,
    sound=_are_plain_numbers,
)


def array(item: Type, *, wraps_scalar: bool = False) -> Type:
    """A JSON array of one type."""
    fits, sound = item.fits, item.sound

    def is_array(value: object) -> bool:
        return type(value) is list and all(x is None or fits(x) for x in value)

    def are_sound(values: list[Any]) -> bool:
        return sound is None or sound([x for value in values for x in value if x is not None])

    return Type(
        f"array<{item.hive}>",
        is_array,
        list[nullable(item.parsed)],  # type: ignore[misc]
        sound=are_sound if sound else None,
        nested=True,
        wraps_scalar=wraps_scalar,
        unknown=lambda value: _inside(item, value),
    )


def map_of(item: Type) -> Type:
    """A JSON object with open names and values of one type."""
    fits, sound = item.fits, item.sound

    def is_map(value: object) -> bool:
        return type(value) is dict and all(x is None or fits(x) for x in value.values())

    def are_sound(values: list[Any]) -> bool:
        inside = [x for value in values for x in value.values() if x is not None]
        return sound is None or sound(inside)

    return Type(
        f"map<string,{item.hive}>",
        is_map,
        dict[str, nullable(item.parsed)],  # type: ignore[misc]
        sound=are_sound if sound else None,
        nested=True,
        unknown=lambda value: _inside(item, value.values()),
    )


def _inside(item: Type, values: Iterable[Any]) -> Iterator[str]:
    return (path for value in values if value is not None for path in item.unknown(value))


def struct(**fields: Type) -> Type:
    """A JSON object of known fields, whose names SQL matches without case; further ones are
    stored too and stay invisible to SQL."""
    checks = {name: field.fits for name, field in fields.items()}
    sounds = [(attrgetter(name), field.sound) for name, field in fields.items() if field.sound]
    hive = ",".join(f"{name}:{field.hive}" for name, field in fields.items())

    def is_struct(value: object) -> bool:
        if type(value) is not dict:
            return False
        return all(
            x is None or (fits := checks.get(name.lower())) is None or fits(x)
            for name, x in value.items()
        )

    def are_sound(values: list[Any]) -> bool:
        for get, sound in sounds:
            inside = map(get, values)
            if not sound([x for x in inside if x is not None and x is not msgspec.UNSET]):
                return False
        return True

    def unknown(value: Mapping[str, Any]) -> Iterator[str]:
        for name, x in value.items():
            known = fields.get(name.lower())
            if known is None:
                yield f".{name}"
            elif x is not None:
                yield from (f".{name}{path}" for path in known.unknown(x))

    return Type(
        f"struct<{hive}>",
        is_struct,
        _parsed_struct(fields),
        sound=are_sound if sounds else None,
        nested=True,
        unknown=unknown,
    )


def _parsed_struct(fields: Mapping[str, Type]) -> Any:
    """A type that the parser fills from an object with these fields, or fewer, and no other."""
    absent = msgspec.UnsetType
    return msgspec.defstruct(
        "Parsed",
        [
            (name, Union[nullable(field.parsed), absent], msgspec.UNSET)  # noqa: UP007
            for name, field in fields.items()
        ],
        forbid_unknown_fields=True,
        gc=False,
    )
