"""Imports point downwards, and the outside world has one door each."""

import ast
from functools import cache
from pathlib import Path

import pytest

import claude_admin_lake

ROOT = Path(claude_admin_lake.__file__).parent
MODULES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(
        file.read_text("utf-8")
    )
    for file in sorted(ROOT.rglob("*.py"))
}
every_module = pytest.mark.parametrize("module", MODULES)

# From the bottom up: a module may import those above it in this list, and nothing below.
LAYERS = [
    "__init__",
    "errors",
    "days",
    "clock",
    "shapes",
    "shapes.stamps",
    "shapes.buckets",
    "shapes.one_day",
    "shapes.rows",
    "shapes.events",
    "tables.types",
    "tables.money",
    "tables.columns",
    "tables.analytics_columns",
    "tables.access_columns",
    "tables.enterprise_users",
    "tables.enterprise_columns",
    "tables.activity_columns",
    "tables.paging",
    "tables.access",
    "tables.table",
    "tables.analytics",
    "tables.lists",
    "tables.enterprise",
    "tables.activity",
    "tables.registry",
    "tables.groups",
    "tables",
    "parsers",
    "own.table",
    "own.budgets",
    "own.prices",
    "own.lines",
    "own.reading",
    "own",
    "settings",
    "plan",
    "plan.place",
    "plan.accept",
    "plan.carry",
    "plan.span",
    "plan.request",
    "plan.event",
    "plan.start",
    "plan.cursor",
    "plan.served",
    "plan.read",
    "plan.table_plan",
    "records",
    "records.tree",
    "records.essentials",
    "records.layout",
    "records.split",
    "records.odd",
    "records.lines",
    "records.totals",
    "lake",
    "lake.keys",
    "lake.packing",
    "lake.folder",
    "lake.s3_object",
    "lake.s3",
    "state",
    "state.file",
    "state.dynamodb",
    "source",
    "source.kinds",
    "source.accounts",
    "source.credential",
    "source.key_headers",
    "source.pace",
    "source.retry",
    "source.exchange",
    "source.wording",
    "source.query",
    "source.surrogates",
    "source.pages",
    "source.seams",
    "source.newest",
    "source.prefetch",
    "source.api",
    "source.federation",
    "source.parents",
    "source.steps",
    "source.reader",
    "run",
    "run.notes",
    "run.outcome",
    "run.result",
    "run.slices",
    "run.identity",
    "run.preview",
    "run.trouble",
    "run.retries",
    "run.context",
    "run.seen",
    "run.staging",
    "run.snapshot",
    "run.day_writer",
    "run.table_run",
    "run.load_runs",
    "run.services",
    "run.planning",
    "run.missing",
    "run.loading",
    "run.run",
    "check",
    "check.probe",
    "check.asking",
    "check.estimate",
    "check.fields",
    "check.report",
    "metrics.measures",
    "metrics.metric",
    "metrics.listed",
    "metrics",
    "run.loaded_event",
    "run.brief",
    "run.side_by_side",
    "aws",
    "aws.clients",
    "aws.secret",
    "aws.identity",
    "wiring",
    "function",
    "function.telemetry",
    "function.invocation",
    "function.announcement",
    "function.one_run",
    "function.several",
    "function.app",
    "spelling",
    "resume",
    "laptop",
    "library",
    "catalog",
    "analysis",
    "reporter",
    "mcp",
    "cli",
    "cli.options",
    "cli.written",
    "cli.warnings",
    "cli.problems",
    "cli.interrupt",
    "cli.tracker",
    "cli.progress",
    "cli.summary",
    "cli.load",
    "cli.check_text",
    "cli.check",
    "cli.lake",
    "cli.sql",
    "cli.export",
    "cli.report",
    "cli.own",
    "cli.budgets",
    "cli.prices",
    "cli.mcp",
    "launch",
    "__main__",
]
ROOMS = {"catalog", "analysis", "reporter", "mcp"}
"""Packages with one place in the order for all their modules, which import each other freely."""

IMPORTED_ON_FIRST_USE = {("__init__", "library")}

ENVIRONMENT = {
    "settings",
    "function.app",
    "laptop",
    "library",
    "mcp.local",
    "reporter.app",
    "reporter.widgets",
}
TIME = {
    "sleep": {"clock"},
    "monotonic": {"clock"},
    "perf_counter": set(),
    "now": {"clock"},
    "utcnow": set(),
    "today": set(),
}
THIRD_PARTIES = {
    "requests": {"source.exchange", "source.api", "source.wording"},
    "boto3": {"analysis.bucket", "mcp.athena"},
    "botocore": {
        "mcp.athena",
        "analysis.bucket",
        "aws.clients",
        "aws.identity",
        "aws.secret",
        "lake.s3",
        "lake.s3_object",
        "state.dynamodb",
        "reporter.outside",
        "reporter.widgets",
    },
    "aws_lambda_powertools": {"function.app", "function.telemetry"},
    "msgspec": {
        "shapes",
        "shapes.stamps",
        "shapes.buckets",
        "shapes.one_day",
        "shapes.rows",
        "shapes.events",
        "tables.types",
        "records.tree",
        "records.layout",
        "records.split",
        "records.lines",
        "records.totals",
        "run.seen",
        "source.pages",
        "source.seams",
        "source.api",
        "source.federation",
        "source.parents",
        "source.steps",
        "source.reader",
        "check.probe",
        "check.fields",
        "check.report",
        "run.staging",
        "run.snapshot",
    },
}
VALUE_TYPES = {"msgspec.Struct", "msgspec.field", "msgspec.structs.replace"}


@cache
def imports(module: str) -> set[str]:
    """What a module imports, absolute: `claude_admin_lake.x.y` or another package's name."""
    found: set[str] = set()
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, [base_of(module, node.level), node.module]))
            found |= {f"{base}.{alias.name}" for alias in node.names}
    return found


def base_of(module: str, level: int) -> str:
    """The package that a relative import of this level starts from; none if it is absolute."""
    if not level:
        return ""
    parts = ["claude_admin_lake", *module.split(".")]
    is_package = (ROOT / module.replace(".", "/") / "__init__.py").exists()
    if module == "__init__":
        parts, is_package = ["claude_admin_lake"], True
    up = level - 1 if is_package else level
    return ".".join(parts[: len(parts) - up])


@cache
def own_imports(module: str) -> set[str]:
    """The package's own modules that a module imports."""
    found = set()
    for name in imports(module):
        if name == "claude_admin_lake" or name.startswith("claude_admin_lake."):
            inner = name.removeprefix("claude_admin_lake").removeprefix(".")
            while inner and inner not in MODULES:
                inner = inner.rpartition(".")[0]
            found.add(inner or "__init__")
    return found


def imported_by(module: str) -> set[str]:
    """Like `own_imports`, without the module itself and what is imported on first use only."""
    inner = {name for name in own_imports(module) if (module, name) not in IMPORTED_ON_FIRST_USE}
    return inner - {module}


def layer_of(module: str) -> str:
    """The module's entry in `LAYERS`."""
    room = module.partition(".")[0]
    return room if room in ROOMS else module


def names_used(module: str) -> set[str]:
    """Every attribute and plain name in a module's code."""
    nodes = list(ast.walk(MODULES[module]))
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return attributes | {node.id for node in nodes if isinstance(node, ast.Name)}


@cache
def calls_of(module: str) -> set[str]:
    """What a module takes from the clocks of the standard library: `datetime.now`, `sleep`."""
    found = set()
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found |= {node.attr} if node.value.id in ("time", "datetime", "date", "dt") else set()
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found |= {alias.name for alias in node.names}
    return found & set(TIME)


def test_every_module_has_its_place_in_the_order():
    assert sorted(LAYERS) == sorted({layer_of(module) for module in MODULES})


@every_module
def test_imports_point_downwards(module):
    place = LAYERS.index(layer_of(module))
    upwards = {name for name in own_imports(module) if LAYERS.index(layer_of(name)) > place}
    assert {(module, name) for name in upwards} <= IMPORTED_ON_FIRST_USE


@every_module
def test_no_module_imports_itself_through_others(module):
    reached: set[str] = set()
    next_ones = imported_by(module)
    while next_ones:
        reached |= next_ones
        next_ones = {inner for name in next_ones for inner in imported_by(name)} - reached
    assert module not in reached


def test_the_environment_is_read_at_the_top_only():
    readers = {module for module in MODULES if {"environ", "getenv"} & names_used(module)}
    assert readers <= ENVIRONMENT


@pytest.mark.parametrize(("call", "allowed"), TIME.items())
def test_nobody_asks_the_time_but_the_clock(call, allowed):
    assert {module for module in MODULES if call in calls_of(module)} <= allowed


@pytest.mark.parametrize(("package", "doors"), THIRD_PARTIES.items())
def test_each_third_party_has_few_doors(package, doors):
    assert {module for module in MODULES if package in packages_of(module)} == doors


def packages_of(module: str) -> set[str]:
    """The packages that a module uses for more than declaring its value types."""
    return {name.partition(".")[0] for name in imports(module) - VALUE_TYPES}


def test_importing_the_core_needs_no_aws():
    core = LAYERS[: LAYERS.index("state.dynamodb")]
    for module in set(core) - {"lake.s3", "lake.s3_object"}:
        assert not {"boto3", "botocore"} & packages_of(module)


def test_no_table_is_named_in_general_code():
    tables = {"claude_code_usage", "usage_report", "cost_report", "api_keys", "invites",
              "workspace_members"}  # fmt: skip
    for module in set(MODULES) - {"tables.registry"}:
        constants = {
            node.value
            for node in ast.walk(MODULES[module])
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not tables & constants, module
