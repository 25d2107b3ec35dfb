"""`debugprint` and `pp` print what Theano printed, line by line, for the graphs of tests/golden/printing.py."""

import pytest
import recorded

import tx
import tx.ifelse
import tx.tensor as T

graphs, RECORDED = recorded.table("printing"), recorded.recording("printing")
ROWS = graphs.ROWS

#: rows that are printed otherwise, and why: the graph is another one, on purpose
DIFFERENT = {
    "flattened": "the first lengths are taken one by one, not from a slice of the shape",
    "tiles": "tile and repeat are one Op, or one Alloc, that knows its length",
    "variances": "a deviation is squared by sqr, not by a power of 2.0",
    "differences": "diff is a difference of two slices",
    "outer products": "an outer product is a product of a column and a row",
    "diagonals": "diagonals are read and written by index arrays",
    "index of two integers": "Theano's formula has the two integers the wrong way round",
    "set in place": "XLA decides what is done in place",
    "quick sigmoids": "they are written as expressions",
    "costs of classes": "crossentropies are written as expressions, which are stable after rewriting",
    "pooling": "size and stride are one Variable",
    "batch normalisation": "it is written as an expression, not as one fused operation",
    "gradient of broadcasting": "no copy is made of a sum",
    "gradient of a choice": "gradients that are zero are not added",
    "gradient that needs the result": "the result is used, not computed again",
    "gradients of another form": "the formulas avoid overflow",
    "gradient of a matrix and a vector": "an outer product is a product of a column and a row",
    "gradient of a maximum": "the maximum is used, not computed again",
    "gradient of a join": "the axis is known, and no input",
    "gradient of a layer": "no copy is made of a sum, tanh is used again",
    "gradient of softmax": "it is an expression, and no Op",
    "gradient of softmax regression": "it is an expression, and no Op",
    "gradient of logistic regression": "the terms of a sum come in another order",
    **dict.fromkeys(
        ("loop", "last step of a loop", "map", "two loops", "loop in a loop", "until"),
        "a loop has its sequences and initial states as inputs, no buffers",
    ),
    "jacobian": "a Jacobian is one pullback of all rows",
    "used ids": "ids are continued in a dict that starts empty, too",
}


def printed(name):
    return graphs.evaluate(ROWS[name], tx, T)


@pytest.mark.parametrize("name", [name for name in ROWS if name not in DIFFERENT])
def test_is_printed_as_in_theano(name):
    found, expected = printed(name), RECORDED[name]
    assert found["debugprint"].splitlines() == expected["debugprint"].splitlines()
    assert found.get("pp") == expected.get("pp") and found.get("descriptions") == expected.get("descriptions")


@pytest.mark.parametrize("name", DIFFERENT)
def test_no_difference_is_out_of_date(name):
    assert printed(name) != RECORDED[name]


def test_enough_is_the_same():
    assert len(ROWS) - len(DIFFERENT) >= 80 and set(RECORDED) == set(ROWS) and set(DIFFERENT) <= set(ROWS)
