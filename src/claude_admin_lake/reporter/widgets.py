"""The widgets function: returns a stored piece of the report to a CloudWatch dashboard.

It imports nothing but botocore: a dashboard waits for it.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from botocore.session import get_session

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
_ABOUT = """\
Shows a part of the Claude report: `widget` is now, spend or claude-code, and `organization` is the
organization's name in the lake.

```yaml
widget: spend
organization: main
```
"""
_NOTHING = "<p>There is no report yet. The reporter writes it after the next load.</p>"


def lambda_handler(event: Mapping[str, Any], context: object = None) -> Any:
    """Return a piece of HTML for the dashboard's theme, or how to use this widget."""
    if event.get("describe"):
        return {"markdown": _ABOUT}
    organizations = os.environ.get("ORGANIZATIONS", "main").split(",")
    organization = str(event.get("organization") or organizations[0])
    widget = str(event.get("widget", "now"))
    theme = (event.get("widgetContext") or {}).get("theme")
    if not all(map(_NAME.fullmatch, (organization, widget))):
        return {"markdown": _ABOUT}
    endpoint = getattr(context, "invoked_function_arn", "")
    buttons = " ".join(
        f"<b>{one}</b>" if one == organization else _button(one, widget, endpoint)
        for one in organizations
    )
    head = f"<p>{buttons}</p>" if len(organizations) > 1 else ""
    piece = _piece(f"{organization}/widgets/{widget}.html")
    return f'<div class="lake {"dark" if theme == "dark" else "light"}">{head}{piece}</div>'


def _button(organization: str, widget: str, endpoint: str) -> str:
    """Return a button that shows an organization's piece in the same widget.

    `cwdb-action` belongs to the element before it; source: Amazon CloudWatch User Guide, "Details
    about custom widgets in CloudWatch".
    """
    event = json.dumps({"widget": widget, "organization": organization})
    action = (
        f'<cwdb-action action="call" display="widget" endpoint="{endpoint}">{event}</cwdb-action>'
    )
    return f'<a class="btn">{organization}</a>{action}'


def _piece(name: str) -> str:
    s3: Any = get_session().create_client("s3")
    try:
        found = s3.get_object(Bucket=os.environ["LAKE_BUCKET"], Key=f"reports/{name}")
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return _NOTHING
        raise
    return str(found["Body"].read().decode())
