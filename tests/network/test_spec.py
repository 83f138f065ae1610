"""Specs as values and as JSON: exact both ways, and every bad field named by its path."""

import copy
import json
import pickle
import random

import pytest

from lenet_viz.errors import UserMistake
from lenet_viz.network import presets
from lenet_viz.network.layer_types import LAYER_TYPES
from lenet_viz.network.spec import Node, Spec
from tests.network.random_specs import random_spec

CONV = {"in_channels": 1, "out_channels": 2, "kernel_size": 3}


def _document():
    return json.loads(presets.get("notebook").spec.to_json())


def _refused(document):
    with pytest.raises(UserMistake) as caught:
        Spec.from_json(document if isinstance(document, str) else json.dumps(document))
    return str(caught.value)


@pytest.mark.parametrize("name", presets.NAMES)
def test_presets_survive_json(name):
    spec = presets.get(name).spec
    assert Spec.from_json(spec.to_json()) == spec


def test_random_networks_survive_json_copy_and_pickle():
    for seed in range(100):
        spec = random_spec(seed)
        text = spec.to_json()
        again = Spec.from_json(text)
        assert again == spec
        assert hash(again) == hash(spec)
        assert again.to_json() == text
    assert copy.deepcopy(spec) == spec
    assert pickle.loads(pickle.dumps(spec)) == spec


def test_settings_keep_the_form_they_were_written_in():
    spec = Spec.from_json(presets.get("notebook").spec.to_json())
    assert spec.node("pool1").settings == {"kernel_size": (2, 2)}
    assert spec.node("pool2").settings == {"kernel_size": 2}
    assert spec.node("pool2").pair("stride") == (2, 2)
    assert spec.node("conv1").pair("stride") == (1, 1)


def test_a_layer_takes_its_id_as_module_and_a_function_has_none():
    assert Node("conv1", "conv2d", ("input",), CONV).module == "conv1"
    assert Node("conv1", "conv2d", ("input",), CONV).style == "module"
    assert Node("r", "relu", ("input",)).module is None
    assert Node("r", "relu", ("input",), style="module").module == "r"


def test_nodes_run_after_their_inputs_whatever_the_listing():
    for seed in range(40):
        spec = random_spec(seed)
        nodes = list(spec.nodes)
        random.Random(seed).shuffle(nodes)
        seen = {"input"}
        for node in Spec("s", spec.input_shape, tuple(nodes), spec.output).order:
            assert set(node.inputs) <= seen
            seen.add(node.id)
        assert spec.order == spec.nodes


def test_a_node_listed_early_runs_as_soon_as_it_can():
    nodes = (
        Node("early", "relu", ("b",)),
        Node("a", "relu", ("input",)),
        Node("b", "relu", ("input",)),
        Node("c", "relu", ("a",)),
        Node("end", "add", ("early", "c")),
    )
    order = Spec("s", (1, 2, 2), nodes).order
    assert [node.id for node in order] == ["a", "b", "early", "c", "end"]


def test_every_op_says_what_it_needs():
    for op, layer_type in LAYER_TYPES.items():
        needed = [setting.name for setting in layer_type.settings if setting.required]
        if needed:
            with pytest.raises(UserMistake, match=rf"settings\.{needed[0]} is missing"):
                Node("n", op, ("input",))


def _changed(path, value):
    document = _document()
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("nodes", 3, "settings", "stride"), "3.5", 'nodes[3].settings.stride is "3.5"; wanted'),
        (("nodes", 3, "settings", "stride"), 0, "nodes[3].settings.stride is 0; wanted"),
        (("nodes", 3, "settings", "stride"), True, "nodes[3].settings.stride is true; wanted"),
        (("nodes", 3, "settings", "stride"), 2.0, "nodes[3].settings.stride is 2.0; wanted"),
        (("nodes", 3, "settings", "stride"), None, "nodes[3].settings.stride is null; wanted"),
        (("nodes", 3, "settings", "stride"), [1, 0], "nodes[3].settings.stride[1] is 0"),
        (("nodes", 3, "settings", "stride"), [1, 1, 1], "stride is [1, 1, 1]; wanted"),
        (("nodes", 3, "settings", "strides"), 1, "settings.strides is not known here; did you"),
        (("nodes", 3, "settings", "out_channels"), 0, "out_channels is 0; wanted"),
        (("nodes", 3, "settings", "out_channels"), 2**40, "wanted: a whole number from 1 to"),
        (("nodes", 3, "settings", "bias"), 1, "settings.bias is 1; wanted: true or false"),
        (("nodes", 3, "settings"), [], "nodes[3].settings is []; wanted: an object"),
        (("nodes", 6, "settings", "shape"), [-1, -1], "of which one may be -1"),
        (("nodes", 6, "settings", "shape"), [], "nodes[6].settings.shape is []"),
        (("nodes", 3, "op"), "conv2", "did you mean conv2d?"),
        (("nodes", 3, "op"), ["conv2d"], 'nodes[3].op is ["conv2d"]; wanted'),
        (("nodes", 3, "id"), "", 'nodes[3].id is ""; wanted: a name'),
        (("nodes", 3, "id"), "class", 'nodes[3].id is "class"; wanted: a name'),
        (("nodes", 3, "id"), "../x", 'nodes[3].id is "../x"'),
        (("nodes", 3, "id"), "a" * 300, "wanted: a name of up to 100"),
        (("nodes", 3, "id"), "input", "wanted: a name other than the network's input"),
        (("nodes", 3, "id"), 7, "nodes[3].id is 7"),
        (("nodes", 3, "id"), "conv1", 'nodes[3].id is "conv1"; wanted: a name that nodes[0]'),
        (("nodes", 3, "module"), "conv1", "nodes[3].module"),
        (("nodes", 3, "module"), "forward", "torch.nn.Module does not use"),
        (("nodes", 1, "style"), "module", None),
        (("nodes", 1, "style"), "other", 'nodes[1].style is "other"'),
        (("nodes", 3, "style"), "functional", "nodes[3].style"),
        (("nodes", 6, "module"), "view", "always called as a function"),
        (("nodes", 3, "inputs"), "pool1", 'nodes[3].inputs is "pool1"'),
        (("nodes", 3, "inputs"), [], "nodes[3].inputs is []"),
        (("nodes", 3, "inputs"), ["poll1"], "perhaps pool1."),
        (("nodes", 3, "inputs"), ["fc3"], "nodes form a cycle"),
        (("nodes", 3, "inputs"), ["conv2"], "nodes form a cycle: conv2 → conv2"),
        (("nodes", 3, "inputs"), ["input"], "leads nowhere"),
        (("nodes", 3), 5, "nodes[3] is 5; wanted: a JSON object"),
        (("nodes",), {}, "nodes is {}; wanted: a list"),
        (("nodes",), [], "has 0 layers"),
        (("output",), "fc9", "output is"),
        (("output",), 3, "output is 3"),
        (("input_shape",), [1, 32], "input_shape is [1, 32]"),
        (("input_shape",), [1, 0, 32], "input_shape[1] is 0"),
        (("input_shape",), [1, 10**6, 32], "input_shape[1] is 1000000"),
        (("schema",), 2, "saved by a newer version"),
        (("schema",), True, "schema is true; wanted: 1"),
        (("schema",), "1", 'schema is "1"; wanted: 1'),
        (("name",), "", 'name is ""'),
        (("title",), "\ud800", "title is"),
        (("colour",), 1, "colour is not known here"),
    ],
)  # fmt: skip
def test_bad_fields(path, value, said):
    document = _changed(path, value)
    if said is None:
        assert Spec.from_json(json.dumps(document)).node("relu1").module == "relu1"
    else:
        assert said in _refused(document)


@pytest.mark.parametrize("key", ["schema", "name", "input_shape", "nodes"])
def test_missing_keys(key):
    document = _document()
    del document[key]
    assert f"{key} is missing" in _refused(document)


def test_missing_node_key():
    document = _document()
    del document["nodes"][2]["inputs"]
    assert "nodes[2].inputs is missing" in _refused(document)


@pytest.mark.parametrize("value", [1.5, -0.1, "0.5", True, float("nan"), float("inf"), 10**400])
def test_dropout_out_of_range(value):
    with pytest.raises(UserMistake, match=r"settings\.p is .*wanted: a number from 0 to 1"):
        Node("d", "dropout", ("input",), {"p": value})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1, column 1"),
        ('{"schema": 1,\n "name": }', "line 2, column 10"),
        ("[1]", "wanted: a JSON object"),
        ('{"schema": 1, "schema": 1}', "schema is given twice"),
        ('{"schema": 1, "nodes": [{}, {"op": 1, "op": 2}]}', "nodes[1].op is given twice"),
        ("[" * 100_000, "more than 64 brackets"),
        ('{"a":' * 65 + "1" + "}" * 65, "more than 64 brackets"),
        ('{"schema": ' + "9" * 5000 + "}", "too long"),
        ('"' + "\\" * 200_001, "not JSON"),
        (" " * (8 * 2**20 + 1), "characters long"),
        ('{"schema": NaN}', "schema is NaN; wanted: 1"),
    ],
)
def test_bad_text(text, said):
    assert said in _refused(text)


def test_brackets_in_strings_are_not_depth():
    document = _document()
    document["description"] = '["{' * 100
    assert Spec.from_json(json.dumps(document)).description == '["{' * 100


def test_too_many_nodes():
    document = _document()
    document["nodes"] = [0] * 10_001
    assert "10001 entries" in _refused(document)


def _places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if isinstance(inner, (dict, list)):
            yield from _places(inner, (*path, key))
        else:
            yield (*path, key)


def test_any_value_anywhere_is_read_or_refused_in_a_sentence():
    rng = random.Random(0)
    values = [
        None,
        True,
        -1,
        0,
        3,
        2.5,
        float("nan"),
        "",
        "conv1",
        "relu",
        [],
        [1],
        {},
        10**30,
        [[]],
    ]
    places = [path for path in _places(_document()) if path]
    refused = 0
    for _ in range(600):
        document = _changed(rng.choice(places), rng.choice(values))
        try:
            spec = Spec.from_json(json.dumps(document))
        except UserMistake:
            refused += 1
        else:
            assert Spec.from_json(spec.to_json()) == spec
    assert refused > 400
