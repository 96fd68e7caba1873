"""The report in headless Chromium. Where there is none these tests are skipped, but not in CI."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from matplotlib.image import imread

from claude_admin_lake.cli import main

from .hand import TODAY

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--enable-logging=stderr", "--no-pdf-header-footer",
)  # fmt: skip
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
DARK = "--blink-settings=preferredColorScheme=0"


@pytest.fixture(scope="module")
def browse(loaded, tmp_path_factory):
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        assert "CI" not in os.environ, "install chromium (Debian's package of that name)"
        pytest.skip(f"none of {', '.join(PROGRAMS)} is installed")
    folder = tmp_path_factory.mktemp("browser")
    file = folder / "report.html"
    assert (
        main(["report", "--lake", str(loaded.folder), "--out", str(file), "--today", str(TODAY)])
        == 0
    )

    def run(*flags: str) -> subprocess.CompletedProcess[str]:
        command = [program, *FLAGS, f"--user-data-dir={folder / 'profile'}", *flags, file.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)

    return run


def shot(browse, file: Path, *flags: str):
    """A screenshot as rows of pixels from 0 to 1; the console must be silent."""
    done = browse(f"--screenshot={file}", *flags)
    assert "CONSOLE" not in done.stderr
    return imread(file)[:, :, :3]


@pytest.mark.parametrize("width", [500, 1000])
def test_it_renders_in_light_and_dark_without_a_word_on_the_console(browse, tmp_path, width):
    size = f"--window-size={width},2400"
    light = shot(browse, tmp_path / "light.png", size)
    dark = shot(browse, tmp_path / "dark.png", size, DARK)
    assert light.shape[1] == dark.shape[1] == width
    assert light.mean() > 0.8
    assert dark.mean() < 0.3
    for picture in (light, dark):
        colors = {tuple(pixel) for pixel in picture[::7, ::7].reshape(-1, 3).round(2).tolist()}
        assert len(colors) > 10


def test_the_right_drawing_is_shown_for_the_width(browse):
    done = browse("--dump-dom", "--window-size=500,900")
    assert done.stdout.count("<svg ") == 14
    assert "CONSOLE" not in done.stderr


def test_it_prints(browse, tmp_path):
    file = tmp_path / "report.pdf"
    browse(f"--print-to-pdf={file}")
    pages = len(re.findall(rb"/Type\s*/Page[^s]", file.read_bytes()))
    assert 2 <= pages <= 15
