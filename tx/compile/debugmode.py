"""DebugMode: every node's result against numpy's, every rewrite against the graph as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.compile.watched import WatchedMode
from tx.configuration import config
from tx.graph import Variable, walk
from tx.graph.core import defines
from tx.graph.utils import Documented
from tx.ifelse import IfElse
from tx.lowering.device import to_device
from tx.lowering.errors import annotate, shapes_of
from tx.lowering.evaluate import Evaluator, Watch
from tx.lowering.program import Program, is_array
from tx.lowering.reference import agrees, reference
from tx.printing import debugprint
from tx.rewriting import rewrite_graph


class DebugModeError(Documented):
    """Something is wrong with an Op or a rewrite. The message tells the node, its inputs and the user's line."""

    page = "debug_mode"


def _told(kind: str, text: str, node: Any, values: Sequence[Any] = ()) -> str:
    if node is None:
        return f"{kind}: {text}"
    given = (shapes_of(values), list(values)) if values else (None, None)
    return str(annotate(DebugModeError(f"{kind}: {text}"), node, *given))


class BadThunkOutput(DebugModeError):
    """Two ways of computing a node give different values: `thunk1` the value `val1`, `thunk2` the value `val2`."""

    page = "bad_thunk_output"

    def __init__(self, r: Any, thunk1: str, val1: Any, thunk2: str, val2: Any, inputs_val: Sequence[Any] = ()):
        self.r, self.thunk1, self.val1, self.thunk2, self.val2 = r, thunk1, val1, thunk2, val2
        self.inputs_val = inputs_val
        text = f"{r}: {thunk1} gives\n{val1!r}\nand {thunk2}\n{val2!r}\n{_difference(val1, val2)}"
        super().__init__(_told("BadThunkOutput", text, r.owner, inputs_val))

    def offending_op(self) -> type:
        """The class of the Op."""
        return type(self.r.owner.op)


class BadOptimization(DebugModeError):
    """A rewrite replaced `old_r` by `new_r`, which has another value."""

    page = "bad_optimization"

    def __init__(
        self, old_r: Any, new_r: Any = None, old_r_val: Any = None, new_r_val: Any = None, reason: Any = None,
        old_graph: Any = None, new_graph: Any = None,
    ):  # fmt: skip
        self.old_r, self.new_r, self.old_r_val, self.new_r_val = old_r, new_r, old_r_val, new_r_val
        self.reason, self.old_graph, self.new_graph = reason, old_graph, new_graph
        text = (
            f"rewriting changed a value. As it was written:\n{old_graph}{old_r_val!r}\n"
            f"As it was rewritten:\n{new_graph}{new_r_val!r}\n{_difference(old_r_val, new_r_val)}"
        )
        super().__init__(_told("BadOptimization", text, old_r.owner))


class InvalidValueError(DebugModeError):
    """A node's output `v` is no value of the type of `r`."""

    page = "invalid_value"

    def __init__(self, r: Any, v: Any = None, client_node: Any = None, hint: str = "none", specific_hint: str = "none"):
        self.r, self.v, self.client_node, self.hint, self.specific_hint = r, v, client_node, hint, specific_hint
        text = f"{r} of type {r.type} has a value of type {type(v).__name__}, dtype {getattr(v, 'dtype', None)}, "
        text += f"shape {getattr(v, 'shape', None)}:\n{v!r}\n{specific_hint}"
        super().__init__(_told("InvalidValueError", text, r.owner))


class BadDestroyMap(DebugModeError):
    """`perform` has changed input `idx`, which its destroy_map does not say."""

    page = "bad_destroy_map"

    def __init__(self, node: Any, idx: int, old_val: Any, new_val: Any, perform: str):
        self.node, self.idx, self.old_val, self.new_val, self.perform = node, idx, old_val, new_val, perform
        text = f"{perform} of {node.op} changed input {idx} from\n{old_val!r}\nto\n{new_val!r}"
        super().__init__(_told("BadDestroyMap", text, node))


class BadViewMap(DebugModeError):
    """An output of `perform` shares memory with an input, which neither view_map nor destroy_map says."""

    page = "bad_view_map"

    def __init__(
        self, node: Any, output_idx: int, out_storage: Any, in_alias_idx: Any = None, out_alias_idx: Any = None
    ):
        self.node, self.output_idx, self.out_storage = node, output_idx, out_storage
        self.in_alias_idx, self.out_alias_idx = in_alias_idx, out_alias_idx
        text = f"output {output_idx} of {node.op} shares memory with inputs {in_alias_idx}, which its view_map omits"
        super().__init__(_told("BadViewMap", text, node))


class StochasticOrder(DebugModeError):
    """Kept for programs that catch it: the order of nodes does not depend on chance here."""

    page = "never_raised"


def _difference(a: Any, b: Any) -> str:
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype != b.dtype:
        return f"shapes {a.shape} and {b.shape}, dtypes {a.dtype} and {b.dtype}"
    if a.dtype.kind not in "fciu" or a.size == 0:
        return ""
    with np.errstate(all="ignore"):
        return f"largest difference: {np.nanmax(np.abs(np.subtract(a, b, dtype=np.result_type(a, 'float64'))))}"


class _Checks(Watch):
    """Holds every node's outputs against other ways of computing them."""

    def __init__(self, finite: bool):
        self.finite = finite

    def begin(self, inputs: Sequence[Any], values: Sequence[Any]) -> None:
        for variable, value in zip(inputs, values, strict=True):
            self._check_finite(variable, value)

    def after(self, fgraph: Any, i: int, node: Any, fn: Any) -> None:
        given, made = [cell[0] for cell in fn.inputs], [cell[0] for cell in fn.outputs]
        if defines(node.op, "perform"):
            self._check_perform(node, given, made)
        expected = reference(node, given)
        for k, (variable, value) in enumerate(zip(node.outputs, made, strict=True)):
            if expected is not None and not agrees(variable, value, expected[k], given):
                raise BadThunkOutput(variable, "XLA", value, "numpy", expected[k], given)
            self._check_finite(variable, value)

    def _check_finite(self, variable: Any, value: Any) -> None:
        if self.finite and is_array(variable) and value.dtype.kind in "fc" and not np.isfinite(value).all():
            raise InvalidValueError(variable, value, specific_hint="it is not finite (DebugMode.check_finite)")

    def _check_perform(self, node: Any, given: Sequence[Any], made: Sequence[Any]) -> None:
        """Run `perform` again: on inputs that it must not change, with outputs that must be valid as they are."""
        inputs = [np.array(v) if isinstance(v, np.ndarray) else v for v in given]
        storage: list[list[Any]] = [[None] for _ in node.outputs]
        node.op.perform(node, inputs, storage)
        destroyed = {i for places in node.op.destroy_map.values() for i in places}
        for k, (old, new) in enumerate(zip(given, inputs, strict=True)):
            if isinstance(old, np.ndarray) and k not in destroyed and not _same(old, new):
                raise BadDestroyMap(node, k, old, new, "perform")
        for k, (variable, (value,), first) in enumerate(zip(node.outputs, storage, made, strict=True)):
            raw = np.asarray(value) if isinstance(value, np.generic) else value
            if not variable.type.is_valid_value(raw):
                raise InvalidValueError(
                    variable, value, specific_hint="perform has to make values of the output's type"
                )
            allowed = {*node.op.view_map.get(k, ()), *node.op.destroy_map.get(k, ())}
            shared = [
                i for i, v in enumerate(inputs)
                if isinstance(v, np.ndarray) and isinstance(raw, np.ndarray) and i not in allowed
                and np.may_share_memory(v, raw)
            ]  # fmt: skip
            if shared:
                raise BadViewMap(node, k, value, shared)
            if is_array(variable) and not agrees(variable, first, raw, given):
                raise BadThunkOutput(variable, "the function", first, "perform", raw, given)


def _same(a: Any, b: Any) -> bool:
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))


class _Comparing:
    """Runs the rewritten graph with all checks, then the graph as it was written, and compares their values."""

    def __init__(self, maker: Any, checks: Watch):
        mode, boundary = maker.mode, [*maker.arguments, *maker.states]
        plain = rewrite_graph(maker.originals, boundary, False)
        self.old = [v for v in dict.fromkeys([*_always_computed(plain), *plain]) if v.owner is not None and is_array(v)]
        rewritten = mode.rewritten([*plain, *self.old], boundary)
        n = len(maker.outputs)
        updates = dict(zip(maker.updates, rewritten[n : len(plain)], strict=True))
        self.new, self.n = rewritten[len(plain) :], n
        where = maker.arguments, maker.states
        self.checked = Evaluator(*where, [*rewritten[:n], *self.new], updates, maker.name, checks)
        self.written = Evaluator(*where, self.old, {}, maker.name, Watch())
        self.whole = Program(*where, rewritten[:n], updates, maker.name)
        self.results = [*rewritten[:n], *updates.values()]
        self.specializations: list[Any] = []

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        results, n = self.checked(values), self.n
        found = results[n : n + len(self.new)]
        for old, new, a, b in zip(self.old, self.new, self.written(values), found, strict=True):
            if old is not new and not _equivalent(old, a, b):
                graphs = [debugprint(v, file="str") for v in (old, new)]
                raise BadOptimization(old, new, a, b, "rewriting", *graphs)
        made = [*results[:n], *results[n + len(self.new) :]]
        self._compare_whole(values, made)
        return made

    def _compare_whole(self, values: Sequence[Any], made: Sequence[Any]) -> None:
        """Run the function as it is run without DebugMode, where XLA sees all of it, on states of its own."""
        count = len(self.whole.arguments)
        states = [to_device(np.asarray(c)) if is_array(v) else c
                  for c, v in zip(values[count:], self.whole.states, strict=True)]  # fmt: skip
        for variable, a, b in zip(self.results, self.whole([*values[:count], *states]), made, strict=True):
            if is_array(variable) and not _equivalent(variable, np.asarray(b), np.asarray(a)):
                raise BadThunkOutput(variable, "XLA, of the whole function,", np.asarray(a), "node by node", b)


def _equivalent(variable: Any, old: Any, new: Any) -> bool:
    """Whether two values are equal, but where the old one is not finite: rewrites are there to avoid just that."""
    if old.shape != new.shape or old.dtype != new.dtype:
        return False
    if old.dtype.kind in "fc":
        good = np.isfinite(old)
        old, new = old[good], new[good]
    return bool(type(variable.type).values_eq_approx(old, new))


def _always_computed(results: Sequence[Variable]) -> list[Variable]:
    """What is computed whichever branch an IfElse takes."""
    found: dict[Variable, None] = {}
    pending = list(results)
    while pending:
        node = pending.pop().owner
        if node is None or node.outputs[0] in found:
            continue
        found.update(dict.fromkeys(node.outputs))
        pending += node.inputs[:1] if isinstance(node.op, IfElse) else node.inputs
    order = {node: i for i, node in enumerate(walk.toposort(results))}
    return sorted(found, key=lambda v: (order[v.owner], v.index))  # type: ignore[index]


class DebugMode(WatchedMode):
    """Functions run slowly, and raise a DebugModeError for the first thing that is wrong.

    - BadThunkOutput: XLA's result for a node is not numpy's, or not what its own `perform` gives; or XLA's result for
      the whole function is not what the nodes give one by one
    - InvalidValueError: an output is not of its type, or (`check_isfinite`) not finite
    - BadDestroyMap, BadViewMap: `perform` writes to an input, or returns one, and does not say so
    - BadOptimization: the graph as it was written gives other values

    The other arguments of Theano's DebugMode are accepted: they are about C code. Source: theano.compile.debugmode.
    """

    compares = True

    def __init__(
        self, optimizer: Any = "fast_run", stability_patience: int | None = None, check_c_code: bool | None = None,
        check_py_code: bool | None = None, check_isfinite: bool | None = None,
        check_preallocated_output: Any = None, require_matching_strides: Any = None, linker: Any = None,
    ):  # fmt: skip
        super().__init__(optimizer, linker)
        self.check_isfinite = config.DebugMode.check_finite if check_isfinite is None else check_isfinite
        self.stability_patience = stability_patience or config.DebugMode.patience

    def watch(self, maker: Any) -> Watch:
        """What checks each node."""
        return _Checks(self.check_isfinite)

    def make_program(self, maker: Any) -> Any:
        """What runs both graphs."""
        return _Comparing(maker, self.watch(maker))
