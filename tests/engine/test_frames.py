"""Frames there and back, and frames that are none."""

import contextlib
import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet_viz.engine.frames import FRAME_LIMIT, BadFrame, CutFrame, encode, read
from lenet_viz.engine.messages import InputRequest, Progress, Question, Ready, RunDone, RunFailed
from lenet_viz.network.input_shapes import InputShape
from lenet_viz.network.model_code import ModelCode
from lenet_viz.network.weights_choice import WeightsChoice
from lenet_viz.wording import message
from tests.engine.fakes import request

NESTED = message("engine", "{a} of {b}", a=message("engine", "x {n}", n=1.5), b="特征图")
ALL = [
    request(3, input=InputRequest("digit", 7, 1, 2), objective="cross-entropy:7", grads="g"),
    Ready("2.13.0"),
    Progress(1, NESTED, 0.25),
    Progress(1, NESTED, 1),
    RunDone(1, "/a/b", "w", None),
    RunFailed(1, NESTED, None),
    request(
        4,
        model=ModelCode("/a/net.py", "a.net", "Net", "10, deep=True", "00ff"),
        shapes=(InputShape((1, 3, 8, 8)), InputShape((1, 5), "int64", "ids", 0, 9)),
        keywords="causal=True",
        weights_file=WeightsChoice("/a/w.pt", "module."),
    ),
    RunDone(1, "/a/b", "w", None, (InputShape((2,)),), (NESTED, message("engine", "b"))),
    RunFailed(1, NESTED, question=Question("choose", ("A", "B"))),
]


@pytest.mark.parametrize("sent", ALL)
def test_messages_come_back_equal(sent) -> None:
    assert read(io.BytesIO(encode(sent))) == sent


def test_many_in_one_stream_then_none() -> None:
    stream = io.BytesIO(b"".join(map(encode, ALL)))
    assert [read(stream) for _ in ALL] == ALL
    assert read(stream) is None


@pytest.mark.parametrize("sent", ALL)
def test_every_cut_is_noticed(sent) -> None:
    frame = encode(sent)
    for end in range(1, len(frame)):
        with pytest.raises(CutFrame):
            read(io.BytesIO(frame[:end]))


def test_a_length_over_the_limit_is_refused_before_anything_is_read() -> None:
    with pytest.raises(BadFrame, match="bytes"):
        read(io.BytesIO(struct.pack(">I", FRAME_LIMIT + 1)))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_bad_frame(body: bytes) -> None:
    with pytest.raises(BadFrame):
        read(io.BytesIO(struct.pack(">I", len(body)) + body))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(
    st.sampled_from([message_ for message_ in ALL if not isinstance(message_, Ready)]),
    st.data(),
)
def test_any_json_in_any_field_is_a_message_or_a_bad_frame(sent, data) -> None:
    import json

    fields = json.loads(encode(sent)[4:])
    fields[data.draw(st.sampled_from(sorted(fields)))] = data.draw(_JSON)
    body = json.dumps(fields).encode()
    with contextlib.suppress(BadFrame):
        read(io.BytesIO(struct.pack(">I", len(body)) + body))
