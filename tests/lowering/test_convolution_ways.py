"""Ways to compute a convolution: each gives what `lax.conv_general_dilated` does, and so do its transposes."""

import jax
import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import options
from tx.lowering.nnet import as_products
from tx.lowering.nnet.as_products import Products
from tx.lowering.nnet.convolution import _way
from tx.lowering.nnet.linear import ByLax, ByPlanes, Depthwise, Grouped, Pointwise, Shapes, Unshared, WrittenOut
from tx.tensor.nnet.convolution import AbstractConv2d, AbstractConv3d

on_cpu = pytest.mark.skipif(jax.default_backend() != "cpu", reason="what is chosen is for XLA on the CPU")


def shapes(images, filters, strides=None, dilation=None, pads=None, groups=1):
    """Shapes that fit."""
    d = len(images) - 2
    strides, dilation, pads = strides or (1,) * d, dilation or (1,) * d, pads or ((0, 0),) * d
    seen = [(k - 1) * apart + 1 for k, apart in zip(filters[2:], dilation, strict=True)]
    output = [(n + sum(pad) - k) // step + 1 for n, pad, k, step in zip(images[1:-1], pads, seen, strides, strict=True)]
    return Shapes(images, filters, tuple(output), strides, dilation, pads, groups)


PLAIN = [
    shapes((3, 6, 7, 2), (4, 2, 3, 2)),
    shapes((2, 9, 8, 3), (2, 3, 3, 2), (2, 3), (1, 2), ((1, 2), (0, 3))),
    shapes((2, 7, 6, 1), (3, 1, 2, 2), (1, 2), (2, 1), ((2, 0), (1, 1))),
    shapes((1, 5, 1, 4), (2, 4, 5, 1)),
    shapes((2, 4, 5, 6, 2), (3, 2, 2, 3, 2), (1, 2, 1), (2, 1, 1), ((0, 1), (1, 1), (2, 0))),
]
GROUPED = [
    shapes((2, 6, 5, 4), (6, 2, 3, 2), (2, 1), None, ((1, 0), (0, 1)), 2),
    shapes((2, 4, 4, 4, 4), (4, 2, 2, 2, 2), groups=2),
]
DEPTHWISE = [
    shapes((2, 6, 7, 3), (3, 1, 3, 2), (2, 1), (1, 2), ((1, 2), (0, 1)), 3),
    shapes((2, 6, 5, 3), (6, 1, 2, 2), groups=3),
    shapes((2, 4, 4, 4, 2), (4, 1, 2, 2, 2), groups=2),
]
ONE = [shapes((2, 6, 5, 4), (3, 4, 1, 1), (2, 1))]
WAYS = [
    *((Grouped(of, Products(of.of_group)), of) for of in GROUPED),
    *((Grouped(of, ByLax(of.of_group)), of) for of in GROUPED),
    *((Depthwise(of), of) for of in DEPTHWISE),
    *((Pointwise(of), of) for of in ONE),
    *((WrittenOut(of), of) for of in PLAIN),
    *((ByPlanes(of, each(of.of_planes)), of) for of in PLAIN[-1:] for each in (ByLax, Products)),
]
BLOCK = as_products._BLOCK
CASES = [*((Products(of), of, block) for of in PLAIN for block in (BLOCK, 2000, 1)), *((*way, BLOCK) for way in WAYS)]


@pytest.mark.parametrize("way, of, block", CASES, ids=[f"{type(way).__name__}{k}" for k, (way, *_) in enumerate(CASES)])
def test_each_way_is_the_same_function(way, of, block, monkeypatch):
    monkeypatch.setattr(as_products, "_BLOCK", block)
    rng = np.random.RandomState(0)
    with jax.enable_x64(True):
        images, filters = rng.randn(*of.images), rng.randn(*of.filters)
        top = rng.randn(of.images[0], *of.output, of.filters[0])
        plain = ByLax(of)
        for name, given in (("apply", (images, filters)), ("by_filters", (images, top)), ("by_images", (filters, top))):
            found = jax.jit(getattr(way, name))(*given)
            np.testing.assert_allclose(found, getattr(plain, name)(*given), rtol=1e-10, atol=1e-12, err_msg=name)
            assert found.dtype == "float64"


class Traced:
    """As much of a trace as a way asks for."""

    def __init__(self, portable, settled=False):
        self.portable, self.settled = portable, settled

    def pays_later(self):
        """Whether there have been many calls."""
        return self.settled


def chosen(of, dtype, wanted, portable=False, unshared=False, settled=False):
    """The way that is chosen, and that of its groups."""
    op = (AbstractConv2d if len(of.output) == 2 else AbstractConv3d)(unshared=unshared, num_groups=of.groups)
    found = _way(Traced(portable, settled), op, of, dtype, wanted)
    return (type(found), type(found.each)) if isinstance(found, Grouped) else type(found)


LARGE, FEW = shapes((8, 12, 12, 16), (8, 16, 3, 3)), shapes((8, 12, 12, 3), (8, 3, 3, 3))


@on_cpu
@pytest.mark.parametrize(
    "of, dtype, ways",
    [
        (LARGE, "float32", (ByLax, ByLax, ByLax)),
        (FEW, "float32", (ByLax, ByLax, Products)),
        (LARGE, "float64", (Products, Products, Products)),
        (FEW, "float64", (ByLax, Products, Products)),
        (shapes((4, 28, 28, 1), (8, 1, 5, 5)), "float32", (Products, Products, Products)),
        (shapes((8, 28, 28, 1), (8, 1, 5, 5)), "float32", (ByLax, ByLax, Products)),
        (shapes((1, 4, 4, 2), (2, 2, 2, 2)), "float64", (WrittenOut, ByLax, Products)),
        (shapes((1, 64, 64, 1), (1, 1, 5, 5)), "float32", (WrittenOut, ByLax, WrittenOut)),
        (shapes((1, 64, 64, 1), (1, 1, 5, 5)), "float16", (ByLax, ByLax, ByLax)),
        (shapes((2, 6, 6, 6, 4), (4, 4, 2, 2, 2)), "float32", (ByPlanes, ByPlanes, ByPlanes)),
        (shapes((2, 6, 6, 6, 1), (8, 1, 2, 2, 2)), "float32", (Products, Products, Products)),
        (shapes((2, 6, 6, 6, 4), (4, 4, 2, 2, 2)), "float64", (ByLax, ByLax, Products)),
        (LARGE, "float16", (ByLax, ByLax, ByLax)),
        (ONE[0], "float64", (Pointwise, Pointwise, Pointwise)),
        (DEPTHWISE[0], "float32", (Depthwise, Depthwise, Depthwise)),
        (shapes((2, 9, 9, 2), (2, 1, 9, 9), groups=2), "float32", [(Grouped, w) for w in (ByLax, ByLax, Products)]),
        (GROUPED[0], "float32", [(Grouped, w) for w in (ByLax, ByLax, Products)]),
    ],
)
def test_the_way_that_suits(of, dtype, ways):
    assert [chosen(of, dtype, wanted) for wanted in ("output", "filters", "images")] == [*ways]
    if ways[0] is not Pointwise:
        assert chosen(of, dtype, "images", portable=True) is ByLax
    if len(of.output) == 2:
        assert chosen(of, dtype, "images", unshared=True) is Unshared


@on_cpu
def test_more_filters_are_written_out_when_there_have_been_many_calls():
    of = shapes((16, 28, 28, 1), (8, 1, 3, 3))
    assert chosen(of, "float32", "output") is ByLax
    assert chosen(of, "float32", "output", settled=True) is WrittenOut
    assert chosen(shapes((8, 28, 28, 1), (20, 1, 5, 5)), "float32", "output", settled=True) is ByLax


@on_cpu
@pytest.mark.parametrize(
    "flags, told", [("", options.EIGEN_CONVOLVES), ("--xla_cpu_experimental_ynn_fusion_type=", None)]
)
def test_eigen_convolves_unless_the_user_has_chosen(flags, told, monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", flags)
    x, k = T.tensor4("x", "float32"), T.tensor4("k", "float32")
    looped, _ = tx.map(lambda image: T.nnet.conv2d(image.dimshuffle("x", 0, 1, 2), k), x)
    for output in (T.nnet.conv2d(x, k), looped, T.grad(T.nnet.conv2d(x, k).sum(), k)):
        found = tx.function([x, k], output).program.stages[0]
        assert found.options_for([np.zeros((2, 2, 4, 4)), np.zeros((2, 2, 3, 3))]) == told
    assert tx.function([x], x.sum()).program.stages[0].options_for([np.zeros((2, 2, 4, 4))]) is None
