"""Every sparse expression that was recorded from real Theano: type, format, stored elements, values, exceptions."""

import numpy as np
import pytest
import recorded

import tx
import tx.sparse as S
import tx.tensor as T

GOLDEN, expressions = recorded.recording("sparse_expressions"), recorded.table("sparse_expressions")

#: what tx does on purpose otherwise
BETTER = {
    "b+d": "blocks can be added to an array",
    "S.dot(b,e)": "blocks can be multiplied",
    "S.sp_sum(b)": "blocks can be summed",
    "S.sp_sum(b,axis=1)": "blocks can be summed",
    "x-x": "places that are known to be stored stay so, whatever the sum is: their number never changes",
    "theano.grad(S.sp_sum(S.structured_exp(x)*x),x)": "as x-x: at -1 this gradient is 0",
    "x[li,li]": "an element, whatever integers say which",
    "S.sp_sum(S.bcast(x),axis=1)": "the type says the dtype that the sum has",
    "theano.grad(S.sp_sum(S.get_item_list(x,iv)),x)": "a row that was taken twice counts twice",
    "theano.grad((S.get_item_2lists(x,iv,iv)).sum(),x)": "an element that was taken twice counts twice",
    "theano.grad(S.sp_sum(S.structured_add_s_v(x,v)),v)": "only stored elements were added to",
    "theano.grad((S.dot(x,v)).sum(),x)": "products with a vector have a gradient",
    "theano.grad((S.usmm(s,x,e,S.dot(y,e))).sum(),x)": "usmm has a gradient",
    "theano.grad(S.sp_sum(x*s),s)": "the gradient by a number is a number",
    "theano.grad(S.sp_sum(S.sqr(ix)),ix)": "the gradient by integers is zero, as elsewhere",
    "theano.grad(S.sp_sum(x<x),x)": "the input is disconnected, and that is what is said",
    **{
        f"theano.grad({e},x)": "slices and elements have a gradient"
        for e in ("S.sp_sum(x[0:2])", "(x[0,2]).sum()", "(x[0:2].toarray()).sum()")
    },
}

ROWS = [(name, text) for name, results in GOLDEN.items() for text in results]


def assert_same(value, expected):
    """A recorded value again: see `sparse_expressions.plain`."""
    assert {k: v for k, v in value.items() if k != "all"} == {k: v for k, v in expected.items() if k != "all"}
    single = value["dtype"] in ("float32", "complex64")
    np.testing.assert_allclose(
        np.array(value["all"]), np.array(expected["all"]), *([1e-5] * 2 if single else [1e-9] * 2)
    )


@pytest.fixture(scope="module")
def values():
    """What the expressions are that have a value, by table: many in one function."""
    found = {}
    for name, results in GOLDEN.items():
        texts = [t for t, expected in results.items() if "value" in expected and t not in BETTER]
        for some in (texts[i : i + 40] for i in range(0, len(texts), 40)):
            outputs = []
            shared = {n: expressions.variable(n, S, T) for n in expressions.VALUES}
            for text in some:
                names, expression = expressions.built(text, tx, S, T)
                outputs.append(tx.clone(expression, {names[n]: shared[n] for n in names}))
            f = tx.function(list(shared.values()), outputs, on_unused_input="ignore")
            found.update(zip([(name, t) for t in some], f(*expressions.VALUES.values()), strict=True))
    return found


@pytest.mark.parametrize(("name", "text"), [r for r in ROWS if r[1] not in BETTER])
def test_as_theano(name, text, values):
    expected = GOLDEN[name][text]
    if "value" in expected:
        assert_same(expressions.plain(values[name, text]), expected["value"])
    found = expressions.evaluate(text, tx, S, T, run="value" not in expected)
    assert found == {k: v for k, v in expected.items() if k != "value"}


@pytest.mark.parametrize("text", BETTER)
def test_on_purpose(text):
    (name,) = (n for n in GOLDEN if text in GOLDEN[n])
    assert expressions.evaluate(text, tx, S, T) != GOLDEN[name][text]


def test_the_table_is_what_was_recorded():
    assert {n: list(e) for n, e in expressions.EXPRESSIONS.items()} == {
        n: list(dict.fromkeys(g)) for n, g in GOLDEN.items()
    }
