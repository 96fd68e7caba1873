"""Nothing in the repository looks like a real credential."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECRETS = {
    "an Anthropic key": rb"sk-ant-[a-z]+\d\d-[A-Za-z0-9_-]{60,}",
    "an AWS access key": rb"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    "an AWS secret key": rb"(?i)aws_secret_access_key\W{1,5}[A-Za-z0-9/+]{40}\b",
    "a key of Amazon Bedrock": rb"\bABSK[A-Za-z0-9+/=]{80,}",
    "a signed JSON Web Token": rb"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{80,}",
    "a private key": rb"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a token of a code host": rb"\b(ghp|gho|ghs|github_pat|glpat)[_-][A-Za-z0-9_]{20,}",
}


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False
    ).stdout
    files = [ROOT / name for name in listed.decode().split("\0") if name]
    return [file for file in files if file.is_file()] or list((ROOT / "src").rglob("*.py"))


@pytest.mark.parametrize("kind", SECRETS)
def test_no_file_holds(kind: str) -> None:
    pattern = re.compile(SECRETS[kind])
    found = [str(file.relative_to(ROOT)) for file in tracked() if pattern.search(file.read_bytes())]
    assert found == []


def test_the_patterns_find_what_they_are_for() -> None:
    made = {
        "an Anthropic key": b"sk-ant-" + b"admin01-" + b"a" * 80,
        "an AWS access key": b"AK" + b"IA" + b"Q" * 16,
        "an AWS secret key": b"aws_secret_access_key = " + b"s" * 40,
        "a key of Amazon Bedrock": b"ABSK" + b"a" * 100,
        "a signed JSON Web Token": b"eyJ" + b"a" * 20 + b".eyJ" + b"b" * 20 + b"." + b"c" * 340,
        "a private key": b"-----BEGIN " + b"RSA PRIVATE KEY-----",
        "a token of a code host": b"gh" + b"p_" + b"x" * 36,
    }
    assert all(re.search(SECRETS[kind], text) for kind, text in made.items())
