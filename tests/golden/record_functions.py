"""Record what real Theano notes for the programs of ``function_programs.py`` and its siblings.

They go into files of the same names, with the ending json; names of modules as arguments record these alone.

Run it with an interpreter that has Theano 1.0.5:

    THEANO_FLAGS=blas.ldflags=-lopenblas python tests/golden/record_functions.py
"""

import json
import os
import sys
import warnings

import theano
import theano.compile.profiling
import theano.tensor as T
import theano.typed_list

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import function_programs  # noqa: E402
import scalar_programs  # noqa: E402
import tutorial_programs  # noqa: E402


def recorded(source):
    """The notes of a program; text, when it failed in a way that it does not catch."""
    try:
        return function_programs.run(source, theano, T)
    except Exception as error:
        return "%s: %s" % (type(error).__name__, str(error).split("\n")[0][:80])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for module in (function_programs, tutorial_programs, scalar_programs):
        if sys.argv[1:] and module.__name__ not in sys.argv[1:]:
            continue
        golden = {name: recorded(source) for name, source in module.PROGRAMS.items()}
        with open(os.path.join(HERE, module.__name__ + ".json"), "w") as f:
            json.dump(golden, f, indent=0, sort_keys=True)
            f.write("\n")
        print("%d programs" % len(golden), [(k, g) for k, g in golden.items() if isinstance(g, str)])
