"""Column types in three languages: Hive's (Glue), Trino's (Athena's views), DuckDB's (laptop)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TRINO = {"string": "varchar", "timestamp": "timestamp(3)", "int": "integer"}
_DUCKDB = {"string": "VARCHAR", "int": "INTEGER"}


@dataclass(frozen=True)
class Scalar:
    """A type without parts, such as `bigint` or `decimal(38,12)`."""

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
    """The type that Hive's DDL spells so."""
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
        raise ValueError(f"no Hive type: {hive}")
    return Scalar(hive)


def trino(hive: str) -> str:
    """The type in Trino's words, as Athena keeps it with a view."""
    return _trino(parse(hive))


def duckdb(hive: str) -> str:
    """The type in DuckDB's words."""
    return _duckdb(parse(hive))


def from_trino(name: str) -> str:
    """The Hive type of a view's column that is cast to this Trino type."""
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
        raise ValueError(f"no Hive type: {hive}")
    return hive[hive.index("<") + 1 : -1]


def _parts(text: str) -> list[str]:
    """What commas separate, brackets apart."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "<(") - (letter in ">)")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
