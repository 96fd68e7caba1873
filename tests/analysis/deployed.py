"""The catalog as CloudFormation would leave it in Glue: enough of its functions, and moto."""

import base64
import re
from pathlib import Path
from typing import Any

from claude_admin_lake.catalog.resources import DATABASE, resources

STACK = "claude-admin-lake"
NAMES = {
    "LakeBucket": "some-bucket", "LakePrefix": "lake/", "StackName": STACK,
    "Organizations": "main,research,former",
}  # fmt: skip


def deploy(glue: Any) -> str:
    """Create the database and its tables by the Glue API; the database's name."""
    names = dict(NAMES)
    made = resources()
    wanted = resolve(made[DATABASE]["Properties"]["DatabaseInput"], names)
    glue.create_database(DatabaseInput=wanted)
    names[DATABASE] = wanted["Name"]
    for one in made.values():
        if one["Type"] == "AWS::Glue::Table":
            table = resolve(one["Properties"]["TableInput"], names)
            glue.create_table(DatabaseName=wanted["Name"], TableInput=table)
    return str(wanted["Name"])


def resolve(value: Any, names: dict[str, str]) -> Any:
    """A template's value with its functions applied."""
    if isinstance(value, list):
        return [resolve(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name in FUNCTIONS:
            return FUNCTIONS[name](argument, names)
    return {key: resolve(one, names) for key, one in value.items()}


def _sub(argument: Any, names: dict[str, str]) -> str:
    text, own = (argument, {}) if isinstance(argument, str) else argument
    known = names | {key: resolve(one, names) for key, one in own.items()}
    filled = re.sub(r"\$\{([^!}][^}]*)\}", lambda found: known[found[1]], text)
    return filled.replace("${!", "${")


def _split(argument: Any, names: dict[str, str]) -> list[str]:
    return str(resolve(argument[1], names)).split(argument[0])


FUNCTIONS = {
    "Ref": lambda argument, names: names[argument],
    "Fn::Sub": _sub,
    "Fn::Split": _split,
    "Fn::Join": lambda argument, names: argument[0].join(resolve(argument[1], names)),
    "Fn::Base64": lambda argument, names: base64.b64encode(
        resolve(argument, names).encode()
    ).decode(),
}


def objects_in(folder: Path) -> Any:
    """The bucket's objects, from a folder that stands for what is below its prefix."""

    def get(place: str) -> list[tuple[str, bytes]]:
        below = folder / place.removeprefix("s3://some-bucket/lake/")
        return [(one.name, one.read_bytes()) for one in sorted(below.glob("*")) if one.is_file()]

    return get
