"""`python -m handler`: the command line in a checkout; without a command's name, `load`."""

import sys

from claude_admin_lake.launch import launch

if __name__ == "__main__":
    sys.exit(launch("main_or_load", sys.argv[1:]))
