"""A test double of the Anthropic Admin API: a real server over a realistic organization."""

from admin_double.api import ACCESS_TOKEN, ENTERPRISE_KEY, KEY, AdminDouble
from admin_double.endpoint import Endpoint
from admin_double.endpoints import ENDPOINTS
from admin_double.faults import (
    ALWAYS,
    Fault,
    PlannedFault,
    delay,
    empty_page,
    hang,
    html,
    missing_token,
    not_json,
    repeated_token,
    reset,
    reset_after_headers,
    skipped_page,
    status,
    truncated,
)
from admin_double.journal import LoggedRequest
from admin_double.ledger import LedgerLine
from admin_double.neighbours import Neighbours
from admin_double.organization import Organization
from admin_double.tokens import Rule

__all__ = [
    "ACCESS_TOKEN",
    "ALWAYS",
    "ENDPOINTS",
    "ENTERPRISE_KEY",
    "KEY",
    "AdminDouble",
    "Endpoint",
    "Fault",
    "LedgerLine",
    "LoggedRequest",
    "Neighbours",
    "Organization",
    "PlannedFault",
    "Rule",
    "delay",
    "empty_page",
    "hang",
    "html",
    "missing_token",
    "not_json",
    "repeated_token",
    "reset",
    "reset_after_headers",
    "skipped_page",
    "status",
    "truncated",
]
