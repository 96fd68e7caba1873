"""Apply each mutation of mutations.toml to a copy of the project and run the given tests on it.

    python -m mutations [--only TEXT] -- PYTEST-ARGUMENTS

Exits with 0 only if the tests pass without a mutation and fail with each of them.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("mutations.toml")
PACKAGE = Path("src/claude_admin_lake")
LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", ".aws-sam", ".*_cache", ".hypothesis", "build")
CAUGHT, SURVIVED, STALE = "caught", "SURVIVED", "does not apply"
_VERDICTS = {0: SURVIVED, 1: CAUGHT}  # pytest's exit codes: all passed, some failed
LONGEST_SECONDS = 900
"""Several times as long as the tests take; a fault that makes them run on is noticed too."""


@dataclass(frozen=True)
class Mutation:
    """A fault: `new` replaces `old`; `wrong` describes the effect on users."""

    file: str
    old: str
    new: str
    wrong: str

    def apply(self, root: Path) -> bool:
        """Change the file below `root`. Returns False unless `old` occurs exactly once."""
        file = root / PACKAGE / self.file
        text = file.read_text("utf-8") if file.exists() else ""
        if text.count(self.old) != 1:
            return False
        file.write_text(text.replace(self.old, self.new), "utf-8")
        return True


def mutations(only: str = "") -> list[Mutation]:
    """Return the mutations whose file or description contains `only`."""
    listed = tomllib.loads(LIST.read_text("utf-8"))["mutation"]
    found = [Mutation(**entry) for entry in listed]
    return [one for one in found if only in f"{one.file}: {one.wrong}"]


def run_tests(root: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run pytest on the copy, up to the first failure."""
    paths = os.pathsep.join(str(root / name) for name in ("src", "testing"))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-rfE", "-p", "no:cacheprovider", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )


def try_one(mutation: Mutation | None, arguments: Sequence[str]) -> tuple[str, str]:
    """Return the verdict on a mutation and the test that failed; None runs the unchanged code."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "copy"
        shutil.copytree(ROOT, root, ignore=LEFT_OUT)
        if mutation and not mutation.apply(root):
            return STALE, ""
        try:
            done = run_tests(root, arguments)
        except subprocess.TimeoutExpired:
            return CAUGHT, f"no end within {LONGEST_SECONDS} s"
    verdict = _VERDICTS.get(done.returncode, f"pytest exited with {done.returncode}")
    summary = ("FAILED tests", "ERROR tests")
    failed = [line for line in done.stdout.splitlines() if line.startswith(summary)]
    return verdict, failed[0] if failed else ""


def report(mutation: Mutation, verdict: str, failed: str) -> None:
    print(f"{verdict:14}  {mutation.file}: {mutation.wrong}", flush=True)
    if failed:
        print(f"{'':14}  {failed.split(' - ', maxsplit=1)[0]}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="mutations", description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="mutations that contain TEXT")
    parser.add_argument("arguments", nargs="+", metavar="PYTEST-ARGUMENT")
    options = parser.parse_args()
    verdict, failed = try_one(None, options.arguments)
    if verdict != SURVIVED:
        print(f"the tests fail without any mutation: {failed or verdict}")
        return 1
    chosen = mutations(options.only)
    verdicts = []
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        tried = workers.map(lambda one: try_one(one, options.arguments), chosen)
        for mutation, (verdict, failed) in zip(chosen, tried, strict=True):
            report(mutation, verdict, failed)
            verdicts.append(verdict)
    caught = verdicts.count(CAUGHT)
    print(f"{caught} of {len(chosen)} caught")
    return 0 if chosen and caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
