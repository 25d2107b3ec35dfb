"""Names of theano.gof that are about C code: programs import them, and derive Ops that have `perform` as well."""

import numpy as np
import pytest

import tx
import tx.tensor as T


@pytest.fixture(scope="module", autouse=True)
def theano():
    tx.install()


@pytest.mark.parametrize("base", ["PureOp", "OpenMPOp", "COp"])
def test_ops_with_perform_run(base):
    import theano

    class Half(getattr(theano.gof, base)):
        __props__ = ()

        def __init__(self):
            if base == "COp":
                super().__init__("half.c", "half")

        def make_node(self, x):
            return theano.gof.Apply(self, [x], [x.type()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = np.asarray(inputs[0] / 2)

        def c_code(self, node, name, inputs, outputs, sub):
            return "..."

    x = T.dscalar("x")
    assert theano.function([x], Half()(x))(3.0) == 1.5


def test_others():
    import theano
    from theano.gof.op import COp, OpenMPOp, PureOp

    assert issubclass(COp, theano.Op) and issubclass(OpenMPOp, theano.Op) and issubclass(theano.Op, PureOp)
    assert OpenMPOp(openmp=True).openmp and COp(["a.c", "b.c"]).func_files == ["a.c", "b.c"]
    assert theano.gof.hashtype(T.dscalar) == theano.gof.hashtype(T.dvector)
    assert theano.gof.Container is theano.shared(1.0).container.__class__


def test_function_dump_is_at_the_top(tmp_path):
    x = T.dscalar("x")
    tx.function_dump(tmp_path / "f.pkl", [x], x * 2)
    import pickle

    found = pickle.loads((tmp_path / "f.pkl").read_bytes())
    assert str(found["inputs"][0]) == "x"
