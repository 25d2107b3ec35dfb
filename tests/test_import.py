"""Importing tx is silent, and leaves jax as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

X64_AFTER_A_CALL = """
import jax
import tx
import tx.tensor as T

assert not jax.config.jax_enable_x64
x = T.dvector()
value = tx.function([x], x * 2)([0.5])
assert value.dtype == "float64"
assert not jax.config.jax_enable_x64
assert jax.numpy.ones(1).dtype == "float32"
"""


NAMED = """
import tx
import tx.tensor as T

assert T.exp(T.dvector()).owner.line == ("tx_model.py", 5, "<module>")
"""


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh Python in which warnings are errors."""
    environment = {k: v for k, v in os.environ.items() if k not in ("JAX_ENABLE_X64", "PYTHONWARNINGS")}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_importing_tx_says_nothing(tmp_path):
    done = run("import tx", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_64_bit_mode_of_jax_stays_off(tmp_path):
    done = run(X64_AFTER_A_CALL, tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_line_of_the_user_is_found_through_links_and_beside_the_package(tmp_path):
    """In an environment that is reached by a link, and in a file whose name begins as the package's does."""
    (tmp_path / "tx").symlink_to(ROOT / "tx", target_is_directory=True)
    place = str(tmp_path / "tx_model.py")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    code += f"exec(compile({NAMED.replace('tx_model.py', place)!r}, {place!r}, 'exec'))"
    done = run(code, tmp_path)
    assert done.returncode == 0, done.stderr
