"""Training steps of convolutional networks in float32: tx, JAX by hand, real Theano and PyTensor, as ratios.

A LeNet (the network of ``examples/convnet.py`` on 64 images of 28x28), and blocks of a 3x3 convolution, batch
normalisation and relu (32 images of 16x16 with 64 channels): forward, gradient, update, running averages.
By hand, both layouts of images and both ways to pool are tried. Run it alone: ``python benchmarks/convnet.py``.
"""

import argparse
import importlib

import numpy as np
import rounds

RATE, MOMENTUM, L2, FADING = (np.float32(v) for v in (0.05, 0.9, 1e-4, 0.1))


def lenet_numbers():
    """The parameters at the start (filters, biases, ...), 64 images of 28x28 pixels, and their classes."""
    rng = np.random.RandomState(0)
    shapes = [(16, 1, 3, 3), (16,), (32, 16, 3, 3), (32,), (32 * 7 * 7, 64), (64,), (64, 10), (10,)]
    parameters = [(rng.randn(*s) * 0.05 if len(s) > 1 else np.zeros(s)).astype("float32") for s in shapes]
    return parameters, rng.randn(64, 1, 28, 28).astype("float32"), rng.randint(0, 10, 64).astype("int32")


def block_numbers(depth):
    """Filters, scales and shifts of each block; running means and variances; images and what they should become."""
    rng = np.random.RandomState(0)
    parameters, averages = [], []
    for _ in range(depth):
        filters = (rng.randn(64, 64, 3, 3) * 0.05).astype("float32")
        parameters += [filters, np.ones(64, "float32"), np.zeros(64, "float32")]
        averages += [np.zeros(64, "float32"), np.ones(64, "float32")]
    x, target = rng.randn(2, 32, 64, 16, 16).astype("float32")
    return parameters, averages, x, target


# -- in Theano's words: tx, Theano, PyTensor ---------------------------------------------------------------------------


def _library(name):
    """The library, in float32, its tensors, nnet and pool. Raises ImportError where it has no such Ops."""
    library = importlib.import_module(name)
    modules = [importlib.import_module(f"{name}.tensor{m}") for m in ("", ".nnet", ".nnet.bn", ".signal.pool")]
    library.config.floatX = "float32"
    return (library, *modules)


def lenet(library):
    """A training step: momentum, weights decay."""
    theano, T, nnet, _, pool = _library(library)
    start, images, classes = lenet_numbers()
    parameters = [theano.shared(v) for v in start]
    speeds = [theano.shared(np.zeros_like(v)) for v in start]
    x, y = T.tensor4("x", "float32"), T.ivector("y")

    def layer(h, filters, bias):
        shape = filters.get_value().shape
        size = 28 if shape[1] == 1 else 14
        h = nnet.conv2d(h, filters, (None, shape[1], size, size), shape, border_mode="half")
        return T.tanh(pool.pool_2d(h, (2, 2), ignore_border=True) + bias.dimshuffle("x", 0, "x", "x"))

    k1, b1, k2, b2, w3, b3, w4, b4 = parameters
    h = T.tanh(T.dot(layer(layer(x, k1, b1), k2, b2).flatten(2), w3) + b3)
    p = nnet.softmax(T.dot(h, w4) + b4)
    cost = -T.log(p)[T.arange(y.shape[0]), y].mean() + L2 * sum((w**2).sum() for w in (k1, k2, w3, w4))
    updates = []
    for parameter, speed, gradient in zip(parameters, speeds, theano.grad(cost, parameters)):
        new = MOMENTUM * speed - RATE * gradient
        updates += [(speed, new), (parameter, parameter + new)]
    train = theano.function([x, y], cost, updates=updates)
    return lambda: train(images, classes)


def block(library, depth):
    """A training step: gradient descent, running averages."""
    theano, T, nnet, bn, _ = _library(library)
    parameters, averages, images, wanted = block_numbers(depth)
    parameters, averages = ([theano.shared(v) for v in values] for values in (parameters, averages))
    x, target = T.tensor4("x", "float32"), T.tensor4("target", "float32")
    h, updates = x, []
    for k in range(depth):
        filters, scale, shift = parameters[3 * k : 3 * k + 3]
        mean, variance = averages[2 * k : 2 * k + 2]
        h = nnet.conv2d(h, filters, (32, 64, 16, 16), (64, 64, 3, 3), border_mode="half")
        h, _, _, new_mean, new_variance = bn.batch_normalization_train(
            h, scale, shift, "spatial", 1e-4, FADING, mean, variance
        )
        h = nnet.relu(h)
        updates += [(mean, new_mean), (variance, new_variance)]
    cost = ((h - target) ** 2).mean()
    updates += [(p, p - RATE * g) for p, g in zip(parameters, theano.grad(cost, parameters))]
    train = theano.function([x, target], cost, updates=updates)
    return lambda: train(images, wanted)


# -- by hand -----------------------------------------------------------------------------------------------------------


def _convolve(layout):
    """Convolution of images in this layout with filters of the layout that suits it; and how to bring both there."""
    from jax import lax

    if layout == "NCHW":
        dimensions, to_filters, to_images = ("NCHW", "OIHW", "NCHW"), (0, 1, 2, 3), (0, 1, 2, 3)
    else:
        dimensions, to_filters, to_images = ("NHWC", "HWIO", "NHWC"), (2, 3, 1, 0), (0, 2, 3, 1)
    convolve = lambda x, k: lax.conv_general_dilated(x, k, (1, 1), "SAME", dimension_numbers=dimensions)
    # Theano's filters are flipped.
    filters = lambda k: np.ascontiguousarray(k[:, :, ::-1, ::-1].transpose(to_filters))
    return convolve, filters, lambda x: np.ascontiguousarray(x.transpose(to_images))


def lenet_by_hand(layout, pooling):
    """The same with jax.numpy and lax; `pooling` is 'window' (lax.reduce_window) or 'reshape'."""
    import jax
    import jax.numpy as jnp
    from jax import lax

    convolve, filters, to_images = _convolve(layout)
    start, images, classes = lenet_numbers()
    start = [filters(v) if v.ndim == 4 else v for v in start]
    if layout == "NHWC":
        start[4] = start[4].reshape(32, 7, 7, 64).transpose(1, 2, 0, 3).reshape(-1, 64)
    images = to_images(images)
    rows, columns = layout.index("H"), layout.index("W")

    def pool(x):
        if pooling == "window":
            window = [2 if axis in "HW" else 1 for axis in layout]
            return lax.reduce_window(x, -jnp.inf, lax.max, window, window, "VALID")
        pieces = [m for n, axis in zip(x.shape, layout) for m in ((n // 2, 2) if axis in "HW" else (n,))]
        return x.reshape(pieces).max((rows + 1, columns + 2))

    def layer(h, filters, bias):
        return jnp.tanh(pool(convolve(h, filters)) + bias.reshape([-1 if axis == "C" else 1 for axis in layout]))

    def cost(parameters, x, y):
        k1, b1, k2, b2, w3, b3, w4, b4 = parameters
        h = jnp.tanh(layer(layer(x, k1, b1), k2, b2).reshape(len(x), -1) @ w3 + b3)
        p = jax.nn.log_softmax(h @ w4 + b4)
        return -p[jnp.arange(len(y)), y].mean() + L2 * sum((w**2).sum() for w in (k1, k2, w3, w4))

    def update(state, x, y):
        parameters, speeds = state
        value, gradients = jax.value_and_grad(cost)(parameters, x, y)
        speeds = [MOMENTUM * v - RATE * g for v, g in zip(speeds, gradients)]
        return value, ([p + v for p, v in zip(parameters, speeds)], speeds)

    return _stepping(update, (start, [np.zeros_like(v) for v in start]), images, classes)


def _stepping(update, state, *arguments):
    """A step of `update(state, *arguments)`, which gives a value and the new state, in the place of the old."""
    import jax

    jitted = jax.jit(update, donate_argnums=0)
    box = [jax.tree.map(jax.numpy.array, state)]

    def step():
        value, box[0] = jitted(box[0], *arguments)
        return np.asarray(value)

    return step


def block_by_hand(layout, depth):
    """The same with jax.numpy and lax."""
    import jax
    import jax.numpy as jnp

    convolve, filters, to_images = _convolve(layout)
    parameters, averages, images, wanted = block_numbers(depth)
    parameters = [filters(v) if v.ndim == 4 else v for v in parameters]
    images, wanted = to_images(images), to_images(wanted)
    along = tuple(k for k, axis in enumerate(layout) if axis != "C")
    spread = lambda v: v.reshape([-1 if axis == "C" else 1 for axis in layout])
    count = images.size // 64

    def cost(parameters, x, target):
        h, found = x, []
        for k in range(depth):
            weights, scale, shift = parameters[3 * k : 3 * k + 3]
            h = convolve(h, weights)
            mean, variance = h.mean(along), h.var(along)
            found += [mean, variance * (count / (count - 1))]
            h = (h - spread(mean)) * spread(scale / jnp.sqrt(variance + 1e-4)) + spread(shift)
            h = jax.nn.relu(h)
        return ((h - target) ** 2).mean(), found

    def update(state, x, target):
        parameters, averages = state
        (value, found), gradients = jax.value_and_grad(cost, has_aux=True)(parameters, x, target)
        parameters = [p - RATE * g for p, g in zip(parameters, gradients)]
        return value, (parameters, [(1 - FADING) * a + FADING * f for a, f in zip(averages, found)])

    return _stepping(update, (parameters, averages), images, wanted)


# -- the run -----------------------------------------------------------------------------------------------------------


def contestants(function, **keywords):
    """tx, and the others that speak Theano's language."""
    names = {"tx": "this", "theano": "theano", "pytensor": "pytensor"}
    return [rounds.Contestant(k, function, v, library=k, **keywords) for k, v in names.items()]


def main():
    """Print the tables."""
    options = rounds.interpreters_from(argparse.ArgumentParser(description=__doc__))
    by_hand = [
        rounds.Contestant(f"jax, {layout}, {pooling}", "lenet_by_hand", layout=layout, pooling=pooling)
        for layout in ("NCHW", "NHWC")
        for pooling in ("window", "reshape")
    ]
    title = "LeNet, 64 images of 28x28"
    rounds.compare(title, contestants("lenet") + by_hand, options.rounds, options.seconds)
    for depth in (1, 2):
        by_hand = [
            rounds.Contestant(f"jax, {layout}", "block_by_hand", layout=layout, depth=depth)
            for layout in ("NCHW", "NHWC")
        ]
        title = f"{depth} of convolution, normalisation and relu, 32 images of 16x16, 64 channels"
        rounds.compare(title, contestants("block", depth=depth) + by_hand, options.rounds, options.seconds)


if __name__ == "__main__":
    main()
