"""The columns of every table: name, type, meaning.

The names are those of the Admin API's answers, nested objects joined with `_`. They become the
Glue catalog and the column reference, so a comment here is what a person sees in Athena.
Source: the Admin API reference (platform.claude.com, Admin API and Usage and Cost API), 2026-11.
"""

from msgspec import Struct

from .types import BIGINT, BOOLEAN, DECIMAL, STRING, Type, array, map_of, struct


class Column(Struct, frozen=True):
    """One declared column; it is in every row, null where the API has no value.

    `path` is where the value stands in the API's answer: `actor.type`. If it is null there, the
    value is at the path `otherwise`, if there is one. An `essential` column makes its table
    `drifted` if it is null in every row of a day or snapshot that has rows, or if the API sends a
    value of another type. A `lifted` column leaves the wrapper that its path begins with out of its
    name. A `label` is a current name of what another column identifies: a change of labels alone is
    no restatement.
    """

    path: str
    type: Type
    comment: str
    essential: bool = False
    may_lack: bool = False
    """Of an essential column: records without a value are ordinary, another type is not."""
    lifted: bool = False
    otherwise: str = ""
    label: bool = False

    @property
    def name(self) -> str:
        """The path with its parts joined: `actor_type`."""
        path = self.path.partition(".")[2] if self.lifted else self.path
        return path.replace(".", "_")


Columns = tuple[Column, ...]

BUCKET: Columns = (
    Column("starting_at", STRING, "Start of the UTC day, RFC 3339"),
    Column("ending_at", STRING, "End of the UTC day (exclusive), RFC 3339"),
)

CLAUDE_CODE_USAGE: Columns = (
    Column("organization_id", STRING, "Organization that owns the record"),
    Column("actor.type", STRING, "user_actor (a person) or api_actor (an API key)"),
    Column("actor.email_address", STRING, "E-mail address of the person, for user_actor"),
    Column("actor.api_key_name", STRING, "Name of the API key, for api_actor"),
    Column("customer_type", STRING, "api (billed by use) or subscription"),
    Column("subscription_type", STRING, "team or enterprise, for subscriptions"),
    Column("terminal_type", STRING, "Terminal or editor in which Claude Code ran"),
    Column("is_remote", BOOLEAN, "Whether the sessions ran remotely"),
    Column("core_metrics.num_sessions", BIGINT, "Sessions started"),
    Column("core_metrics.lines_of_code.added", BIGINT, "Lines of code added"),
    Column("core_metrics.lines_of_code.removed", BIGINT, "Lines of code removed"),
    Column("core_metrics.commits_by_claude_code", BIGINT, "Commits made by Claude Code"),
    Column("core_metrics.pull_requests_by_claude_code", BIGINT, "Pull requests opened"),
    Column(
        "tool_actions",
        map_of(struct(accepted=BIGINT, rejected=BIGINT)),
        "Proposals accepted and rejected, by tool",
    ),
    Column(
        "model_breakdown",
        array(
            struct(
                model=STRING,
                tokens=struct(
                    input=BIGINT, output=BIGINT, cache_read=BIGINT, cache_creation=BIGINT
                ),
                estimated_cost=struct(amount=DECIMAL, currency=STRING),
            )
        ),
        "Tokens and estimated cost by model; estimated_cost.amount is in cents",
        essential=True,
        may_lack=True,
    ),
)

_HOUR: Columns = (
    Column("starting_at", STRING, "Start of the UTC hour, RFC 3339"),
    Column("ending_at", STRING, "End of the UTC hour (exclusive), RFC 3339"),
)

_USAGE: Columns = (
    Column(
        "uncached_input_tokens",
        BIGINT,
        "Input tokens neither read from nor put into cache",
        essential=True,
    ),
    Column("cache_creation.ephemeral_5m_input_tokens", BIGINT, "Input tokens cached for 5 minutes"),
    Column("cache_creation.ephemeral_1h_input_tokens", BIGINT, "Input tokens cached for an hour"),
    Column("cache_read_input_tokens", BIGINT, "Input tokens read from the cache"),
    Column("output_tokens", BIGINT, "Output tokens", essential=True),
    Column("server_tool_use.web_search_requests", BIGINT, "Web searches made by the server"),
    Column("model", STRING, "Model; null if not grouped by it"),
    Column("workspace_id", STRING, "Workspace; null is the default workspace (or not grouped)"),
    Column("api_key_id", STRING, "API key; null for use without a key, as in the Console"),
    Column("service_tier", STRING, "Service tier, such as standard, batch, priority"),
    Column("context_window", STRING, "Context window: 0-200k or 200k-1M"),
    Column("account_id", STRING, "User account, if grouped by it"),
    Column("service_account_id", STRING, "Service account, if grouped by it"),
    Column("inference_geo", STRING, "Where inference ran, if grouped by it"),
    Column("speed", STRING, "standard or fast, if grouped by it"),
)

USAGE_REPORT: Columns = (*BUCKET, *_USAGE)

USAGE_REPORT_HOURLY: Columns = (*_HOUR, *_USAGE)

COST_REPORT: Columns = (
    *BUCKET,
    Column("workspace_id", STRING, "Workspace; null is the default workspace"),
    Column("description", STRING, "What the cost is for, as the API words it"),
    Column("amount", STRING, "Cost in cents, as the API's decimal string", essential=True),
    Column("currency", STRING, "Currency of amount"),
    Column("cost_type", STRING, "tokens, web_search, code_execution or session_usage"),
    Column("token_type", STRING, "Kind of token, for cost_type tokens"),
    Column("model", STRING, "Model, for cost_type tokens"),
    Column("service_tier", STRING, "standard or batch, for cost_type tokens"),
    Column("context_window", STRING, "Context window, for cost_type tokens"),
    Column("inference_geo", STRING, "Where inference ran"),
    Column("amount_usd", DECIMAL, "Cost in US dollars, exact; null for another currency"),
)

ORGANIZATION: Columns = (
    Column("id", STRING, "Organization (UUID)", essential=True),
    Column("type", STRING, "Always organization"),
    Column("name", STRING, "Name"),
)

WORKSPACES: Columns = (
    Column("id", STRING, "Workspace", essential=True),
    Column("type", STRING, "Always workspace"),
    Column("name", STRING, "Name"),
    Column("created_at", STRING, "When it was created, RFC 3339"),
    Column("archived_at", STRING, "When it was archived, RFC 3339; null while active"),
    Column("display_color", STRING, "Color in the Console"),
    Column("data_residency.workspace_geo", STRING, "Where the workspace's data is stored"),
    Column("data_residency.default_inference_geo", STRING, "Where inference runs by default"),
    Column(
        "data_residency.allowed_inference_geos",
        array(STRING, wraps_scalar=True),
        "Where inference may run; [unrestricted] means anywhere",
    ),
    Column("compartment_id", STRING, "Compartment"),
    Column("external_key_id", STRING, "Customer-managed encryption key"),
    Column("tags", map_of(STRING), "Tags"),
    Column("user_profile_id", STRING, "User profile"),
)

WORKSPACE_MEMBERS: Columns = (
    Column("type", STRING, "Always workspace_member"),
    Column("user_id", STRING, "User", essential=True),
    Column("workspace_id", STRING, "Workspace"),
    Column("workspace_role", STRING, "Role in the workspace, such as workspace_admin"),
)

API_KEYS: Columns = (
    Column("id", STRING, "API key", essential=True),
    Column("type", STRING, "Always api_key"),
    Column("name", STRING, "Name"),
    Column("status", STRING, "active, inactive, archived or expired"),
    Column("created_at", STRING, "When it was created, RFC 3339"),
    Column("created_by.id", STRING, "Who created it"),
    Column("created_by.type", STRING, "user or service_account"),
    Column("expires_at", STRING, "When it expires, RFC 3339; null means never"),
    Column("partial_key_hint", STRING, "The key's visible beginning and end"),
    Column("principal.type", STRING, "Kind of principal the key acts as"),
    Column("principal.user_id", STRING, "User the key acts as"),
    Column("principal.service_account_id", STRING, "Service account the key acts as"),
    Column("principal.id", STRING, "Principal the key acts as, in the API's other response format"),
    Column("scope.type", STRING, "workspace or organization"),
    Column("scope.workspace_id", STRING, "Workspace the key is scoped to"),
    Column("workspace_id", STRING, "Workspace; null is the default workspace or the organization"),
)

INVITES: Columns = (
    Column("id", STRING, "Invite", essential=True),
    Column("type", STRING, "Always invite"),
    Column("email", STRING, "Who was invited"),
    Column("role", STRING, "Role offered"),
    Column("status", STRING, "pending, accepted, expired or deleted"),
    Column("invited_at", STRING, "When it was sent, RFC 3339"),
    Column("expires_at", STRING, "When it expires, RFC 3339"),
    Column("accepted_at", STRING, "When it was accepted, RFC 3339"),
    Column("rbac_group_ids", array(STRING), "Groups offered"),
)

USERS: Columns = (
    Column("id", STRING, "User", essential=True),
    Column("type", STRING, "Always user"),
    Column("email", STRING, "E-mail address"),
    Column("name", STRING, "Name"),
    Column("role", STRING, "Role in the organization, such as developer or admin"),
    Column("added_at", STRING, "When the user joined, RFC 3339"),
)

LOAD_RUNS: Columns = (
    Column("run_id", STRING, "Run"),
    Column("table_name", STRING, "Table"),
    Column("status", STRING, "loaded, not_offered, forbidden, drifted, failed or unfinished"),
    Column("mode", STRING, "incremental, backfill or repair"),
    Column("scheduled_time", STRING, "The time for which the run was scheduled, RFC 3339"),
    Column("started_at", STRING, "When work on the table started, RFC 3339"),
    Column("finished_at", STRING, "When work on the table ended, RFC 3339"),
    Column("first_day", STRING, "First day to read"),
    Column("last_day", STRING, "Last day to read"),
    Column("days_planned", BIGINT, "Days (or snapshots) to read"),
    Column("days_loaded", BIGINT, "Days (or snapshots) read completely"),
    Column("snapshot_date", STRING, "UTC day of the snapshot stored; null for dated tables"),
    Column("days_failed", array(STRING), "Days that failed, as first/last intervals"),
    Column("days_remaining", array(STRING), "Days left for a later run, as intervals"),
    Column("days_not_yet", array(STRING), "Days that the API cannot serve completely yet"),
    Column("days_too_old", array(STRING), "Requested days that the API no longer serves"),
    Column("days_restated", array(STRING), "Days whose stored values the API has changed"),
    Column("days_relabelled", array(STRING), "Days in which only names and addresses changed"),
    Column(
        "changed",
        array(
            struct(
                date=STRING,
                rows_before=BIGINT,
                rows_after=BIGINT,
                usd_before=DECIMAL,
                usd_after=DECIMAL,
                tokens_before=BIGINT,
                tokens_after=BIGINT,
            )
        ),
        "Restated days, and new days stored within two days of their end: rows, dollars and tokens",
    ),
    Column("gaps", array(STRING), "Days missing up to the cursor; null if the run did not look"),
    Column("accepted", array(STRING), "Days given up by the operator, as intervals"),
    Column("rows", BIGINT, "Rows read"),
    Column("rows_carried", BIGINT, "Of these rows, those carried over from the last snapshot"),
    Column("objects_written", BIGINT, "Objects written"),
    Column("objects_unchanged", BIGINT, "Objects not rewritten because nothing has changed"),
    Column("bytes_written", BIGINT, "Compressed bytes written"),
    Column("requests", BIGINT, "Requests sent, including retries"),
    Column("retries", BIGINT, "Retried requests"),
    Column("wait_seconds", DECIMAL, "Seconds spent waiting for rate limits and retries"),
    Column("cursor_before", STRING, "The cursor before the run"),
    Column("cursor_after", STRING, "The cursor after the run"),
    Column("reloaded", BOOLEAN, "Whether a changed query reloaded the history"),
    Column("drift", array(STRING), "Fields the API has added or whose type it has changed"),
    Column("error", STRING, "Why it failed"),
    Column("loader_version", STRING, "Version of this software"),
    Column("api_version", STRING, "Requested version of the Admin API"),
)
