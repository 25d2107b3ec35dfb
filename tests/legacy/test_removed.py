"""Names that numpy and the standard library have removed are there again for old programs."""

import subprocess
import sys

CODE = """
import warnings
warnings.simplefilter("ignore")
import tx
tx.install()
import numpy as np
assert np.float is float and np.int is int and np.object is object
assert np.bool(1) == True and np.asscalar(np.array([3])) == 3 and np.product([2, 3]) == 6
assert np.in1d([1, 2], [2]).tolist() == [False, True] and np.Inf == np.inf and np.float_ is np.float64
assert np.cast["int32"](1.5) == 1 and np.rank([1]) == 1 and np.alltrue([1, 0]) == False
import collections, time, inspect, fractions, base64, unittest
assert collections.Iterable and collections.Mapping and time.clock() >= 0 and fractions.gcd(4, 6) == 2
assert inspect.getargspec(lambda a, b=1: 0).args == ["a", "b"]
assert base64.encodestring(b"a") and unittest.TestCase().assertEquals
import imp, cgi
assert imp.reload and cgi.escape("<") == "&lt;"
"""


def test_names_are_back():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_numpy_is_left_alone_without_install():
    code = "import tx, numpy as np; assert not hasattr(np, 'asscalar')"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
