"""How a capture shows itself: a picture from the program, a table, a line."""

import struct
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
import torch
from torch import nn

from lenet_viz.capture import shown
from lenet_viz.capture.api import capture
from lenet_viz.capture.records import Capture
from tests.panels.runs import odd_captures

ODD = odd_captures()
# A pretend program: it writes its last word's file and notes that it ran.
DRAWS = """\
import os, sys
assert os.environ["QT_QPA_PLATFORM"] == "offscreen"
assert os.path.getsize(sys.argv[2]) > 0
open(sys.argv[-1], "wb").write(b"\\x89PNG\\r\\n\\x1a\\n" + b"picture")
open({note!r}, "a").write("x")
"""


@pytest.fixture
def made() -> Capture:
    return capture(nn.Sequential(nn.Linear(3, 2), nn.ReLU()), torch.ones(1, 3), seed=0)


def pretend(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    def command(*words: str) -> tuple[str, ...]:
        return (sys.executable, "-c", code, *words)

    monkeypatch.setattr(shown, "program_command", command)


class Cells(HTMLParser):
    """The texts of a page's cells and the tags that it has."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        self._in_cell = tag in ("td", "th")
        if self._in_cell:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] += data


def read(html: str) -> Cells:
    cells = Cells()
    cells.feed(html)
    return cells


def test_the_program_itself_draws_it(made: Capture) -> None:
    picture = made._repr_png_()
    assert picture is not None
    width, height = struct.unpack(">II", picture[16:24])
    assert width == 2 * shown.WIDTH
    assert height > 200


def test_a_picture_is_drawn_once_for_each_capture(
    made: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    note = tmp_path / "note"
    pretend(monkeypatch, DRAWS.format(note=str(note)))
    assert made._repr_png_() == b"\x89PNG\r\n\x1a\npicture"
    assert "data:image/png;base64,iVBORw0KGgpwaWN0dXJl" in made._repr_html_()
    assert note.read_text() == "x"
    key = id(made)
    assert key in shown._pictures


def test_pictures_go_with_their_captures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pretend(monkeypatch, DRAWS.format(note=str(tmp_path / "note")))
    before = len(shown._pictures)
    own = capture(nn.ReLU(), torch.ones(2))
    assert own._repr_png_() is not None
    del own
    assert len(shown._pictures) == before


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit(2)",
        "pass",
        "import sys; open(sys.argv[-1], 'wb').write(b'no picture')",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    ],
)
def test_where_none_can_be_drawn_the_table_stays(
    code: str, made: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, code)
    assert made._repr_png_() is None
    page = read(made._repr_html_())
    assert "img" not in page.tags
    assert [row[0] for row in page.rows] == ["step", *made.steps.keys()]


def test_a_program_that_hangs_is_given_up(made: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, "import time; time.sleep(60)")
    monkeypatch.setattr(shown, "TIME_LIMIT", 0.3)
    begun = time.monotonic()
    assert made._repr_png_() is None
    assert time.monotonic() - begun < 10


def test_without_an_interpreter_there_is_no_picture(
    made: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown, "program_command", lambda *words: ("/nowhere/python",))
    assert made._repr_png_() is None


@pytest.mark.parametrize("name", list(ODD))
def test_any_run_has_a_table_and_fits_on_one_line(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, "raise SystemExit(1)")
    made = ODD[name]()
    page = read(made._repr_html_())
    assert len(page.rows) == len(made.steps) + 1
    assert {len(row) for row in page.rows} == {5}
    assert "\n" not in repr(made)
    assert len(repr(made)) < 200


def test_the_table_says_what_torch_says(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, "raise SystemExit(1)")
    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    x = torch.ones(1, 3)
    page = read(capture(net, x, backward="output:0", seed=0)._repr_html_())
    assert page.rows[1][2] == str(tuple(net[0](x).shape))
    numbers = {name: parameter.numel() for name, parameter in net.named_parameters()}
    assert page.rows[1][3] == ", ".join(f"{name} {count}" for name, count in numbers.items())
    assert page.rows[1][4] == "present"


def test_names_are_no_html(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, "raise SystemExit(1)")
    net = nn.Sequential()
    net.add_module("<script>alert(1)</script>", nn.Linear(2, 2))
    html = capture(net, torch.ones(1, 2))._repr_html_()
    assert "script" not in read(html).tags
    assert "&lt;script&gt;" in html


def test_a_run_of_thousands_of_steps_waits_for_no_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pretend(monkeypatch, "raise SystemExit('not called')")
    monkeypatch.setattr(shown, "MOST_STEPS", 3)
    monkeypatch.setattr(shown, "_drawn", lambda made: pytest.fail("it is drawn"))
    made = capture(nn.Sequential(*[nn.ReLU() for _ in range(5)]), torch.ones(2))
    page = made._repr_html_()
    assert len(read(page).rows) == 4
    assert "2 more steps" in page
