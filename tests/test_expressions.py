"""Every expression that was recorded from real Theano: values, dtype, broadcast pattern and gradients are the same."""

import numpy as np
import pytest
import recorded
from recorded import read

import tx
import tx.tensor as T

MODULES = ("expressions", "extra_expressions", "fuzz_expressions")
GOLDEN = {name: recorded.recording(name) for name in MODULES}
TABLES = [recorded.table(name) for name in MODULES]
expressions = TABLES[0]
ROWS = [(m.__name__, row) for m in TABLES for row in m.ROWS]

#: rows in which tx does on purpose what Theano 1.0.5 does not
BETTER = {
    "a[[0],T.arange(2)]": "Theano takes the shape of the first index array for that of all, so the weights are wrong",
    "a[:,None,1]": "newaxis and an integer in one index",
    "a[:,None]": "newaxis in a tensor of rank 4",
    "T.angle(T.complex(a,b))": "the gradient of an angle is not zero",
    "T.largest(a,b,0.2)": "tensors of different ranks",
    "T.smallest(a,b,0.2)": "tensors of different ranks",
    "a.norm(0)": "how many elements are not 0",
    "a.norm(float('inf'))": "the largest absolute value",
    "a.norm(-float('inf'))": "the smallest absolute value",
    "a.take([7,-9],mode='wrap')": "Theano takes the length of axis None",
    "a.take([7,-9],mode='clip')": "Theano takes the length of axis None",
    "T.log(a)/T.log(a)": "NaN / NaN is NaN; Theano rewrites it to 1",
    "T.eq(T.log(a),T.log(a))": "NaN is not equal to NaN; Theano rewrites it to 1",
    "T.argmax(T.log(a))": "the first NaN, as in numpy; Theano gives the last",
    "T.patternbroadcast(a,(0,1,0,0))": "the gradient has the pattern of the input",
    "T.permute_row_elements(a,[2,0,1],inverse=1)": "Theano's gradient forgets the inverse",
    "T.extra_ops.unravel_index(abs(a),(2,3),order='F')[1]": "Theano overlooks the order",
    "T.nnet.categorical_crossentropy(T.nnet.softmax(a),[0,1,3])": "class numbers as a list",
}


def plain(array):
    return {"shape": list(array.shape), "dtype": str(array.dtype), "data": [repr(v) for v in array.ravel().tolist()]}


def test_recording_is_complete():
    assert {(name, repr(row)) for name, row in ROWS} == {(name, row) for name in MODULES for row in GOLDEN[name]}
    assert len(ROWS) > 1000


@pytest.mark.parametrize(("module", "row"), ROWS, ids=[f"{row[0]}-{row[1][0][0]}" for _, row in ROWS])
def test_as_theano(module, row):
    with tx.config.change_flags(compatibility="1.0"):
        found, golden = expressions.evaluate(row, tx, T), GOLDEN[module][repr(row)]
    if row[0] in BETTER:
        assert "error" not in found and (golden.get("error") or golden["results"] != list(map(plain, found["results"])))
        return
    assert found.get("error") == golden.get("error")
    if "error" in golden:
        return
    assert (found["dtype"], found["broadcastable"]) == (golden["dtype"], golden["broadcastable"])
    coarse = any("float32" in (r["dtype"], row[1][0][0]) for r in golden["results"])
    # What Theano cannot differentiate, tx may.
    assert len(found["results"]) >= len(golden["results"])
    for result, expected in zip(found["results"], map(read, golden["results"]), strict="no_gradient" not in golden):
        assert result.dtype == expected.dtype
        # Theano's C code for psi has ten digits, and so have the gradients that it is part of.
        exact = 5e-9 if any(name in row[0] for name in ("gamma", "psi")) else 1e-11
        np.testing.assert_allclose(
            result, expected, rtol=2e-5 if coarse else exact, atol=1e-5 if coarse else exact / 10
        )
