"""Writes the generated files; with `--check`, lists those that are out of date."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from . import ROOT
from .docs import tables_page
from .monitoring import OPERATIONS_PAGE, filled_template, operations_page
from .prices import PRICES_VIEW, filled_prices
from .template import CATALOG_TEMPLATE, catalog_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TEMPLATE = ROOT / "template.yaml"
TABLES_PAGE = ROOT / "docs" / "tables.md"


def generated() -> dict[Path, str]:
    """Return the expected content of each generated file."""
    return {
        PRICES_VIEW: filled_prices(PRICES_VIEW.read_text("utf-8")),
        TEMPLATE: filled_template(TEMPLATE.read_text("utf-8")),
        CATALOG_TEMPLATE: catalog_yaml(),
        TABLES_PAGE: tables_page(),
        OPERATIONS_PAGE: operations_page(OPERATIONS_PAGE.read_text("utf-8")),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files. With --check, only compare them; return 1 if one is stale."""
    parser = argparse.ArgumentParser(
        prog="python -m claude_admin_lake.catalog",
        description="Generate files from the declarations of tables, views and metrics: "
        "catalog.yaml, parts of template.yaml and docs/operations.md, and docs/tables.md.",
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail if stale")
    check = parser.parse_args(arguments).check
    try:
        wanted = generated()
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    stale = [
        file
        for file, text in wanted.items()
        if not file.exists() or file.read_text("utf-8") != text
    ]
    for file in stale:
        if check:
            print(
                f"stale: {file.relative_to(ROOT)}; run make catalog",
                file=sys.stderr,
            )
        else:
            file.write_text(wanted[file], "utf-8")
            print(f"wrote {file.relative_to(ROOT)}")
    if PRICES_VIEW in stale and not check:
        return main(arguments)  # the catalog contains the view
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
