"""The columns of the younger lists and of Claude Enterprise are the fields of the official SDK."""

from collections.abc import Iterator
from pkgutil import resolve_name
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from .fakes import BY_NAME

pytestmark = pytest.mark.slow  # the SDK takes seconds to import

MODELS = {
    "service_accounts": "organization:ServiceAccount",
    "federation_issuers": "organization.federation:FederationIssuer",
    "federation_rules": "organization.federation:FederationRule",
    "rate_limits": "organization:OrganizationRateLimit",
    "workspace_rate_limits": "organization.workspaces:WorkspaceRateLimit",
    "spend_limits": "beta.organization:BetaSpendLimit",
    "external_keys": "organization:ExternalKey",
    "rbac_groups": "organization:RBACGroup",
    "rbac_group_members": "organization.rbac_groups:RBACGroupMember",
    "rbac_roles": "organization:RBACRole",
    "rbac_role_permissions": "organization.rbac_roles:RBACRolePermission",
    "enterprise_users": "organization:AnalyticsUserActivity",
    "enterprise_summaries": "organization.analytics_single_day_activity_summary:"
    "AnalyticsSingleDayActivitySummary",
    "enterprise_projects": "organization:AnalyticsProjectActivity",
    "enterprise_skills": "organization:AnalyticsSkillActivity",
    "enterprise_connectors": "organization:AnalyticsConnectorActivity",
    "enterprise_plugins": "organization:AnalyticsPluginActivity",
    "enterprise_artifacts": "organization:AnalyticsArtifactActivity",
}
"""Each table's type, in a module of `anthropic.types`."""
OLDER_VERSION = {"rbac_roles": {"name"}}
"""Fields that only version 2023-06-01 of the API sends."""
TYPES = {str: "string", int: "bigint", bool: "boolean", float: "decimal(38,12)"}


def fields_of(table: str) -> Iterator[tuple[str, Any]]:
    return fields(resolve_name(f"anthropic.types.{MODELS[table]}"))


def fields(model: type[BaseModel], place: str = "") -> Iterator[tuple[str, Any]]:
    """The fields of a type, those of nested types by their path; a list is a field."""
    for name, field in model.model_fields.items():
        yield from field_of(field.annotation, f"{place}{field.alias or name}")


def field_of(kind: Any, path: str) -> Iterator[tuple[str, Any]]:
    kinds = [one for one in alternatives(kind) if one is not type(None)]
    models = [one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)]
    for model in models:
        yield from fields(model, f"{path}.")
    if not models:
        yield path, kinds[0]


def alternatives(kind: Any) -> list[Any]:
    if get_origin(kind) is Annotated:
        return alternatives(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return [one for part in get_args(kind) for one in alternatives(part)]
    return [kind]


@pytest.mark.parametrize("name", MODELS)
def test_every_field_of_the_sdk_has_a_column_and_every_column_a_field(name: str) -> None:
    table = BY_NAME[name]
    ours = {*table.common, *(one.column for one in table.derived)} | OLDER_VERSION.get(name, set())
    declared = {column.path for column in table.columns if column.name not in ours}
    assert declared == {path for path, _ in fields_of(name)}


@pytest.mark.parametrize("name", MODELS)
def test_a_column_has_the_type_of_the_sdk_s_field(name: str) -> None:
    types = {column.path: column.type for column in BY_NAME[name].columns}
    for path, kind in fields_of(name):
        if get_origin(kind) is list:
            assert types[path].hive.startswith("array<")
        elif get_origin(kind) is dict:
            assert types[path].hive.startswith("map<")
        else:
            assert types[path].hive == TYPES.get(kind, "string"), path
