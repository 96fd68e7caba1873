"""Build a function's package in a directory from src/ and the wheels of its requirements.

pip downloads wheels for the function's platform, not for this machine, so any Python on any system
can build the package for Lambda. The same inputs give the same bytes: pip's records are removed,
and all files have the same timestamp and mode.

The modules that a run imports are compiled if the function's version of Python is installed.
Lambda's package directory is read-only, so every cold start would compile them again.

FUNCTION_PLATFORM=local builds for the current interpreter, for use in the emulated account.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

PYTHON_VERSION = "3.13"
PLATFORMS = {
    # Amazon Linux 2023 has glibc 2.34, which also runs wheels built for older versions.
    "arm64": ("manylinux2014_aarch64", "manylinux_2_17_aarch64", "manylinux_2_28_aarch64"),
    "x86_64": ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64"),
}
ROOT = Path(__file__).resolve().parent.parent
EARLIEST_ZIP_TIME = 315_619_200  # 1980-01-02: the earliest that a zip holds in any time zone
INSTALLER_NOTES = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
NEVER_IMPORTED = ("bin", "aws_lambda_powertools/event_handler")
"""Commands, and a web framework that takes a fifth of the package."""
NOT_COMPILED = "/(utilities|contrib|cli)/"
"""Pattern of library modules that are packaged but never imported by a run."""
ON_LAMBDA = "/var/task"


def wheels_for(platform: str) -> list[str]:
    if platform == "local":
        return []
    targets = [f"--platform={name}" for name in PLATFORMS[platform]]
    return [
        *targets,
        f"--python-version={PYTHON_VERSION}",
        "--implementation=cp",
        "--only-binary=:all:",
    ]


def install_dependencies(target: Path, platform: str, requirements: str) -> None:
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
            "--no-compile",
            "--no-warn-conflicts",
            f"--requirement={ROOT / requirements}",
            f"--target={target}",
            "--upgrade",
            *wheels_for(platform),
        ],
        check=True,
    )


def drop_what_does_not_run(target: Path) -> None:
    for name in NEVER_IMPORTED:
        shutil.rmtree(target / name, ignore_errors=True)
    for folder in [*target.rglob("__pycache__"), *target.glob("*/tests")]:
        shutil.rmtree(folder)
    for note in INSTALLER_NOTES:
        for file in target.glob(f"*.dist-info/{note}"):
            file.unlink()


class Package(NamedTuple):
    """A function's package: its locked requirements, and the parts of src/ that it leaves out."""

    requirements: str
    without: tuple


PACKAGES = {
    "LoadFunction": Package(
        "requirements.txt",
        ("analysis", "catalog", "cli", "mcp", "reporter", "__main__.py"),
    ),
    "ReportFunction": Package(
        "requirements-reporter.txt", ("handler", "function", "cli", "mcp", "__main__.py")
    ),
}
"""What `sam build` builds, by the functions' logical ids."""

WIDGET_FUNCTION = "WidgetFunction"
WIDGET_FILES = ("__init__.py", "reporter/__init__.py", "reporter/widgets.py")
"""All files that the widgets' function needs in addition to Lambda's runtime."""


def copy_sources(target: Path, package: Package) -> None:
    ignored = ("__pycache__", "*.pyc", ".*", "*.egg-info", *package.without)
    shutil.copytree(
        ROOT / "src", target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*ignored)
    )


def copy_widgets(target: Path) -> None:
    for name in WIDGET_FILES:
        to = target / "claude_admin_lake" / name
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "src" / "claude_admin_lake" / name, to)


def compiler_for(platform: str) -> str | None:
    """Find an interpreter of the function's Python version, or return None."""
    if platform == "local":
        return sys.executable
    ask = "import sys; print(*sys.version_info[:2], sep='.')"
    for python in (sys.executable, f"python{PYTHON_VERSION}"):
        with contextlib.suppress(OSError):
            said = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
            if said.stdout.strip() == PYTHON_VERSION:
                return python
    return None


def compile_sources(target: Path, python: str) -> None:
    """Compile without checks for changed sources: on Lambda, sources never change."""
    subprocess.run(
        [
            python,
            "-m",
            "compileall",
            "-qq",
            "--invalidation-mode=unchecked-hash",
            "-s.",
            f"-p{ON_LAMBDA}",
            f"-x{NOT_COMPILED}",
            ".",
        ],
        cwd=target,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        check=True,
    )


def make_reproducible(target: Path) -> None:
    for path in sorted(target.rglob("*"), reverse=True):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (EARLIEST_ZIP_TIME, EARLIEST_ZIP_TIME))


def build(target: Path, platform: str, function: str = "LoadFunction") -> None:
    target.mkdir(parents=True, exist_ok=True)
    if function == WIDGET_FUNCTION:
        copy_widgets(target)
    else:
        package = PACKAGES[function]
        install_dependencies(target, platform, package.requirements)
        drop_what_does_not_run(target)
        copy_sources(target, package)
    if python := compiler_for(platform):
        compile_sources(target, python)
    else:
        print(f"python{PYTHON_VERSION} not found: nothing is compiled, cold starts take longer")
    make_reproducible(target)


if __name__ == "__main__":
    build(Path(sys.argv[1]), os.environ.get("FUNCTION_PLATFORM", "arm64"), *sys.argv[2:])
