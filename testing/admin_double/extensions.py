"""The use of projects, skills, connectors, plugins and artifacts."""

from datetime import date

from admin_double.chance import identifier
from admin_double.contents import Contents
from admin_double.engagement import APPS, Draw, active_users, draws
from admin_double.people import email, user_id
from admin_double.wire import DAY, Record, midnight, stamp

SKILLS = (("docx", None), ("internal-review", "organization"), ("mine", "private"))
CONNECTORS = (("github", "GitHub"), ("google_drive", "Google Drive"), ("in-house", None))
PLUGINS = ("code-review", "third-party")
ARTIFACTS = ("application/vnd.ant.react", "text/markdown", "other")


def _users(draw: Draw) -> int:
    return 1 + draw(9)


def _product_metrics(draw: Draw, thing: str) -> Record:
    """The distinct counts of the conversations and sessions that used a thing, by product."""
    sessions = f"distinct_session_{thing}_used_count"
    return {
        "chat_metrics": {f"distinct_conversation_{thing}_used_count": draw(9)},
        "claude_code_metrics": {sessions: draw(9)},
        "cowork_metrics": {sessions: draw(9)},
        "office_metrics": {app: {sessions: None if app == "outlook" else draw(3)} for app in APPS},
    }


def skills(contents: Contents, day: date) -> list[Record]:
    """The use of each skill, by name."""
    made = []
    for name, share in SKILLS if active_users(contents, day) else ():
        draw = draws(contents, day, "skill", name)
        made.append(
            {
                "skill_name": name,
                "skill_display_name": None if share else name.upper(),
                "share_status": share,
                "distinct_user_count": _users(draw),
                "invocation_count": draw(50),
                "enable_count": None if share is None else draw(5),
                "attributed_list_price": f"{draw(900)}.25" if share else None,
                "estimated_overage_spend": "0" if share else None,
                "currency": "USD" if share else None,
                **_product_metrics(draw, "skill"),
            }
        )
    return made


def connectors(contents: Contents, day: date) -> list[Record]:
    """The use of each connector, by name."""
    made = []
    for name, title in CONNECTORS if active_users(contents, day) else ():
        draw = draws(contents, day, "connector", name)
        made.append(
            {
                "connector_name": name,
                "connector_display_name": title,
                "distinct_user_count": _users(draw),
                "individual_auth_distinct_user_count": draw(5),
                "managed_auth_distinct_user_count": None if title is None else draw(5),
                "read_call_count": draw(90),
                "write_call_count": draw(20),
                "unclassified_call_count": draw(3),
                **_product_metrics(draw, "connector"),
            }
        )
    return made


def plugins(contents: Contents, day: date) -> list[Record]:
    """The use of each plugin, by name; one entry stands for all third-party plugins."""
    seed, made = contents.organization.seed, []
    for name in PLUGINS if active_users(contents, day) else ():
        draw = draws(contents, day, "plugin", name)
        made.append(
            {
                "plugin_name": name,
                "plugin_id": None if name == "third-party" else identifier("plugin", seed, name),
                "distinct_user_count": _users(draw),
                "install_count": draw(4),
                "invocation_count": draw(60),
                "claude_code_metrics": {"distinct_session_plugin_used_count": draw(9)},
                "cowork_metrics": {"distinct_session_plugin_used_count": None},
            }
        )
    return made


def artifacts(contents: Contents, day: date) -> list[Record]:
    """The artifacts that were created, by type and whether they are shared."""
    made = []
    for kind in ARTIFACTS if active_users(contents, day) else ():
        for shared in (False, True):
            draw = draws(contents, day, "artifact", kind, shared)
            made.append(
                {
                    "artifact_type": kind,
                    "is_shared": shared,
                    "artifacts_created_count": draw(40),
                    "published_artifacts_created_count": draw(5),
                    "distinct_user_count": _users(draw),
                }
            )
    return made


def projects(contents: Contents, day: date) -> list[Record]:
    """The use of each project, by id."""
    seed = contents.organization.seed
    creator = {"id": user_id(seed, 0), "email_address": email(0), "type": "user"}
    made = []
    for number in range(4 if active_users(contents, day) else 0):
        draw = draws(contents, day, "project", number)
        created = midnight(contents.organization.first_day) - number * DAY
        made.append(
            {
                "project_id": identifier("claude_proj", seed, number),
                "project_name": f'Project "{number}"',
                "created_at": stamp(created) if number else None,
                "created_by": creator if number != 1 else None,
                "distinct_conversation_count": draw(30),
                "distinct_user_count": 1 + draw(9),
                "message_count": draw(200),
            }
        )
    return sorted(made, key=lambda record: str(record["project_id"]))
