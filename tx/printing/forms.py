"""How a node is shown: as Theano's graph would have it.

Some of tx's Ops say in one node, or in a parameter, what takes Theano several nodes: an index of any kind, the axis of
a join, the length of an axis. A `Form` has the words of such a node and what stands below it: Variables of the graph,
and `Extra`s, which Theano has a Variable for and tx has not.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tx.graph import Constant
from tx.scan_module.op import Scan, Trajectory
from tx.tensor.creation import Alloc
from tx.tensor.elemwise import is_elemwise
from tx.tensor.joining import Join, JoinAt, Split, SplitAt
from tx.tensor.reduction import Argmax, CAReduce
from tx.tensor.shapes import Rebroadcast, Shape_i
from tx.tensor.sort import ArgSort, Sort
from tx.tensor.subtensor import IncSubtensor, Nonzero, Subtensor, distribute
from tx.tensor.type import TensorType

_WHOLE = (False, False, False)


@dataclass(frozen=True)
class Extra:
    """Something that is shown and is no Variable of the graph. Equal keys are the same thing."""

    label: str
    key: Hashable
    children: tuple[Any, ...] = ()
    name: str | None = None
    kind: Any = None
    output: int | None = None


@dataclass(frozen=True)
class Form:
    """The words for a node, what is below it, and which output it is, if there are several."""

    label: str
    children: Sequence[Any]
    output: int | None = None


def form(thing: Any) -> Form:
    """How what computes a Variable (or an Extra) is shown."""
    if isinstance(thing, Extra):
        return Form(thing.label, [shown(c) for c in thing.children], thing.output)
    node = thing.owner
    found = next((_FORMS[kind] for kind in type(node.op).__mro__ if kind in _FORMS), None)
    if found is not None:
        special: Form = found(node, thing)
        return Form(special.label, [shown(c) for c in special.children], special.output)
    return Form(_label(node.op), [shown(c) for c in node.inputs], thing.index if len(node.outputs) > 1 else None)


def _label(op: Any) -> str:
    words = _LABELS.get(type(op).__name__)
    return words.format(op=op) if words is not None and type(op).__module__.startswith("tx.") else str(op)


def shown(thing: Any) -> Any:
    """What stands in the place of a Variable where it is read."""
    while getattr(thing, "owner", None) is not None and isinstance(thing.owner.op, Trajectory):
        thing = thing.owner.inputs[0]
    return thing


def is_leaf(thing: Any) -> bool:
    """Whether nothing computes it."""
    return not thing.children if isinstance(thing, Extra) else thing.owner is None


def leaf_text(thing: Any) -> str:
    """The words for an input or a constant."""
    if isinstance(thing, Extra):
        return thing.label
    return str(thing)


def identity(thing: Any) -> Hashable:
    """What makes two shown things the same one, with one id. Theano keeps small constants, one for each value."""
    if isinstance(thing, Extra):
        return thing.key
    if thing.owner is not None:
        return thing.owner  # type: ignore[no-any-return]
    if isinstance(thing, Constant) and isinstance(thing.type, TensorType) and np.size(thing.data) == 1:
        value = np.asarray(thing.data)
        if np.all(abs(value) <= 10):
            return thing.type, value.tobytes()
    return thing  # type: ignore[no-any-return]


def letters(n: int) -> str:
    """A number written in the digits A to Z."""
    text = ""
    while not text or n:
        n, digit = divmod(n, 26)
        text = chr(ord("A") + digit) + text
    return text


# -- the parts --------------------------------------------------------------------------------------------------------


def _constant(value: int) -> Extra:
    """A small integer, which is a parameter in tx."""
    kind = TensorType("int8", ())
    return Extra(f"TensorConstant{{{value}}}", (kind, np.int8(value).tobytes()), kind=kind)


def _scalar_constant(value: Any, key: Hashable) -> Extra:
    return Extra(f"Constant{{{value}}}", key, kind="int64")


def _shuffled(x: Any, order: Sequence[Any], key: Hashable) -> Extra:
    pattern = [True if d == "x" else x.type.broadcastable[d] for d in order]
    return Extra(f"InplaceDimShuffle{{{','.join(map(str, order))}}}", key, (x,), None, TensorType(x.dtype, pattern))


def _index(value: Any, key: Hashable) -> tuple[str, Extra]:
    """The dtype and the child of an index that is an integer."""
    if isinstance(value, Constant):
        return "int64", _scalar_constant(value.data, ("index", value))
    return value.dtype, Extra("ScalarFromTensor", key, (value,), kind=value.dtype)


def _words(pattern: Sequence[Any], inputs: Sequence[Any], key: Hashable) -> tuple[str, list[Extra]]:
    """A pattern of integers and slices between Theano's braces, and the indices below it."""
    words: list[str] = []
    below: list[Extra] = []
    for entry, given in zip(pattern, distribute(tuple(pattern), inputs), strict=True):
        parts = []
        for value in given:
            if value is None:
                parts.append("")
                continue
            kind, child = _index(value, (key, "index", len(below)))
            parts.append(kind)
            below.append(child)
        words.append(":".join(parts) if isinstance(entry, tuple) else parts[0])
    return ", ".join(words), below


def _without_newaxes(x: Any, pattern: Sequence[Any], key: Hashable) -> tuple[Any, list[Any]]:
    """`x` with the new axes put in first, and the pattern that is left; full slices at its end are not written."""
    rest = list(pattern)
    if "newaxis" in rest:
        axes = iter(range(x.ndim))
        x = _shuffled(x, ["x" if e == "newaxis" else next(axes) for e in rest], (key, "newaxis"))
        rest = [_WHOLE if e == "newaxis" else e for e in rest]
    while len(rest) > 1 and rest[-1] == _WHOLE:
        rest.pop()
    return x, rest


def _advanced(pattern: Sequence[Any], inputs: Sequence[Any], key: Hashable) -> list[Any]:
    """What an AdvancedSubtensor reads besides the tensor."""
    none = Extra("NoneConst", "NoneConst", kind="NoneTypeT")
    while pattern and pattern[-1] == _WHOLE:
        pattern = pattern[:-1]
    below: list[Any] = []
    for place, (entry, given) in enumerate(zip(pattern, distribute(tuple(pattern), inputs), strict=True)):
        if entry == "newaxis":
            below.append(none)
            continue
        parts = [
            none if v is None else _tensor_index(v, (key, place, i)) if entry != "array" else v
            for i, v in enumerate(given)
        ]
        below.append(Extra("MakeSlice", (key, place), tuple(parts), kind="slice") if len(parts) == 3 else parts[0])
    return below


def _tensor_index(value: Any, key: Hashable) -> Any:
    if not isinstance(value, Constant):
        return value
    return Extra("TensorFromScalar", key, (_scalar_constant(value.data, (key, "value")),), kind=value.type)


def _single_array(pattern: Sequence[Any], index: Sequence[Any]) -> int | None:
    """The axis that is indexed by a vector, when all others are taken whole."""
    if len(index) != 1 or index[0].ndim != 1 or any(e not in ("array", _WHOLE) for e in pattern):
        return None
    return list(pattern).index("array") if "array" in pattern else None


def _swapped(ndim: int, axis: int) -> list[int]:
    order = list(range(ndim))
    order[0], order[axis] = order[axis], order[0]
    return order


# -- the forms --------------------------------------------------------------------------------------------------------


def _subtensor(node: Any, variable: Any) -> Form:
    x, *index = node.inputs
    pattern = node.op.pattern
    axis = _single_array(pattern, index)
    if axis == 0:
        return Form("AdvancedSubtensor1", node.inputs)
    if axis is not None:
        order = _swapped(x.ndim, axis)
        taken = Extra("AdvancedSubtensor1", (node, "taken"), (_shuffled(x, order, (node, "swapped")), *index))
        return Form(f"InplaceDimShuffle{{{','.join(map(str, order))}}}", [taken])
    if "array" in pattern:
        return Form("AdvancedSubtensor", [x, *_advanced(pattern, index, node)])
    base, rest = _without_newaxes(x, pattern, node)
    if base is not x and not index:
        return Form(base.label, base.children)
    words, below = _words(rest, index, node)
    return Form(f"Subtensor{{{words}}}", [base, *below])


def _inc_subtensor(node: Any, variable: Any) -> Form:
    x, y, *index = node.inputs
    op = node.op
    y = _plain(y)
    put = op.set_instead_of_inc
    if _single_array(op.pattern, index) == 0:
        return Form(f"AdvancedIncSubtensor1{{no_inplace,{'set' if put else 'inc'}}}", [x, y, *index])
    if "array" in op.pattern:
        label = f"AdvancedIncSubtensor{{inplace=False,  set_instead_of_inc={put}}}"
        return Form(label, [x, y, *_advanced(op.pattern, index, node)])
    base, rest = _without_newaxes(x, op.pattern, node)
    words, below = _words(rest, index, node)
    return Form(f"IncSubtensor{{{'Set' if put else 'Inc'};{words}}}", [base, y, *below])


def _shape_i(node: Any, variable: Any) -> Form:
    (x,) = node.inputs
    shape = Extra("Shape", (node, "shape"), (x,), kind=TensorType("int64", (False,)))
    return Form("Subtensor{int64}", [shape, _scalar_constant(node.op.i, (node, "axis"))])


def _plain(size: Any) -> Any:
    """A length without the cast to int64 that a constant needs in tx."""
    plain = is_elemwise(size, "Cast") and isinstance(size.owner.inputs[0], Constant)
    return size.owner.inputs[0] if plain else size


def _alloc(node: Any, variable: Any) -> Form:
    value, *lengths = node.inputs
    return Form("Alloc", [value, *map(_plain, lengths)])


def _join(node: Any, variable: Any) -> Form:
    axis = getattr(node.op, "axis", None)
    return Form("Join", node.inputs if axis is None else [_constant(axis), *node.inputs])


def _split(node: Any, variable: Any) -> Form:
    x, *sizes = node.inputs
    axis = getattr(node.op, "axis", None)
    children = node.inputs if axis is None else [x, _constant(axis), *sizes]
    return Form(f"Split{{{node.op.len_splits}}}", children, variable.index)


def _extremum(axes: Sequence[int]) -> str:
    return f"MaxAndArgmax{{axis={tuple(sorted(axes))}}}"


def _reduction(node: Any, variable: Any) -> Form:
    (x,) = node.inputs
    op, axes = node.op, node.op.axes(node.inputs[0].ndim)
    if op.operation == "max":
        return Form(_extremum(axes), [x], 0)
    if op.operation == "min":
        negative = Extra("Elemwise{neg,no_inplace}", (node, "negative"), (x,), kind=x.type)
        return Form("Elemwise{neg,no_inplace}", [
            Extra(_extremum(axes), (node, "max"), (negative,), "max", variable.type, 0)])  # fmt: skip
    accumulator = op.acc_dtype or _accumulator(x.dtype)
    gone = None if op.axis is None else sorted(op.axis)
    if op.operation == "sum":
        words = [] if gone is None else [f"axis={gone}"]
        return Form(f"Sum{{{', '.join([*words, f'acc_dtype={accumulator}'])}}}", [x])
    if op.operation == "prod":
        axis = None if gone is None else tuple(gone)
        return Form(f"Prod{{axis={axis}, dtype={variable.dtype!r}, acc_dtype={accumulator!r}}}", [x])
    name = op.operation.capitalize()
    return Form(name if gone is None else f"{name}{{{', '.join(map(str, gone))}}}", [x])


def _accumulator(dtype: str) -> str:
    """The dtype that Theano adds and multiplies in, unless it is told one."""
    wide = {"float16": "float32", "float32": "float64", "complex64": "complex128", "bool": "int64"}
    if dtype.startswith("int"):
        return "int64"
    return "uint64" if dtype.startswith("uint") else wide.get(dtype, dtype)


def _argmax(node: Any, variable: Any) -> Form:
    (x,) = node.inputs
    return Form(_extremum(tuple(range(x.ndim)) if node.op.axis is None else node.op.axis), [x], 1)


def _sort(node: Any, variable: Any) -> Form:
    (x,) = node.inputs
    last = node.op.axis == x.ndim - 1
    return Form(f"{type(node.op).__name__}Op{{quicksort, None}}", [x, _constant(-1 if last else node.op.axis)])


def _nonzero(node: Any, variable: Any) -> Form:
    everything = Extra("Nonzero", (node, "all"), (node.inputs[0],))
    return Form("Subtensor{int64}", [everything, _scalar_constant(variable.index, (variable, "row"))])


def _scan(node: Any, variable: Any) -> Form:
    form = node.op.form
    several = form.recorded + form.shared > 1
    return Form(str(node.op), node.inputs, variable.index if several else None)


def _rebroadcast(node: Any, variable: Any) -> Form:
    pairs = zip(node.inputs[0].type.broadcastable, node.op.pattern, strict=True)
    words = ["?" if old == new else str(int(new)) for old, new in pairs]
    while words and words[-1] == "?":
        words.pop()
    return Form(f"Rebroadcast{{{','.join(words)}}}", node.inputs)


_FORMS: dict[type, Callable[[Any, Any], Form]] = {
    ArgSort: _sort,
    Argmax: _argmax,
    Alloc: _alloc,
    CAReduce: _reduction,
    IncSubtensor: _inc_subtensor,
    Join: _join,
    JoinAt: _join,
    Nonzero: _nonzero,
    Rebroadcast: _rebroadcast,
    Shape_i: _shape_i,
    Sort: _sort,
    Scan: _scan,
    Split: _split,
    SplitAt: _split,
    Subtensor: _subtensor,
}

#: name of an Op -> what Theano calls it, where that says more, or it in another way
_LABELS = {
    "Cholesky": "Cholesky{{lower={op.lower}, destructive=False, on_error={op.on_error!r}}}",
    "CumOp": "CumOp{{{op.axis}, {op.mode}}}",
    "SVD": "SVD{{full_matrices={op.full_matrices:d}, compute_uv={op.compute_uv:d}}}",
    "Solve": "Solve{{A_structure={op.A_structure!r}, lower={op.lower}, overwrite_A=False, overwrite_b=False}}",
}

__all__ = ["Extra", "Form", "form", "identity", "is_leaf", "leaf_text", "letters", "shown"]
