"""Executables that are found by what was traced: a process that traces what an earlier one compiled does not lower it.

jax finds executables by their StableHLO, and making that takes longer than finding what it leads to. Here they are kept
under a digest of the jaxpr, of which all is looked at that has a say. Where there is something in it whose say is not
known (a call of the host, a Python function), nothing is kept, and jax does what it does anyway.
"""

from __future__ import annotations

import enum
import hashlib
import os
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import numpy as np
from jax.experimental import serialize_executable
from jax.extend import core
from jaxlib import version

from tx.lowering import allocator, cache, clock, device, flags
from tx.lowering.by_numpy import ByNumpy, by_numpy
from tx.lowering.jaxprs import large_bytes
from tx.lowering.trace import Retrace
from tx.lowering.tuning import tuned

#: what is raised for arguments that an executable was not made for
MISMATCH = (TypeError, ValueError)
#: primitives that hold, beside the jaxpr that is lowered, how to differentiate it
_DIFFERENTIABLE = ("custom_jvp_call", "custom_vjp_call")
#: sentinels of jax that say that something is left open
_OPEN = ("UnspecifiedValue", "AutoLayoutSingleton")
#: jax's own random generators, and that of `tx.lowering.random.threefry`, which are told by their names
_GENERATORS = ("threefry2x32", "rbg", "unsafe_rbg", "threefry2x32_unrolled")
#: what the names of LAPACK's routines begin with, in an executable that calls them
_LAPACK = b"lapack_"


class Unknown(Exception):
    """There is something in a jaxpr of which it is not known what it means."""


class Loaded:
    """An executable that an earlier process compiled. Raises Retrace for arguments that it was not made for."""

    def __init__(self, compiled: Any):
        self.call = compiled

    def __call__(self, *values: Any) -> Any:
        try:
            results = self.call(*values)
        except MISMATCH:
            raise Retrace from None
        # behind the method there is, after the first call, the same function that `jax.jit` makes
        self.call = getattr(self.call, "_call", None) or self.call
        return results


class Started(NamedTuple):
    """What ran for the first time: the jitted function, what runs in its place, if something does, the results, and
    whether many calls would be worth a better compilation."""

    jitted: Any
    instead: Loaded | ByNumpy | None
    results: Any
    hasty: bool = False


def start(
    make: Callable[[Any], Any],
    values: Sequence[Any],
    options: Any,
    patience: float = 0,
    settled: bool = False,
    refused: Callable[[], None] = lambda: None,
) -> Started:
    """Run for the first time what `make` jits for options of XLA. These may be changed, when it has been traced; for
    many calls, if it is `settled` that there will be. numpy may take `patience` times as long as XLA would; where it
    would take longer, `refused` is called before XLA begins, and may raise.
    """
    arguments = make, values, options, patience, settled, refused
    return device.in_x64(_start, arguments)  # type: ignore[no-any-return]


def _start(
    make: Callable[[Any], Any],
    values: Sequence[Any],
    options: Any,
    patience: float,
    settled: bool,
    refused: Callable[[], None],
) -> Started:
    guess = tuned(options)
    jitted = make(guess)
    traced = jitted.trace(*values)
    if patience and not _watched():
        began = time.perf_counter()
        quick = by_numpy(traced.jaxpr, patience)
        if quick is not None:
            clock.loaded(time.perf_counter() - began)
            return Started(jitted, quick, quick(*values))
    refused()
    if large_bytes(traced.jaxpr) >= allocator.LARGE:
        allocator.keep_large()
    better = tuned(options, traced.jaxpr, settled=True)
    told = better if settled else tuned(options, traced.jaxpr)
    if told != guess:  # jax traces a function once, however often it is jitted
        jitted = make(told)
        traced = jitted.trace(*values)
    return _by_xla(jitted, traced, values, told)._replace(hasty=told != better)


def _by_xla(jitted: Any, traced: Any, values: Sequence[Any], options: Any) -> Started:
    folder = _folder()
    if folder is None:
        return Started(jitted, None, jitted(*values))
    key = _key(traced, options)
    found = folder.get(key) if key else None
    if found is not None:
        loaded = _load(found, traced, values)
        try:
            if loaded is not None:
                return Started(jitted, loaded, loaded(*values))
        except Retrace:  # a value lies elsewhere
            pass
    before = cache.found()
    results = jitted(*values)
    # What jax has found cannot be kept once more: written out again, XLA's code on the CPU is not whole.
    if key and found is None and cache.found() == before:
        _keep(folder, key, traced)
    return Started(jitted, None, results)


def _folder() -> cache.Folder | None:
    """Where executables are kept, where that makes sense: they say nothing of devices."""
    return None if _watched() or len(jax.devices()) > 1 else cache.stages()


def _watched() -> bool:
    """Whether values are elsewhere than functions run by default, with other processes, or jax looks at them."""
    debugged = jax.config.jax_debug_nans or jax.config.jax_debug_infs
    return device.elsewhere is not None or debugged or jax.process_count() > 1


def _load(found: bytes, traced: Any, values: Sequence[Any]) -> Loaded | None:
    began = time.perf_counter()
    if _LAPACK in found:
        _look_up_lapack()
    trees = jax.tree.structure((tuple(values), {})), jax.tree.structure(traced.out_info)
    try:
        compiled = serialize_executable.deserialize_and_load(found, *trees)
    except Exception:  # it was cut short, or is of another version: then it is made anew
        return None
    clock.loaded(time.perf_counter() - began)
    return Loaded(compiled)


@lru_cache(1)
def _look_up_lapack() -> None:
    """Have jax find LAPACK's routines. It does that when it lowers what calls one, and not when such an executable is
    loaded, which would then jump to nowhere."""
    jax.jit(jax.lax.linalg.cholesky).lower(jax.ShapeDtypeStruct((1, 1), "float32"))


def _keep(folder: cache.Folder, key: str, traced: Any) -> None:
    try:
        found, *_ = serialize_executable.serialize(traced.lower().compile())
    except (RuntimeError, ValueError, pickle.PicklingError):  # not all can be kept
        return
    folder.put(key, found)


# -- what decides -----------------------------------------------------------------------------------------------------


def _key(traced: Any, options: Any) -> str | None:
    """The digest of all that decides what is compiled, or None where that is not known."""
    if traced.jaxpr.effects:
        return None
    (here,) = jax.devices()
    client = here.client
    where = jax.__version__, version.__version__, client.platform, client.platform_version, here.device_kind
    settings = sorted((k, repr(v)) for k, v in jax.config.values.items() if "cache" not in k)
    told_once = os.environ.get("XLA_FLAGS", ""), flags.tell(), settings
    donated = [i for i, info in enumerate(jax.tree.leaves(traced.args_info)) if info.donated]
    try:
        told = (where, told_once, donated, _plain(options), traced.fun_name, _plain(traced.jaxpr))
    except Unknown:
        return None
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _jaxpr(jaxpr: Any) -> Any:
    """A jaxpr, with numbers for its variables."""
    numbers: dict[Any, int] = {}

    def named(variables: Sequence[Any]) -> list[Any]:
        return [(numbers.setdefault(v, len(numbers)), _aval(v.aval)) for v in variables]

    def read(atom: Any) -> Any:
        return (_aval(atom.aval), _plain(atom.val)) if hasattr(atom, "val") else numbers[atom]

    given = named(jaxpr.constvars), named(jaxpr.invars)
    steps = [
        (e.primitive.name, list(_params(e)), _plain(e.ctx.xla_metadata), list(map(read, e.invars)), named(e.outvars))
        for e in jaxpr.eqns
    ]
    return given, steps, list(map(read, jaxpr.outvars))


def _params(equation: Any) -> Iterator[Any]:
    if equation.effects:
        raise Unknown(equation.primitive)
    if equation.primitive.name in _DIFFERENTIABLE:
        yield _plain(equation.params["call_jaxpr"])
        return
    for name, value in equation.params.items():
        yield name, _plain(value)


def _plain(value: Any) -> Any:
    """Something that has the same text for equal values, and another one for others. Raises Unknown."""
    kind: Any = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind.__name__ == "PRNGImpl" and value.name in _GENERATORS:
        return value.name
    if kind in (tuple, list) or (issubclass(kind, tuple) and hasattr(kind, "_fields")):
        return (kind.__name__, *map(_plain, value))
    handler = _handler(kind)
    if handler is None and kind.__name__ not in _OPEN:
        raise Unknown(kind)
    return (kind.__name__, handler(value) if handler else None)


@lru_cache(1024)
def _handler(kind: Any) -> Any:
    return next((handler for known, handler in _KINDS if issubclass(kind, known)), None)


def _array(value: Any) -> Any:
    array = np.asarray(value)
    if array.dtype == object:
        raise Unknown(array.dtype)
    return array.shape, str(array.dtype), hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


@lru_cache(4096)
def _aval(aval: Any) -> Any:
    if type(aval) is not jax.core.ShapedArray or not aval.sharding.mesh.empty:
        raise Unknown(aval)
    return tuple(map(_plain, aval.shape)), str(aval.dtype), aval.weak_type, str(aval.memory_space)


def _mesh(mesh: Any) -> None:
    if not mesh.empty:
        raise Unknown(mesh)


def _mapping(value: Any) -> Any:
    return sorted((k, _plain(v)) for k, v in value.items())


_KINDS: list[tuple[Any, Any]] = [
    (jax.core.ShapedArray, _aval),
    (core.ClosedJaxpr, lambda closed: (_jaxpr(closed.jaxpr), [_array(c) for c in closed.consts])),
    (core.Jaxpr, _jaxpr),
    (enum.Enum, lambda member: member.name),
    # some of jax's numbers have a dtype
    (int | float | complex, lambda number: (repr(number), str(getattr(number, "dtype", "")))),
    (np.dtype, str),
    (np.ndarray | np.generic | jax.Array, _array),
    (dict, _mapping),
    (jax.sharding.Mesh | jax.sharding.AbstractMesh, _mesh),
]

__all__ = ["MISMATCH", "Loaded", "Started", "start"]
