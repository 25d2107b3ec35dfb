"""Libraries that were written for Theano, as they are, give on tx the numbers that they give on real Theano."""

import json
from pathlib import Path

import numpy as np
import pytest

import tx

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text())

#: relative tolerances of programs in which small differences grow
TOLERANCES = {"lasagne_convnet": 1e-6, "downhill_rosenbrock": 1e-7, "downhill_factorization": 1e-7}


def agree(found, expected, key, rtol):
    """Numbers, or lists of what agrees."""
    if isinstance(expected, list) and any(isinstance(e, list) for e in expected):
        for i, (f, e) in enumerate(zip(found, expected, strict=True)):
            agree(f, e, f"{key}[{i}]", rtol)
    else:
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-10, err_msg=key)


@pytest.mark.filterwarnings("ignore")  # the libraries warn about themselves
@pytest.mark.parametrize("name", sorted(set(GOLDEN) - {"recorded_with"}))
def test_client(programs, name, capfd):
    with tx.config.change_flags(floatX="float64"):
        found = programs.PROGRAMS[name]()
    assert sorted(found) == sorted(GOLDEN[name])
    for key, expected in GOLDEN[name].items():
        agree(found[key], expected, key, TOLERANCES.get(name, 1e-9))


def test_every_layer_class_is_covered(programs):
    layers = pytest.importorskip("lasagne.layers")
    classes = {n for n in dir(layers) if n.endswith("Layer")} - {"Layer", "MergeLayer", "EmbeddingLayer"}
    assert classes <= {name.split("_")[0] for name in programs._layers()}


def test_every_update_rule_is_covered():
    updates = pytest.importorskip("lasagne.updates")
    assert set(updates.__all__) == set(GOLDEN["lasagne_updates"])
