"""Models that real Theano has pickled: they load, and answer as they did there."""

import gzip
import io
import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx import scalar
from tx.compile.function import Function
from tx.graph import toposort
from tx.legacy import pickles, restoring
from tx.misc.pkl_utils import CompatUnpickler

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
ANSWERS = json.loads((GOLDEN / "pickles" / "answers.json").read_text())


def pickled(name):
    return gzip.decompress((GOLDEN / "pickles" / f"{name}.pkl.gz").read_bytes())


@pytest.fixture(scope="module")
def models():
    """The table of models: name -> what is asked of it."""
    tx.install()
    sys.path.insert(0, str(GOLDEN))
    import pickle_models

    yield {name: ask for name, _, ask, _ in pickle_models.ROWS}
    sys.path.remove(str(GOLDEN))


def agrees(answer, golden, where=()):
    if isinstance(golden, dict):
        array = np.asarray(answer)
        assert (str(array.dtype), list(array.shape)) == (golden["dtype"], golden["shape"]), where
        elements = array.ravel()
        elements = elements.view(elements.real.dtype) if array.dtype.kind == "c" else elements
        rtol = 1e-6 if array.dtype.itemsize < 8 else 1e-9
        np.testing.assert_allclose(elements, golden["elements"], rtol=rtol, atol=rtol, err_msg=str(where))
    elif isinstance(golden, list):
        assert len(answer) == len(golden), where
        for i, pair in enumerate(zip(answer, golden, strict=True)):
            agrees(*pair, (*where, i))
    else:
        assert answer == golden, where


def test_all_are_asked(models):
    assert list(models) == list(ANSWERS) and len(ANSWERS) >= 25


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_as_in_theano(models, name):
    agrees(models[name](pickle.loads(pickled(name))), ANSWERS[name])


def test_without_install():
    source = (
        "import sys, io, gzip, pickle; import tx; from tx.misc.pkl_utils import CompatUnpickler\n"
        "model = CompatUnpickler(gzip.open(sys.argv[1])).load()\n"
        "f = tx.function([model['a'], model['b']], model['a'] + model['b'])\n"
        "print(f([1.0, 2.0], [[3.0, 4.0]]).tolist(), 'theano' in sys.modules)"
    )
    path = GOLDEN / "pickles" / "loose_variables.pkl.gz"
    done = subprocess.run([sys.executable, "-c", source, path], capture_output=True, text=True)
    assert done.stdout == "[[4.0, 6.0]] False\n", done.stderr


@pytest.mark.parametrize("name", ["mlp", "lstm", "function_train", "dropout"])
def test_what_was_loaded_is_tx(models, name):
    """Both ways of loading give the same, and it can be pickled again, by tx."""
    model = CompatUnpickler(io.BytesIO(pickled(name))).load()
    agrees(models[name](pickle.loads(pickle.dumps(model))), ANSWERS[name])


def test_every_node_knows_its_outputs(models):
    model = pickle.loads(pickled("mlp"))
    for node in toposort([model.cost, model.errors]):
        assert all(o.owner is node and node.outputs[o.index] is o for o in node.outputs)
        assert not isinstance(node.op, restoring.StandIn)


def test_text_of_python_2():
    """Arrays of Python 2 are texts, which only latin1 reads."""
    protocol_2 = (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01K\x02\x85cnumpy\ndtype\n"
        b"U\x02f8K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
        b"U\x10\x00\x00\x00\x00\x00\x00\xf0?\x00\x00\x00\x00\x00\x00\x00\xc0tb."
    )
    protocol_2 = protocol_2.replace(b"numpy.core.", b"numpy._core.")
    assert CompatUnpickler(io.BytesIO(protocol_2)).load().tolist() == [1.0, -2.0]
    with pytest.raises(UnicodeDecodeError):
        CompatUnpickler(io.BytesIO(protocol_2), encoding="ascii").load()


def test_an_op_that_tx_has_not():
    class_of_theano = restoring.find("tensor.nnet.nowhere", "Strange")
    op, x = class_of_theano(), T.dvector("x")
    y = tx.Apply(op, [x], [x.type()]).outputs[0]
    with pytest.raises(TypeError, match=r"theano\.tensor\.nnet\.nowhere\.Strange"):
        tx.function([x], y)
    with pytest.raises(TypeError, match="tx has nothing like"):
        op(x)


def test_functions_are_made_when_they_are_used(models):
    f = pickle.loads(pickled("function_with_defaults"))
    assert isinstance(f, Function) and "_plan" not in vars(f)
    assert f(2.0) == 26 and f.name == "scaled"
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        f.nonsense
    with tx.config.change_flags(unpickle_function=False):
        assert pickle.loads(pickled("function_predict")) is None


def test_every_scalar_operation_is_a_row():
    for name, kind in scalar.classes.items():
        found = restoring.find("scalar.basic", name)
        assert found is kind and (name == "Cast" or pickles.scalar_of(found()) in scalar.table.values())
