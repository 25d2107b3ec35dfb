"""What ``import tx`` adds to ``import jax``: whole processes, alternating; prints seconds, the best of the rounds."""

from __future__ import annotations

import subprocess
import sys
import time


def seconds(code: str) -> float:
    """How long a Python process takes to run `code`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Alternate between both imports and print the difference."""
    jax_time = tx_time = float("inf")
    for _ in range(10):
        jax_time = min(jax_time, seconds("import jax"))
        tx_time = min(tx_time, seconds("import jax, tx, tx.tensor"))
    print(f"import jax {jax_time:.2f} s, import jax and tx {tx_time:.2f} s, difference {tx_time - jax_time:.2f} s")


if __name__ == "__main__":
    main()
