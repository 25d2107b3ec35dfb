"""Bad input raises what real Theano raises, in the same phase, and says what users need; see golden/bad_input.py."""

import importlib.util
import json
from pathlib import Path

import pytest

import tx
import tx.tensor as T

HERE = Path(__file__).parent / "golden"
GOLDEN = json.loads((HERE / "bad_input.json").read_text())
_spec = importlib.util.spec_from_file_location("bad_input", HERE / "bad_input.py")
bad_input = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bad_input)

#: what tx takes where Theano refuses
ACCEPTED = {
    "T.nlinalg.AllocDiag()(A)": "one AllocDiag for all ranks",
    "T.grad(s ** 2, s, known_grads={s: iv[0]})": "integers are cast to the dtype of the gradient",
    "theano.function([x], [x, 3])": "a number is an output, too",
}
#: another exception than Theano's accidental one: reason -> source of the rows -> exception
OTHERWISE = {
    "not a tensor: the same error everywhere": {
        "x['a']": "AsTensorError",
        "None * x": "TypeError",
        "T.isclose(x, y, rtol='a')": "TypeError",
        "T.roll('a', 1)": "AsTensorError",
        "T.zeros_like(None)": "AsTensorError",
        "T.extra_ops.squeeze(None)": "AsTensorError",
        "T.outer(x, None)": "AsTensorError",
    },
    "an unknown dtype: the same error everywhere": {
        "T.cast(x, 'float65')": "TypeError",
        "x.astype('text')": "TypeError",
        "T.cast(x, None)": "TypeError",
    },
    "a bare assert in Theano": {
        "T.specify_shape(x, (2, 3))": "ValueError",
        "T.specify_shape(x, (2.5,))": "TypeError",
        "T.specify_shape(x, s)": "TypeError",
        "T.eye(x)": "TypeError",
        "T.arange(x)": "TypeError",
        "T.choose(iv, x, mode='x')": "ValueError",
        "T.grad(s ** 2, x, return_disconnected='foo', disconnected_inputs='ignore')": "ValueError",
        "T.grad(c.sum(), c)": "TypeError",
    },
    "the wrong type of an argument is a TypeError, the wrong value a ValueError": {
        "x[x:]": "TypeError",
        "A.reshape(x)": "TypeError",
        "x.max(axis=x)": "TypeError",
        "c.min()": "TypeError",
        "c.argmin()": "TypeError",
        "T.tensordot(A, B, axes=[[0], [-3]])": "ValueError",
        "T.nlinalg.norm(t, 'fro')": "ValueError",
        "T.nnet.softmax(s)": "ValueError",
        "T.grad(None, x, known_grads={x * 2: T.dmatrix()})": "TypeError",
        "T.grad(T.sort(x, axis=i).sum(), x)": "TypeError",
        "theano.function([x], x, updates=3)": "ValueError",
        "theano.function([x], x, mode=3)": "Exception",
        "theano.In(3)": "TypeError",
        "theano.In('x')": "TypeError",
        "x.eval(3)": "TypeError",
        "theano.function([x], 3)": "UnusedInputError",
    },
    "a negative length is no lack of memory": {
        "T.zeros((T.cast(x[0], 'int64') - 1,))": "ValueError",
        "T.zeros((-2,))": "ValueError",
        "T.zeros((i,))": "ValueError",
        "T.tile(x, -1)": "ValueError",
        "T.repeat(x, -1)": "ValueError",
    },
    "an index out of range, said when the function runs": {
        "T.extra_ops.compress([True, True, True, True, True], x)": "IndexError",
        "T.nnet.categorical_crossentropy(T.nnet.softmax(T.stack([x, x])), T.cast(y[:2], 'int64') + 9)": "IndexError",
    },
    "an axis is known when the graph is built": {"T.sort(x, axis=i)": "TypeError"},
}
DIFFERENT = {source: kind for rows in OTHERWISE.values() for source, kind in rows.items()}


def key(row):
    return "{} with {}".format(*row[:2])


def test_the_table():
    assert {key(row) for row in bad_input.ROWS} == set(GOLDEN)
    assert len(GOLDEN) == len(bad_input.ROWS) > 500
    assert all(GOLDEN.values())
    assert {*DIFFERENT, *ACCEPTED} <= {row[0] for row in bad_input.ROWS}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("row", bad_input.ROWS, ids=key)
def test_as_theano(row):
    with tx.config.change_flags(compatibility="1.0"):
        phase, error = bad_input.failure(row, tx, T)
    source, values, words = row
    theirs, kind, _ = GOLDEN[key(row)]
    if source in ACCEPTED:
        assert error is None
        return
    kinds = [c.__name__ for c in type(error).__mro__]
    message = str(error)
    if source in DIFFERENT:
        assert DIFFERENT[source] in kinds and (kind not in kinds or phase != theirs)
    else:
        assert (phase, kind if kind in kinds else kinds) == (theirs, kind)
    assert not [w for w in words if w not in message], message
    if phase == "call" and values is not None and not source.startswith("theano.function"):
        assert all(w in message for w in ("Apply node that caused", "Inputs types", "Inputs shapes", "created at"))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("row", bad_input.BUILD, ids=key)
def test_as_documented_too(row):
    """The flag that chooses the page's behaviour loses no error."""
    phase, error = bad_input.failure(row, tx, T)
    assert row[0] in ACCEPTED or phase == "build", error
