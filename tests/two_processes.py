"""A program that `test_distributed.py` runs: ``python two_processes.py NUMBER PROCESSES PORT CHECKPOINT SECONDS``.

Trains a model for 50 steps, from the checkpoint if there is one; saves every ten steps; waits some seconds after each.
"""

import os
import sys
import time

import numpy as np

import tx
import tx.tensor as T

STEPS = 50


def model(mesh, model_axis=None):
    """The training function, which counts its steps, and the counter. Each process has the whole data."""
    rng = np.random.RandomState(0)
    x, y = T.dmatrix("x"), T.dmatrix("y")
    data, k = tx.shared(rng.randn(160, 22), "data"), tx.shared(0, "k")
    W, V = tx.shared(rng.randn(20, 16) * 0.1, "W", sharding=model_axis), tx.shared(rng.randn(16, 2) * 0.1, "V")
    out = T.dot(T.tanh(T.dot(x, W)), V)
    cost = ((out - y) ** 2).mean()
    updates = [(p, p - 0.1 * g) for p, g in zip([W, V], T.grad(cost, [W, V]), strict=True)] + [(k, k + 1)]
    rows = data[(k % 10) * 16 : (k % 10 + 1) * 16]
    shard = {x: "batch", y: "batch"} if mesh is not None else None
    return tx.function(
        [], [cost, out], updates=updates, givens={x: rows[:, :20], y: rows[:, 20:]}, mesh=mesh, shard=shard
    ), k


def main(number, processes, port, path, seconds):
    tx.distributed.initialize(f"127.0.0.1:{port}", processes, number, heartbeat_timeout_seconds=10)
    assert (tx.distributed.process_index(), tx.distributed.process_count()) == (number, processes)
    step, k = model(tx.mesh(batch=-1, model=2), (None, "model"))
    if os.path.exists(path):
        assert tx.load_checkpoint(path, step)["saved_by"] == "two_processes"
    print("starts at", int(k.get_value()), flush=True)
    while k.get_value() < STEPS:
        _, out = step()
        assert out.shape == (16, 2)
        if k.get_value() % 10 == 0:
            tx.save_checkpoint(path, step, saved_by="two_processes")
        time.sleep(seconds)
    unseeded = tx.shared(np.random.RandomState(number).rand(4))
    try:
        tx.function([], unseeded.sum(), mesh=tx.mesh(batch=-1))()
    except ValueError as error:
        print(error, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4], float(sys.argv[5]))
