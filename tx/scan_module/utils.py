"""What programs use of `theano.scan_module.scan_utils`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tx.graph import Constant, Variable, equal_computations, walk
from tx.scan_module.results import get_updates_and_outputs, until
from tx.shared import SharedVariable
from tx.tensor.convert import as_tensor_variable
from tx.tensor.creation import zeros
from tx.tensor.joining import concatenate


def clone(
    output: Any, replace: Any = None, strict: bool = True, share_inputs: bool = True, copy_inputs: Any = None
) -> Any:
    """`output` (a Variable or a list) with the keys of `replace` replaced by their values.

    Inputs are shared with the old graph unless `share_inputs` is false. Raises TypeError under `strict` when a
    replacement is of another type. Source: theano.clone.
    """
    share_inputs = share_inputs if copy_inputs is None else copy_inputs
    pairs = replace.items() if isinstance(replace, Mapping) else replace or ()
    outputs = list(output) if isinstance(output, list | tuple) else [output]
    table = {old: new if isinstance(new, Variable) else as_tensor_variable(new) for old, new in pairs}
    if not share_inputs:
        leaves = [v for v in walk.inputs(outputs) if not isinstance(v, Constant | SharedVariable) and v not in table]
        table |= {v: v.clone() for v in leaves}
    rebuilt = walk.rebuild(outputs, table, strict)
    return rebuilt if isinstance(output, list | tuple) else rebuilt[0]


def map_variables(replacer: Callable[[Any], Any], graphs: Sequence[Any], additional_inputs: Sequence[Any] = ()) -> Any:
    """`graphs` with each Variable replaced by ``replacer(variable)``, from the inputs on."""
    memo: dict[Any, Any] = {}
    variable: Any
    for variable in walk.ancestors(graphs):
        if variable.owner is not None:
            sources = [memo[v] for v in variable.owner.inputs]
            if any(a is not b for a, b in zip(sources, variable.owner.inputs, strict=True)):
                made = variable.owner.clone_with_new_inputs(sources, strict=False).outputs[variable.index]
                memo[variable] = replacer(made)
                continue
        memo[variable] = replacer(variable)
    return [memo[v] for v in graphs]


def expand_empty(tensor_var: Any, size: Any) -> Any:
    """`tensor_var` with `size` more elements along the first axis; their values are open."""
    if size == 0:
        return tensor_var
    rest = [tensor_var.shape[d] for d in range(1, tensor_var.ndim)]
    return concatenate([tensor_var, zeros([size, *rest], dtype=tensor_var.dtype)], axis=0)


def safe_new(x: Any, tag: str = "", dtype: Any = None) -> Any:
    """A new Variable of the type of `x`, named after it."""
    x = x if isinstance(x, Variable) else as_tensor_variable(x)
    kind = x.type if dtype is None else x.type.clone(dtype=dtype)
    return kind(x.name + tag if getattr(x, "name", None) else None)


def isNaN_or_Inf_or_None(x: Any) -> bool:
    """Whether `x` is None, or a number that is not finite."""
    if x is None or isinstance(x, str):
        return True
    value = getattr(x, "data", x)
    return np.ndim(value) == 0 and not isinstance(value, Variable) and not bool(np.isfinite(value))


__all__ = [
    "clone",
    "equal_computations",
    "expand_empty",
    "get_updates_and_outputs",
    "isNaN_or_Inf_or_None",
    "map_variables",
    "safe_new",
    "until",
]
