"""Run the programs of sparse_programs.py under Theano 1.0.5: writes sparse_programs.json, and pickles/sparse.pkl."""

import json
import pickle
import warnings
from pathlib import Path

import scipy.sparse as sp
import theano
import theano.sparse as S
import theano.tensor as T
from sparse_programs import PROGRAMS

warnings.simplefilter("ignore")

if __name__ == "__main__":
    found = {program.__name__: program(theano, S, T) for program in PROGRAMS}
    lines = ",\n".join(f'"{name}": {json.dumps(numbers)}' for name, numbers in found.items())
    Path(__file__).with_name("sparse_programs.json").write_text("{\n" + lines + "\n}\n")
    weights, x, d = (
        theano.shared(sp.csr_matrix([[1.0, 0, 2], [0, 0, 3.5]]), "weights"),
        S.csr_matrix("x"),
        T.dmatrix("d"),
    )
    graph = weights, x, d, [S.dot(x * weights, d), S.structured_dot(weights, d), S.structured_exp(x)]
    (Path(__file__).parent / "pickles" / "sparse.pkl").write_bytes(pickle.dumps(graph, 2))
