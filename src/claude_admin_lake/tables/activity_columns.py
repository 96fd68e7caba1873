"""The columns of the activity feed. Source: the Compliance API's reference, 2026-08."""

from .columns import Column, Columns
from .types import BOOLEAN, STRING

COMPLIANCE_ACTIVITIES: Columns = (
    Column("id", STRING, "Event", essential=True),
    Column("created_at", STRING, "When it happened, RFC 3339"),
    Column("type", STRING, "What happened; there are hundreds of types"),
    Column("organization_id", STRING, "Organization; null if the event belongs to none"),
    Column("organization_uuid", STRING, "Organization (UUID)"),
    Column("actor.type", STRING, "user_actor, api_actor, admin_api_key_actor and others"),
    Column("actor.user_id", STRING, "User, for user_actor"),
    Column("actor.email_address", STRING, "E-mail address, for user_actor"),
    Column("actor.unauthenticated_email_address", STRING, "Address given by someone not signed in"),
    Column("actor.api_key_id", STRING, "API key, for api_actor"),
    Column("actor.admin_api_key_id", STRING, "Admin API key, for admin_api_key_actor"),
    Column("actor.workos_event_id", STRING, "Event of the directory, for directory sync"),
    Column("actor.directory_id", STRING, "Directory, for directory sync"),
    Column("actor.idp_connection_type", STRING, "Kind of identity provider, for directory sync"),
    Column("actor.ip_address", STRING, "IP address of the actor"),
    Column("actor.user_agent", STRING, "User agent of the actor"),
    Column("details", STRING, "All fields that only some types have, as a JSON object"),
    Column("is_own_read", BOOLEAN, "Whether the event is a read of the feed by this loader"),
)
