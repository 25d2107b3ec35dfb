"""Every operation gives the dtype that Theano gives, for all dtypes and pairs; see tests/golden/promotion.py."""

import importlib.util
import json
from pathlib import Path

import pytest

import tx
import tx.tensor as T
from tx.scalar import dtypes as dt

HERE = Path(__file__).parent.parent / "golden"
GOLDEN = json.loads((HERE / "promotion.json").read_text())
_spec = importlib.util.spec_from_file_location("promotion", HERE / "promotion.py")
promotion = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(promotion)
DTYPES = promotion.DTYPES

REAL_ONLY = {
    *("erf", "gamma", "gammaln", "psi", "tri_gamma", "gammainc", "gammaincc", "gammau", "gammal", "chi2sf"),
    *("j0", "j1", "i0", "i1", "jv", "iv", "mod"),
}


def _has_complex(*dtypes):
    return any(d.startswith("complex") for d in dtypes)


def refused_by_tx(source, *dtypes):
    """What Theano builds, to fail when it runs or to give something wrong, and tx refuses."""
    name = source.partition("(")[0].removeprefix("T.")
    if name in REAL_ONLY:
        return _has_complex(*dtypes)
    if name == "set_subtensor":
        return dtypes[1].startswith("complex") and not dtypes[0].startswith("complex")
    if name == "inc_subtensor":
        kinds = ["bool", dt.integer_dtypes, dt.float_dtypes, dt.complex_dtypes]
        ranks = [next(i for i, kind in enumerate(kinds) if d in kind) for d in dtypes]
        return ranks[1] > ranks[0]
    return False


def refused_by_theano(source, *dtypes):
    """What Theano refuses for no reason: closeness of truth values and of complex numbers, repeated large integers."""
    if source == "T.repeat(a,2)":
        return dtypes == ("uint64",)
    return source == "T.isclose(a, b)" and (_has_complex(*dtypes) or "bool" in dtypes)


def combinations(source):
    if len(GOLDEN["float64"][source]) == len(DTYPES):
        return [(d,) for d in DTYPES]
    return [(x, y) for x in DTYPES for y in DTYPES]


@pytest.fixture(scope="module", params=["float64", "float32"])
def tables(request):
    with tx.config.change_flags(floatX=request.param, compatibility="1.0"):
        return promotion.table(T), GOLDEN[request.param]


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("source", GOLDEN["float64"])
def test_dtypes_are_theanos(tables, source):
    found, golden = (table[source] for table in tables)
    for dtypes, ours, theirs in zip(combinations(source), found, golden, strict=True):
        if refused_by_tx(source, *dtypes):
            assert ours == "x", dtypes
        elif refused_by_theano(source, *dtypes):
            assert theirs == "x", dtypes
        else:
            assert ours == theirs, dtypes


def test_documented_comparisons_are_int8():
    x, y = T.dvectors("x", "y")
    for op in (T.lt, T.gt, T.le, T.ge, T.eq, T.neq, T.isclose):
        assert op(x, y).dtype == "int8"


def test_the_table_has_every_pair():
    assert all(len(row) in (len(DTYPES), len(DTYPES) ** 2) for t in GOLDEN.values() for row in t.values())
    assert sum(map(len, GOLDEN["float64"].values())) > 10_000
