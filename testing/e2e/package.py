"""Checks of the package that `sam build` creates: contents, platform and reproducibility."""

from __future__ import annotations

import hashlib
import io
import platform
import re
import sys
import zipfile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 3_000_000
COMES_WITH_THE_RUNTIME = ("boto3", "botocore", "s3transfer")
LEFT_OUT = re.compile(r"(^|/)(analysis|catalog|cli|mcp|reporter|__main__\.py)(/|$)")
PYTHON_FILE = re.compile(r"^(.*?)([^/]+)\.py$")


class Target(NamedTuple):
    """The target of a package: a machine, and Python's cache tag in compiled file names."""

    machine: str
    python: str


ON_LAMBDA = Target("aarch64", "cpython-313")
HERE = Target(platform.machine(), sys.implementation.cache_tag)
ESSENTIAL = ("requests", "aws-lambda-powertools", "msgspec", "isal", "xxhash")


def files_of(package: Path) -> list[Path]:
    return sorted(path for path in package.rglob("*") if path.is_file())


def zipped(package: Path) -> bytes:
    """Zip the package like `sam deploy`: contents and modes matter, times do not."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files_of(package):
            info = zipfile.ZipInfo(str(file.relative_to(package)))
            info.external_attr = file.stat().st_mode << 16
            archive.writestr(info, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def fingerprint(package: Path) -> str:
    """Return a hash that changes with any file's bytes, mode or time."""
    digest = hashlib.sha256(zipped(package))
    for file in files_of(package):
        digest.update(str(file.stat().st_mtime_ns).encode())
    return digest.hexdigest()


def pinned(requirements: Path) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([^\s;\\]+)(.*)$", requirements.read_text(), re.MULTILINE)
    return {_normal(name): version for name, version, _ in found}


def installed(package: Path) -> dict[str, str]:
    names = (path.name.removesuffix(".dist-info") for path in package.glob("*.dist-info"))
    return {_normal(name): version for name, _, version in (text.rpartition("-") for text in names)}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def compiled(package: Path) -> set[str]:
    """Return the package's compiled files; empty if the function's Python was not found."""
    return {str(file.relative_to(package)) for file in package.rglob("*.pyc")}


def faults(package: Path, root: Path, target: Target) -> list[str]:
    """Return all problems of a package built for `target`."""
    names = [str(file.relative_to(package)) for file in files_of(package)]
    sources = [str(file.relative_to(root / "src")) for file in (root / "src").rglob("*.py")]
    sources = [source for source in sources if not LEFT_OUT.search(source)]
    found = [f"{source} is missing" for source in sources if source not in names]
    if have := compiled(package):
        found += [f"{one} is not compiled" for one in sources if _compiled(one, target) not in have]
        found += [f"{one} fits no source" for one in have - {_compiled(x, target) for x in names}]
    found += _wrong_versions(pinned(root / "requirements.txt"), installed(package))
    found += [f"{name} {why}" for name in names if (why := _wrong_file(name, target.machine))]
    return found


def _compiled(source: str, target: Target) -> str:
    return PYTHON_FILE.sub(rf"\1__pycache__/\2.{target.python}.pyc", source)


def _wrong_versions(want: dict[str, str], have: dict[str, str]) -> list[str]:
    """Report packages that lack their pinned version; other platforms' packages may be absent."""
    names = sorted({*have, *map(_normal, ESSENTIAL)})
    return [
        f"{name} is {have.get(name)}, not {want.get(name)}"
        for name in names
        if have.get(name) != want.get(name)
    ]


def _wrong_file(name: str, machine: str) -> str | None:
    if name.partition("/")[0] in COMES_WITH_THE_RUNTIME:
        return "comes with the runtime"
    if re.search(r"(^|/)(tests?|bin|event_handler)/|/RECORD$|direct_url\.json$", name):
        return "must not be in the package"
    if name.endswith(".so") and machine not in name and ".abi3." not in name:
        return f"is not for {machine}"
    return None
