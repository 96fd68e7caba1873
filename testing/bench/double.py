"""The API's test double with a table's days rendered before the first request.

python -m bench.double TABLE FIRST LAST RECORDS NOW LATENCY_MS ODDITY
"""

import json
import signal
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from admin_double.api import KEY, AdminDouble
from admin_double.organization import Organization

NESTED = {"claude_code_usage": "core_metrics", "usage_report": "cache_creation"}
ABSENT = {"claude_code_usage": "terminal_type", "usage_report": "inference_geo",
          "cost_report": "token_type"}  # fmt: skip
MISTYPED = {"claude_code_usage": {"customer_type": 7}, "usage_report": {"service_tier": 7},
            "cost_report": {"description": 7}}  # fmt: skip
_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def change(oddity: str, table: str, record: dict[str, Any], number: int) -> None:
    """Make a record differ from its declaration, as the API may at any time."""
    match oddity:
        case "unknown":
            record["new_field"] = f"value {number % 10}"
        case "nested":
            record[NESTED[table]]["new_field"] = number % 10
        case "absent":
            del record[ABSENT[table]]
        case "mistyped":
            record.update(MISTYPED[table] if number % 100 == 0 else {})
        case "decimals":
            extra = Decimal(f"0.001{number % 1000:011}1")
            if table == "cost_report":
                record["amount"] = f"{Decimal(record['amount']) + extra:.15f}"
            for model in record.get("model_breakdown", ()):
                model["estimated_cost"]["amount"] += extra


def prepare(api: AdminDouble, table: str, day: date, oddity: str) -> None:
    """Render a day's records, and change them if an oddity is named."""
    texts = api.truth_text(table, day)
    if oddity:
        records = [_decode(text) for text in texts]
        for number, record in enumerate(records):
            change(oddity, table, record, number)
        api.put(table, day, _encode(records))


def main(arguments: list[str]) -> None:
    """Print the address, then serve until a signal comes."""
    table, first, last, records, now, latency_ms, oddity = arguments
    day, coding = date.fromisoformat(first), table == "claude_code_usage"
    organization = Organization(
        first_day=date(2026, 1, 1),
        claude_code_records_per_day=int(records) if coding else 1,
        report_rows_per_day=80 if coding else int(records),
    )
    # Blocked before any thread starts, so that the signal waits for sigwait.
    signal.pthread_sigmask(signal.SIG_BLOCK, stop := {signal.SIGTERM, signal.SIGINT})
    with AdminDouble(organization, now=datetime.fromisoformat(now)) as api:
        api.latency_ms = float(latency_ms)
        while day <= date.fromisoformat(last):
            prepare(api, table, day, oddity)
            day += timedelta(days=1)
        print(json.dumps({"url": api.url, "key": KEY}), flush=True)
        signal.sigwait(stop)


if __name__ == "__main__":
    main(sys.argv[1:])
