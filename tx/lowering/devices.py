"""Devices by name: where functions run (`config.device`), and what the names of contexts stand for."""

from __future__ import annotations

import re
import sys
import warnings
from contextlib import suppress
from functools import cache
from typing import Any

import jax

from tx.configuration import config, contexts
from tx.graph.utils import Documented, user_line
from tx.lowering import device as scope
from tx.tensor.transfers import DEFAULT

_STARTED = ("device", "init_gpu_device", "force_device", "contexts", "print_active_device")

#: (kind of device, floatX) -> what its owner should know
_ADVICE = {
    ("tpu", "float64"): "a TPU has no float64: it is emulated, slowly. Set floatX=float32",
    ("tpu", "float16"): "a TPU has no float16: it is emulated. Set floatX=float32",
    ("gpu", "float64"): "most GPUs compute float64 32 to 64 times slower than float32. Set floatX=float32",
}


class DeviceMissing(Documented, ValueError):
    """A device was asked for that is not here."""

    page = "device_missing"


def here() -> str:
    """The names of the devices that there are."""
    devices = jax.devices()
    if devices[0].platform != "cpu":
        with suppress(RuntimeError):  # JAX_PLATFORMS leaves it out
            devices += jax.devices("cpu")
    return ", ".join(f"{d.client.platform}{d.id}" for d in devices)


@cache
def named(name: str) -> Any:
    """The device of that name: a kind, and a number where it is not the first. Raises DeviceMissing."""
    found = re.fullmatch(r"([a-z]+)(\d*)", name)
    kind, number = (found[1], int(found[2] or 0)) if found else (name, 0)
    try:
        return jax.devices(kind)[number]
    except (RuntimeError, IndexError):
        pass
    extra = {"cuda": "cuda12 or cuda13", "gpu": "cuda12 or cuda13", "tpu": "tpu"}.get(kind)
    hint = f" (for {name}, tx is installed with the extra {extra})" if extra else ""
    raise DeviceMissing(f"there is no device {name}. There are: {here()}{hint}")


def home(target: str | None) -> Any:
    """The device that a target stands for: a context's, the CPU, or, for None, the one that functions run on.

    Raises DeviceMissing for a context whose device is not here, and for one that was not defined.
    """
    if target is None or target == DEFAULT:
        return default()
    if target == "cpu":
        return named("cpu") if accelerated() else default()
    try:
        return named(contexts()[target])
    except KeyError:
        raise DeviceMissing(f"context name {target} not defined: config.contexts is {config.contexts!r}") from None
    except DeviceMissing as error:
        raise DeviceMissing(f"context {target}: {error}") from None


@cache
def default() -> Any:
    """The device that functions run on: `config.device`, or a CPU, with a warning, where that is not here.

    Where the flag says cpu and the environment variable JAX_PLATFORMS names accelerators, it is the first of these.
    The flags about devices keep their values from now on. Raises DeviceMissing under `config.force_device`.
    """
    config.fix(*_STARTED)
    try:
        if config.init_gpu_device:
            if config.device != "cpu":
                raise ValueError("you must set device=cpu to use init_gpu_device.")
            named(config.init_gpu_device)
        theirs = config.device == "cpu" and (jax.config.jax_platforms or "cpu").split(",")[0] != "cpu"
        chosen = jax.devices()[0] if theirs else named(config.device)
    except DeviceMissing as error:
        if config.force_device:
            raise
        _warn(f"{error}. Functions run on the CPU")
        chosen = named("cpu")
    if chosen.platform != "cpu":
        _introduce(chosen)
    scope.use(None if chosen == jax.devices()[0] else chosen)
    return chosen


def _introduce(device: Any) -> None:
    """Say which accelerator functions run on, and whether floatX is wrong for it."""
    if config.print_active_device:
        print(f"Mapped name None to device {config.device}: {device.device_kind}", file=sys.stderr)
    if advice := _ADVICE.get((device.platform, config.floatX)):
        _warn(f"floatX={config.floatX} on {device.device_kind}: {advice}")


def _warn(message: str) -> None:
    """Warn, of the line of the program that needed a device first."""
    line = user_line() or ("tx", 0)
    warnings.warn_explicit(message, UserWarning, *line[:2])


def accelerated() -> bool:
    """Whether functions run on something else than the CPU."""
    return bool(default().platform != "cpu")


def defers_checks() -> bool:
    """Whether a call may return before its checks are known: `config.defer_checks`."""
    wanted = config.defer_checks
    return config.checks != "off" and (accelerated() if wanted == "auto" else wanted == "on")


__all__ = ["DeviceMissing", "accelerated", "default", "defers_checks", "here", "home", "named"]
