"""Cursors and lease as items of a DynamoDB table, changed only by conditional writes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from claude_admin_lake.errors import StateError, Superseded

from . import (
    CURSOR_FIELDS,
    Identity,
    Lease,
    cursor_from,
    cursor_texts,
    day_from,
    start_from,
    start_texts,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from claude_admin_lake.plan.cursor import Cursor
    from claude_admin_lake.plan.start import Start

_LEASE_KEY = "_lease"
_IDENTITY_KEY = "_identity"
_START_KEY = "_start"
_PROGRESS_KEY = "_load"
_SNAPSHOT_KEY = "_snapshot/"
_REFUSED = "ConditionalCheckFailedException"


class DynamoState:
    """An organization's state in the table `name`.

    Its partition key is `organization`, its sort key `table_name`, both strings.
    """

    def __init__(self, client: DynamoDBClient, name: str, organization: str) -> None:
        self._client, self._name, self._organization = client, name, organization

    def acquire(self, owner: str, now: datetime, expires: datetime) -> Lease | None:
        item = self._update(
            _LEASE_KEY,
            UpdateExpression="SET lease_owner = :owner, expires_at = :expires ADD fence :one",
            ConditionExpression="attribute_not_exists(expires_at) OR expires_at < :now"
            " OR lease_owner = :owner",  # a killed attempt, or a lost response
            ExpressionAttributeValues={
                ":owner": {"S": owner},
                ":expires": {"N": str(expires.timestamp())},
                ":now": {"N": str(now.timestamp())},
                ":one": {"N": "1"},
            },
            ReturnValues="ALL_NEW",
        )
        return Lease(owner, int(item["fence"]["N"]), expires) if item else None

    def release(self, lease: Lease) -> None:
        self._update(
            _LEASE_KEY,
            UpdateExpression="SET expires_at = :free",
            ConditionExpression="fence = :fence",
            ExpressionAttributeValues={":free": {"N": "0"}, ":fence": {"N": str(lease.fence)}},
        )

    def identity(self) -> Identity | None:
        item = self._item(_IDENTITY_KEY)
        if not item:
            return None
        found = item.get("id", {}).get("S")
        if not found:
            raise StateError(f"the item {_IDENTITY_KEY!r} names no organization; delete it")
        return Identity(found, item.get("name", {}).get("S"))

    def record(self, identity: Identity, lease: Lease) -> None:
        name = {"NULL": True} if identity.name is None else {"S": identity.name}
        self._keep(_IDENTITY_KEY, {"id": {"S": identity.id}, "name": name}, lease)

    def start(self) -> Start | None:
        item = self._item(_START_KEY)
        return start_from({name: value.get("S") for name, value in item.items()})

    def keep_start(self, start: Start, lease: Lease) -> None:
        attributes = {name: {"S": text} for name, text in start_texts(start).items()}
        self._keep(_START_KEY, attributes, lease)

    def read_day(self, table: str) -> date | None:
        return day_from(self._item(_SNAPSHOT_KEY + table).get("day", {}).get("S"))

    def keep_read_day(self, table: str, day: date, lease: Lease) -> None:
        self._keep(_SNAPSHOT_KEY + table, {"day": {"S": str(day)}}, lease)

    def _keep(self, key: str, attributes: Mapping[str, Any], lease: Lease) -> None:
        """Replace attributes of an item, unless a newer run has done so."""
        attributes = {**attributes, "fence": {"N": str(lease.fence)}}
        kept = self._update(
            key,
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
            ConditionExpression="attribute_not_exists(#fence) OR #fence <= :fence",
            ExpressionAttributeNames={f"#{name}": name for name in attributes},
            ExpressionAttributeValues={f":{name}": value for name, value in attributes.items()},
            ReturnValues="ALL_NEW",
        )
        if not kept:
            raise Superseded(f"another run has stored {key.strip('_')}")

    def progress(self) -> dict[str, Any] | None:
        """The latest load's progress, for the event about its end."""
        item = self._item(_PROGRESS_KEY)
        try:
            found: dict[str, Any] = json.loads(item["progress"]["S"])
        except (KeyError, ValueError, RecursionError):
            return None
        return found

    def keep_progress(self, progress: Mapping[str, Any]) -> None:
        """Replace the latest load's progress."""
        self._update(
            _PROGRESS_KEY,
            UpdateExpression="SET progress = :progress",
            ExpressionAttributeValues={":progress": {"S": json.dumps(progress)}},
        )

    def cursor(self, table: str) -> Cursor:
        return _cursor_of(table, self._item(table))

    def move(self, table: str, cursor: Cursor, lease: Lease, *, back: bool = False) -> None:
        attributes = _attributes_of(cursor) | {"fence": {"N": str(lease.fence)}}
        dropped = [name for name in CURSOR_FIELDS if name not in attributes]
        remove = f" REMOVE {', '.join(f'#{n}' for n in dropped)}" if dropped else ""
        forward = "" if back else f" AND {_forward(cursor)}"
        moved = self._update(
            table,
            UpdateExpression="SET " + ", ".join(f"#{n} = :{n}" for n in attributes) + remove,
            ConditionExpression=f"(attribute_not_exists(#fence) OR #fence <= :fence){forward}",
            ExpressionAttributeNames={f"#{name}": name for name in [*attributes, *dropped]},
            ExpressionAttributeValues={f":{name}": value for name, value in attributes.items()},
            ReturnValues="ALL_NEW",
        )
        if not moved:
            raise Superseded(f"another run has moved the cursor of {table} beyond {cursor.date}")

    def _item(self, key: str) -> Mapping[str, Any]:
        """The stored item, or an empty one."""
        try:
            answer = self._client.get_item(
                TableName=self._name, Key=self._key(key), ConsistentRead=True
            )
        except (ClientError, BotoCoreError) as error:
            raise self._trouble("read", error) from error
        return answer.get("Item", {})

    def _update(self, key: str, **how: Any) -> Mapping[str, Any]:
        """The item after the update; empty if the condition failed."""
        try:
            answer = self._client.update_item(TableName=self._name, Key=self._key(key), **how)
        except ClientError as error:
            if error.response["Error"]["Code"] == _REFUSED:
                return {}
            raise self._trouble("write", error) from error
        except BotoCoreError as error:
            raise self._trouble("write", error) from error
        return answer.get("Attributes", {})

    def _key(self, name: str) -> dict[str, Any]:
        return {"organization": {"S": self._organization}, "table_name": {"S": name}}

    def _trouble(self, action: str, error: Exception) -> StateError:
        hint = ""
        if isinstance(error, ClientError) and "schema" in str(error):
            hint = (
                "; its keys must be organization and table_name (a table of version 1 has others)"
            )
        return StateError(f"cannot {action} the cursor table {self._name!r}: {error}{hint}")


def _forward(cursor: Cursor) -> str:
    """The condition that a cursor does not go back."""
    unset = "attribute_not_exists(#date)"
    return f"({unset} OR #date <= :date)" if cursor.date else unset


def _attributes_of(cursor: Cursor) -> dict[str, Any]:
    return {name: {"S": text} for name, text in cursor_texts(cursor).items()}


def _cursor_of(table: str, item: Mapping[str, Any]) -> Cursor:
    stored = {name: item[name] for name in CURSOR_FIELDS if name in item}
    return cursor_from(table, {name: value.get("S", value) for name, value in stored.items()})
