"""Column types: how Athena reads a column, and which JSON values are safe to store in it.

One value of a wrong type makes Athena's JSON SerDe fail the whole file, so a value goes into a
declared column only if `fits` says so. Null fits every type and is not asked about.

The same rule stands here twice: as a test of parsed JSON (`fits`), and as the type that msgspec's
parser checks by itself, ten times faster (`parsed`, with `sound` for what no type can say).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from typing import Annotated, Any, Union

import msgspec

Fits = Callable[[object], bool]

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_DECIMAL_DIGITS, _DECIMAL_SCALE = 38, 12
_FINEST = Decimal(1).scaleb(-_DECIMAL_SCALE)
_EXACT = Context(prec=_DECIMAL_DIGITS, traps=[InvalidOperation, Inexact])


@dataclass(frozen=True)
class Type:
    """A column type: its name in Hive's DDL, its test, and whether it holds other values.

    `sound` is asked about a value that the parser took for `parsed`, unless it is None.
    """

    hive: str
    fits: Fits
    parsed: Any
    sound: Fits | None = None
    nested: bool = False
    wraps_scalar: bool = False
    """An array whose lone scalar the API may send bare; it is stored as an array of one."""


def _is_string(value: object) -> bool:
    return type(value) is str


def _is_bigint(value: object) -> bool:
    return type(value) is int and _LOWEST <= value <= _HIGHEST


def _is_boolean(value: object) -> bool:
    return type(value) is bool


def _is_decimal(value: object) -> bool:
    """Whether decimal(38,12) holds the value exactly; a larger or finer one would be cut."""
    if type(value) not in (int, str, Decimal):
        return False
    try:
        number = _EXACT.create_decimal(value)  # type: ignore[arg-type]
        return number.quantize(_FINEST, context=_EXACT).is_finite()
    except DecimalException:
        return False


def _nullable(parsed: Any) -> Any:
    return Union[parsed, None]  # noqa: UP007 - a type made at run time


STRING = Type("string", _is_string, str)
BIGINT = Type("bigint", _is_bigint, Annotated[int, msgspec.Meta(ge=_LOWEST, le=_HIGHEST)])
BOOLEAN = Type("boolean", _is_boolean, bool)
DECIMAL = Type(
    f"decimal({_DECIMAL_DIGITS},{_DECIMAL_SCALE})", _is_decimal, Decimal, sound=_is_decimal
)


def _all_sound(sound: Fits | None, values: Iterable[object]) -> bool:
    """A loop and not `all`: this is done for every record, and a generator takes twice as long."""
    for x in values:  # noqa: SIM110
        if x is not None and sound and not sound(x):
            return False
    return True


def array(item: Type, *, wraps_scalar: bool = False) -> Type:
    """A JSON array of one type."""
    fits, sound = item.fits, item.sound

    def is_array(value: object) -> bool:
        return type(value) is list and all(x is None or fits(x) for x in value)

    def is_sound(value: Any) -> bool:
        return _all_sound(sound, value)

    return Type(
        f"array<{item.hive}>",
        is_array,
        list[_nullable(item.parsed)],  # type: ignore[misc]
        sound=is_sound if sound else None,
        nested=True,
        wraps_scalar=wraps_scalar,
    )


def map_of(item: Type) -> Type:
    """A JSON object with open names and values of one type."""
    fits, sound = item.fits, item.sound

    def is_map(value: object) -> bool:
        return type(value) is dict and all(x is None or fits(x) for x in value.values())

    def is_sound(value: Any) -> bool:
        return _all_sound(sound, value.values())

    return Type(
        f"map<string,{item.hive}>",
        is_map,
        dict[str, _nullable(item.parsed)],  # type: ignore[misc]
        sound=is_sound if sound else None,
        nested=True,
    )


def struct(**fields: Type) -> Type:
    """A JSON object of known fields, whose names SQL matches without case; further ones are
    stored too and stay invisible to SQL."""
    checks = {name: field.fits for name, field in fields.items()}
    sounds = [(name, field.sound) for name, field in fields.items() if field.sound]
    hive = ",".join(f"{name}:{field.hive}" for name, field in fields.items())

    def is_struct(value: object) -> bool:
        if type(value) is not dict:
            return False
        return all(
            x is None or (fits := checks.get(name.lower())) is None or fits(x)
            for name, x in value.items()
        )

    def is_sound(value: Any) -> bool:
        for name, sound in sounds:
            x = getattr(value, name)
            if x is not None and x is not msgspec.UNSET and not sound(x):
                return False
        return True

    parsed = msgspec.defstruct(
        "Parsed",
        [
            (name, Union[field.parsed, None, msgspec.UnsetType], msgspec.UNSET)  # noqa: UP007
            for name, field in fields.items()
        ],
        forbid_unknown_fields=True,
    )
    return Type(
        f"struct<{hive}>", is_struct, parsed, sound=is_sound if sounds else None, nested=True
    )
