"""Column types: how Athena reads a column, and which JSON values are safe to store in it.

One value of a wrong type makes Athena's JSON SerDe fail the whole file, so a value goes into a
declared column only if `fits` says so. Null fits every type and is not asked about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation

Fits = Callable[[object], bool]

_BIGINT = range(-(2**63), 2**63)
_DECIMAL_DIGITS, _DECIMAL_SCALE = 38, 12
_FINEST = Decimal(1).scaleb(-_DECIMAL_SCALE)
_EXACT = Context(prec=_DECIMAL_DIGITS, traps=[InvalidOperation, Inexact])


@dataclass(frozen=True)
class Type:
    """A column type: its name in Hive's DDL, its test, and whether it holds other values."""

    hive: str
    fits: Fits
    nested: bool = False
    wraps_scalar: bool = False
    """An array whose lone scalar the API may send bare; it is stored as an array of one."""


def _is_string(value: object) -> bool:
    return type(value) is str


def _is_bigint(value: object) -> bool:
    return type(value) is int and value in _BIGINT


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


STRING = Type("string", _is_string)
BIGINT = Type("bigint", _is_bigint)
BOOLEAN = Type("boolean", _is_boolean)
DECIMAL = Type(f"decimal({_DECIMAL_DIGITS},{_DECIMAL_SCALE})", _is_decimal)


def array(item: Type, *, wraps_scalar: bool = False) -> Type:
    """A JSON array of one type."""
    fits = item.fits

    def is_array(value: object) -> bool:
        return type(value) is list and all(x is None or fits(x) for x in value)

    return Type(f"array<{item.hive}>", is_array, nested=True, wraps_scalar=wraps_scalar)


def map_of(item: Type) -> Type:
    """A JSON object with open names and values of one type."""
    fits = item.fits

    def is_map(value: object) -> bool:
        return type(value) is dict and all(x is None or fits(x) for x in value.values())

    return Type(f"map<string,{item.hive}>", is_map, nested=True)


def struct(**fields: Type) -> Type:
    """A JSON object of known fields, whose names SQL matches without case; further ones are
    stored too and stay invisible to SQL."""
    checks = {name: field.fits for name, field in fields.items()}
    hive = ",".join(f"{name}:{field.hive}" for name, field in fields.items())

    def is_struct(value: object) -> bool:
        if type(value) is not dict:
            return False
        return all(
            x is None or (fits := checks.get(name.lower())) is None or fits(x)
            for name, x in value.items()
        )

    return Type(f"struct<{hive}>", is_struct, nested=True)
