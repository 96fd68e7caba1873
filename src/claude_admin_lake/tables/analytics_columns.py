"""The columns of the Usage and Cost Analytics API (beta).

Each row has a wrapper `group`, with a key for every dimension that can be grouped by, and a wrapper
`usage` or `cost` with numbers. Source: the official clients' types, version of 2026-11-20.
"""

from .columns import BUCKET, Column, Columns
from .types import BIGINT, BOOLEAN, DECIMAL, STRING


def _group(path: str, comment: str, otherwise: str = "", *, label: bool = False) -> Column:
    return Column(f"group.{path}", STRING, comment, lifted=True, otherwise=otherwise, label=label)


def _usage(path: str, comment: str, *, essential: bool = False) -> Column:
    return Column(f"usage.{path}", BIGINT, comment, essential=essential, lifted=True)


def _cost(path: str, comment: str, *, essential: bool = False) -> Column:
    return Column(f"cost.{path}", STRING, comment, essential=essential, lifted=True)


_ACTOR: Columns = (
    _group(
        "actor.type",
        "user_actor, service_account_actor, federated_actor or api_actor",
        otherwise="group.actor_type",
    ),
    _group("actor.user_id", "User, for user_actor"),
    _group(
        "actor.email_address",
        "The user's current e-mail address; null if the account is deleted",
        otherwise="group.actor.email",
        label=True,
    ),
    _group("actor.name", "The user's current name", label=True),
    Column("group.actor.deleted", BOOLEAN, "Whether the user is deleted", lifted=True, label=True),
    _group("actor.service_account_id", "Service account, for service_account_actor"),
    _group("actor.api_key_id", "API key, for api_actor: use that has no other actor"),
    _group("actor.subject", "Subject of the identity, for federated_actor; in AWS the role's ARN"),
    _group("actor.provider.type", "aws, azure, gcp or oidc, for federated_actor"),
    _group("actor.provider.account_id", "AWS account"),
    _group("actor.provider.signed_principal", "Principal that signed, in AWS"),
    _group("actor.provider.subscription_id", "Azure subscription"),
    _group("actor.provider.project_number", "Google Cloud project"),
    _group("actor.provider.issuer", "Issuer of the token, for oidc"),
)

_DIMENSIONS: Columns = (
    _group("workspace_id", "Workspace, the default one by its own id; null for Claude Enterprise"),
    _group("api_key_id", "API key that authenticated; null for use without a key"),
    _group("model", "Model; null if the use is not tied to one, such as code execution"),
    _group("product", "Product, such as messages_api or claude_code; null if unknown"),
    _group("service_tier", "Service tier, such as standard, batch, priority, flex"),
    _group("context_window", "Context window: 0-200k or 200k-1M"),
    _group("inference_geo", "Where inference ran: global or us; null if not set"),
    _group("speed", "standard or fast, if grouped by it"),
    _group("organization_id", "Organization (UUID), if grouped by it"),
    _group("rbac_group_id", "Group of the user, if grouped by it; groups overlap"),
    _group("agent_id", "Managed agent, if grouped by it"),
    _group("deployment_id", "Deployment, if grouped by it"),
    _group("environment_id", "Environment, if grouped by it"),
    _group("session_id", "Session, if grouped by it"),
    _group("user_profile_id", "User profile, if grouped by it"),
    _group("claude_tag_category", "Kind of message to Claude in Slack, if grouped by it"),
    _group("claude_tag_user_id", "Slack user, if grouped by it"),
    _group("slack_channel_id", "Slack channel, if grouped by it"),
)

ANALYTICS_USAGE: Columns = (
    *BUCKET,
    *_ACTOR,
    *_DIMENSIONS,
    _usage(
        "uncached_input_tokens",
        "Input tokens neither read from nor put into cache",
        essential=True,
    ),
    _usage("cache_creation.ephemeral_5m_input_tokens", "Input tokens cached for 5 minutes"),
    _usage("cache_creation.ephemeral_1h_input_tokens", "Input tokens cached for an hour"),
    _usage("cache_read_input_tokens", "Input tokens read from the cache"),
    _usage("output_tokens", "Output tokens", essential=True),
    _usage("total_tokens", "All tokens"),
    _usage("requests", "API requests; for code execution, execution spans"),
    _usage("server_tool_use.web_search_requests", "Web searches made by the server"),
)

ANALYTICS_COST: Columns = (
    *BUCKET,
    *_ACTOR,
    *_DIMENSIONS,
    _group("cost_type", "tokens, web_search, code_execution or session_usage, if grouped by it"),
    _group("token_type", "Kind of token, for cost_type tokens"),
    _cost("amount", "Cost in cents after discounts, as the API's decimal string", essential=True),
    _cost("list_amount", "Cost in cents at list price, as the API's decimal string"),
    _cost("currency", "Currency of amount and list_amount"),
    Column("cost.requests", BIGINT, "Requests; null if grouped by cost_type", lifted=True),
    Column("amount_usd", DECIMAL, "Cost in US dollars, exact; null for another currency"),
    Column("list_amount_usd", DECIMAL, "Cost at list price in US dollars, exact"),
)
