"""Neural-network Ops."""

from tx.lowering.nnet import basic, blocksparse, bn, convolution, ctc, neighbours

__all__ = ["basic", "blocksparse", "bn", "convolution", "ctc", "neighbours"]
