"""``python -m tx``."""

import subprocess
import sys

import pytest

PROGRAM = """\
import pickle, sys
import numpy as np
import theano
import theano.tensor as T

class Counter(object):
    def __init__(self):
        self.n = theano.shared(np.int(0), name='n')

counter = Counter()
step = theano.function([], counter.n, updates=[(counter.n, counter.n + 1)])
step(); step()
again = pickle.loads(pickle.dumps(counter))
print(type(again).__module__, again.n.get_value(), sys.argv[1:], __name__, __file__ == sys.argv[0])
print(theano.config.floatX, theano.config.compatibility, (T.scalar() > 0).dtype)
sys.exit(int(sys.argv[1]))
"""


def tx(*arguments):
    return subprocess.run([sys.executable, "-m", "tx", *map(str, arguments)], capture_output=True, text=True)


def test_runs_a_script(tmp_path):
    script = tmp_path / "counter.py"
    script.write_text(PROGRAM)
    done = tx("--compatibility", "1.0", "--flags", "floatX=float32", script, "3", "--info")
    assert done.stdout.splitlines() == ["__main__ 2 ['3', '--info'] __main__ True", "float32 1.0 bool"], done.stderr
    assert done.returncode == 3


def test_runs_a_module(tmp_path, monkeypatch):
    (tmp_path / "prog.py").write_text("import theano, sys; print(theano.__name__, __name__, sys.argv[1:])")
    monkeypatch.chdir(tmp_path)
    assert tx("-m", "prog", "a").stdout == "tx __main__ ['a']\n"


@pytest.mark.parametrize(
    "line",
    [
        "print 'hello'",
        "print x, y",
        "exec 'x = 1'",
        "x = 0777",
        "raise ValueError, 'no'",
        "x = `1`",
        "x = 1 <> 2",
        "x = ur'a'",
        "try: pass\nexcept ValueError, e: pass",
    ],
)
def test_python_2_is_told_in_one_sentence(tmp_path, line):
    script = tmp_path / "old.py"
    script.write_text("import theano\n" + line + "\n")
    done = tx(script)
    assert done.returncode == 1 and done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    assert f"{script}, line " in sentence and line.splitlines()[-1] in sentence and "2to3" in sentence


def test_other_syntax_errors_are_pythons(tmp_path):
    script = tmp_path / "wrong.py"
    script.write_text("x = (1\n")
    assert "SyntaxError" in tx(script).stderr


def test_info():
    done = tx("--info")
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert names == ["tx", "Python", "numpy", "scipy", "jax", "jaxlib", "devices:", "flags:", "cache:"]


def test_bad_options(tmp_path):
    assert "no configuration variable nonsense" in tx("--flags", "nonsense=1", "x.py").stderr
    assert tx().returncode == 2
    assert "No such file" in tx(tmp_path / "missing.py").stderr
