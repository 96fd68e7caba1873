"""`python -m claude_admin_lake`: the same as the command `claude-admin-lake`."""

import sys

from claude_admin_lake.launch import launch

if __name__ == "__main__":
    sys.exit(launch("main", sys.argv[1:]))
