"""The flag ``warn_float64``: what it calls a float64 is what Theano 1.0.5 does (asked of it)."""

import pdb

import numpy as np
import pytest

import tx as theano
import tx.tensor as T

#: what makes a Variable of float64, and what does not
MADE = {
    "an input": T.dvector,
    "a conversion": lambda: T.cast(T.fvector(), "float64"),
    "a product with a constant": lambda: T.fvector() * T.constant(2.5, dtype="float64"),
    "a product with integers": lambda: T.fvector() * T.arange(3),
}
NOT_MADE = {
    "a function": lambda: T.exp(T.fvector()),
    "a constant": lambda: T.constant(2.0),
    "a shared variable": lambda: theano.shared(2.0),
    "a sum": lambda: T.fvector().sum(),
    "a number": lambda: T.fvector() * 2.5,
}


@pytest.fixture
def flag(request):
    with theano.config.change_flags(warn_float64=request.param):
        yield request.param


@pytest.mark.parametrize("flag", ["raise"], indirect=True)
@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_a_float64_is_refused(make, flag):
    with pytest.raises(Exception, match="warn_float64='raise'") as caught:
        make()
    assert caught.value.__notes__ == ["See docs/errors/float64.md"]


@pytest.mark.parametrize("flag", ["warn"], indirect=True)
@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_a_float64_is_warned_of_where_it_is_written(make, flag):
    with pytest.warns(UserWarning, match="warn_float64='warn'") as caught:
        make()
    assert {w.filename for w in caught} == {__file__}


@pytest.mark.parametrize("flag", ["pdb"], indirect=True)
def test_the_debugger_starts(flag, monkeypatch):
    started = []
    monkeypatch.setattr(pdb, "set_trace", lambda: started.append(True))
    T.fvector()
    assert started == []
    T.dvector()
    assert started == [True]


@pytest.mark.parametrize("flag", ["raise"], indirect=True)
@pytest.mark.parametrize("make", NOT_MADE.values(), ids=NOT_MADE)
def test_nothing_else_is(make, flag):
    make()


@pytest.mark.parametrize("flag", ["raise"], indirect=True)
def test_functions_are_compiled_and_called_as_ever(flag):
    x, n = T.fmatrix("x"), T.iscalar("n")
    steps, _ = theano.scan(lambda row, total: T.tanh(total + row), sequences=x[:n], outputs_info=T.zeros_like(x[0]))
    cost = steps[-1].mean() + x[:n].var() + T.nnet.softmax(x).max()
    f = theano.function([x, n], [cost, T.grad(cost, x)])
    value = np.ones([6, 3], "float32")
    results = [f(value, length) for length in (2, 3, 4, 5, 6)]  # padded from the second on
    assert {r.dtype.name for result in results for r in result} == {"float32"}
    assert np.isfinite(results[-1][0])
