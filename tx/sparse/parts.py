"""A compressed matrix and its four parts: data, indices, indptr and shape. From the one to the others and back.

What is computed with a matrix is computed with its parts, which are arrays: these Ops are the border between both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.sparse.convert import compressed
from tx.sparse.lazily import scipy_sparse
from tx.sparse.op import SparseOp, dense_output, disconnected, sparse_output
from tx.sparse.places import Majors, TakeAt
from tx.sparse.type import SparseType, matrix_class
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable

_DATA, _INDICES, _INDPTR, _SHAPE = range(4)


def _array(matrix: Any, part: int) -> np.ndarray:
    found = (matrix.data, matrix.indices, matrix.indptr, matrix.shape)[part]
    return np.asarray(found) if part == _DATA else np.asarray(found, "int32")


class CSM(SparseOp):
    """A matrix of its parts. Raises ValueError for a format without them. Source: theano.sparse.CSM."""

    __props__ = ("format",)
    view_map = {0: [0]}

    def __init__(self, format: str, kmap: Any = None):
        if format not in ("csr", "csc"):
            raise ValueError("format must be one of: 'csr', 'csc'", format)
        if kmap is not None:
            raise TypeError("kmap is not used any more", kmap)
        self.format = format

    def make_node(self, data: Any, indices: Any, indptr: Any, shape: Any) -> Apply:
        """Four vectors, all but the first of integers. Raises TypeError for others."""
        data = as_tensor_variable(data)
        whole = [as_tensor_variable(np.asarray(v, "int32") if isinstance(v, np.ndarray | list | tuple) and not
                 any(hasattr(n, "type") for n in v) else v) for v in (indices, indptr, shape)]  # fmt: skip
        if data.ndim != 1:
            raise TypeError("data argument must be a vector", data.type, data.ndim)
        for name, v in zip(("indices", "indptr", "shape"), whole, strict=True):
            if v.ndim != 1 or v.dtype not in dt.integer_dtypes:
                raise TypeError(f"{name} must be vector of integers", v, v.type)
        whole = [v if v.dtype == "int32" else F.cast(v, "int32") for v in whole]
        return Apply(self, [data, *whole], [sparse_output(self.format, data.dtype)])

    def compute(self, data: Any, indices: Any, indptr: Any, shape: Any) -> Any:
        """Raises ValueError for parts that do not fit."""
        if len(shape) != 2:
            raise ValueError("Shape should be an array of length 2")
        if data.shape != indices.shape:
            raise ValueError(f"Data (shape {data.shape}) must have the same number of elements as indices")
        return matrix_class(self.format)((data, indices, indptr), shape=tuple(int(n) for n in shape))

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the data has a derivative."""
        return [[True], [False], [False], [False]]

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient's elements at the places that are stored."""
        (g,) = gradients
        return [elements_at(self.format, inputs, g), *disconnected(3)]


CSC, CSR = CSM("csc"), CSM("csr")


class CSMPart(SparseOp):
    """One of the parts of a matrix: 0 data, 1 indices, 2 indptr, 3 shape."""

    __props__ = ("part",)
    remembered = True

    def __init__(self, part: int):
        self.part = part

    def make_node(self, x: Any) -> Apply:
        """One sparse input."""
        return Apply(self, [x], [dense_output(x.dtype if self.part == _DATA else "int32", 1)])

    def compute(self, x: Any) -> Any:
        """The array itself."""
        return _array(x, self.part)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the data has a derivative."""
        return [[self.part == _DATA]]

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """A matrix of the gradient, stored where `x` is."""
        return [with_data(inputs[0], gradients[0])] if self.part == _DATA else disconnected()


class CSMProperties(Op):
    """All four parts of a matrix. Source: theano.sparse.CSMProperties."""

    __props__ = ()
    view_map = {0: [0], 1: [0], 2: [0], 3: [0]}

    def __init__(self, kmap: Any = None):
        if kmap is not None:
            raise TypeError("kmap is not used any more", kmap)

    def make_node(self, csm: Any) -> Apply:
        """One input, compressed. Raises TypeError, AssertionError for others."""
        csm = compressed(csm)
        return Apply(self, [csm], [dense_output(csm.dtype, 1), *(dense_output("int32", 1) for _ in range(3))])

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]], params: Any = None
    ) -> None:
        """The arrays themselves."""
        for part, cell in enumerate(output_storage):
            cell[0] = _array(inputs[0], part)

    def rewritten(self, node: Apply, rewrite: Any) -> list[Any]:
        """Each part for itself, so that rewrites find it."""
        found: list[Any] = rewrite([CSMPart(part)(node.inputs[0]) for part in range(4)])
        return found

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the data has a derivative."""
        return [[True, False, False, False]]

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """A matrix of the gradient of the data, stored where the input is."""
        return [with_data(inputs[0], gradients[0])]


csm_properties = CSMProperties()


def csm_data(csm: Any) -> Any:
    """The stored elements."""
    return csm_properties(csm)[_DATA]


def csm_indices(csm: Any) -> Any:
    """The column (in compressed columns: the row) of each stored element."""
    return csm_properties(csm)[_INDICES]


def csm_indptr(csm: Any) -> Any:
    """Where each row (column) begins in `csm_data`, and where the last one ends."""
    return csm_properties(csm)[_INDPTR]


def csm_shape(csm: Any) -> Any:
    """The shape, an int32 vector."""
    return csm_properties(csm)[_SHAPE]


def with_data(x: Any, data: Any) -> Any:
    """A matrix with other elements at the places where `x` has its own."""
    _, indices, indptr, shape = csm_properties(x)
    return CSM(x.format)(data, indices, indptr, shape)


def shape_of(x: Any) -> Any:
    """The shape of a sparse Variable in any format, an int64 vector."""
    return F.cast(CSMPart(_SHAPE)(x), "int64")


class CSMGrad(SparseOp):
    """The elements of a matrix (`g_data`, ...) at the places where another (`x_data`, ...) has its own.

    Both are in the same format. Source: theano.sparse.CSMGrad.
    """

    view_map = {0: [4]}

    def __init__(self, kmap: Any = None):
        if kmap is not None:
            raise TypeError("kmap is not used any more", kmap)

    def make_node(self, *parts: Any) -> Apply:
        """Four parts of each."""
        if len(parts) != 8:
            raise TypeError(f"CSMGrad takes the parts of two matrices: 8 inputs, not {len(parts)}")
        given = [as_tensor_variable(p) for p in parts]
        return Apply(self, given, [dense_output(given[4].dtype, 1)])

    def compute(self, data: Any, indices: Any, indptr: Any, shape: Any, *g: Any) -> Any:
        """Whichever of the formats it is: what is compressed may be called rows."""
        if np.array_equal(indices, g[1]) and np.array_equal(indptr, g[2]):
            return g[0]
        lines = len(indptr) - 1
        width = 1 + max(indices.max(initial=0), g[1].max(initial=0))
        other = scipy_sparse.csr_matrix((g[0], g[1], g[2]), shape=(lines, width))
        lines_of = np.repeat(np.arange(lines), np.diff(indptr))
        return np.asarray(other[lines_of, indices]).ravel()


csm_grad = CSMGrad


class Converted(SparseOp):
    """A matrix in another format."""

    __props__ = ("format",)

    def __init__(self, format: str):
        self.format = format

    def make_node(self, x: Any) -> Apply:
        """One sparse input."""
        return Apply(self, [x], [sparse_output(self.format, x.dtype)])

    def compute(self, x: Any) -> Any:
        """By scipy."""
        return x.asformat(self.format)

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient as it is."""
        return list(gradients)


def in_format(x: Any, format: str) -> Any:
    """A sparse Variable in this format."""
    return x if x.format == format else Converted(format)(x)


def elements_at(format: str, parts: Sequence[Any], g: Any) -> Any:
    """The elements of `g`, sparse or dense, at the places that the parts of a matrix in this format say."""
    if g.owner is not None and getattr(g.owner.op, "makes_sparse", False) and g.owner.inputs[0].ndim == 2:
        g = g.owner.inputs[0]
    if isinstance(g.type, SparseType):
        return CSMGrad()(*parts, *csm_properties(in_format(g, format)))
    _, indices, indptr, shape = parts
    majors = Majors()(indptr, indices)
    rows, columns = (majors, indices) if format == "csr" else (indices, majors)
    return TakeAt()(g, rows, columns, shape)


class Coordinates(Op):
    """The stored elements of a matrix, and row and column of each, in the order in which they are stored.

    Behind them come places that are outside of the matrix, with zeros: there are only so many lengths, however many
    elements matrices store, so that a function is compiled for few of them.
    """

    __props__ = ()
    #: whether functions may keep what it finds with a value that never changes
    remembered = True

    def make_node(self, x: Any) -> Apply:
        """One sparse input."""
        return Apply(self, [x], [dense_output(x.dtype, 1), dense_output("int32", 1), dense_output("int32", 1)])

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]], params: Any = None
    ) -> None:
        """See `coordinates`."""
        (x,) = inputs
        for cell, found in zip(output_storage, coordinates(x), strict=True):
            cell[0] = found


def coordinates(x: Any) -> list[np.ndarray]:
    """Data, rows and columns of a matrix, padded."""
    if x.format == "bsr":
        x = x.tocsr()
    majors = np.repeat(np.arange(len(x.indptr) - 1, dtype="int32"), np.diff(x.indptr))
    count = len(majors)
    rows, columns = (majors, x.indices[:count]) if x.format == "csr" else (x.indices[:count], majors)
    size = padded_length(count)
    return [_padded(x.data[:count], size, 0, x.dtype)] + [
        _padded(places, size, outside, "int32") for places, outside in zip((rows, columns), x.shape, strict=True)
    ]


def padded_length(n: int) -> int:
    """The next of eight lengths between each power of two and the next; 0 for 0."""
    step = 1 << max(n.bit_length() - 4, 3)
    return -(-n // step) * step


def _padded(values: Any, size: int, filling: Any, dtype: Any) -> np.ndarray:
    result = np.full(size, filling, dtype)
    result[: len(values)] = values
    return result


__all__ = [
    "CSC",
    "CSM",
    "CSR",
    "CSMGrad",
    "CSMProperties",
    "csm_data",
    "csm_grad",
    "csm_indices",
    "csm_indptr",
    "csm_properties",
    "csm_shape",
]
