"""Column types in three dialects: Hive (Glue), Trino (Athena views) and DuckDB (laptop)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TRINO = {"string": "varchar", "timestamp": "timestamp(3)", "int": "integer"}
_DUCKDB = {"string": "VARCHAR", "int": "INTEGER"}


@dataclass(frozen=True)
class Scalar:
    """A scalar type, such as `bigint` or `decimal(38,12)`."""

    name: str


@dataclass(frozen=True)
class Array:
    """`array<item>`."""

    item: Type


@dataclass(frozen=True)
class Map:
    """`map<string,value>`."""

    value: Type


@dataclass(frozen=True)
class Struct:
    """`struct<name:type,…>`."""

    fields: tuple[tuple[str, Type], ...]


Type = Scalar | Array | Map | Struct


def parse(hive: str) -> Type:
    """Parse a type in Hive's notation."""
    if hive.startswith("array<"):
        return Array(parse(_inside(hive)))
    if hive.startswith("map<"):
        key, value = _parts(_inside(hive))
        if key != "string":
            raise ValueError(f"a map's keys are strings, not {key}")
        return Map(parse(value))
    if hive.startswith("struct<"):
        pairs = [part.partition(":") for part in _parts(_inside(hive))]
        return Struct(tuple((name, parse(of)) for name, _, of in pairs))
    if not re.fullmatch(r"[a-z]+(\(\d+(,\d+)?\))?", hive):
        raise ValueError(f"not a Hive type: {hive}")
    return Scalar(hive)


def trino(hive: str) -> str:
    """Convert a Hive type to Trino's notation, which Athena stores in a view."""
    return _trino(parse(hive))


def duckdb(hive: str) -> str:
    """Convert a Hive type to DuckDB's notation."""
    return _duckdb(parse(hive))


def from_trino(name: str) -> str:
    """Return the Hive type of a view column that is cast to this Trino type."""
    return {"varchar": "string"}.get(name, name)


def _trino(of: Type) -> str:
    match of:
        case Array(item):
            return f"array({_trino(item)})"
        case Map(value):
            return f"map(varchar, {_trino(value)})"
        case Struct(fields):
            return f"row({', '.join(f'{name} {_trino(one)}' for name, one in fields)})"
        case Scalar(name):
            return _TRINO.get(name, name)


def _duckdb(of: Type) -> str:
    match of:
        case Array(item):
            return f"{_duckdb(item)}[]"
        case Map(value):
            return f"MAP(VARCHAR, {_duckdb(value)})"
        case Struct(fields):
            inside = ", ".join(f'"{name}" {_duckdb(one)}' for name, one in fields)
            return f"STRUCT({inside})"
        case Scalar(name):
            return _DUCKDB.get(name, name.upper())


def _inside(hive: str) -> str:
    if not hive.endswith(">"):
        raise ValueError(f"not a Hive type: {hive}")
    return hive[hive.index("<") + 1 : -1]


def _parts(text: str) -> list[str]:
    """Split at commas outside brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "<(") - (letter in ">)")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
