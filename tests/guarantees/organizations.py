"""Worlds of several organizations behind one address, each with a key of its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from admin_double import AdminDouble, Neighbours, Organization
from tests.guarantees.world import NOW, ago


def key_of(name: str) -> str:
    return f"sk-ant-admin01-{name}"


def document(**keys: str) -> str:
    """The secret's text."""
    return json.dumps({"organizations": {name: {"api_key": key} for name, key in keys.items()}})


def documented(*names: str) -> str:
    """The secret's text with everybody's own key."""
    return document(**{name: key_of(name) for name in names})


@contextmanager
def neighbours(*names: str) -> Iterator[dict[str, AdminDouble]]:
    """An API for each name; a request is answered by the one whose key it has."""
    made = {}
    for seed, name in enumerate(names, 7):
        organization = Organization(seed=seed, users=5, workspaces=2, first_day=ago(400))
        made[name] = AdminDouble(organization, now=NOW)
        made[name].keys.clear()
        made[name].keys.add(key_of(name))
    with Neighbours(*made.values()):
        yield made
