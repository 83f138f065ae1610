"""Sentences: translated before they are filled, and never put together in code."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

import lenet_viz
from lenet_viz.capture.records import GradientState
from lenet_viz.engine.ingredients import input_words
from lenet_viz.engine.messages import InputRequest
from lenet_viz.panels import text
from lenet_viz.session.state import State
from lenet_viz.wording import message
from tests.panels.runs import Stock

PACKAGE = Path(lenet_viz.__file__).parent
FILES = sorted(path for room in ("panels", "window") for path in (PACKAGE / room).glob("*.py"))
SHOWING = {
    "setText",
    "setPlainText",
    "setToolTip",
    "setStatusTip",
    "setWhatsThis",
    "setAccessibleName",
    "setAccessibleDescription",
    "setTitle",
    "set_title",
    "setWindowTitle",
    "setPlaceholderText",
    "setInformativeText",
    "setLabelText",
    "setNameFilter",
    "setHtml",
    "addItem",
    "addAction",
    "addTab",
    "addMenu",
    "insertItem",
    "drawText",
    "showText",
    "showMessage",
    "addRow",
    "show_choice",
    "QLabel",
    "QPushButton",
    "QToolButton",
    "QCheckBox",
    "QRadioButton",
    "QGroupBox",
    "QAction",
    "QMenu",
    "QMessageBox",
    "QFileDialog",
    "QDockWidget",
}
CODE_WORDS = {"lenet_viz", "torch.randn", ".grad", "Software", "Description"}
TRANSLATING = {"translate", "formatted", "tr", "message", "QT_TRANSLATE_NOOP", "t"}


def _is_of_a_painter(function: ast.expr) -> bool:
    """Whether it moves a painter's origin, which Qt calls ``translate`` too."""
    owner = function.value if isinstance(function, ast.Attribute) else None
    return isinstance(owner, ast.Name) and owner.id == "painter"


def _called(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _bare(node: ast.expr) -> Iterator[str]:
    """The words with letters that an expression puts on the screen as they stand."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if any(letter.isalpha() for letter in node.value) and node.value not in CODE_WORDS:
            yield node.value
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.Constant):
                yield from _bare(part)
    elif isinstance(node, ast.BinOp):
        yield from _bare(node.left)
        yield from _bare(node.right)
    elif isinstance(node, ast.IfExp):
        yield from _bare(node.body)
        yield from _bare(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _bare(value)


def bare_words(source: str) -> list[str]:
    """What a file shows without having it translated."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _called(node) in SHOWING:
            # What follows an item's text is data.
            shown = node.args[:1] if _called(node) in {"addItem", "insertItem"} else node.args
            for value in (*shown, *(one.value for one in node.keywords)):
                found += [f"line {node.lineno}: {words}" for words in _bare(value)]
    return found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('label.setText("Hello")', True),
        ('QLabel("Hello", self)', True),
        ('label.setText(f"{count} values")', True),
        ('label.setText("a" if x else translate("C", "b"))', True),
        ('label.setText(name + ", seed")', True),
        ('label.setText(translate("C", "Hello"))', False),
        ('label.setText(f"{one} {other}")', False),
        ('label.setText("× ›")', False),
        ('brand = QLabel("lenet_viz")', False),
        ('field.addItem(translate("C", "one"), "one")', False),
        ('field.addItem("one", "one")', True),
    ],
)
def test_the_search_finds_what_it_is_for(line: str, found: bool) -> None:
    assert bool(bare_words(line)) is found


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_nothing_is_shown_untranslated(path: Path) -> None:
    assert bare_words(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_translation_tool_can_read_every_sentence(path: Path) -> None:
    """Context and template stand in the call as plain strings: nothing else can be looked up."""
    if path.name == "text.py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and _called(node) in {"translate", "formatted"}:
            if _is_of_a_painter(node.func):
                continue
            first, second = node.args[:2]
            for one in (first, second):
                assert isinstance(one, ast.Constant), f"line {node.lineno}"
            template = str(second.value)  # type: ignore[attr-defined]
            fields = {name.split("}")[0] for name in template.split("{")[1:]}
            given = {one.arg for one in node.keywords}
            assert _called(node) == "translate" or fields == given, (
                f"line {node.lineno}: {template!r} is given {given}"
            )


def test_files_were_found() -> None:
    assert len(FILES) > 30


def test_fields_are_filled_after_translation(qapp: QApplication) -> None:
    inner = message("T", "row {n}", n=3)
    assert text.translated(message("T", "drops {what}", what=inner)) == "drops row 3"
    assert text.formatted("T", "{a} {b}", a="{b}", b=2) == "{b} 2"


@pytest.mark.parametrize("state", list(GradientState))
def test_each_missing_gradient_has_a_sentence_and_none_says_zero(
    state: GradientState, qapp: QApplication
) -> None:
    sentence = text.no_gradient_sentence(state)
    assert bool(sentence) is (state is not GradientState.PRESENT)
    assert sentence.count("zero") == sentence.count("not a zero")


def test_the_sentences_differ(qapp: QApplication) -> None:
    missing = [state for state in GradientState if state is not GradientState.PRESENT]
    assert len({text.no_gradient_sentence(state) for state in missing}) == len(missing)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("cross-entropy:7", "cross-entropy, class 7"),
        ("output:3", "output 3"),
        ("mse", "MSE, random target"),
        ("random", "random vector v"),
        ("my_loss", "my_loss"),
    ],
)
def test_objectives_are_said_in_words(word: str, name: str, qapp: QApplication) -> None:
    assert text.objective_name(word) == name


def _with_input(state: State, chosen: InputRequest) -> State:
    assert state.run is not None
    words = {"input": input_words(chosen), "input_seed": str(chosen.seed)}
    capture = state.run.capture
    capture = replace(capture, settings={**capture.settings, **words})
    return replace(state, run=replace(state.run, capture=capture))


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (InputRequest("digit", 3, 12), ("digit 3", "scan 12")),
        (InputRequest("random", seed=41), ("torch.randn", "seed 41")),
        (InputRequest("preset"), ("own image",)),
    ],
)
def test_a_caption_says_what_the_input_is(
    stock: Stock, chosen: InputRequest, words: tuple[str, ...], qapp: QApplication
) -> None:
    caption = text.caption_of(_with_input(stock.backward(), chosen), ())
    for word in words:
        assert word in caption


def test_a_caption_has_all_one_needs_to_make_the_picture_again(
    stock: Stock, qapp: QApplication
) -> None:
    random = text.caption_of(stock.backward("notebook", "random"), ("range 0 to 1", ""))
    assert "its seed 2" in random
    assert "range 0 to 1" in random
    assert "·  ·" not in random
    entropy = text.caption_of(stock.backward(), ())
    assert "its seed" not in entropy, "cross-entropy draws nothing"
    assert "weights: seed 0" in entropy
    forward = text.caption_of(stock.forward(), ())
    assert "objective" not in forward
    toy = text.caption_of(stock.backward("toy"), ())
    assert "seed" not in toy, "nothing in the toy is drawn at random"


def test_cards_keep_torchs_names(qapp: QApplication) -> None:
    assert text.card_title("max_pool2d_2") == "max_pool2d_2"
    assert text.card_title("loss") == "loss"
