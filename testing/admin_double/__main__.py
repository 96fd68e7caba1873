"""Serves the double until a signal stops it."""

import json
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import UTC, date, datetime

from admin_double.api import ACCESS_TOKEN, ENTERPRISE_KEY, KEY, AdminDouble
from admin_double.organization import Organization

USUAL = Organization()


def parse(arguments: Sequence[str]) -> Namespace:
    """Parse the command line."""
    parser = ArgumentParser(prog="admin_double", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 picks a free port")
    add("--seed", type=int, default=USUAL.seed)
    add("--users", type=int, default=USUAL.users)
    add("--workspaces", type=int, default=USUAL.workspaces)
    add("--first-day", type=date.fromisoformat, default=USUAL.first_day)
    add("--now", type=_moment, help="fixed time; default: real time")
    add("--latency-ms", type=float, default=0)
    add("--rate-limit", type=int, metavar="N", help="requests per minute")
    add("--page-cap", type=int, metavar="N", help="most records or buckets on a page")
    add("--claude-code-records-per-day", type=int, metavar="N")
    add("--report-rows-per-day", type=int, metavar="N")
    add("--activities-per-day", type=int, metavar="N")
    add("--warm", nargs=2, metavar=("FROM", "TO"), help="render these days before serving")
    return parser.parse_args(arguments)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def main(arguments: Sequence[str]) -> None:
    """Print the address on standard output, then serve until a signal arrives."""
    options = parse(arguments)
    # Block the signals before any thread starts, so that sigwait receives them.
    stop = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)
    with _double(options) as api:
        if options.warm:
            api.warm(*options.warm)
        said = {"url": api.url, "key": KEY, "enterprise_key": ENTERPRISE_KEY}
        print(json.dumps(said | {"access_token": ACCESS_TOKEN}), flush=True)
        signal.sigwait(stop)


def _double(options: Namespace) -> AdminDouble:
    organization = Organization(
        seed=options.seed,
        users=options.users,
        workspaces=options.workspaces,
        first_day=options.first_day,
        claude_code_records_per_day=options.claude_code_records_per_day,
        report_rows_per_day=options.report_rows_per_day,
        activities_per_day=options.activities_per_day,
    )
    api = AdminDouble(organization, now=options.now, port=options.port)
    api.latency_ms = options.latency_ms
    api.rate_limit = options.rate_limit
    api.page_cap = options.page_cap
    return api


if __name__ == "__main__":
    main(sys.argv[1:])
