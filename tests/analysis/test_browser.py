"""The report in headless Chromium. Without Chromium these tests are skipped; in CI they fail."""

import base64
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import axe_core_python
import pytest
from PIL import Image

from claude_admin_lake.cli import main
from hand_made import TODAY

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--enable-logging=stderr", "--no-pdf-header-footer",
)  # fmt: skip
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
BUDGETS = """\
scope,id,amount_usd
organization,,1
workspace,a-workspace-with-a-name-that-is-far-too-long-for-a-column,5
workspace,default,100000
"""
DARK = "--blink-settings=preferredColorScheme=0"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        assert "CI" not in os.environ, "install chromium (Debian's package of that name)"
        pytest.skip(f"none of {', '.join(PROGRAMS)} is installed")
    profile = tmp_path_factory.mktemp("profile")

    def run(file: Path, *flags: str) -> subprocess.CompletedProcess[str]:
        command = [program, *FLAGS, f"--user-data-dir={profile}", *flags, file.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)

    return run


@pytest.fixture(scope="module")
def page(loaded, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    lake, file, budgets = (folder / name for name in ("lake", "report.html", "budgets.csv"))
    lake.mkdir()
    for table in loaded.folder.iterdir():
        (lake / table.name).symlink_to(table)
    budgets.write_text(BUDGETS)
    assert main(["budgets", "set", str(budgets), "--lake", str(lake), "--quiet"]) == 0
    arguments = ["report", "--lake", str(lake), "--out", str(file)]
    assert main([*arguments, "--today", str(TODAY)]) == 0
    return file


SAY = "const say = (what) => document.body.replaceChildren(JSON.stringify(what));"


@pytest.fixture
def driven(chromium, page, tmp_path):
    """Runs a script in the page, whose policy permits it as well; returns what it says."""

    def run(script: str, *flags: str) -> object:
        script = f"{{ {SAY} {script} }}"
        allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        text = page.read_text("utf-8").replace("script-src ", f"script-src 'sha256-{allowed}' ", 1)
        file = tmp_path / "driven.html"
        file.write_text(text.replace("</body>", f"<script>{script}</script></body>"), "utf-8")
        done = chromium(file, "--dump-dom", "--virtual-time-budget=20000", *flags)
        assert "CONSOLE" not in done.stderr
        (said,) = re.findall(r"<body>(.*)</body>", done.stdout, re.DOTALL)
        return json.loads(html.unescape(said))

    return run


def shot(chromium, page: Path, file: Path, *flags: str) -> Image.Image:
    """A screenshot; the console must be silent."""
    done = chromium(page, f"--screenshot={file}", *flags)
    assert "CONSOLE" not in done.stderr
    return Image.open(file).convert("RGB")


def brightness(picture: Image.Image) -> float:
    return picture.convert("L").resize((1, 1)).getpixel((0, 0)) / 255


@pytest.mark.parametrize("width", [390, 1440])
def test_it_renders_in_light_and_dark_without_a_word_on_the_console(
    chromium, page, tmp_path, width
):
    size = f"--window-size={width},2400"
    light = shot(chromium, page, tmp_path / "light.png", size)
    dark = shot(chromium, page, tmp_path / "dark.png", size, DARK)
    assert light.width == dark.width == width
    assert brightness(light) > 0.8
    assert brightness(dark) < 0.3
    for picture in (light, dark):
        assert len(picture.resize((200, 200)).getcolors(40_000)) > 10


OVERFLOW = """
const right = (one) => one.getBoundingClientRect().right;
const cells = [...document.querySelectorAll(".table :is(th, td)")]
  .filter((one) => !one.closest("figure"));
const beyond = [
  ...[...document.querySelectorAll("main *:not(svg *, figure table, figure table *)")]
    .filter((one) => right(one) > innerWidth + 1),
  ...cells.filter((one) => right(one) > right(one.closest(".table")) + 1),
];
say([beyond.map((one) => one.outerHTML.slice(0, 90)), innerWidth]);
"""


@pytest.mark.parametrize("width", [500, 820, 1280, 1600])
def test_nothing_is_wider_than_its_place(driven, width):
    beyond, inside = driven(OVERFLOW, f"--window-size={width},900")
    assert inside == width
    assert beyond == []


AXE = """
axe.run(document).then((found) => say({
  violations: found.violations.map((one) => [one.id, one.nodes.map((node) => node.html)]),
  passes: found.passes.length,
}));
"""


@pytest.mark.parametrize(
    "flags", [(), (DARK, "--window-size=500,900")], ids=["light", "dark, on a phone"]
)
def test_axe_finds_nothing(driven, flags):
    axe = Path(axe_core_python.__file__).with_name("axe.min.js").read_text("utf-8")
    found = driven(f"{axe};{AXE}", *flags)
    assert found["violations"] == []
    assert found["passes"] > 20


FILTER = """
const first = (kind) => document.querySelector(`#t-${kind} tbody tr`);
const shown = (kind) => [...document.querySelectorAll(`#t-${kind} tbody tr:not([hidden])`)]
  .map((row) => [row.cells[0].textContent, Number(row.querySelector("data").value)]);
const sum = (kind) => shown(kind).reduce((total, [, one]) => total + one, 0);
const before = { w: shown("w"), m: shown("m"), sum: sum("w") };
const path = document.querySelector("#c-spend .area path").getAttribute("d");
first("w").querySelector("button").click();
const one = { m: sum("m"), k: sum("k"), said: document.querySelector("#filter p").textContent };
const drawn = document.querySelector("#c-spend .area path").getAttribute("d");
document.querySelector("#filter select").value = "23";
document.querySelector("#filter select").onchange();
const week = { m: sum("m"), k: sum("k") };
document.querySelector("#filter button").click();
const again = document.querySelector("#c-spend .area path").getAttribute("d");
say({ before, one, week, changed: path !== drawn, restored: path === again, after: sum("w") });
"""


def test_a_workspace_and_a_week_can_be_chosen(driven, loaded_oracle):
    found = driven(FILTER)
    name, cost = found["before"]["w"][0]
    assert abs(found["one"]["m"] - cost) < 0.01
    assert abs(found["one"]["k"] - cost) < 0.01
    assert f"Workspace {name}" in found["one"]["said"]
    sql = "SELECT sum(cost_usd) FROM cost_daily WHERE day > DATE '2026-11-12' AND workspace_name = "
    expected = float(loaded_oracle.query(f"{sql}'{name}'").fetchone()[0])
    assert abs(found["week"]["m"] - expected) < 0.01
    assert abs(found["week"]["k"] - expected) < 0.01
    assert found["changed"]
    assert found["restored"]
    assert found["after"] == found["before"]["sum"]


TABLES = """
const table = document.querySelector("#t-freshness");
const rows = () => [...table.tBodies[0].rows].filter((row) => !row.hidden);
const names = () => rows().map((row) => row.cells[0].textContent);
const heads = [...table.tHead.rows[0].cells];
heads[0].querySelector("button").click();
const up = names(), sorted = heads[0].ariaSort;
heads[0].querySelector("button").click();
const down = names();
const field = table.parentElement.querySelector("input");
field.value = up[1].toUpperCase();
field.oninput();
say({ up, down, sorted, found: names() });
"""


def test_tables_are_sorted_and_searched(driven):
    found = driven(TABLES)
    assert found["sorted"] == "ascending"
    assert found["up"] == sorted(found["up"])
    assert found["down"] == found["up"][::-1]
    assert found["up"][1] in found["found"]
    assert len(found["found"]) < len(found["up"])


KEYS = """
const figure = document.querySelector("#c-spend");
const plot = figure.querySelector(".plot"), tip = figure.querySelector(".tip");
const press = (key) => plot.onkeydown(new KeyboardEvent("keydown", { key }));
plot.focus();
const last = tip.textContent;
press("Home");
const first = tip.textContent;
press("ArrowRight");
const second = tip.textContent;
press("Escape");
const box = figure.querySelector(".area").getBoundingClientRect();
const closed = tip.hidden;
plot.onpointerdown(new PointerEvent("pointerdown", { clientX: box.left + box.width / 2 }));
const touched = tip.textContent;
const item = figure.querySelector(".legend button");
item.click();
say({ last, first, second, closed, touched, pressed: item.ariaPressed });
"""


def test_values_are_read_by_keyboard_and_touch_and_models_switched_off(driven):
    found = driven(KEYS, "--window-size=1200,900")
    assert found["last"].startswith("Nov 19")
    assert found["first"].startswith("Oct 21")
    assert found["second"].startswith("Oct 22")
    assert "$" in found["first"]
    assert found["closed"]
    assert found["touched"].startswith(("Nov 4", "Nov 5"))
    assert found["pressed"] == "false"


def test_print_shows_what_is_closed_on_the_screen(chromium, page, tmp_path):
    opened = tmp_path / "opened.html"
    opened.write_text(page.read_text("utf-8").replace("<details", "<details open"), "utf-8")
    pages = []
    for file in (page, opened):
        printed = tmp_path / f"{file.stem}.pdf"
        chromium(file, f"--print-to-pdf={printed}")
        pages.append(len(re.findall(rb"/Type\s*/Page[^s]", printed.read_bytes())))
    assert pages[0] == pages[1] >= 4


def test_it_is_readable_without_scripts(chromium, page, tmp_path):
    without = re.sub(r"<script.*?</script>", "", page.read_text("utf-8"), flags=re.DOTALL)
    file = tmp_path / "plain.html"
    file.write_text(without, "utf-8")
    done = chromium(file, "--dump-dom", "--window-size=390,900")
    assert "CONSOLE" not in done.stderr
    assert "hidden" in re.findall(r'<form id="filter"[^>]*>', done.stdout)[0]
    assert done.stdout.count("<figure") == 6
