"""`save_checkpoint` and `load_checkpoint`."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.random import MRG_RandomStreams


def make():
    W = tx.shared(np.zeros(3), "W")
    u = MRG_RandomStreams(5).uniform((3,))
    numpys = T.shared_randomstreams.RandomStreams(5).uniform((3,))
    return tx.function([], [W, u, numpys], updates=[(W, W + u)]), W


def test_a_program_goes_on_where_it_was(tmp_path):
    f, W = make()
    f()
    tx.save_checkpoint(tmp_path / "c", f, epoch=3, rates=[0.1])
    going_on = f()
    g, V = make()
    assert tx.load_checkpoint(tmp_path / "c", g) == {"epoch": 3, "rates": [0.1]}
    for ours, theirs in zip(g(), going_on, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(V.get_value(), W.get_value())
    assert [p.name for p in tmp_path.iterdir()] == ["c"]


def test_the_file_is_complete_or_what_it_was(tmp_path):
    W = tx.shared(np.zeros(3), "W")
    tx.save_checkpoint(tmp_path / "c", [W])
    with pytest.raises((AttributeError, TypeError), match="pickle"):
        tx.save_checkpoint(tmp_path / "c", [W], unpicklable=lambda: 0)
    assert tx.load_checkpoint(tmp_path / "c", [W]) == {} and [p.name for p in tmp_path.iterdir()] == ["c"]


@pytest.mark.parametrize(
    "others",
    [[], [tx.shared(np.zeros(3), "V")], [tx.shared(np.zeros(3, "float32"), "W")], [tx.shared(np.zeros(3))]],
)
def test_other_variables_stay_as_they_are(tmp_path, others):
    tx.save_checkpoint(tmp_path / "c", [tx.shared(np.ones(3), "W")])
    with pytest.raises(ValueError, match=r"holds W: TensorType\(float64, vector\), not"):
        tx.load_checkpoint(tmp_path / "c", others)
    assert not any(v.get_value().any() for v in others)


def test_what_is_no_checkpoint(tmp_path):
    (tmp_path / "text").write_text("no")
    with open(tmp_path / "zip", "wb") as file:
        tx.misc.pkl_utils.dump({}, file)
    for name in ("text", "zip"):
        with pytest.raises(ValueError, match="is no checkpoint"):
            tx.load_checkpoint(tmp_path / name, [])
    with pytest.raises(TypeError, match="shared variables"):
        tx.save_checkpoint(tmp_path / "c", [T.vector()])
