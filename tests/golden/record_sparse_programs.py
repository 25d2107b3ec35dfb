"""Run the programs of sparse_programs.py under Theano 1.0.5: writes sparse_programs.json."""

import json
import warnings
from pathlib import Path

import theano
import theano.sparse as S
import theano.tensor as T
from sparse_programs import PROGRAMS

warnings.simplefilter("ignore")

if __name__ == "__main__":
    found = {program.__name__: program(theano, S, T) for program in PROGRAMS}
    lines = ",\n".join(f'"{name}": {json.dumps(numbers)}' for name, numbers in found.items())
    Path(__file__).with_name("sparse_programs.json").write_text("{\n" + lines + "\n}\n")
