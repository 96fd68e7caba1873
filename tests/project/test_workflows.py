"""The files that run the project's checks elsewhere: workflows, dependabot, forms, hooks."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("[!c]*.yml"))
HOOKS = ROOT / ".pre-commit-config.yaml"
EVERY_FILE = [*sorted((ROOT / ".github").rglob("*.yml")), HOOKS]
PYTHONS = ["3.11", "3.12", "3.13"]


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text("utf-8"))


def steps(file: Path) -> list[dict[str, Any]]:
    return [step for job in read(file)["jobs"].values() for step in job["steps"]]


def named(files: list[Path]) -> Any:
    return pytest.mark.parametrize("file", files, ids=[file.name for file in files])


def test_ci_runs_what_must_hold_before_a_change_lands_on_every_python() -> None:
    (job,) = read(ROOT / ".github/workflows/ci.yml")["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == PYTHONS
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_a_release_is_tested_like_any_change() -> None:
    runs = [step["run"] for step in steps(ROOT / ".github/workflows/release.yml") if "run" in step]
    assert runs.index(".ci/run") < runs.index("make dist")


@named(WORKFLOWS)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(file: Path) -> None:
    lines = [line for line in file.read_text("utf-8").splitlines() if "uses:" in line]
    assert lines
    for line in lines:
        assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_an_action_has_one_pin_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for file in WORKFLOWS:
        for step in steps(file):
            if "uses" in step:
                action, _, commit = step["uses"].partition("@")
                pins.setdefault(action, set()).add(commit)
    assert all(len(commits) == 1 for commits in pins.values()), pins


@named(WORKFLOWS)
def test_a_workflow_has_the_least_permissions_and_an_end(file: Path) -> None:
    workflow = read(file)
    assert workflow["permissions"] in ({}, {"contents": "read"})
    assert workflow["concurrency"]["group"]
    assert all(job["timeout-minutes"] <= 45 for job in workflow["jobs"].values())
    for step in steps(file):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@named(FORMS)
def test_a_form_has_what_forms_need_and_warns_of_pasted_keys(file: Path) -> None:
    form = read(file)
    assert form["name"]
    assert form["description"]
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert all(field["attributes"]["label"] for field in fields)
    assert len({field["id"] for field in fields}) == len(fields)
    assert re.search(r"never paste a key", file.read_text("utf-8"), re.IGNORECASE)


def test_dependabot_watches_every_lock() -> None:
    updates = {
        one["package-ecosystem"]: one for one in read(ROOT / ".github/dependabot.yml")["updates"]
    }
    assert set(updates) == {"pip", "github-actions"}
    for folder in updates["pip"]["directories"]:
        assert list((ROOT / folder.strip("/")).glob("requirements*.txt")), folder


def test_the_hooks_call_the_projects_own_tools() -> None:
    local = next(repo for repo in read(HOOKS)["repos"] if repo["repo"] == "local")
    assert {hook["entry"].split()[0] for hook in local["hooks"]} == {
        ".venv/bin/ruff",
        ".venv/bin/mypy",
    }


@pytest.mark.parametrize("file", EVERY_FILE, ids=[file.name for file in EVERY_FILE])
def test_a_file_is_yaml_without_repeated_keys(file: Path) -> None:
    """YAML parsers silently keep the last of two equal keys."""
    for node in _mappings(yaml.compose(file.read_text("utf-8"))):
        keys = [key.value for key, _ in node.value]
        assert len(set(keys)) == len(keys)


def _mappings(node: yaml.Node) -> list[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        return [node, *(found for _, value in node.value for found in _mappings(value))]
    if isinstance(node, yaml.SequenceNode):
        return [found for value in node.value for found in _mappings(value)]
    return []
