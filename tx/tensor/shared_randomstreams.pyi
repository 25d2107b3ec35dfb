# Written by .ci/make_stubs.py.
from tx.random.shared_randomstreams import *
