"""Source: theano.tensor.extra_ops. The functions live in modules of their own themes."""

from tx.tensor.cumulative import *
from tx.tensor.extra import Repeat, repeat, to_one_hot
from tx.tensor.positions import *
from tx.tensor.shapes import squeeze
from tx.tensor.unique import Unique

RepeatOp = Repeat
