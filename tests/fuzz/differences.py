"""What counts as a difference between two evaluations of a program."""

import re

import numpy as np

#: Theano's C code for these has ten digits, and for the gradients that they are part of
TEN_DIGITS = re.compile("gamma|psi")
#: where a bound is a matter of rounding: a value that differs in its last bit may fall on the other side
KINKS = re.compile("clip|max|min|abs|switch|sort|ptp|relu|sigmoid")

#: statements after which the broadcast patterns knowingly differ, and the reason
KNOWN = {
    r"extra_ops\.diff|T\.split": "Theano promises length 1 of what a broadcastable axis leaves, though it may have none",
    r":-\d": "Theano promises length 1 of a backward slice, though it may be empty",
    r":\d*,\[|\],\d+:": "Theano promises length 1 of a slice beside an index array, though it may be empty",
}


def magnitude(results):
    """The largest finite absolute value of some results, at least 1."""
    return max([1.0] + [float(np.max(np.abs(r[np.isfinite(r)]), initial=0)) for r in results if r.dtype.kind in "fc"])


def precision(made, golden):
    """The relative error that the coarsest float of a program allows."""
    dtypes = [spec[1] for spec in made["inputs"]] + [dtype for dtype, _ in golden["types"].values()]
    # Theano's Python code computes functions of truth values in float16.
    if {"float16", "bool"} & set(dtypes):
        return 4e-3
    # Functions of small integers are float32, also where the statement that they are part of is float64.
    if {"float32", "int8", "int16", "uint8", "uint16", "bool"} & set(dtypes):
        return 4e-5
    return 5e-9 if any(TEN_DIGITS.search(source) for _, source, _ in made["statements"]) else 1e-11


def close(expected, result, relative, scale):
    """Whether values agree; integers exactly, floats by the magnitudes that they were computed from."""
    if expected.dtype.kind not in "fc":
        return bool(np.array_equal(expected, result))
    return bool(np.allclose(expected, result, rtol=relative, atol=relative * scale, equal_nan=True))


def find_difference(made, golden, found):
    """The verdict (``same``, ``different``, or a reason why a difference is none), and the first name that differs, with what is seen there."""
    statements = {name: (source, jump) for name, source, jump in made["statements"]}
    types_of_inputs = {"d" + name: (dtype, pattern) for name, dtype, _, pattern in made["inputs"]}
    knowing = any(re.search(known, source) for source, _ in statements.values() for known in KNOWN)
    used = {spec[1] for spec in made["inputs"]} | {dtype for dtype, _ in golden["types"].values()}
    verdict = "same"
    for name in [*statements, "gradient", "call"]:
        ours, theirs = found["errors"].get(name), golden["errors"].get(name)
        if name == "gradient" and ours is None and theirs is not None:
            verdict = "tx differentiates more"
        elif name == "call" and ours is None and theirs == "TypeError" and {"bool", "complex128"} & used:
            return "Theano's numpy refuses", None, ""  # as in the square of bools, or the sign of complex numbers
        elif name == "call" and ours is None and theirs == "ValueError" and re.search("softmax", str(statements)):
            return "Theano's numpy refuses", None, ""  # rows without elements
        elif name == "call" and knowing and ours != theirs:
            return "known", None, ""
        elif (ours, theirs) == ("ComplexError", "TypeError"):
            continue  # the one is the other's subclass
        elif ours != theirs:
            return "different", name, f"Theano {theirs}, tx {ours}"
    for name in [n for n in statements if n in golden["types"]] + [n for n in golden["types"] if n not in statements]:
        if golden["types"][name] != found["types"].get(name):
            if name in statements and any(re.search(known, statements[name][0]) for known in KNOWN):
                verdict = "known"
                break
            if name not in statements and found["types"].get(name) == types_of_inputs[name]:
                verdict = "gradient of the input's type"
                continue
            return "different", name, f"Theano {golden['types'][name]}, tx {found['types'].get(name)}"
    relative, seen, inexact, delicate = precision(made, golden), [], set(), False
    forgotten = False
    results = golden["results"]
    for name in [n for n in statements if n in results] + [n for n in results if n not in statements]:
        expected, result = results[name], found["results"][name]
        if name in statements:
            source, jump = statements[name]
            fuzzy = bool(inexact & set(re.findall(r"\bv\d+\b", source)))
            delicate |= fuzzy and (jump or bool(KINKS.search(source)))
        # Theano's Python code for cumsum forgets the dtype that it promised, its C code does not; what is computed from
        # such a value may differ.
        if name in statements:
            forgotten |= expected.dtype != golden["types"][name][0]
            expected = expected.astype(golden["types"][name][0])
        if (
            name not in statements
            and knowing
            and not (expected.shape == result.shape and close(expected, result, relative, magnitude([*seen, expected])))
        ):
            return "known", None, ""  # Theano's gradient has the shape that was promised
        unstable = name in statements and "log(1-T.nnet.sigmoid" in statements[name][0]
        if unstable and not np.isfinite(expected).all() and np.isfinite(result).all():
            return "known", None, ""  # Theano, too, stabilises it when it optimises fully
        if (name in statements and expected.dtype != result.dtype) or expected.shape != result.shape:
            return "different", name, f"Theano {expected.dtype} {expected.shape}, tx {result.dtype} {result.shape}"
        seen.append(expected)
        if not close(expected, result, relative, magnitude(seen)):
            detail = f"Theano {expected.tolist()}, tx {result.tolist()}"
            divided = name not in statements and np.isnan(expected).any() and "cumprod" in str(statements)
            # Theano's gradient of cumprod divides by its elements, which may be 0.
            return "known" if forgotten or divided else "rounding" if delicate else "different", name, detail
        if not np.array_equal(expected, result, equal_nan=expected.dtype.kind in "fc"):
            inexact.add(name)
    return verdict, None, ""
