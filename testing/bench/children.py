"""Child processes and what they used; the API's test double is one of them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Usage(NamedTuple):
    """What a finished process has used."""

    cpu: float
    wall: float
    peak_mb: float
    output: str


class Double(NamedTuple):
    """Where the API's test double answers, and its key."""

    url: str
    key: str


def run(command: Sequence[str], environment: dict[str, str], folder: Path) -> Usage:
    """Run a command to its end; RuntimeError with its output if it fails."""
    log = folder / "output"
    began = time.perf_counter()
    with log.open("w") as out:
        child = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=out, stderr=out)
        _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)}: {child.returncode}\n{log.read_text()}")
    return Usage(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, log.read_text())


def plain_environment(**more: str) -> dict[str, str]:
    """An environment without settings of the loader or of AWS that happen to be set here."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'testing'}", **more}


@contextmanager
def double(module: str, *arguments: object) -> Iterator[Double]:
    """The test double as a process, started by a module that prints its address."""
    command, environment = [sys.executable, "-m", module, *map(str, arguments)], plain_environment()
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            said = json.loads(process.stdout.readline())
            yield Double(said["url"], said["key"])
        finally:
            process.terminate()
