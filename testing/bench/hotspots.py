"""A module run under the profiler: python -m bench.hotspots -m MODULE ARGUMENTS."""

import cProfile
import pstats
import runpy
import sys


def main() -> None:
    module = sys.argv[2]
    sys.argv = sys.argv[2:]
    profiler = cProfile.Profile()
    try:
        profiler.runcall(runpy.run_module, module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code:
            raise
    finally:
        pstats.Stats(profiler, stream=sys.stdout).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
