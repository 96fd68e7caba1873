"""The columns of enterprise_users: what a person did in each product on a day.

Source: the official Python SDK 2.13.0, 2026-11.
"""

from collections.abc import Mapping

from .columns import Column, Columns
from .types import BIGINT, STRING

_CHAT = {
    "connectors_used_count": "Uses of connectors in chat",
    "distinct_artifacts_created_count": "Artifacts created in chat",
    "distinct_connectors_used_count": "Different connectors used in chat",
    "distinct_conversation_count": "Chat conversations",
    "distinct_files_uploaded_count": "Files uploaded to chat",
    "distinct_projects_created_count": "Projects created",
    "distinct_projects_used_count": "Different projects used",
    "distinct_shared_artifacts_viewed_count": "Different shared artifacts viewed",
    "distinct_skills_used_count": "Different skills used in chat",
    "message_count": "Messages sent in chat",
    "shared_conversations_viewed_count": "Views of shared conversations",
    "thinking_message_count": "Messages sent with extended thinking",
}
_TOOLS = {
    "edit_tool": "the edit tool",
    "multi_edit_tool": "the multi-edit tool",
    "notebook_edit_tool": "the notebook edit tool",
    "write_tool": "the write tool",
}
_CLAUDE_CODE = {
    "core_metrics.artifacts_created_count": "Artifacts created in Claude Code",
    "core_metrics.commit_count": "Commits made with Claude Code",
    "core_metrics.distinct_session_count": "Claude Code sessions",
    "core_metrics.lines_of_code.added_count": "Lines of code added with Claude Code",
    "core_metrics.lines_of_code.removed_count": "Lines of code removed with Claude Code",
    "core_metrics.pull_request_count": "Pull requests opened with Claude Code",
    **{
        f"tool_actions.{tool}.{verdict}_count": f"Proposals of {title} that were {verdict}"
        for tool, title in _TOOLS.items()
        for verdict in ("accepted", "rejected")
    },
}
_SESSIONS = {
    "action_count": "Actions taken in Cowork",
    "artifacts_created_count": "Artifacts created in Cowork",
    "connectors_used_count": "Uses of connectors in Cowork",
    "dispatch_turn_count": "Dispatch turns in Cowork",
    "distinct_connectors_used_count": "Different connectors used in Cowork",
    "distinct_plugins_used_count": "Different plugins used in Cowork",
    "distinct_session_count": "Cowork sessions",
    "distinct_skills_used_count": "Different skills used in Cowork",
    "edit_tool_count": "Uses of the edit tool in Cowork",
    "file_edit_count": "File edits in Cowork; null if file editing is not tracked",
    "message_count": "Messages sent in Cowork",
    "multi_edit_tool_count": "Uses of the multi-edit tool in Cowork",
    "notebook_edit_tool_count": "Uses of the notebook edit tool in Cowork",
    "plugins_used_count": "Uses of plugins in Cowork",
    "sessions_with_file_edits_count": "Cowork sessions in which files were edited",
    "skills_used_count": "Uses of skills in Cowork",
    "write_tool_count": "Uses of the write tool in Cowork",
}
_APP = {
    "connectors_used_count": "Uses of connectors in {}",
    "distinct_connectors_used_count": "Different connectors used in {}",
    "distinct_session_count": "Sessions in {}",
    "distinct_skills_used_count": "Different skills used in {}",
    "message_count": "Messages sent in {}",
    "skills_used_count": "Uses of skills in {}",
}
APPS = {"excel": "Excel", "outlook": "Outlook", "powerpoint": "PowerPoint", "word": "Word"}
_DESIGN = {
    "distinct_projects_created_count": "Projects created in Claude Design",
    "distinct_projects_used_count": "Different projects used in Claude Design",
    "distinct_session_count": "Sessions in Claude Design",
    "message_count": "Messages sent in Claude Design",
}
_SCIENCE = {
    "delegation_count": "Delegations in Claude for science",
    "distinct_session_count": "Sessions in Claude for science",
    "message_count": "Messages sent in Claude for science",
    "remote_compute_job_count": "Remote compute jobs in Claude for science",
    "skills_used_count": "Uses of skills in Claude for science",
}
_TAG = {
    "active_day_count": "Days with activity of Claude in Slack",
    "active_message_count": "Messages to Claude in Slack",
}
UNIFIED = "chat_cowork_unified_metrics"


def _counts(place: str, counts: Mapping[str, str], title: str = "") -> Columns:
    return tuple(
        Column(f"{place}.{name}", BIGINT, comment.format(title)) for name, comment in counts.items()
    )


def _unified(counts: Mapping[str, str]) -> dict[str, str]:
    return {name: f"{comment} (chat and Cowork unified)" for name, comment in counts.items()}


GROUPS: Columns = (
    Column("rbac_group_id", STRING, "Group; null because the loader does not group"),
    Column("rbac_group_name", STRING, "Name of the group; null because the loader does not group"),
)
USERS: Columns = (
    Column("user.id", STRING, "User", essential=True),
    Column("user.email_address", STRING, "E-mail address of the user"),
    Column("user.type", STRING, "Always user"),
    *_counts("chat_metrics", _CHAT),
    *_counts("claude_code_metrics", _CLAUDE_CODE),
    *_counts("cowork_metrics", _SESSIONS),
    *(
        column
        for app, title in APPS.items()
        for column in _counts(f"office_metrics.{app}", _APP, title)
    ),
    *_counts("design_metrics", _DESIGN),
    *_counts("science_metrics", _SCIENCE),
    Column("web_search_count", BIGINT, "Web searches"),
    Column(
        "distinct_user_count", BIGINT, "Users of a group; null because the loader does not group"
    ),
    *_counts(f"{UNIFIED}.chat", _unified(_CHAT)),
    *_counts(f"{UNIFIED}.sessions", _unified(_SESSIONS)),
    *_counts("claude_tag_metrics", _TAG),
    Column("last_activity_date", STRING, "Last day with activity, YYYY-MM-DD"),
    *GROUPS,
)
