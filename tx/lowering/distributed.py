"""Several processes that run one program: `jax.distributed`."""

from __future__ import annotations

import re
from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils

from tx.lowering.sharding import fetch
from tx.shared import Container

#: after so many seconds without a sign of life a process is taken for lost, and jax ends the others
HEARTBEAT = 30

#: what the libraries for communication say of a process that is gone
_LOST = re.compile(
    r"gloo|nccl|rccl|mpi_|connection (closed|reset)|socket closed|heartbeat|UNAVAILABLE|DEADLINE_EXCEEDED",
    re.IGNORECASE,
)


class PeerLost(RuntimeError):
    """Another process of the program has ended, or cannot be reached."""


def initialize(
    coordinator_address: str | None, num_processes: int | None, process_id: int | None, **options: Any
) -> None:
    """Join the other processes. See `tx.distributed.initialize`."""
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    options.setdefault("heartbeat_timeout_seconds", HEARTBEAT)
    jax.distributed.initialize(coordinator_address, num_processes, process_id, **options)
    Container.as_array = staticmethod(fetch_together)


def fetch_together(value: Any) -> np.ndarray:
    """The whole value, parts of which other processes may hold. Raises PeerLost."""
    try:
        return fetch(value)
    except Exception as error:
        raise told(error) from error


def told(error: Exception) -> Exception:
    """PeerLost, if the error says that another process is gone; else the error itself."""
    if jax.process_count() == 1 or not _LOST.search(str(error)):
        return error
    return PeerLost(
        "Another process of this program has ended, or cannot be reached. What was computed since the last checkpoint "
        f"is lost: start all processes again, and let them load it. ({str(error)[:300]})"
    )


def process_index() -> int:
    """The number of this process, from 0."""
    return int(jax.process_index())


def process_count() -> int:
    """How many processes run the program."""
    return int(jax.process_count())


def barrier(name: str) -> None:
    """Wait until all processes have come here. Raises PeerLost."""
    if process_count() > 1:
        try:
            multihost_utils.sync_global_devices(name)
        except Exception as error:
            raise told(error) from error
