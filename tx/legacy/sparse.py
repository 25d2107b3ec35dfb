"""``theano.sparse.opt``: the Ops that Theano puts in place of others are those others; its rewrites are names."""

from __future__ import annotations

from typing import Any

from tx.legacy.opt import Rewrite, register_canonicalize, register_specialize
from tx.sparse.arithmetic import AddSD, MulSD, MulSV, StructuredAddSV
from tx.sparse.basic import _is_dense, _is_sparse_variable
from tx.sparse.parts import CSC, CSM, CSR, CSMGrad, csm_data, csm_grad, csm_indices, csm_indptr, csm_properties
from tx.sparse.products import SamplingDot, StructuredDot, Usmm, usmm

AddSD_ccode, CSMGradC = AddSD, CSMGrad
MulSDCSC = MulSDCSR = MulSD
MulSVCSR, StructuredAddSVCSR = MulSV, StructuredAddSV
StructuredDotCSC = StructuredDotCSR = StructuredDot
UsmmCscDense, SamplingDotCSR = Usmm, SamplingDot

mul_s_d_csc = mul_s_d_csr = MulSD()
mul_s_v_csr, structured_add_s_v_csr = MulSV(), StructuredAddSV()
sd_csc = sd_csr = StructuredDot()
usmm_csc_dense = usmm_csc_dense_inplace = usmm
sampling_dot_csr = SamplingDot()
csm_grad_c = CSMGrad()


def __getattr__(name: str) -> Any:
    """A rewrite by name: there are none to be asked for, the parts of matrices are XLA's work."""
    if name.startswith("local_"):
        return Rewrite(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "CSC",
    "CSM",
    "CSR",
    "AddSD_ccode",
    "CSMGradC",
    "MulSDCSC",
    "MulSDCSR",
    "MulSVCSR",
    "SamplingDotCSR",
    "StructuredAddSVCSR",
    "StructuredDotCSC",
    "StructuredDotCSR",
    "UsmmCscDense",
    "_is_dense",
    "_is_sparse_variable",
    "csm_data",
    "csm_grad",
    "csm_grad_c",
    "csm_indices",
    "csm_indptr",
    "csm_properties",
    "mul_s_d_csc",
    "mul_s_d_csr",
    "mul_s_v_csr",
    "register_canonicalize",
    "register_specialize",
    "sampling_dot_csr",
    "sd_csc",
    "sd_csr",
    "structured_add_s_v_csr",
    "usmm",
    "usmm_csc_dense",
    "usmm_csc_dense_inplace",
]
