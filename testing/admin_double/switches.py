"""What a test can change about the API, for everything that is undocumented or varies."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal


@dataclass(kw_only=True)
class Switches:
    """Behaviour that a test may switch at any time.

    Attributes:
        key_headers: The headers in which API keys are accepted: "x-api-key", "bearer" (only with
            version 2026-10-21), or both.
        missing_beta_status: The status of a request without a required beta header.
        principal_shape: How API keys show their principal: "actor", "id", or "mixed" for both.
            Version 2026-10-21 always uses "actor".
        oldest_rate_limits: Serve rate limits with `group_type`, `models` and `limits` only.
        lists_say_has_more: Add `has_more` to lists that page by token: false on the last page,
            together with a token.
        empty_range_is_error: Answer 400 to an analytics range that is empty; else 200 without rows.
        analytics_lag: How far the analytics data is behind the clock.
        says_refreshed_at: Send `data_refreshed_at`; else null.
        discount: The share of the list price that analytics costs are reduced by.
        code_execution_in_usage: Report code execution as usage rows without tokens.
        hidden_actors: Ids of identities that analytics rows show as null.
        deleted_users: Ids of users that analytics rows show as deleted.
        newest_engagement_day: The newest day of the engagement endpoints; by default yesterday, and
            the day before until 10:00 UTC.
        summaries_key: The name of the list in the response of the summaries endpoint.
        role_ids_available: Send the role ids of groups; else null.
        tracks_file_edits: Send Cowork's file editing counts; else null.
        says_time: Send the clock's time in a `date` header, or this text.
        default_workspace: What `include_default` does: "listed" shows the default workspace,
            "ignored" does nothing, "refused" is a 400.
        default_has_members: Answer the list of the default workspace's members, which is empty;
            else 404.
        logs_own_reads: Write an event for each read of the activity feed.
    """

    key_headers: set[str] = field(default_factory=lambda: {"x-api-key", "bearer"})
    missing_beta_status: int = 400
    principal_shape: str = "mixed"
    oldest_rate_limits: bool = False
    lists_say_has_more: bool = False
    empty_range_is_error: bool = True
    analytics_lag: timedelta = timedelta(hours=3)
    says_refreshed_at: bool = True
    discount: Decimal = Decimal(0)
    code_execution_in_usage: bool = True
    hidden_actors: set[str] = field(default_factory=set)
    deleted_users: set[str] = field(default_factory=set)
    newest_engagement_day: date | None = None
    summaries_key: str = "data"
    role_ids_available: bool = True
    tracks_file_edits: bool = True
    says_time: bool | str = True
    default_workspace: str = "listed"
    default_has_members: bool = True
    logs_own_reads: bool = True
