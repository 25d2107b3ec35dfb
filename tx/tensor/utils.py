"""Source: theano.tensor.utils."""

from tx.tensor.facts import hash_from_ndarray, shape_of_variables

__all__ = ["hash_from_ndarray", "shape_of_variables"]
