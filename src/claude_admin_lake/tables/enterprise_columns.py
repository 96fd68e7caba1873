"""The columns of the Claude Enterprise engagement tables, except enterprise_users.

Counts of nothing are 0; null means that the API does not track or cannot tell. Distinct counts
must not be added over days. Source: the official Python SDK 2.13.0, 2026-11.
"""

from .columns import Column, Columns
from .enterprise_users import APPS, GROUPS, UNIFIED
from .types import BIGINT, BOOLEAN, DECIMAL, STRING

_DIMENSIONS: Columns = (
    *GROUPS,
    Column("user_id", STRING, "User; null because the loader does not group"),
)
_PRODUCT = Column("product", STRING, "Product; null because the loader does not group")

_PERIODS = ("daily", "weekly", "monthly")
_PRODUCTS = {
    "cowork": "Cowork",
    "chat": "chat",
    "claude_code": "Claude Code",
    "claude_design": "Claude Design",
    "office_agent": "Office",
    "science": "Claude for science",
    "chat_cowork_unified": "chat and Cowork unified",
    "claude_tag": "Claude in Slack",
}

SUMMARIES: Columns = (
    Column("starting_at", STRING, "Start of the UTC day, RFC 3339"),
    Column("ending_at", STRING, "End of the UTC day (exclusive), RFC 3339"),
    Column("assigned_seat_count", BIGINT, "Assigned seats"),
    Column("pending_invite_count", BIGINT, "Pending invitations"),
    *(
        Column(
            f"{period}_active_user_count",
            BIGINT,
            f"Users active in the {period} window",
            essential=True,
        )
        for period in _PERIODS
    ),
    *(
        Column(
            f"{period}_adoption_rate", DECIMAL, f"Percent of seats active in the {period} window"
        )
        for period in _PERIODS
    ),
    *(
        Column(
            f"{product}_{period}_active_user_count",
            BIGINT,
            f"Users of {title} in the {period} window",
        )
        for product, title in _PRODUCTS.items()
        for period in _PERIODS
    ),
    Column("science_entitled_user_count", BIGINT, "Users who may use Claude for science"),
)

PROJECTS: Columns = (
    Column("project_id", STRING, "Project", essential=True),
    Column("project_name", STRING, "Name of the project"),
    Column("created_at", STRING, "When it was created, RFC 3339; null if it is deleted"),
    Column("created_by.id", STRING, "User who created it"),
    Column("created_by.email_address", STRING, "E-mail address of the user who created it"),
    Column("created_by.type", STRING, "Always user"),
    Column("distinct_conversation_count", BIGINT, "Conversations in the project"),
    Column("distinct_user_count", BIGINT, "Users of the project"),
    Column("message_count", BIGINT, "Messages sent in the project"),
    *_DIMENSIONS,
)


def _sessions(thing: str) -> Columns:
    """In how many conversations and sessions of each product a thing was used."""
    chats, sessions = f"distinct_conversation_{thing}_used_count", _used(thing)
    return (
        Column(f"chat_metrics.{chats}", BIGINT, f"Chat conversations that used the {thing}"),
        *_work(thing),
        *(
            Column(f"office_metrics.{app}.{sessions}", BIGINT, f"{title} sessions that used it")
            for app, title in APPS.items()
        ),
        Column(f"{UNIFIED}.chat.{chats}", BIGINT, "Conversations, chat and Cowork unified"),
        Column(f"{UNIFIED}.sessions.{sessions}", BIGINT, "Sessions, chat and Cowork unified"),
        *_DIMENSIONS,
        _PRODUCT,
    )


def _work(thing: str) -> Columns:
    return (
        Column(f"claude_code_metrics.{_used(thing)}", BIGINT, "Claude Code sessions that used it"),
        Column(f"cowork_metrics.{_used(thing)}", BIGINT, "Cowork sessions that used it"),
    )


def _used(thing: str) -> str:
    return f"distinct_session_{thing}_used_count"


SKILLS: Columns = (
    Column("skill_name", STRING, "Skill", essential=True),
    Column("skill_display_name", STRING, "Name to display, if the skill's name is an id"),
    Column("share_status", STRING, "organization, private or public; null if not shared in chat"),
    Column("distinct_user_count", BIGINT, "Users of the skill"),
    Column("invocation_count", BIGINT, "Uses of the skill"),
    Column("enable_count", BIGINT, "Accounts that enabled the skill on this day"),
    Column("attributed_list_price", STRING, "List price of its use, in cents"),
    Column("estimated_overage_spend", STRING, "Estimated spend beyond the seats, in cents"),
    Column("currency", STRING, "Currency of both amounts"),
    *_sessions("skill"),
    Column("attributed_list_price_usd", DECIMAL, "List price of its use in US dollars, exact"),
    Column("estimated_overage_spend_usd", DECIMAL, "Estimated spend in US dollars, exact"),
)

CONNECTORS: Columns = (
    Column("connector_name", STRING, "Normalized name of the connector", essential=True),
    Column("connector_display_name", STRING, "Name to display"),
    Column("distinct_user_count", BIGINT, "Users of the connector"),
    Column("individual_auth_distinct_user_count", BIGINT, "Users who signed in themselves"),
    Column("managed_auth_distinct_user_count", BIGINT, "Users whom the organization signed in"),
    Column("read_call_count", BIGINT, "Calls that read"),
    Column("write_call_count", BIGINT, "Calls that write"),
    Column("unclassified_call_count", BIGINT, "Other calls"),
    *_sessions("connector"),
)

PLUGINS: Columns = (
    Column("plugin_name", STRING, "Plugin; third-party stands for all of these", essential=True),
    Column("plugin_id", STRING, "Id of the plugin"),
    Column("distinct_user_count", BIGINT, "Users of the plugin"),
    Column("install_count", BIGINT, "Installations on this day"),
    Column("invocation_count", BIGINT, "Uses of the plugin"),
    *_work("plugin"),
    Column(f"{UNIFIED}.{_used('plugin')}", BIGINT, "Sessions, chat and Cowork unified"),
    *_DIMENSIONS,
    _PRODUCT,
)

ARTIFACTS: Columns = (
    Column("artifact_type", STRING, "MIME type, or other", essential=True),
    Column("is_shared", BOOLEAN, "Whether the artifacts are shared"),
    Column("artifacts_created_count", BIGINT, "Artifacts created"),
    Column("published_artifacts_created_count", BIGINT, "Artifacts created and published"),
    Column("distinct_user_count", BIGINT, "Users who created them"),
    *_DIMENSIONS,
    _PRODUCT,
)
