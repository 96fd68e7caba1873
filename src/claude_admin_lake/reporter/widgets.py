"""The widgets function: returns a stored piece of the report to a CloudWatch dashboard.

It imports nothing but botocore: a dashboard waits for it.
"""

from __future__ import annotations

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


def lambda_handler(event: Mapping[str, Any], context: object = None) -> Any:  # noqa: ARG001 - Lambda's signature
    """Return a piece of HTML for the dashboard's theme, or how to use this widget."""
    if event.get("describe"):
        return {"markdown": _ABOUT}
    organization = event.get("organization") or os.environ.get("ORGANIZATION", "main")
    wanted = [str(organization), str(event.get("widget", "now"))]
    theme = (event.get("widgetContext") or {}).get("theme")
    if not all(_NAME.fullmatch(one) for one in wanted):
        return {"markdown": _ABOUT}
    piece = _piece("{}/widgets/{}.html".format(*wanted))
    return f'<div class="lake {"dark" if theme == "dark" else "light"}">{piece}</div>'


def _piece(name: str) -> str:
    s3: Any = get_session().create_client("s3")
    try:
        found = s3.get_object(Bucket=os.environ["LAKE_BUCKET"], Key=f"reports/{name}")
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return _NOTHING
        raise
    return str(found["Body"].read().decode())
