"""The list of tensors in a ``torch.save`` file, followed step by step without making anything.

``torch.load(weights_only=True)`` runs no code, but it makes whatever the list declares: a
bytearray of a terabyte, a key that takes a year to hash, and what classes a program has allowed
since. So the list is followed here first, with placeholders for everything, and only what weights
and ordinary checkpoints are made of passes.

Source: the instructions are those of Python's pickletools; the meaning of each is that of torch's
restricted reader, which knows the same ones and no others.
"""

import pickletools
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lenet_viz.capture.damage import DEPTH_LIMIT, TENSOR_LIMIT
from lenet_viz.engine.pt_archive import Archive, damaged
from lenet_viz.engine.pt_names import CALLS, NAMES, refused_name
from lenet_viz.engine.pt_tensors import Storage, Tensor, rebuilt, storage
from lenet_viz.engine.weights_words import OPCODE_LIMIT, Refused
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_BROKEN: Final = QT_TRANSLATE_NOOP("engine", "its list of tensors (data.pkl) makes no sense")
_MARKED: Final = QT_TRANSLATE_NOOP("engine", "with hooks, or lazily conjugated or negated")
_ODD_KEYS: Final = TENSOR_LIMIT
"""The most dict keys that are not text: numbers can be chosen so that they are slow to look up."""


@dataclass(frozen=True, slots=True)
class _Name:
    """A class or function that the list names: its module and name, with a space between."""

    text: str


@dataclass(slots=True)
class _Held:
    """Something that holds other things, or stands for one that does.

    Attributes:
        kind: ``tuple``, ``list``, ``dict``, ``ordered`` (an OrderedDict) or ``other``.
        items: what a tuple holds; nothing for the others.
        depth: how many levels it has.
        count: how many things were put into it.
        other_keys: whether a dict has had any key set but ``_metadata``.
    """

    kind: str
    items: tuple[Any, ...] = ()
    depth: int = 1
    count: int = 0
    other_keys: bool = False


_MARK: Final = object()
_CONSTANTS: Final[Mapping[str, Any]] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_CONTAINERS: Final[Mapping[str, str]] = {
    "EMPTY_LIST": "list",
    "EMPTY_DICT": "dict",
    "EMPTY_TUPLE": "tuple",
}


def check_pickle(archive: Archive) -> None:
    """Follow the list of tensors of ``archive`` to its end.

    Raises:
        Refused: it names anything but tensors, numbers, texts, lists and dicts, declares a tensor
            that its storage cannot hold, or is too long, too deep or damaged.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pickletools' own, of odd escapes in a name
        _Reader(archive).run()


class _Reader:
    """A stack on which the list's instructions put placeholders."""

    def __init__(self, archive: Archive) -> None:
        self._bytes = archive.pickle
        self._sizes = archive.sizes
        self._storages: dict[str, Storage] = {}
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._tensors = 0
        self._odd_keys = 0

    def run(self) -> None:
        for count, (name, argument) in enumerate(_instructions(self._bytes)):
            if count >= OPCODE_LIMIT:
                raise Refused("instructions")
            step = _STEPS.get(name)
            if step is None:
                raise Refused("protocol", found=name)
            try:
                step(self, name, argument)
            except (IndexError, KeyError, TypeError, ValueError, AttributeError) as error:
                raise damaged(_BROKEN) from error

    def constant(self, name: str, argument: Any) -> None:
        self._stack.append(_CONSTANTS[name])

    def literal(self, name: str, argument: Any) -> None:
        self._stack.append(argument)

    def empty(self, name: str, argument: Any) -> None:
        self._stack.append(_Held(_CONTAINERS[name]))

    def protocol(self, name: str, argument: Any) -> None:
        if argument != 2:
            raise Refused("protocol", found=f"PROTO {argument}")

    def stop(self, name: str, argument: Any) -> None:
        if len(self._stack) != 1:
            raise damaged(_BROKEN)

    def mark(self, name: str, argument: Any) -> None:
        self._stack.append(_MARK)

    def put(self, name: str, argument: Any) -> None:
        self._memo[argument] = self._top()

    def get(self, name: str, argument: Any) -> None:
        self._stack.append(self._memo[argument])

    def named(self, name: str, argument: Any) -> None:
        if argument not in NAMES:
            raise refused_name(argument, self._bytes)
        self._stack.append(_Name(argument))

    def make_tuple(self, name: str, argument: Any) -> None:
        length = name.removeprefix("TUPLE")
        items = [self._pop() for _ in range(int(length))][::-1] if length else self._pop_mark()
        made = _Held("tuple", tuple(items))
        self._fill(made, items)
        self._stack.append(made)

    def append(self, name: str, argument: Any) -> None:
        items = [self._pop()] if name == "APPEND" else self._pop_mark()
        target = self._held("list")
        self._fill(target, items)

    def set_item(self, name: str, argument: Any) -> None:
        items = [self._pop(), self._pop()][::-1] if name == "SETITEM" else self._pop_mark()
        target = self._held("dict", "ordered", "other")
        if len(items) % 2:
            raise damaged(_BROKEN)
        for key in items[::2]:
            if key is None or isinstance(key, int | float):
                self._charge(1)
            elif not isinstance(key, str):
                raise damaged(_BROKEN)
            target.other_keys |= key != "_metadata"
        self._fill(target, items[1::2])

    def build(self, name: str, argument: Any) -> None:
        state = self._pop()
        self._held("ordered")
        # torch lays these over the methods of the dict; state_dict() gives it this one only.
        if not _is(state, "dict") or state.other_keys:
            raise damaged(_BROKEN)

    def stored(self, name: str, argument: Any) -> None:
        word, kind, key, location, numel = self._pop_tuple()
        if word != "storage" or not isinstance(kind, _Name) or not isinstance(location, str):
            raise damaged(_BROKEN)
        found = storage(kind.text, key, numel, self._sizes)
        if self._storages.setdefault(found.key, found) != found:
            raise damaged(_BROKEN)
        self._stack.append(found)

    def call(self, name: str, argument: Any) -> None:
        arguments = self._pop_tuple()
        called = self._pop()
        if not isinstance(called, _Name) or called.text not in CALLS:
            raise damaged(_BROKEN)
        if "_rebuild_" in called.text:
            self._stack.append(self._tensor(called.text, arguments))
        else:
            self._stack.append(self._other(called.text, arguments))

    def _tensor(self, called: str, arguments: tuple[Any, ...]) -> Tensor:
        if called.endswith("_parameter"):
            made, _, hooks = arguments
            if not isinstance(made, Tensor):
                raise damaged(_BROKEN)
            self._check_empty(hooks)
            return made
        self._tensors += 1
        if self._tensors > TENSOR_LIMIT:
            raise Refused("entries")
        start, offset, sizes, strides, _, hooks, *rest = arguments
        dtype = rest.pop(0).text if called.endswith("_v3") else None
        self._check_empty(hooks)
        for marks in rest:  # whether it is conjugated or negated
            self._check_empty(marks)
        return rebuilt(start, offset, _items(sizes), _items(strides), dtype)

    def _other(self, called: str, arguments: tuple[Any, ...]) -> _Held:
        if called == "collections OrderedDict" and not arguments:
            return _Held("ordered")
        if called == "collections Counter" and len(arguments) == 1 and _is(arguments[0], "dict"):
            self._charge(arguments[0].count)
            return _Held("other", depth=arguments[0].depth)
        if called == "torch Size" and len(arguments) == 1:
            if all(type(size) is int for size in _items(arguments[0])):
                return _Held("other")
        elif called == "torch device" and all(type(word) in (str, int) for word in arguments):
            return _Held("other")
        raise damaged(_BROKEN)

    def _top(self) -> Any:
        if self._stack[-1] is _MARK:
            raise damaged(_BROKEN)
        return self._stack[-1]

    def _pop(self) -> Any:
        self._top()
        return self._stack.pop()

    def _pop_tuple(self) -> tuple[Any, ...]:
        return _items(self._pop())

    def _pop_mark(self) -> list[Any]:
        items = []
        while self._stack[-1] is not _MARK:
            items.append(self._stack.pop())
        self._stack.pop()
        return items[::-1]

    def _held(self, *kinds: str) -> _Held:
        top = self._top()
        if not isinstance(top, _Held) or top.kind not in kinds:
            raise damaged(_BROKEN)
        return top

    def _fill(self, target: _Held, items: list[Any]) -> None:
        deepest = max((item.depth for item in items if isinstance(item, _Held)), default=0)
        target.depth = max(target.depth, deepest + 1)
        target.count += len(items)
        if target.depth > DEPTH_LIMIT:
            raise Refused("depth")

    def _charge(self, keys: int) -> None:
        self._odd_keys += keys
        if self._odd_keys > _ODD_KEYS:
            raise Refused("entries")

    def _check_empty(self, held: Any) -> None:
        if held is not None and (not isinstance(held, _Held) or held.count):
            raise Refused("kind", kind=message("engine", _MARKED))


def _instructions(text: bytes) -> Any:
    """Yield each instruction's name and argument."""
    try:
        for opcode, argument, _ in pickletools.genops(text):
            yield opcode.name, argument
    except (ValueError, OverflowError) as error:
        raise damaged(_BROKEN) from error


def _is(value: Any, *kinds: str) -> bool:
    return isinstance(value, _Held) and value.kind in kinds


def _items(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, _Held) or value.kind != "tuple":
        raise damaged(_BROKEN)
    return value.items


_Step = Callable[[_Reader, str, Any], None]
_STEPS: Final[Mapping[str, _Step]] = {
    **dict.fromkeys(_CONSTANTS, _Reader.constant),
    **dict.fromkeys(_CONTAINERS, _Reader.empty),
    **dict.fromkeys(
        ("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE"), _Reader.literal
    ),
    **dict.fromkeys(("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"), _Reader.make_tuple),
    **dict.fromkeys(("BINPUT", "LONG_BINPUT"), _Reader.put),
    **dict.fromkeys(("BINGET", "LONG_BINGET"), _Reader.get),
    **dict.fromkeys(("APPEND", "APPENDS"), _Reader.append),
    **dict.fromkeys(("SETITEM", "SETITEMS"), _Reader.set_item),
    "PROTO": _Reader.protocol,
    "STOP": _Reader.stop,
    "MARK": _Reader.mark,
    "GLOBAL": _Reader.named,
    "BINPERSID": _Reader.stored,
    "REDUCE": _Reader.call,
    "BUILD": _Reader.build,
}
