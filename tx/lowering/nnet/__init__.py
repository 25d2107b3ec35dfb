"""Neural-network Ops."""

from tx.lowering.nnet import basic, blocksparse, convolution, ctc, neighbours

__all__ = ["basic", "blocksparse", "convolution", "ctc", "neighbours"]
