"""Make ``docs/compatibility.md`` of what the tests run and compare. A test says when the page is out of date.

python tests/clients/compatibility.py
"""

import ast
import json
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PAGE = ROOT / "docs" / "compatibility.md"

#: prefixes of the programs of a library -> its name
PREFIXES = {"lasagne": "Lasagne", "theano_lstm": "theano-lstm", "downhill": "downhill"}

#: recorded files -> what they hold
RECORDED = {
    "expressions": "expressions of `theano.tensor`: values and dtypes",
    "extra_expressions": "`extra_ops`, sorting, linear algebra",
    "nnet_expressions": "`tensor.nnet`",
    "conv_expressions": "convolutions and their gradients",
    "corr_expressions": "`nnet.corr`, `nnet.corr3d`",
    "pool_expressions": "pooling and its gradients",
    "derivatives": "gradients, `Lop`, `Rop`",
    "promotion": "dtypes of results, by floatX",
    "bad_input": "what raises, and what",
    "scans": "loops",
    "function_programs": "programs about `function`, shared variables, modes, containers",
    "tutorial_programs": "programs of Theano's tutorial",
    "scalar_programs": "programs about `theano.scalar` and `theano.tests.unittest_tools`",
    "rng_mrg": "draws of `MRG_RandomStreams`, to the bit",
    "random_streams": "draws of `RandomStreams`, to the bit",
    "printing": "texts of `pp`, `debugprint` and others",
    "fuzz_expressions": "expressions that the fuzzer has found",
    "curves": "what the examples that read digits learn, to their last epoch",
    "examples": "the examples' costs, step by step",
    "models": "the examples' models",
}

#: test modules -> names of their tables from a reason to what differs
DIFFERENCES = {
    "tests/compile/test_programs.py": "OTHERWISE",
    "tests/test_bad_input.py": "OTHERWISE",
    "tests/fuzz/differences.py": "KNOWN",
}


def _assigned(path, name):
    """The expression that a module assigns to a name."""
    for statement in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", None) == name:
            return statement.value
    raise KeyError(name)


def _docstrings(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {f.name: ast.get_docstring(f) for f in tree.body if isinstance(f, ast.FunctionDef)}


def versions():
    """The libraries that are run, with their versions."""
    lines = (HERE / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


def libraries():
    """A section a library: what is run of it, how closely it agrees, and its own tests."""
    docs = _docstrings("tests/clients/client_programs.py")
    golden = json.loads((HERE / "golden.json").read_text())
    own = json.loads((HERE / "own_tests.json").read_text())
    loose = ast.literal_eval(_assigned("tests/clients/test_clients.py", "TOLERANCES"))
    for prefix, library in PREFIXES.items():
        programs = [name for name in golden if name.startswith(prefix)]
        assert own[library]["version"] == versions()[library], "run own_tests.py again"
        yield f"### {library} {versions()[library]}"
        yield ""
        yield "| program | what it does | numbers | relative tolerance |"
        yield "| --- | --- | --- | --- |"
        for name in programs:
            yield f"| `{name}` | {docs[name].splitlines()[0]} | {_numbers(golden[name])} | {loose.get(name, 1e-9):g} |"
        yield ""
        yield from _own_tests(own[library])
        yield ""


def _numbers(value):
    if isinstance(value, dict):
        return sum(map(_numbers, value.values()))
    return sum(map(_numbers, value)) if isinstance(value, list) else 1


def _own_tests(found):
    if not found["ships"]:
        yield "Its source distribution ships no tests."
        return
    run = found["passed"] + len(found["failed"])
    skipped = sum(found["skipped"].values())
    yield (
        f"Of the tests that its source distribution ships, {run} run and {found['passed']} pass "
        f"({100 * found['passed'] / run:.1f} %); {skipped} skip themselves, for want of a GPU back-end of "
        "Theano's or of an option:"
    )
    yield ""
    yield from (f"- {reason}: {n}" for reason, n in found["skipped"].items())
    yield from (f"- fails: `{name}`: {reason}" for name, reason in found["failed"].items())


def examples():
    """The example programs that are compared with what Theano gives for them."""
    golden = {n: json.loads((ROOT / f"tests/golden/{n}.json").read_text()) for n in ("examples", "models")}
    exact = ast.literal_eval(_assigned("tests/examples/test_examples.py", "TOLERANCE"))
    loose = ast.literal_eval(_assigned("tests/examples/test_models.py", "TOLERANCES"))
    yield "| program | what it is | relative tolerance |"
    yield "| --- | --- | --- |"
    for kind, names in golden.items():
        for name in sorted(names):
            path = ROOT / "examples" / f"{name}.py"
            if not path.exists():
                continue
            doc = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]
            limit = f"{loose.get(name, 1e-9):g}" if kind == "models" else ", ".join(
                f"{v:g} in {k}" for k, v in exact.items()
            )  # fmt: skip
            yield f"| [`{name}.py`](../examples/{name}.py) | {doc} | {limit} |"


def recorded():
    """The recorded files, with their numbers of rows."""
    yield "| file | rows | what it holds |"
    yield "| --- | --- | --- |"
    for path in sorted((ROOT / "tests/golden").glob("*.json")):
        rows = json.loads(path.read_text())
        if len(rows) < 5 and isinstance(rows, dict):  # a table in each
            rows = [row for table in rows.values() for row in table]
        number = len([row for row in rows if not str(row).startswith("recorded")])
        yield f"| `{path.stem}` | {number} | {RECORDED.get(path.stem) or _purpose(path)} |"
    pickles = sorted((ROOT / "tests/golden/pickles").glob("*"))
    yield f"| `pickles` | {len(pickles)} | models, functions and random streams that Theano has pickled |"
    fuzzed = json.loads((ROOT / "tests/fuzz/golden.json").read_text())
    yield f"| `fuzz` | {len(fuzzed)} | programs that a generator has written |"


def _purpose(path):
    """What a recorded file holds, by the module beside it."""
    source = path.with_suffix(".py")
    doc = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) if source.exists() else None
    return (doc or path.stem).split("\n")[0].rstrip(".:")


def differences():
    """What differs and why, as the tests say it; with how often."""
    for path, name in DIFFERENCES.items():
        table = _assigned(path, name)
        for key, value in zip(table.keys, table.values, strict=True):
            reason, items = (value, None) if isinstance(value, ast.Constant) else (key, value)
            number = f" ({len(items.keys)})" if isinstance(items, ast.Dict) else ""
            yield f"- {reason.value[:1].upper()}{reason.value[1:]}{number}."


def page():
    """The text of the page."""
    recorder = json.loads((HERE / "golden.json").read_text())["recorded_with"]
    parts = [
        "# What runs on tx, and how closely it agrees",
        "<!-- Made by tests/clients/compatibility.py from the tests; a test says when it is out of date. -->",
        f"Everything on this page is a test. What tx gives is compared with what Theano {recorder['theano']} (numpy "
        f"{recorder['numpy']}, Python {recorder['python']}) gave for the same program and the same seeds. The "
        "libraries are those of PyPI, unchanged.",
        "## Libraries",
        "\n".join(libraries()).rstrip(),
        "## Example programs",
        "Programs in the style of 2015, which run under Theano and under tx as they are.",
        "\n".join(examples()),
        "## What was recorded of Theano",
        "\n".join(recorded()),
        "## What differs, and why",
        "Numbers in brackets say how many of the recorded rows a difference is in. See also "
        "[migrating.md](migrating.md).",
        "\n".join(differences()),
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n\n".join(parts)) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
