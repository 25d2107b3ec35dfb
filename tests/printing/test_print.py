"""`Print`: what it prints, where, and that it changes nothing else."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.ifelse import ifelse
from tx.printing import Print
from tx.tensor.assertions import Assert

x, a, i = T.dvector("x"), T.dscalar("a"), T.lscalar("i")
VALUE = [1.0, 2.0]


def lines(capsys):
    return capsys.readouterr().out.splitlines()


#: (expression, arguments, what is printed); recorded from Theano
PRINTED = {
    "value": (lambda: Print("hello")(x) * 2, [VALUE], ["hello __str__ = [1. 2.]"]),
    "scalar": (lambda: Print("a")(a), [2.5], ["a __str__ = 2.5"]),
    "integers": (lambda: Print("i")(i + np.arange(4).reshape(2, 2)), [0], ["i __str__ = [[0 1]", " [2 3]]"]),
    "attributes": (
        lambda: Print("m", attrs=("shape", "ndim", "min", "__str__"))(x),
        [VALUE],
        ["m shape = (2,)", "m ndim = 1", "m min = 1.0", "m __str__ = [1. 2.]"],
    ),
    "no message": (lambda: Print(attrs=["size"])(x), [VALUE], [" size = 2"]),
    "function": (lambda: Print("mine", global_fn=lambda op, v: print(op.message, v.sum()))(x), [VALUE], ["mine 3.0"]),
    "order": (lambda: Print("b")(Print("a")(x) * 2), [VALUE], ["a __str__ = [1. 2.]", "b __str__ = [2. 4.]"]),
    "loop": (
        lambda: tx.scan(lambda v, c: Print("step")(v + c), x, a)[0],
        [VALUE, 0.0],
        ["step __str__ = 1.0", "step __str__ = 3.0"],
    ),
    "gradient": (lambda: T.grad((Print("g")(x) ** 2).sum(), x), [VALUE], ["g __str__ = [1. 2.]"]),
    "size from an argument": (lambda: Print("s")(x[:i]), [VALUE, 1], ["s __str__ = [1.]"]),
    "branch": (lambda: ifelse(T.gt(a, 0), Print("+")(a), Print("-")(a)), [-1.0], ["- __str__ = -1.0"]),
}


@pytest.mark.parametrize("name", PRINTED)
def test_prints_at_every_call(name, capsys):
    build, arguments, expected = PRINTED[name]
    inputs = [x, a] if name == "loop" else [x, i] if name == "size from an argument" else None
    expression = build()
    if inputs is None:
        inputs = [v for v in tx.graph.walk.inputs([expression]) if not isinstance(v, tx.Constant)]
    f = tx.function(inputs, expression)
    for _ in range(2):
        f(*arguments)
        assert lines(capsys) == expected


def test_is_the_identity():
    f = tx.function([x], [Print("p")(x), T.grad((Print("q")(x) ** 2).sum(), x), T.Rop(Print("r")(x) ** 2, x, x)])
    assert [r.tolist() for r in f(VALUE)] == [[1, 2], [2, 4], [2, 8]]
    assert Print("m") == Print("m") != Print("n")
    assert Print("m")(T.dmatrix()).type == T.dmatrix


def test_prints_what_only_an_update_needs(capsys):
    state = tx.shared(1.0)
    tx.function([], updates=[(state, Print("s")(state + 1))])()
    assert lines(capsys) == ["s __str__ = 2.0"] and state.get_value() == 2


def test_its_function_may_raise():
    def refuse(op, value):
        raise OSError("refused")

    state = tx.shared(0.0)
    f = tx.function([x], updates=[(state, state + Print("p", global_fn=refuse)(x).sum())])
    for n in (1, 2):
        with pytest.raises(OSError, match="refused"):
            f(VALUE)
        assert state.get_value() == 3 * n
    with pytest.raises(AttributeError, match="no attribute 'blah'"):
        tx.function([x], Print("p", attrs=("blah",))(x))(VALUE)


def test_an_assertion_that_fails_is_printed_before(capsys):
    f = tx.function([x], Assert("positive")(Print("x")(x), T.gt(x, 0).all()))
    with pytest.raises(AssertionError, match="positive"):
        f([-1.0])
    assert lines(capsys) == ["x __str__ = [-1.]"]
