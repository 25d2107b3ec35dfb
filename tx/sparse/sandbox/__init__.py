"""`theano.sparse.sandbox`: random matrices, and convolution by gathering."""

from tx.sparse.sandbox import sp, sp2

__all__ = ["sp", "sp2"]
