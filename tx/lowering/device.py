"""Devices and the process: 64-bit scope, moving values."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import cache, lru_cache
from typing import Any

import jax
import numpy as np
from numpy import asarray

from tx.memory import LARGE, Lent, aligned_copy

try:  # three times cheaper than the context manager, but private
    from jax._src.config import enable_x64 as _state

    _state.set_local(_state.swap_local(True))
    swap_x64: Callable[[Any], Any] | None = _state.swap_local
    restore_x64: Callable[[Any], Any] | None = _state.set_local
except (ImportError, AttributeError):  # pragma: no cover - depends on jax's version
    swap_x64 = restore_x64 = None


try:  # fifteen times cheaper than jax.device_put, which ends there, but private
    from jaxlib._jax import batched_device_put as _batched_device_put
except ImportError:  # pragma: no cover - depends on jax's version
    _batched_device_put = None


#: where values are put and functions run that do not say where, if that is not jax's own choice
elsewhere: Any = None


def use(device: Any) -> None:
    """Put values on this device, and run functions there, from now on; None leaves the choice to jax."""
    global elsewhere
    elsewhere = device


if "JAX_CPU_ENABLE_ASYNC_DISPATCH" not in os.environ:
    # Who reads a result waits for it anyway, and on the CPU being woken takes longer than many a call: 50 us of 90.
    jax.config.update("jax_cpu_enable_async_dispatch", False)


def x64() -> AbstractContextManager[Any]:
    """The scope in which 64-bit types are 64 bits wide. The process-wide flag stays as it is."""
    scope: AbstractContextManager[Any] = jax.enable_x64(True)
    if elsewhere is None:
        return scope
    both = ExitStack()
    both.enter_context(scope)
    both.enter_context(jax.default_device(elsewhere))
    return both


def in_x64(function: Callable[..., Any], values: Any) -> Any:
    """``function(*values)`` in the 64-bit scope."""
    if swap_x64 is None or restore_x64 is None or elsewhere is not None:
        with x64():
            return function(*values)
    saved = swap_x64(True)
    try:
        return function(*values)
    finally:
        restore_x64(saved)


def to_device(value: Any, device: Any = None, own: bool = False) -> Any:
    """A device array with the elements of `value`, sharing no memory with it, unless that is nobody else's (`own`)."""
    if not own:
        value = np.asarray(value)
        value = np.array(value) if value.nbytes < LARGE else aligned_copy(value)
    free = device is None and elsewhere is None and jax.config.jax_default_device is None
    if free and _batched_device_put is not None and type(value) is np.ndarray:
        aval, (sharding, devices) = _aval(value.shape, value.dtype), _place()
        return _batched_device_put(aval, sharding, [value], devices, False, enable_x64=True)
    with x64():
        # Not jnp.array: it compiles something for each shape. The device may keep the new ndarray as it is.
        return jax.device_put(value, device)


_aval: Callable[..., Any] = lru_cache(1024)(jax.core.ShapedArray)


@cache
def _place() -> tuple[Any, list[Any]]:
    """Where jax puts what nobody says a device for."""
    device = jax.local_devices()[0]
    return jax.sharding.SingleDeviceSharding(device), [device]


def wait(values: Any) -> Any:
    """`values`, when all of them are there."""
    return jax.block_until_ready(values)


#: a larger argument may still be read by the device when a call returns
_COPIED = 1024


def hand_over(value: Any) -> np.ndarray:
    """The elements of `value` as an ndarray that the caller may write to. A device array must be nobody else's: where
    it is large its memory is not copied."""
    view = asarray(value)
    if view.nbytes < LARGE or not isinstance(value, jax.Array) or view.dtype.kind not in "fiubc":
        return view.copy()
    if view.base is None:  # it was fetched from elsewhere
        view.flags.writeable = True
        return view
    interface = view.__array_interface__
    interface["data"] = (interface["data"][0], False)  # it may be written to
    return np.asarray(Lent(value, interface))


def copies(taker: Callable[[Any], Any]) -> bool:
    """Whether what a user gets by `taker` of an ndarray is the same: nothing has to be done to one that is nobody
    else's."""
    return taker in (np.asarray, np.array, hand_over)


def to_host(value: Any) -> Any:
    """The elements as an ndarray, which may be a read-only view; what is no array as it is."""
    return np.asarray(value) if hasattr(value, "dtype") else value


def on_device(value: Any) -> Any:
    """`value`, which nobody else writes into, as a device array."""
    return value if isinstance(value, jax.Array) else to_device(value)


def placed(kind: Any, value: Any, device: Any = None, own: bool = False) -> Any:
    """What functions compute with for a `value` of this Type that the user may hold as well, unless tx `own`s it."""
    return kind.pack(value) if kind.on_host else to_device(value, device, own)


def wait_for(values: Sequence[Any], given: Sequence[Any]) -> None:
    """Return when the device has computed the last array among `values`, and so needs nothing of what it was `given`
    by the host; of small arrays it never does."""
    if any(getattr(v, "nbytes", 0) > _COPIED for v in given):
        for value in reversed(values):
            if isinstance(value, jax.Array):
                value.block_until_ready()
                return


def describe() -> str:
    """The devices that functions run on, in one line."""
    return ", ".join(f"{d.platform}: {d.device_kind} {d.id}" for d in jax.devices())
