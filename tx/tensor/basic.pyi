# Written by .ci/make_stubs.py.
from tx.tensor import *
