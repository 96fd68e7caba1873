"""JSON for tests: trees that can be spoilt, and texts that write one tree in many ways."""

import json
from dataclasses import dataclass, field

from hypothesis import strategies as st

from claude_admin_lake.records.layout import decode_value


@dataclass(frozen=True)
class Text:
    """JSON text that stands for a value as it is: a number digit for digit, or nonsense."""

    text: str


@dataclass
class Obj:
    """A JSON object whose names may come twice."""

    pairs: list = field(default_factory=list)

    @classmethod
    def nested(cls, values: dict):
        """The object that has the values at their dotted paths."""
        tree: dict = {}
        for path, value in values.items():
            *parents, leaf = path.split(".")
            place = tree
            for parent in parents:
                place = place.setdefault(parent, {})
            place[leaf] = value
        return cls._of(tree)

    @classmethod
    def _of(cls, tree: dict):
        return cls([(k, cls._of(v) if isinstance(v, dict) else v) for k, v in tree.items()])


def objects_in(tree) -> list[Obj]:
    """Every object of a tree, itself first."""
    if isinstance(tree, Obj):
        return [tree, *(inner for _, value in tree.pairs for inner in objects_in(value))]
    return [inner for value in tree for inner in objects_in(value)] if type(tree) is list else []


def lists_in(tree) -> list[list]:
    if isinstance(tree, Obj):
        return [inner for _, value in tree.pairs for inner in lists_in(value)]
    return [tree, *(inner for x in tree for inner in lists_in(x))] if type(tree) is list else []


@dataclass(frozen=True)
class Style:
    """How a text is written: what stands between tokens, and whether letters are escaped."""

    space: str = ""
    escaped: bool = False

    def write(self, tree) -> str:
        if isinstance(tree, Obj):
            return self._join("{}", (f"{self._string(k)}{self._colon}{self.write(v)}"
                                     for k, v in tree.pairs))  # fmt: skip
        if type(tree) is list:
            return self._join("[]", map(self.write, tree))
        if isinstance(tree, Text):
            return tree.text
        return self._string(tree) if isinstance(tree, str) else json.dumps(tree)

    @property
    def _colon(self) -> str:
        return f"{self.space}:{self.space}"

    def _join(self, ends: str, parts) -> str:
        inside = f"{self.space},{self.space}".join(parts)
        return f"{ends[0]}{self.space}{inside}{self.space}{ends[1]}"

    def _string(self, text: str) -> str:
        if not self.escaped:
            return json.dumps(text, ensure_ascii=False)
        units = text.encode("utf-16-be").hex()
        return '"' + "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)) + '"'


STYLES = st.builds(Style, st.sampled_from(["", " ", "\n\t \r"]), st.booleans())
TEXTS = st.one_of(st.text(max_size=4), st.sampled_from(['"\\', "\n\u2028\x00", "Zoë 🦆", "5"]))

# What decimal(38,12) holds to the last digit, written without an exponent.
DECIMALS = st.one_of(
    st.integers(-(10**26) + 1, 10**26 - 1),
    st.builds("{}.{:012d}".format, st.integers(-(10**26) + 1, 10**26 - 1),
              st.integers(0, 10**12 - 1)).map(Text),
    st.sampled_from(["1.10", "0.0", "-0", "-0.0", "0.000000000001", "100.0"]).map(Text),
)  # fmt: skip


def of_type(hive: str) -> st.SearchStrategy:
    """Values that a column of a Hive type holds; null too, inside others."""
    scalars = {
        "string": TEXTS,
        "bigint": st.one_of(st.integers(-5, 5), st.integers(-(2**63), 2**63 - 1)),
        "boolean": st.booleans(),
        "decimal(38,12)": DECIMALS,
    }
    if hive in scalars:
        return scalars[hive]
    kind, inside = hive.removesuffix(">").split("<", 1)
    if kind == "array":
        return st.lists(st.none() | of_type(inside), max_size=2)
    if kind == "map":
        item = st.none() | of_type(inside.removeprefix("string,"))
        names = st.one_of(TEXTS, st.just("edit_tool"))
        return st.dictionaries(names, item, max_size=2).map(lambda made: Obj([*made.items()]))
    assert kind == "struct"
    fields = dict(one.split(":", 1) for one in parts(inside))
    values = {name: st.none() | of_type(one) for name, one in fields.items()}
    return st.fixed_dictionaries({}, optional=values).map(lambda made: Obj([*made.items()]))


def parts(inside: str) -> list[str]:
    """The text cut at the commas that are in no brackets."""
    found, depth = [""], 0
    for letter in inside:
        depth += (letter in "<(") - (letter in ">)")
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return found


ODD_VALUES = st.sampled_from([
    None, True, False, 0, 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 10**40,
    *map(Text, ["1.0", "-0", "-0.0", "1e3", "25E-2", "1.5", "1.0000000000000000", "1E-13",
                "1E+26", "1E+400", "0.1234567890123",
                "9" * 27 + ".5", "9223372036854775807.0", "1e-99999", "9" * 5000]),
    "", "5", "true", "null", "USD", "EUR", "NaN", "sNaN", "-Infinity", "1.10", "1_000", " 1", "1\n",
    "٣", "1e40", "0.00000000001", "1e3", "1.0000000000001", "9" * 39, "unrestricted", "2026-11-02",
    "2026-11-01", "2026-11-02T00:00:00Z",
    [], [None], ["us", 5], [[]], [Obj()], [Obj([("amount", "1_000")])],
    Obj(), Obj([("zzz", 1)]), Obj([("a", None)]), Obj([("a", Obj([("b", Text("1.10"))]))]),
    Obj([("type", Obj([("type", "x")]))]),
    *map(Text, ['"\\ud800"', '"\x01"', "NaN", "01", "1.", "-", "+1"]),
    *map(Text, ["tru", ""]),
])  # fmt: skip


def holds(of, text: bytes) -> bool:
    """Whether a column of a type can hold a JSON text; Athena passes over a struct's new fields."""
    for path in set(of.unknown(decode_value(text))) if of.nested else ():
        of = of.with_unknown(path)
    return of.fits(text)
