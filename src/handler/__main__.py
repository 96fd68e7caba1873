"""`python -m handler`: the command line, for a checkout without an installed package."""

import sys

from claude_admin_lake.cli.load import main

if __name__ == "__main__":
    sys.exit(main())
