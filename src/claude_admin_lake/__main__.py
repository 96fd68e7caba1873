"""`python -m claude_admin_lake`: the same as the command `claude-admin-lake`."""

import sys

from claude_admin_lake.cli import main

if __name__ == "__main__":
    sys.exit(main())
