# Written by tools/make_stubs.py.
from tx.tensor import *
