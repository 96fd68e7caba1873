"""Which imported modules a whole run uses: python -m bench.used_code PACKAGE EVENT prints JSON.

A module is used if one of its functions was called after the import of the handler. Modules of
constants and types can't be told from unused ones, so this names candidates.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType


def main(package: str, event: str) -> None:
    sys.path.insert(0, package)
    before = set(sys.modules)
    from claude_admin_lake.function.app import lambda_handler  # noqa: PLC0415 - this is what is measured

    imported = set(sys.modules) - before
    called = _watch()
    answer: Any = lambda_handler(json.loads(event))
    late = set(sys.modules) - before - imported
    files = {name: getattr(sys.modules[name], "__file__", None) or "" for name in imported | late}
    unused = sorted(name for name in imported if files[name] and files[name] not in called)
    print("\n" + json.dumps({
        "status": answer["status"], "imported": len(imported), "unused": unused,
        "late": sorted(late),
    }))  # fmt: skip


def _watch() -> set[str]:
    """The files of all functions called from now on, in any thread."""
    called: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            called.add(frame.f_code.co_filename)

    threading.setprofile(note)
    sys.setprofile(note)
    return called


if __name__ == "__main__":
    main(*sys.argv[1:])
