"""Several processes, on one machine or on many, that run the same program on a mesh of all their devices.

Every process runs the whole program: it joins the others by `initialize` before anything is computed, makes the same
functions, and calls them in the same order with the same, whole, arguments; it puts its own part of them on its own
devices. Functions without a mesh run in each process by itself.
"""

from __future__ import annotations

from typing import Any

from tx.lowering import distributed as lowering
from tx.lowering.distributed import PeerLost, process_count, process_index


def initialize(
    coordinator_address: str | None = None, num_processes: int | None = None, process_id: int | None = None,
    **options: Any,
) -> None:  # fmt: skip
    """Join the other processes of the program; to be called before anything is computed.

    `coordinator_address` is ``"host:port"`` of process 0, which all can reach; `process_id` counts from 0. Where jax
    knows the cluster (Cloud TPU, Slurm, Open MPI) nothing need be given. Further `options` are those of
    ``jax.distributed.initialize``. A process that gives no sign of life for ``heartbeat_timeout_seconds`` (30) is taken
    for lost: calls that need it raise PeerLost where the network tells so, and at the latest then jax ends all others.

    Raises RuntimeError when something was computed already, or when the others do not come.
    """
    lowering.initialize(coordinator_address, num_processes, process_id, **options)


def barrier(name: str = "tx") -> None:
    """Wait until all processes have come to the barrier of this name. Raises PeerLost when one is gone."""
    lowering.barrier(name)


__all__ = ["PeerLost", "barrier", "initialize", "process_count", "process_index"]
