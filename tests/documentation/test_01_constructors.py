"""The page's sections on creating variables. Each docstring is a statement of the page; its test proves it."""

import numpy as np
import pytest

import tx
import tx.tensor as T

LETTERS = {
    "b": "int8",
    "w": "int16",
    "i": "int32",
    "l": "int64",
    "d": "float64",
    "f": "float32",
    "c": "complex64",
    "z": "complex128",
}
PATTERNS = {
    "scalar": (),
    "vector": (False,),
    "row": (True, False),
    "col": (False, True),
    "matrix": (False,) * 2,
    "tensor3": (False,) * 3,
    "tensor4": (False,) * 4,
    "tensor5": (False,) * 5,
}
TABLE = [(letter + kind, LETTERS[letter], PATTERNS[kind]) for letter in LETTERS for kind in PATTERNS]


# -- one way to make a variable ---------------------------------------------------------------------------------------


def test_a_constructor_is_called():
    """x = T.fmatrix(): a variable whose type is the constructor's."""
    x = T.fmatrix()
    assert isinstance(x, T.TensorVariable) and x.type == T.fmatrix and x.name is None and x.owner is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: T.scalar("myvar", dtype="int32"),
        lambda: T.iscalar("myvar"),
        lambda: T.TensorType(dtype="int32", broadcastable=())("myvar"),
    ],
    ids=["scalar", "iscalar", "TensorType"],
)
def test_three_ways_to_the_same_variable(make):
    """scalar('myvar', dtype='int32'), iscalar('myvar') and TensorType(dtype='int32', broadcastable=())('myvar')."""
    x = make()
    assert (x.name, x.dtype, x.broadcastable) == ("myvar", "int32", ())
    assert x.type == T.iscalar


# -- constructors with a dtype ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PATTERNS)
def test_by_default_floating_point(kind):
    """By default, they produce floating-point variables, with the dtype that config.floatX says."""
    make = getattr(T, kind)
    for floatX in ("float32", "float64"):
        with tx.config.change_flags(floatX=floatX):
            assert make().dtype == make("name").dtype == floatX


@pytest.mark.parametrize("kind", PATTERNS)
def test_name_and_dtype(kind):
    """scalar, vector, row, col, matrix, tensor3, tensor4, tensor5 (name=None, dtype=config.floatX)."""
    make = getattr(T, kind)
    x = make("x", "int16")
    assert (x.name, x.dtype, x.broadcastable) == ("x", "int16", PATTERNS[kind])
    assert make(name="y", dtype="uint8").type == T.TensorType("uint8", PATTERNS[kind])
    assert make().name is None


@pytest.mark.parametrize("kind", PATTERNS)
def test_rank_of_the_value(kind):
    """Return a Variable for an ndarray of that many dimensions."""
    x = getattr(T, kind)("x", "float64")
    f = tx.function([x], x)
    shape = tuple(1 if b else 2 for b in PATTERNS[kind])
    assert x.ndim == len(shape) and f(np.zeros(shape)).shape == shape
    with pytest.raises(TypeError):
        f(np.zeros((*shape, 2)))


def test_a_row_has_one_row():
    """row: the number of rows is guaranteed to be 1."""
    x = T.drow("x")
    assert tx.function([x], x)([[1, 2, 3]]).shape == (1, 3)
    with pytest.raises(TypeError, match=r"(?i)row|broadcast|shape"):
        tx.function([x], x)([[1, 2], [3, 4]])


def test_a_column_has_one_column():
    """col: the number of columns is guaranteed to be 1."""
    x = T.dcol("x")
    assert tx.function([x], x)([[1], [2]]).shape == (2, 1)
    with pytest.raises(TypeError, match=r"(?i)col|broadcast|shape"):
        tx.function([x], x)([[1, 2], [3, 4]])


# -- the table of TensorType instances --------------------------------------------------------------------------------


def test_an_optional_name():
    """They are all callable, and accept an optional name: dmatrix(), dmatrix('x'), dmatrix('xyz')."""
    assert T.dmatrix().name is None
    x, xyz = T.dmatrix("x"), T.dmatrix("xyz")
    assert (x.name, xyz.name) == ("x", "xyz") and x is not xyz and x.type is xyz.type


@pytest.mark.parametrize(("name", "dtype", "pattern"), TABLE, ids=[row[0] for row in TABLE])
def test_table(name, dtype, pattern):
    """Constructor, dtype, ndim, shape, broadcastable: a row of the table."""
    constructor = getattr(T, name)
    x = constructor("x")
    assert isinstance(constructor, T.TensorType)
    assert (x.dtype, x.ndim, x.broadcastable, x.name) == (dtype, len(pattern), pattern, "x")
    assert x.type == T.TensorType(dtype, pattern) == constructor


@pytest.mark.parametrize("letters", LETTERS)
def test_further_ranks(letters):
    """tensor6 and tensor7 are there, too."""
    for rank in (6, 7):
        assert getattr(T, f"{letters}tensor{rank}")().broadcastable == (False,) * rank
        assert getattr(T, f"tensor{rank}")("x", LETTERS[letters]).type == getattr(T, f"{letters}tensor{rank}")


# -- several at once --------------------------------------------------------------------------------------------------

PLURALS = {"scalars": "scalar", "vectors": "vector", "rows": "row", "cols": "col", "matrices": "matrix"}
PLURAL_TABLE = [(letter, plural) for plural in PLURALS for letter in "ilfd"]


@pytest.mark.parametrize(("letter", "plural"), PLURAL_TABLE, ids=[a + b for a, b in PLURAL_TABLE])
def test_plural_by_number(letter, plural):
    """Each takes an integer, and returns that many variables with no names."""
    variables = getattr(T, letter + plural)(3)
    assert [v.name for v in variables] == [None] * 3 and len(set(map(id, variables))) == 3
    assert {v.type for v in variables} == {getattr(T, letter + PLURALS[plural])}


@pytest.mark.parametrize(("letter", "plural"), PLURAL_TABLE, ids=[a + b for a, b in PLURAL_TABLE])
def test_plural_by_names(letter, plural):
    """Each takes several strings, and makes a variable of each name."""
    variables = getattr(T, letter + plural)("x", "y", "z")
    assert [v.name for v in variables] == ["x", "y", "z"]
    assert {v.type for v in variables} == {getattr(T, letter + PLURALS[plural])}


@pytest.mark.parametrize("plural", PLURALS)
def test_plural_of_floatX(plural):
    """Without a letter the dtype is floatX."""
    with tx.config.change_flags(floatX="float32"):
        x, y = getattr(T, plural)("x", "y")
        assert (x.name, y.name, x.dtype, y.dtype) == ("x", "y", "float32", "float32")
        assert x.broadcastable == PATTERNS[PLURALS[plural]]


def test_plural_example():
    """x, y, z = dmatrices(3); x, y, z = dmatrices('x', 'y', 'z')."""
    x, y, z = T.dmatrices(3)
    assert x.type == y.type == z.type == T.dmatrix and x.name is None
    x, y, z = T.dmatrices("x", "y", "z")
    assert (x.name, y.name, z.name) == ("x", "y", "z")


# -- own types --------------------------------------------------------------------------------------------------------


def test_own_rank():
    """dtensor6 = TensorType('float64', (False,)*6); x = dtensor6(); z = dtensor6('z')."""
    dtensor6 = T.TensorType("float64", (False,) * 6)
    x, z = dtensor6(), dtensor6("z")
    assert x.ndim == z.ndim == 6 and x.dtype == "float64" and (x.name, z.name) == (None, "z")


def test_own_matrix_is_the_matrix():
    """my_dmatrix = TensorType('float64', (False,)*2); my_dmatrix == dmatrix."""
    my_dmatrix = T.TensorType("float64", (False,) * 2)
    assert my_dmatrix == T.dmatrix and hash(my_dmatrix) == hash(T.dmatrix)
    assert my_dmatrix() + T.dmatrix() is not None and my_dmatrix("x").type == T.dmatrix
    assert my_dmatrix != T.fmatrix and my_dmatrix != T.drow
