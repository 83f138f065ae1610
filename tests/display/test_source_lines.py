from collections.abc import Mapping
from dataclasses import replace

import pytest

from lenet_viz.capture.named import Named
from lenet_viz.capture.read_only import ReadOnly
from lenet_viz.capture.records import Capture, ModelRecord, SourceLine, Step
from lenet_viz.display.source_excerpt import AROUND, excerpt, narrowed
from lenet_viz.display.source_lines import (
    GAP,
    LEFT_OUT,
    LONGEST,
    Text,
    first_number,
    next_step,
    short_names,
    source_files,
)
from lenet_viz.network import code, presets
from lenet_viz.wording import Message, message

TEXT = "import torch\n\nclass Net:\n    def forward(self, x):\n        return relu(x) + 1\n"


def step(name: str, line: SourceLine | None, error: Message | None = None) -> Step:
    return Step(name, name, "", "", 1, 1, (), (), (), (), source_line=line, error=error)


def capture(
    steps: list[Step],
    sources: Mapping[str, str] | None = None,
    error: Message | None = None,
    **model: str,
) -> Capture:
    record = ModelRecord("Net", "Net()", training=False, weights_hash="", **model)
    return Capture(
        model=record,
        steps=Named(steps),
        sources=ReadOnly(sources or {}),
        input_values=(),
        input_names=(),
        input_grad_keys=(),
        parameters=Named([]),
        constants=ReadOnly({}),
        output=None,
        output_grad_fn="",
        objective=None,
        settings={},
        versions={},
        error=error,
    )


def ran(number: int, text: str, file: str = "/a/net.py") -> SourceLine:
    return SourceLine(file, number, text)


LINE = ran(5, "return relu(x) + 1")


def test_a_line_knows_its_steps_in_their_order() -> None:
    made = capture([step("relu", LINE), step("add", LINE)], {"/a/net.py": TEXT})
    (file,) = source_files(made)
    assert file.text is Text.WHOLE
    assert "\n".join(file.texts) + "\n" == TEXT
    assert file.numbers == (1, 2, 3, 4, 5)
    assert file.steps == {5: ("relu", "add")}
    assert file.short == "net.py"
    assert first_number(file) == 5
    assert file.row(5) == 4
    assert file.row(6) is None
    assert file.row(LEFT_OUT) is None


def test_clicks_go_through_a_lines_steps_and_begin_anew() -> None:
    steps = ("relu", "add", "mul")
    assert next_step(steps, "conv") == "relu"
    assert next_step(steps, "relu") == "add"
    assert next_step(steps, "mul") == "relu"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "end"])
def test_lines_are_counted_as_python_counts_them(end: str, last: str) -> None:
    """A form feed and Unicode's own line ends are no line ends to Python."""
    text = end.join(["a\x0cb", "c\x85d", "e\u2028f", "g", last])
    made = capture([step("s", ran(4, "g"))], {"/a/net.py": text})
    (file,) = source_files(made)
    assert len(file.texts) == 4 + bool(last)
    assert file.texts[3] == "g"
    assert all(char not in row for row in file.texts for char in "\u2028\u2029\r\n")


def test_what_would_deceive_the_eye_is_shown() -> None:
    """Characters that turn the order of letters around: a comment that is code."""
    text = "x = 1  # \u202e gnp\u2066\ny = '\ud800\0'\n"
    (file,) = source_files(capture([step("s", ran(1, text.split("\n")[0]))], {"/a/net.py": text}))
    assert file.text is Text.WHOLE
    assert file.texts == ("x = 1  # \ufffd gnp\ufffd", "y = '\ufffd\ufffd'")


def test_an_endless_line_is_cut() -> None:
    text = f"x = '{'a' * 400_000}'\n"
    (file,) = source_files(capture([], {"/a/net.py": text}))
    assert len(file.texts[0]) == LONGEST + 2
    assert file.texts[0].endswith(GAP)


def test_without_a_text_the_lines_of_the_steps_are_shown() -> None:
    steps = [step("b", ran(7, "seven")), step("a", ran(3, "three")), step("c", ran(4, "four"))]
    (file,) = source_files(capture(steps))
    assert file.text is Text.NOT_KEPT
    assert file.numbers == (0, 3, 4, 0, 7, 0)
    assert file.texts == (GAP, "three", "four", GAP, "seven", GAP)
    assert file.row(7) == 4


@pytest.mark.parametrize("text", ["", "other\n" * 9, "a\n"])
def test_a_text_that_is_not_what_ran_is_not_believed(text: str) -> None:
    (file,) = source_files(capture([step("relu", LINE)], {"/a/net.py": text}))
    assert file.text is Text.CHANGED
    assert file.texts == (GAP, LINE.text, GAP)


def test_a_generated_models_text_comes_from_its_record_or_its_spec() -> None:
    spec = presets.get("toy").spec
    written = code.source(spec)
    line = written.lines["conv1"]
    steps = [step("conv1", ran(line.number, line.text, "<Net>"))]
    for model in (
        {"source_text": written.text},
        {"spec": spec.to_json(), "source_text": "class Other: pass"},
        {"spec": spec.to_json()},
    ):
        (file,) = source_files(capture(steps, **model))
        assert file.text is Text.WHOLE
        assert "\n".join(file.texts) + "\n" == written.text
        assert file.short == "Net"
    (file,) = source_files(capture(steps, spec="{]", source_text="x"))
    assert file.text is Text.NOT_KEPT


def test_files_stand_in_the_order_in_which_they_ran() -> None:
    steps = [
        step("a", ran(1, "x", "/m/z.py")),
        step("b", None),
        step("c", ran(1, "y", "/m/a.py")),
        step("d", ran(1, "x", "/m/z.py")),
    ]
    files = source_files(capture(steps, {"/m/a.py": "y\n", "/m/z.py": "x\n", "/m/q.py": "q\n"}))
    assert [file.name for file in files] == ["/m/z.py", "/m/a.py", "/m/q.py"]
    assert files[0].steps == {1: ("a", "d")}
    assert files[2].steps == {}


def test_no_line_at_all() -> None:
    assert source_files(capture([step("a", None)])) == ()
    assert source_files(capture([])) == ()
    assert source_files(capture([step("a", ran(0, "x"))])) == ()


def test_the_step_that_failed_marks_its_line() -> None:
    error = message("capture", "relu failed")
    made = capture([step("relu", LINE, error)], {"/a/net.py": TEXT}, error)
    (file,) = source_files(made)
    assert file.failed == {5: error}


def test_a_failure_outside_every_step_finds_its_line() -> None:
    told = message("capture", "Line {number}: {text}", number=4, text="def forward(self, x):")
    error = message("capture", "forward failed. {line}", line=told)
    other = {"/a/other.py": "a\n" * 9, "/a/net.py": TEXT}
    files = source_files(capture([step("relu", LINE)], other, error))
    assert [(file.short, file.failed) for file in files] == [
        ("net.py", {4: error}),
        ("other.py", {}),
    ]
    nowhere = message("capture", "forward failed. {line}", line="")
    assert not any(f.failed for f in source_files(capture([step("r", LINE)], other, nowhere)))


@pytest.mark.parametrize(
    ("paths", "wanted"),
    [
        (["/a/net.py", "/a/parts.py"], ["net.py", "parts.py"]),
        (["/a/x/net.py", "/a/y/net.py"], ["x/net.py", "y/net.py"]),
        (["/a/x/net.py", "/b/x/net.py"], ["a/x/net.py", "b/x/net.py"]),
        (["C:\\m\\net.py", "<stdin>"], ["net.py", "<stdin>"]),
        (["net.py", "/a/net.py"], ["net.py", "a/net.py"]),
        ([""], [""]),
    ],
)
def test_names_are_as_short_as_they_can_be(paths: list[str], wanted: list[str]) -> None:
    found = short_names(paths)
    assert len(set(found.values())) == len(paths)
    if paths[0] != "net.py":
        assert list(found.values()) == wanted


# -- the part for a page -----------------------------------------------------------------------

LONG = ["import a", "", "@decorated", "class Long:", *["    x = 1"] * 70]
LONG += ["    @property", "    def f(self):", "        def g():", "            return 2"]
LONG += ["        return g", "", "def after():", "    return '''", "unindented", "    '''"]


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        (77, range(74, 79)),  # the method around the inner function
        (78, range(74, 79)),  # the method, with its decorator
        (81, range(80, 84)),
        (82, range(80, 84)),
        (40, range(40 - AROUND, 40 + AROUND + 1)),  # in the long class, but in no function
        (0, range(AROUND + 1)),
    ],
)
def test_a_page_shows_the_function(row: int, wanted: range) -> None:
    assert excerpt(LONG, row) == wanted


def test_a_page_shows_a_short_class_whole() -> None:
    rows = TEXT.splitlines()
    assert excerpt(rows, 4) == range(2, 5)
    assert excerpt(["@d", *rows[2:]], 3) == range(4)


def test_a_class_that_a_function_makes() -> None:
    rows = ["def make():", "    class Net:", *["        x = 1"] * 70]
    rows += ["        def forward(self):", "            return 1", "    return Net"]
    assert excerpt(rows, 73) == range(72, 74)
    assert excerpt(rows, 74) == range(75)


@pytest.mark.parametrize("bad", ["def (", "x = '\\d'\n(", "\0", "(" * 500])
def test_a_page_of_a_text_that_python_cannot_read(bad: str) -> None:
    rows = [*["x = 1"] * 50, bad]
    assert excerpt(rows, 30) == range(30 - AROUND, 30 + AROUND + 1)


def test_a_text_with_odd_escapes_gives_no_warning() -> None:
    assert excerpt(["def f():", "    return '\\d' is 1"], 1) == range(2)


def test_a_shorter_page_keeps_its_line() -> None:
    rows, seen = range(100, 200), []
    while (shorter := narrowed(rows, 195)) != rows:
        rows = shorter
        seen.append(len(rows))
        assert 195 in rows
        assert rows.start >= 100
        assert rows.stop <= 200
    assert seen == [50, 25, 12, 6]


def test_a_part_marks_what_is_left_out() -> None:
    (file,) = source_files(capture([step("relu", LINE)], {"/a/net.py": TEXT}))
    part = file.part(range(2, 4))
    assert part.texts == (GAP, "class Net:", "    def forward(self, x):", GAP)
    assert part.numbers == (0, 3, 4, 0)
    assert file.part(range(5)) == replace(file)
