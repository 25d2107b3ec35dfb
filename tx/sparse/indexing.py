"""What stands between brackets behind a matrix: an element, a block, a list of rows, a list of places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.graph import Apply, Variable
from tx.sparse.convert import as_sparse_variable, compressed
from tx.sparse.dense import as_dense
from tx.sparse.lazily import scipy_sparse
from tx.sparse.op import SparseOp, dense_output, disconnected, sparse_output
from tx.sparse.refusals import Unsupported
from tx.tensor.convert import as_tensor_variable
from tx.tensor.type_other import NoneConst, as_int_none_variable

_NO_VECTOR = "Theano has no sparse vector. Use X[a:b, c:d], X[a:b, c:c+1] or X[a:b] instead."


def _scalar(i: Any) -> bool:
    return isinstance(i, int | np.integer) or (isinstance(i, Variable) and getattr(i.type, "ndim", -1) == 0)


def getitem(x: Any, args: Any) -> Any:
    """``x[args]``. Raises ValueError for arrays and vectors of indices, Unsupported for one row as a vector."""
    args = args if isinstance(args, tuple) else (args,)
    if len(args) == 2 and all(map(_scalar, args)):
        return get_item_scalar(x, args)
    if isinstance(args[0], list):
        return get_item_2lists(x, args[0], args[1]) if len(args) == 2 else get_item_list(x, args[0])
    return get_item_2d(x, args)


def _slices(index: Any) -> list[Any]:
    """Start, stop and step for rows and columns."""
    if len(index) not in (1, 2):
        raise AssertionError(f"1 or 2 indices, not {len(index)}", index)
    found: list[Any] = []
    for i in index:
        if isinstance(i, slice):
            found += [as_int_none_variable(part) for part in (i.start, i.stop, i.step)]
        elif _scalar(i):
            raise Unsupported(_NO_VECTOR)
        else:
            raise ValueError(f"Advanced indexing is not implemented for sparse matrices. Argument not supported: {i}")
    return found + [NoneConst] * (6 - len(found))


def _pair(parts: Sequence[Any]) -> tuple[slice, slice]:
    numbers = [None if p is None else int(p) for p in parts]
    return slice(*numbers[:3]), slice(*numbers[3:])


class GetItem2d(SparseOp):
    """A block: slices of rows and columns. Source: theano.sparse.GetItem2d."""

    def make_node(self, x: Any, *index: Any) -> Apply:
        """A compressed matrix, and a tuple of one or two slices (or the six numbers of both)."""
        x = compressed(x)
        parts = list(index) if len(index) == 6 else _slices(index[0])
        return Apply(self, [x, *parts], [x.type()])

    def compute(self, x: Any, *parts: Any) -> Any:
        """By scipy."""
        return x[_pair(parts)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the elements have a derivative."""
        return [[True]] + [[False]] * 6

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient at its place, in a matrix that stores nothing else."""
        x, *index = inputs
        return [_PutBlock()(x, gradients[0], *index), *disconnected(6)]


class _PutBlock(SparseOp):
    """A matrix like `x` that stores `g` where `GetItem2d` took it from."""

    def make_node(self, x: Any, g: Any, *parts: Any) -> Apply:
        """As `GetItem2d`, with the gradient."""
        return Apply(self, [x, g, *parts], [x.type.clone(dtype=g.dtype)()])

    def compute(self, x: Any, g: Any, *parts: Any) -> Any:
        """Rows and columns of `g` have numbers in `x`."""
        rows, columns = (np.arange(n)[s] for n, s in zip(x.shape, _pair(parts), strict=True))
        coo = scipy_sparse.coo_matrix(g)
        return scipy_sparse.coo_matrix((coo.data, (rows[coo.row], columns[coo.col])), shape=x.shape)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Of `x` only the shape matters."""
        return [[False], [True]] + [[False]] * 6

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The block."""
        _, _, *parts = inputs
        return [*disconnected(), GetItem2d()(gradients[0], *parts), *disconnected(6)]


class GetItemScalar(SparseOp):
    """One element, as a scalar. Source: theano.sparse.GetItemScalar."""

    def make_node(self, x: Any, *index: Any) -> Apply:
        """A compressed matrix and two integers. Raises Unsupported for slices."""
        x = compressed(x)
        pair = list(index) if len(index) == 2 else list(index[0])
        if any(isinstance(i, slice) for i in pair):
            raise Unsupported("GetItemScalar takes two integers")
        numbers = [as_tensor_variable(i) for i in pair]
        return Apply(self, [x, *numbers], [dense_output(x.dtype, 0)])

    def compute(self, x: Any, i: Any, j: Any) -> Any:
        """Raises IndexError outside."""
        return np.asarray(x[int(i), int(j)])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the elements have a derivative."""
        return [[True], [False], [False]]

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient at its place, in a matrix that stores nothing else."""
        x, i, j = inputs
        return [get_item_2lists_grad(x, _one(i), _one(j), gradients[0].dimshuffle("x")), *disconnected(2)]


def _one(i: Any) -> Any:
    return i.dimshuffle("x")


def _row_list(index: Any) -> Any:
    index = as_tensor_variable(index)
    if index.ndim != 1 or index.dtype not in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"):
        raise AssertionError("a vector of integers", index)
    return index


class GetItemList(SparseOp):
    """Some rows, by number. Source: theano.sparse.GetItemList."""

    def make_node(self, x: Any, index: Any) -> Apply:
        """A sparse input and a vector of integers."""
        x = as_sparse_variable(x)
        return Apply(self, [x, _row_list(index)], [x.type()])

    def compute(self, x: Any, index: Any) -> Any:
        """Raises IndexError outside."""
        return x[index]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the elements have a derivative."""
        return [[True], [False]]

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The rows of the gradient at their places."""
        x, index = inputs
        return [get_item_list_grad(x, index, gradients[0]), *disconnected()]


class GetItemListGrad(SparseOp):
    """A matrix like `x` that stores the rows of `gz` at these numbers. Source: theano.sparse.GetItemListGrad."""

    def make_node(self, x: Any, index: Any, gz: Any) -> Apply:
        """Two sparse inputs and a vector of integers."""
        x, gz = as_sparse_variable(x), as_sparse_variable(gz)
        return Apply(self, [x, _row_list(index), gz], [x.type.clone(dtype=gz.dtype)()])

    def compute(self, x: Any, index: Any, gz: Any) -> Any:
        """A row that was taken more than once has the sum."""
        coo = gz.tocoo()
        rows = np.arange(x.shape[0])[index][coo.row]
        return scipy_sparse.coo_matrix((coo.data, (rows, coo.col)), shape=x.shape)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Of `x` only the shape matters."""
        return [[False], [False], [True]]

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The rows."""
        return [*disconnected(2), get_item_list(gradients[0], inputs[1])]


class GetItem2Lists(SparseOp):
    """The elements at places, as a vector. Source: theano.sparse.GetItem2Lists."""

    def make_node(self, x: Any, ind1: Any, ind2: Any) -> Apply:
        """A sparse input and two vectors of integers."""
        x = as_sparse_variable(x)
        return Apply(self, [x, _row_list(ind1), _row_list(ind2)], [dense_output(x.dtype, 1)])

    def compute(self, x: Any, rows: Any, columns: Any) -> Any:
        """Raises IndexError outside."""
        return np.asarray(x[rows, columns]).ravel()

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the elements have a derivative."""
        return [[True], [False], [False]]

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient at the places."""
        x, rows, columns = inputs
        return [get_item_2lists_grad(x, rows, columns, gradients[0]), *disconnected(2)]


class GetItem2ListsGrad(SparseOp):
    """A matrix like `x` that stores `gz` at these places. Source: theano.sparse.GetItem2ListsGrad."""

    def make_node(self, x: Any, ind1: Any, ind2: Any, gz: Any) -> Apply:
        """A sparse input, two vectors of integers, and a vector."""
        x, gz = as_sparse_variable(x), as_tensor_variable(gz)
        return Apply(self, [x, _row_list(ind1), _row_list(ind2), gz], [x.type.clone(dtype=gz.dtype)()])

    def compute(self, x: Any, rows: Any, columns: Any, gz: Any) -> Any:
        """A place that was taken more than once has the sum."""
        m, n = x.shape
        return scipy_sparse.coo_matrix((gz, (np.arange(m)[rows], np.arange(n)[columns])), shape=x.shape)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Of `x` only the shape matters."""
        return [[False], [False], [False], [True]]

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The elements at the places."""
        _, rows, columns, _ = inputs
        return [*disconnected(3), get_item_2lists(gradients[0], rows, columns)]


get_item_2d, get_item_scalar = GetItem2d(), GetItemScalar()
get_item_list, get_item_list_grad = GetItemList(), GetItemListGrad()
get_item_2lists, get_item_2lists_grad = GetItem2Lists(), GetItem2ListsGrad()


class ConstructSparseFromList(SparseOp):
    """A matrix of the shape of `x`, in compressed columns, that stores the rows of `values` at these numbers.

    It is the sparse gradient of ``x[ilist]``. Source: theano.sparse.ConstructSparseFromList.
    """

    def make_node(self, x: Any, values: Any, ilist: Any) -> Apply:
        """Two dense matrices and a vector of integers. Raises TypeError for others."""
        x, values, ilist = as_tensor_variable(x), as_tensor_variable(values), as_tensor_variable(ilist)
        if ilist.dtype not in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"):
            raise TypeError("index must be integers")
        if ilist.ndim != 1:
            raise TypeError("index must be vector")
        if x.ndim != 2 or values.ndim != 2:
            raise TypeError("cannot create a sparse matrix with values of another rank than 2")
        return Apply(self, [x, values, ilist], [sparse_output("csc", x.dtype)])

    def compute(self, x: Any, values: Any, ilist: Any) -> Any:
        """Every element of the rows is stored, in the order of the list."""
        rows, columns = values.shape
        if len(ilist) != rows or x.shape[1] != columns:
            raise AssertionError("a number for each row", x.shape, values.shape, ilist.shape)
        parts = values.T.flatten(), np.tile(np.arange(x.shape[0])[ilist], columns), np.arange(columns + 1) * rows
        return scipy_sparse.csc_matrix(parts, shape=x.shape)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Of `x` only the shape matters."""
        return [[False], [True], [False]]

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The rows of the gradient."""
        return [*disconnected(), as_dense(gradients[0])[inputs[2]], *disconnected()]


construct_sparse_from_list = ConstructSparseFromList()


class TakeRows(SparseOp):
    """``x[ilist]`` with a sparse gradient, which stores those rows that were taken."""

    def make_node(self, x: Any, ilist: Any) -> Apply:
        """A tensor and a vector of integers."""
        return Apply(self, [x, ilist], [x[ilist].type()])

    def compute(self, x: Any, ilist: Any) -> Any:
        """Raises IndexError outside."""
        return x[ilist]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the elements have a derivative."""
        return [[True], [False]]

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Raises TypeError unless `x` is a matrix."""
        x, ilist = inputs
        if x.ndim != 2:
            raise TypeError(f"you can't take the sparse grad from a tensor with ndim != 2. ndim is {x.ndim}")
        return [construct_sparse_from_list(x, gradients[0], ilist), *disconnected()]


def sparse_grad(var: Any) -> Any:
    """`var`, rows of a matrix that a vector of integers chooses (``x[i]``), with a sparse gradient.

    Raises AssertionError for anything else. Source: theano.sparse_grad.
    """
    op, inputs = var.owner.op, var.owner.inputs
    whole = (False, False, False)
    pattern = getattr(op, "pattern", ())
    if pattern[:1] != ("array",) or any(p != whole for p in pattern[1:]) or len(inputs) != 2 or inputs[1].ndim != 1:
        raise AssertionError("sparse_grad is for the rows of a matrix that a vector of integers chooses", var)
    return TakeRows()(*inputs)


__all__ = [
    "ConstructSparseFromList",
    "GetItem2Lists",
    "GetItem2ListsGrad",
    "GetItem2d",
    "GetItemList",
    "GetItemListGrad",
    "GetItemScalar",
    "construct_sparse_from_list",
    "get_item_2d",
    "get_item_2lists",
    "get_item_2lists_grad",
    "get_item_list",
    "get_item_list_grad",
    "get_item_scalar",
]
