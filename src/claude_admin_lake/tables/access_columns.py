"""The columns of the access lists: who and what may use the organization, and how much.

Sources: the official Python SDK 2.13.0 and the Admin API reference, 2026-11.
"""

from .columns import Column, Columns
from .types import BIGINT, BOOLEAN, DECIMAL, STRING, array, map_of, struct


def _audited(thing: str) -> Columns:
    return (
        Column("created_at", STRING, f"When the {thing} was created, RFC 3339"),
        Column("created_by_actor_id", STRING, "User or service account that created it"),
        Column("updated_at", STRING, f"When the {thing} was last updated, RFC 3339"),
        Column("updated_by_actor_id", STRING, "User or service account that last updated it"),
        Column("archived_at", STRING, "When it was archived, RFC 3339; null while active"),
        Column("archived_by_actor_id", STRING, "User or service account that archived it"),
    )


SERVICE_ACCOUNTS: Columns = (
    Column("id", STRING, "Service account", essential=True),
    Column("type", STRING, "Always service_account"),
    Column("name", STRING, "Name, chosen by an admin"),
    Column("description", STRING, "Description"),
    Column("organization_role", STRING, "Role in the organization: admin or developer"),
    *_audited("account"),
)

FEDERATION_ISSUERS: Columns = (
    Column("id", STRING, "Issuer of identity tokens", essential=True),
    Column("type", STRING, "Always federation_issuer"),
    Column("name", STRING, "Name, chosen by an admin"),
    Column("issuer_url", STRING, "The iss claim that tokens must have"),
    Column("jwks.type", STRING, "Source of signing keys: discovery, explicit_url or inline"),
    Column("jwks.discovery_base", STRING, "Base of discovery, if not issuer_url"),
    Column("jwks.url", STRING, "Address of the keys, for explicit_url"),
    Column("jwks.ca_cert_pem", STRING, "CA certificate for fetching the keys"),
    Column(
        "jwks.keys",
        array(
            struct(
                kty=STRING,
                kid=STRING,
                use=STRING,
                alg=STRING,
                key_ops=array(STRING),
                n=STRING,
                e=STRING,
                crv=STRING,
                x=STRING,
                y=STRING,
                x5c=array(STRING),
                x5t=STRING,
                x5u=STRING,
            )
        ),
        "The public keys, for inline",
    ),
    Column("check_jti", BOOLEAN, "Whether a token with a jti can be used only once"),
    Column("max_jwt_lifetime_seconds", BIGINT, "Longest token lifetime that is accepted"),
    Column("jwks_polling_disabled_at", STRING, "When fetching keys was paused after failures"),
    Column("poll_status.consecutive_failures", BIGINT, "Failed fetches since the last success"),
    Column("poll_status.last_fetched_at", STRING, "When the keys were last fetched, RFC 3339"),
    Column("poll_status.next_poll_at", STRING, "When they will be fetched next; null if paused"),
    *_audited("issuer"),
)

FEDERATION_RULES: Columns = (
    Column("id", STRING, "Rule that admits identity tokens", essential=True),
    Column("type", STRING, "Always federation_rule"),
    Column("name", STRING, "Name, chosen by an admin"),
    Column("description", STRING, "Description"),
    Column("issuer_id", STRING, "Issuer of the tokens"),
    Column("issuer_name", STRING, "Name of the issuer"),
    Column("match.audience", STRING, "The aud claim that tokens must have"),
    Column("match.claims", map_of(STRING), "Claims that tokens must have, by name"),
    Column("match.condition", STRING, "Expression that tokens must satisfy"),
    Column("match.subject_prefix", STRING, "How the sub claim of tokens must begin"),
    Column("oauth_scope", STRING, "Granted scopes, separated by spaces"),
    Column("target.type", STRING, "Kind of granted identity: service_account"),
    Column("target.service_account_id", STRING, "Granted service account"),
    Column("target.service_account_name", STRING, "Name of the service account"),
    Column("token_lifetime_seconds", BIGINT, "Longest lifetime of granted tokens"),
    Column("applies_to_all_workspaces", BOOLEAN, "Whether the rule applies to all workspaces"),
    Column("workspace_ids", array(STRING), "Workspaces to which the rule applies, if not to all"),
    *_audited("rule"),
)

_GROUP: Columns = (
    Column("group.id", STRING, "Rate limit group"),
    Column("group.type", STRING, "model_group, batch, token_count, files, skills or web_search"),
    Column("group.display_name", STRING, "Name of the group, for model_group"),
    Column("models", array(STRING), "Models that share the limits; null if not a model_group"),
)

RATE_LIMITS: Columns = (
    Column("id", STRING, "Rate limit entry of the organization"),
    Column("type", STRING, "Always rate_limit"),
    *_GROUP,
    Column(
        "limits",
        array(struct(type=STRING, value=BIGINT)),
        "Limits, such as requests per minute",
        essential=True,
    ),
)

WORKSPACE_RATE_LIMITS: Columns = (
    Column("type", STRING, "Always workspace_rate_limit"),
    Column("rate_limit_id", STRING, "Entry in rate_limits that this overrides"),
    Column("workspace_id", STRING, "Workspace"),
    *_GROUP,
    Column(
        "limits",
        array(
            struct(type=STRING, value=BIGINT, org_limit=BIGINT, source=struct(type=STRING)),
        ),
        "Overridden limits with the organization's values; limits not listed are inherited",
        essential=True,
    ),
)

SPEND_LIMITS: Columns = (
    Column("id", STRING, "Spend limit", essential=True),
    Column("type", STRING, "Always spend_limit"),
    Column("amount", STRING, "Limit in cents, as the API's string; null means unlimited"),
    Column("currency", STRING, "Currency of amount"),
    Column("is_enabled", BOOLEAN, "Whether the limit is enforced"),
    Column("period", STRING, "daily, weekly or monthly"),
    Column("scope.type", STRING, "What is limited, such as organization, workspace or user"),
    Column("scope.service", STRING, "Service, for organization_service"),
    Column("scope.rbac_group_id", STRING, "Group, for rbac_group"),
    Column("scope.seat_tier", STRING, "Seat tier, for seat_tier"),
    Column("scope.user_id", STRING, "User, for user"),
    Column("scope.workspace_id", STRING, "Workspace, for workspace"),
    Column("created_at", STRING, "When the limit was created, RFC 3339"),
    Column("updated_at", STRING, "When the limit was last updated, RFC 3339"),
    Column("amount_usd", DECIMAL, "Limit in US dollars, exact; null means unlimited"),
)

EXTERNAL_KEYS: Columns = (
    Column(
        "id", STRING, "Configuration of a customer-managed key, or the key's ARN", essential=True
    ),
    Column("type", STRING, "Always external_key"),
    Column("display_name", STRING, "Name"),
    Column("geo", STRING, "Region of data residency in which the key is used"),
    Column("provider_config.type", STRING, "Where the key is managed: aws, gcp or azure"),
    Column("provider_config.kms_arn", STRING, "ARN of the key, for aws"),
    Column("provider_config.region", STRING, "Region of the key, for aws"),
    Column("provider_config.key_name", STRING, "Name of the key, for gcp and azure"),
    Column("provider_config.tenant_id", STRING, "Tenant, for azure"),
    Column("provider_config.vault_uri", STRING, "Vault, for azure"),
    Column("provider_config.client_id", STRING, "Application, for azure"),
    Column("attachment.type", STRING, "attached if a workspace encrypts with it, else unattached"),
    Column("user_profile_id", STRING, "User profile to which the key is bound"),
    Column("created_at", STRING, "When it was created, RFC 3339"),
    Column("updated_at", STRING, "When it was last updated, RFC 3339"),
)

RBAC_GROUPS: Columns = (
    Column("id", STRING, "Group", essential=True),
    Column("type", STRING, "Always rbac_group"),
    Column("name", STRING, "Name; several groups may have the same"),
    Column("role_ids", array(STRING), "Roles of the group; null while the API cannot tell"),
    Column("source_type", STRING, "direct, or scim if the identity provider manages it"),
    Column("created_at", STRING, "When the group was created, RFC 3339"),
    Column("updated_at", STRING, "When the group was last updated, RFC 3339"),
)

RBAC_GROUP_MEMBERS: Columns = (
    Column("type", STRING, "Always rbac_group_member"),
    Column("rbac_group_id", STRING, "Group"),
    Column("user_id", STRING, "User", essential=True),
    Column("email", STRING, "E-mail address"),
    Column("created_at", STRING, "When the user joined the group, RFC 3339"),
)

RBAC_ROLES: Columns = (
    Column("id", STRING, "Role", essential=True),
    Column("type", STRING, "Always rbac_role"),
    Column("display_name", STRING, "Name; that of a built-in role may change"),
    Column("name", STRING, "Same as display_name; only in the older version of the API"),
    Column("source.type", STRING, "built_in or custom"),
    Column("created_at", STRING, "When the role was created, RFC 3339"),
    Column("updated_at", STRING, "When the role was last updated, RFC 3339"),
)

RBAC_ROLE_PERMISSIONS: Columns = (
    Column("rbac_role_id", STRING, "Role under which the API lists the permission"),
    Column("type", STRING, "Always rbac_role_permission"),
    Column("action", STRING, "What is permitted", essential=True),
    Column("resource.type", STRING, "Resource: organization, connector, connector_tool and others"),
    Column("resource.organization_id", STRING, "Organization, for organization"),
    Column("resource.connector_id", STRING, "Connector; null for all and for organizations"),
    Column("resource.tool_name", STRING, "Tool, for connector_tool"),
    Column("resource.scope", STRING, "Scope, for connector_scope"),
)
