"""A test double of the Anthropic Admin API: a real server over a believable organization."""

from admin_double.api import KEY, AdminApi
from admin_double.faults import (
    ALWAYS,
    Fault,
    Order,
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
from admin_double.journal import Request
from admin_double.ledger import Line
from admin_double.organization import Organization

__all__ = [
    "ALWAYS",
    "KEY",
    "AdminApi",
    "Fault",
    "Line",
    "Order",
    "Organization",
    "Request",
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
