"""Zip files of arrays, and picklers. The names of entries and the errors are those of Theano 1.0.5."""

import io
import pickle
import zipfile

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.misc.pkl_utils import (
    PersistentNdarrayID,
    PersistentSharedVariableID,
    StripPickler,
    dump,
    load,
)


def shared(n, name=None):
    return tx.shared(np.arange(float(n)), name)


def saved(thing, **options):
    file = io.BytesIO()
    dump(thing, file, **options)
    return file, zipfile.ZipFile(file).namelist()


def test_arrays_are_named_after_shared_variables():
    a, b, c, n = shared(3, "foo"), shared(4, "foo"), shared(5), np.zeros(2)
    file, names = saved([a, b, c, n, n, a, a * a])
    assert names == ["foo", "foo_2", "array_0", "array_1", "pkl"]
    loaded = load(file)
    assert [v.get_value().size for v in loaded[:3]] == [3, 4, 5]
    assert loaded[3] is loaded[4] and loaded[5] is loaded[0]
    loaded[0].set_value(np.full(3, 2.0))
    assert loaded[6].eval().tolist() == [4, 4, 4]
    np.testing.assert_array_equal(np.load(io.BytesIO(zipfile.ZipFile(file).read("foo"))), [0, 1, 2])


def test_names_that_a_file_cannot_have_twice():
    # Theano writes over the pickle, and cannot read a name with a dot.
    file, names = saved([shared(2, "pkl"), shared(3, "a.b")])
    assert names == ["pkl_2", "a.b", "pkl"]
    assert [v.name for v in load(file)] == ["pkl", "a.b"]


def test_what_names_are_demanded():
    def strict(**options):
        return lambda zip_file: PersistentSharedVariableID(zip_file, **options)

    with pytest.raises(ValueError, match="multiple shared variables with the name `foo` found"):
        saved([shared(1, "foo"), shared(2, "foo")], persistent_id=strict(allow_duplicates=False))
    with pytest.raises(ValueError, match="unnamed shared variable"):
        saved([shared(1)], persistent_id=strict(allow_unnamed=False))


def test_plain_arrays():
    n = np.zeros(2)
    file, names = saved([np.zeros(2), n, n, np.array([None])], persistent_id=PersistentNdarrayID)
    assert names == ["array_0", "array_1", "pkl"]
    assert load(file)[3].tolist() == [None]


def test_values_on_the_device_are_named_too():
    s = shared(3, "W")
    tx.function([], [], updates=[(s, s + 1)])()
    file, names = saved(s)
    assert names == ["W", "pkl"] and load(file).get_value().tolist() == [1, 2, 3]


def test_strip_pickler():
    x = T.dvector("x")
    x.tag.test_value, x.tag.kept, x.tag.other = np.zeros(3), 1, 2
    y = x + 1
    for extra, left in ((None, {"kept": 1, "other": 2}), ("other", {"kept": 1}), (["other", "kept"], {})):
        file = io.BytesIO()
        StripPickler(file, 2, extra_tag_to_remove=extra).dump(y)
        stripped = pickle.loads(file.getvalue())
        assert vars(stripped.owner.inputs[0].tag) == left
        assert stripped.owner.line is None and y.owner.line is not None
    assert x.tag.test_value is not None
    assert __file__.encode() not in file.getvalue()
