"""The documents: links lead somewhere, commands exist, and no setting is left out."""

import re
import shlex
from pathlib import Path

import click
import pytest

from claude_admin_lake.cli import COMMANDS, commands
from claude_admin_lake.settings import VARIABLES
from claude_admin_lake.wiring import ENTERPRISE_KEY_VARIABLE, KEY_VARIABLE

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *ROOT.glob("*.md"),
    *ROOT.glob("docs/*.md"),
    *ROOT.glob("testing/*/*.md"),
]
MAKEFILE = (ROOT / "Makefile").read_text()
every_document = pytest.mark.parametrize(
    "file", DOCUMENTS, ids=[str(one.relative_to(ROOT)) for one in DOCUMENTS]
)


def prose(file):
    """The text without code blocks, where brackets are not links."""
    return re.sub(r"^```.*?^```", "", file.read_text(), flags=re.DOTALL | re.MULTILINE)


def anchors(file):
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(file), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.lower()).strip().replace(" ", "-") for one in headings}


@every_document
def test_every_link_leads_to_a_file_and_its_heading(file):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(file)):
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        found = (file.parent / path).resolve() if path else file
        assert found.exists(), target
        assert not anchor or found.suffix != ".md" or anchor in anchors(found), target


def test_every_document_can_be_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        file = waiting.pop()
        if file in reached or file.suffix != ".md" or not file.is_file():
            continue
        reached.add(file)
        targets = re.findall(r"\]\(([^)\s#]+)", prose(file))
        waiting += [(file.parent / one).resolve() for one in targets if "://" not in one]
    assert {one for one in DOCUMENTS if one.parent == ROOT / "docs"} <= reached


def given_commands(file):
    """The lines of code blocks that call the command."""
    return re.findall(r"^    (?:\S+/)?claude-admin-lake (.+)$", file.read_text(), re.MULTILINE)


@every_document
def test_every_command_has_the_options_that_the_document_gives_it(file):
    for line in given_commands(file):
        name, *arguments = shlex.split(
            re.sub(r"\s+#.*", "", line.replace("[", "").replace("]", ""))
        )
        assert name in {*COMMANDS, "COMMAND"}, line
        if name == "COMMAND" or "..." in arguments:
            continue
        command = commands.get_command(click.Context(commands), name)
        if isinstance(command, click.Group):
            command = command.commands[arguments.pop(0)]
        options = {option for one in command.params for option in one.opts}
        given = {one.partition("=")[0] for one in arguments if one.startswith("--")}
        assert given <= {*options, "--help"}, line


@every_document
def test_every_make_target_exists(file):
    text = file.read_text()
    used = re.findall(r"(?:^    |`)make (?:-\S+ )*([a-z0-9-]+)", text, re.MULTILINE)
    assert [one for one in used if not re.search(rf"^{one}:", MAKEFILE, re.MULTILINE)] == []


def test_the_table_of_settings_has_every_variable_and_option_of_a_day():
    table = (ROOT / "docs" / "deployment.md").read_text()
    names = (*VARIABLES, KEY_VARIABLE, ENTERPRISE_KEY_VARIABLE, "--since", "--tables",
             "--organization")  # fmt: skip
    assert [name for name in names if f"`{name}`" not in table] == []
