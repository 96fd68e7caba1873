"""Sets up the FinOps Foundation's FOCUS validator in `.venv-focus`, unless it is there.

It has an environment of its own, because it pins older versions of what the project uses. Prints
why if it cannot be set up; that is no error, because its dependencies have wheels for Python 3.12
only. Needs nothing but the standard library.
"""

import os
import shutil
import subprocess
import sys
from itertools import chain
from pathlib import Path

ENVIRONMENT = Path(__file__).parents[3] / ".venv-focus"
_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_READY = ENVIRONMENT / "ready.txt"


class Unavailable(Exception):
    """The validator cannot be set up here."""


def set_up() -> Path:
    """Return the folder that the validator finds its rules in. Raises Unavailable."""
    wanted = _REQUIREMENTS.read_text()
    if not _READY.exists() or _READY.read_text() != wanted:
        _install()
        _READY.write_text(wanted)
    return next(ENVIRONMENT.glob("lib/python*/site-packages"))


def _install() -> None:
    python = _python312()
    if python is None:
        raise Unavailable("the validator needs Python 3.12, which was not found")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    subprocess.run([python, "-m", "venv", ENVIRONMENT], check=True)
    pip = [ENVIRONMENT / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check"]
    options = ["--quiet", "--require-hashes", "--no-deps", "--no-compile"]
    done = subprocess.run(
        [*pip, *options, "-r", _REQUIREMENTS], capture_output=True, text=True, check=False
    )
    if done.returncode:
        why = done.stderr.strip().rpartition("\n")[2]
        raise Unavailable(f"the validator cannot be installed: {why}")


def _python312() -> str | None:
    """An interpreter that the validator's dependencies have wheels for."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = chain(
        [sys.executable, shutil.which("python3.12") or ""],
        map(str, sorted(pyenv.glob("versions/3.12*/bin/python3.12"))),
    )
    return next((one for one in found if one and _is_312(one)), None)


def _is_312(python: str) -> bool:
    asked = [python, "-c", "import sys; print(sys.version_info[:2])"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout == "(3, 12)\n"


if __name__ == "__main__":
    try:
        set_up()
    except Unavailable as error:
        sys.stdout.write(f"FOCUS will not be validated: {error}\n")
