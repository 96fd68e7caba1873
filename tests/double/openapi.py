"""Validates requests and responses against the OpenAPI file."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

SPEC = Path(__file__).parent.parent / "admin-api.openapi.json"
READ = {"integer": json.loads, "boolean": json.loads}
CREDENTIALS = ("x-api-key", "authorization")

formats = FormatChecker()


class BrokenContract(AssertionError):
    """A request or a response does not match the OpenAPI file."""


@formats.checks("date-time", raises=ValueError)
def _is_moment(text: object) -> bool:
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None


def validate_response(path: str, body: Any, status: int = 200) -> None:
    """Raise BrokenContract unless the decoded body is a valid response of this path."""
    responses = _operation("GET", path)["responses"]
    answer = responses["200"] if status == 200 else responses[f"{status // 100}XX"]
    _check(body, answer["content"]["application/json"]["schema"], f"{path} answered {status}")


def validate_request(
    method: str, path: str, query: Iterable[tuple[str, str]], headers: Mapping[str, str]
) -> None:
    """Raise BrokenContract unless the API would accept this request."""
    parameters = _parameters(_operation(method, path))
    query = list(query)
    for name, count in Counter(name for name, _ in query).items():
        declared = parameters.get(("query", name))
        _require(declared is not None, f"{path} has no parameter {name}")
        _require(count == 1 or declared["schema"]["type"] == "array", f"{name} is given twice")
    sent = {name.lower(): value for name, value in headers.items()}
    for (place, name), declared in parameters.items():
        given = [v for n, v in query if n == name] if place == "query" else _listed(sent.get(name))
        _require(place == "path" or given or not declared["required"], f"{name} is missing")
        if given:
            _check(_read(declared["schema"], given), declared["schema"], name)
    _require(sum(name in sent for name in CREDENTIALS) == 1, "exactly one credential is needed")


def _listed(value: str | None) -> list[str]:
    return [] if value is None else [value]


def _read(schema: Mapping[str, Any], given: Sequence[str]) -> Any:
    if schema["type"] == "array":
        return list(given)
    try:
        return READ.get(schema["type"], str)(given[0])
    except ValueError:
        return given[0]


def _check(value: Any, schema: Mapping[str, Any], what: str) -> None:
    whole = {**schema, "components": spec()["components"]}
    validator = Draft202012Validator(whole, format_checker=formats)
    problems = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
    _require(not problems, f"{what}: {'; '.join(problems[:5])}")


def _require(true: object, otherwise: str) -> None:
    if not true:
        raise BrokenContract(otherwise)


def _operation(method: str, path: str) -> Mapping[str, Any]:
    for template, operations in spec()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            _require(method.lower() in operations, f"{path} has no {method}")
            return operations[method.lower()]
    raise BrokenContract(f"{path} is not a path of the API")


def _parameters(operation: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    shared = spec()["components"]["parameters"]
    resolved = [
        shared[p["$ref"].rsplit("/")[-1]] if "$ref" in p else p for p in operation["parameters"]
    ]
    return {(parameter["in"], parameter["name"]): parameter for parameter in resolved}


@cache
def spec() -> Any:
    """The file, extended by responses that the API is known to send but does not document."""
    loaded = json.loads(SPEC.read_text("utf-8"))
    record = _items(loaded, "/v1/organizations/usage_report/claude_code")
    record["required"].remove("is_remote")
    breakdown = record["properties"]["model_breakdown"]["items"]["properties"]
    breakdown["estimated_cost"]["properties"]["amount"] = {"type": "number"}
    principal = _items(loaded, "/v1/organizations/api_keys")["properties"]["principal"]
    principal["anyOf"].append({"type": "object", "required": ["id", "type"]})
    return loaded


def _items(loaded: Any, path: str) -> Any:
    schema = loaded["paths"][path]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    return schema["properties"]["data"]["items"]
