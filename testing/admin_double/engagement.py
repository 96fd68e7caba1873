"""How people use the products of a Claude Enterprise organization, day by day."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from admin_double.chance import dice
from admin_double.contents import Contents
from admin_double.people import email, user_id
from admin_double.rhythm import activity
from admin_double.wire import DAY, Record, midnight, stamp

SETTLES_AFTER = 3
CHAT = (
    "connectors_used_count",
    "distinct_artifacts_created_count",
    "distinct_connectors_used_count",
    "distinct_conversation_count",
    "distinct_files_uploaded_count",
    "distinct_projects_created_count",
    "distinct_projects_used_count",
    "distinct_shared_artifacts_viewed_count",
    "distinct_skills_used_count",
    "message_count",
    "shared_conversations_viewed_count",
    "thinking_message_count",
)
SESSIONS = (
    "action_count",
    "artifacts_created_count",
    "connectors_used_count",
    "dispatch_turn_count",
    "message_count",
    "skills_used_count",
    "distinct_connectors_used_count",
    "distinct_plugins_used_count",
    "distinct_session_count",
    "distinct_skills_used_count",
    "plugins_used_count",
)
# These are null until the organization switches on file editing.
FILE_EDITS = (
    "edit_tool_count",
    "file_edit_count",
    "multi_edit_tool_count",
    "notebook_edit_tool_count",
    "sessions_with_file_edits_count",
    "write_tool_count",
)
APPS = ("excel", "outlook", "powerpoint", "word")
APP = (
    "connectors_used_count",
    "distinct_connectors_used_count",
    "distinct_session_count",
    "distinct_skills_used_count",
    "message_count",
    "skills_used_count",
)
DESIGN = (
    "distinct_projects_created_count",
    "distinct_projects_used_count",
    "distinct_session_count",
    "message_count",
)
SCIENCE = (
    "delegation_count",
    "distinct_session_count",
    "message_count",
    "remote_compute_job_count",
    "skills_used_count",
)
TOOLS = ("edit_tool", "multi_edit_tool", "notebook_edit_tool", "write_tool")
Draw = Callable[[int], int]


def version(contents: Contents, day: date) -> tuple[int, bool]:
    """Changes whenever a day may be restated or shown differently."""
    age = max(0, contents.age(day))
    return min(age, SETTLES_AFTER), contents.switches.tracks_file_edits


def draws(contents: Contents, day: date, *words: object) -> Draw:
    """Counts up to a maximum, most of which are the same in every version of the day."""
    seed = contents.organization.seed
    chance = dice(seed, "engagement", day, *words)
    drift = dice(seed, "engagement", day, version(contents, day)[0], *words)
    return lambda most: int(most * chance.random() * (0.95 + 0.1 * drift.random()))


def _counts(draw: Draw, names: Iterable[str], most: int = 12) -> Record:
    return {name: draw(most) for name in names}


def active_users(contents: Contents, day: date) -> list[int]:
    """The indexes of the users who are active on a day."""
    organization = contents.organization
    if day < organization.first_day:
        return []
    chance = dice(organization.seed, "active", day)
    share = activity(organization.first_day, day)
    return [index for index in range(organization.users) if chance.random() < share]


def users(contents: Contents, day: date) -> list[Record]:
    """The activity of each user, by address."""
    made = [_user(contents, day, index) for index in active_users(contents, day)]
    return sorted(made, key=lambda record: record["user"]["email_address"])


def _user(contents: Contents, day: date, index: int) -> Record:
    draw = draws(contents, day, "user", index)
    seed = contents.organization.seed
    address = email(index)
    edits = contents.switches.tracks_file_edits
    record: Record = {
        "user": {"id": user_id(seed, index), "email_address": address, "type": "user"},
        "chat_metrics": _counts(draw, CHAT),
        "claude_code_metrics": _claude_code(draw),
        "cowork_metrics": {
            **_counts(draw, SESSIONS),
            **(_counts(draw, FILE_EDITS) if edits else dict.fromkeys(FILE_EDITS)),
        },
        "office_metrics": {app: _counts(draw, APP, 3) for app in APPS},
        "design_metrics": dict.fromkeys(DESIGN, 0),
        "science_metrics": _counts(draw, SCIENCE, 2),
        "web_search_count": draw(9),
        "distinct_user_count": None,
    }
    if index % 2:
        record["claude_tag_metrics"] = {"active_day_count": 1, "active_message_count": draw(5)}
        record["last_activity_date"] = str(day)
    return record


def _claude_code(draw: Draw) -> Record:
    return {
        "core_metrics": {
            "artifacts_created_count": draw(3),
            "commit_count": draw(6),
            "distinct_session_count": draw(5),
            "lines_of_code": {"added_count": draw(900), "removed_count": draw(300)},
            "pull_request_count": draw(3),
        },
        "tool_actions": {
            tool: {"accepted_count": draw(40), "rejected_count": draw(5)} for tool in TOOLS
        },
    }


def summaries(contents: Contents, day: date) -> list[Record]:
    """The one summary of a day."""
    if day < contents.organization.first_day:
        return []
    seats = contents.organization.users
    daily = len(active_users(contents, day))
    weekly = _active_over(contents, day, 7)
    monthly = _active_over(contents, day, 30)
    periods = {"daily": daily, "weekly": weekly, "monthly": monthly}
    return [
        {
            "starting_at": stamp(midnight(day)),
            "ending_at": stamp(midnight(day) + DAY),
            "assigned_seat_count": seats,
            "pending_invite_count": None,
            **{f"{name}_active_user_count": count for name, count in periods.items()},
            **{f"{name}_adoption_rate": _percent(n, seats) for name, n in periods.items()},
            **{f"cowork_{name}_active_user_count": n // 2 for name, n in periods.items()},
            **{f"chat_{name}_active_user_count": n for name, n in periods.items()},
            **{f"claude_code_{name}_active_user_count": None for name in periods},
        }
    ]


def _active_over(contents: Contents, day: date, days: int) -> int:
    window = (day - n * timedelta(days=1) for n in range(days))
    return len({index for each in window for index in active_users(contents, each)})


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1)
