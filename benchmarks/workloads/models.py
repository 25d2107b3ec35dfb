"""Training steps of models: logistic regression and a perceptron as in Theano's tutorials, convolutional networks."""

import numpy as np

from benchmarks.plans import CALL_LIMIT, Graph, Hand, Workload

RATE, MOMENTUM, L2, FADING = (np.float32(v) for v in (0.05, 0.9, 1e-4, 0.1))


def _scaled(rng, *shape):
    return (rng.randn(*shape) * 0.05).astype("float32") if len(shape) > 1 else np.zeros(shape, "float32")


def _descent(loss):
    """Gradient descent in the form that Hand wants."""
    import jax

    def update(parameters, *arguments):
        value, gradients = jax.value_and_grad(loss)(parameters, *arguments)
        return value, [p - RATE * g for p, g in zip(parameters, gradients)]

    return update


# -- minibatches by their index into shared data ----------------------------------------------------------------------


def minibatch_numbers(units, size, batches=8, features=784, classes=10):
    """Sizes of the layers' parameters at the start, all examples and classes, the size of a minibatch and indices."""
    rng = np.random.RandomState(0)
    start = [_scaled(rng, *s) for a, b in zip([features, *units], [*units, classes]) for s in ((a, b), (b,))]
    data = rng.rand(size * batches, features).astype("float32")
    classes_of = rng.randint(0, classes, len(data)).astype("int32")
    return start, data, classes_of, size, [(np.int64(k),) for k in range(batches)]


def minibatch(L, start, data, classes, size, indices):
    """Layers with tanh, and a softmax; weights decay; `givens` look the minibatch up."""
    T, parameters = L.T, [L.shared(v) for v in start]
    all_x, all_y = L.shared(data), L.shared(classes)
    index, x, y = T.lscalar("index"), T.matrix("x"), T.ivector("y")
    h = x
    for W, b in zip(parameters[:-2:2], parameters[1:-2:2]):
        h = T.tanh(T.dot(h, W) + b)
    p = L.nnet("softmax")(T.dot(h, parameters[-2]) + parameters[-1])
    cost = -T.log(p)[T.arange(y.shape[0]), y].mean() + L2 * sum((W**2).sum() for W in parameters[::2])
    updates = [(p, p - RATE * g) for p, g in zip(parameters, L.grad(cost, parameters))]
    rows = slice(index * size, (index + 1) * size)
    return Graph([index], cost, indices, updates, [(x, all_x[rows]), (y, all_y[rows])])


def minibatch_by_hand(start, data, classes, size, indices):
    """The same."""
    import jax
    import jax.numpy as jnp

    def loss(parameters, x, y):
        h = x
        for W, b in zip(parameters[:-2:2], parameters[1:-2:2]):
            h = jnp.tanh(h @ W + b)
        p = jax.nn.log_softmax(h @ parameters[-2] + parameters[-1])
        return -p[jnp.arange(len(y)), y].mean() + L2 * sum((W**2).sum() for W in parameters[::2])

    def update(parameters, all_x, all_y, index):
        x, y = (jax.lax.dynamic_slice_in_dim(v, index * size, size) for v in (all_x, all_y))
        return _descent(loss)(parameters, x, y)

    return Hand(update, indices, start, (data, classes))


# -- convolutions ------------------------------------------------------------------------------------------------------


def _pooled(size, kernel, border):
    """The size of images after a layer."""
    return (size if border == "half" else size - kernel + 1) // 2


def lenet_numbers(images=64, size=28, units=64, filters=(16, 32), kernel=3, border="half", dtype="float32"):
    """The parameters at the start (filters, biases, ...), images of one channel, their classes, and the border mode."""
    rng = np.random.RandomState(0)
    side, shapes = size, []
    for channels, count in zip((1, *filters), filters):
        side = _pooled(side, kernel, border)
        shapes += [(count, channels, kernel, kernel), (count,)]
    shapes += [(filters[-1] * side**2, units), (units,), (units, 10), (10,)]
    start = [_scaled(rng, *s).astype(dtype) for s in shapes]
    return start, rng.randn(images, 1, size, size).astype(dtype), rng.randint(0, 10, images).astype("int32"), border


def lenet(L, start, images, classes, border):
    """A training step: momentum, weights decay."""
    conv2d, pool_2d = L.module("tensor.nnet").conv2d, L.module("tensor.signal.pool").pool_2d
    T, parameters = L.T, [L.shared(v) for v in start]
    speeds = [L.shared(np.zeros_like(v)) for v in start]
    x, y = T.tensor4("x", str(images.dtype)), T.ivector("y")

    def layer(h, filters, bias, size):
        shape = filters.get_value().shape
        h = conv2d(h, filters, (None, shape[1], size, size), shape, border_mode=border)
        return T.tanh(pool_2d(h, (2, 2), ignore_border=True) + bias.dimshuffle("x", 0, "x", "x"))

    k1, b1, k2, b2, w3, b3, w4, b4 = parameters
    size = images.shape[-1]
    h = layer(layer(x, k1, b1, size), k2, b2, _pooled(size, len(k1.get_value()[0, 0]), border))
    h = T.tanh(T.dot(h.flatten(2), w3) + b3)
    p = L.nnet("softmax")(T.dot(h, w4) + b4)
    cost = -T.log(p)[T.arange(y.shape[0]), y].mean() + L2 * sum((w**2).sum() for w in (k1, k2, w3, w4))
    updates = []
    for parameter, speed, gradient in zip(parameters, speeds, L.grad(cost, parameters)):
        new = MOMENTUM * speed - RATE * gradient
        updates += [(speed, new), (parameter, parameter + new)]
    return Graph([x, y], cost, [(images, classes)], updates)


def _convolve(x, filters, border="half"):
    """Convolution of images with channels last, which suits this CPU better."""
    from jax import lax

    border = "SAME" if border == "half" else border.upper()
    return lax.conv_general_dilated(x, filters, (1, 1), border, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def _filters(k):
    """Filters for `_convolve`: Theano's are flipped."""
    return np.ascontiguousarray(k[:, :, ::-1, ::-1].transpose(2, 3, 1, 0))


def _images(x):
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1))


def lenet_by_hand(start, images, classes, border):
    """The same with channels last; pooling as a maximum over the axes of a reshaped array."""
    import jax
    import jax.numpy as jnp

    start = [_filters(v) if v.ndim == 4 else v for v in start]
    units, filters = start[4].shape[1], start[3].size
    side = round((len(start[4]) / filters) ** 0.5)
    start[4] = start[4].reshape(filters, side, side, units).transpose(1, 2, 0, 3).reshape(-1, units)

    def layer(h, filters, bias):
        h = _convolve(h, filters, border)
        n, rows, columns, channels = h.shape
        return jnp.tanh(h.reshape(n, rows // 2, 2, columns // 2, 2, channels).max((2, 4)) + bias)

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

    return Hand(update, [(_images(images), classes)], (start, [np.zeros_like(v) for v in start]))


def blocks_numbers(depth=2, batch=32, channels=64, size=16):
    """Filters, scales and shifts of each block; running means and variances; images and what they should become."""
    rng = np.random.RandomState(0)
    ones, zeros = np.ones(channels, "float32"), np.zeros(channels, "float32")
    parameters = [v for _ in range(depth) for v in (_scaled(rng, channels, channels, 3, 3), ones, zeros)]
    images, target = rng.randn(2, batch, channels, size, size).astype("float32")
    return parameters, [zeros, ones] * depth, images, target


def blocks(L, parameters, averages, images, wanted):
    """Convolution, batch normalisation, relu, again: gradient descent, running averages."""
    nnet, bn = L.module("tensor.nnet"), L.module("tensor.nnet.bn")
    T, filter_shape = L.T, parameters[0].shape
    parameters, averages = ([L.shared(v) for v in values] for values in (parameters, averages))
    x, target = T.tensor4("x", "float32"), T.tensor4("target", "float32")
    h, updates = x, []
    for k in range(len(averages) // 2):
        filters, scale, shift = parameters[3 * k : 3 * k + 3]
        mean, variance = averages[2 * k : 2 * k + 2]
        h = nnet.conv2d(h, filters, images.shape, filter_shape, border_mode="half")
        h, _, _, new_mean, new_variance = bn.batch_normalization_train(
            h, scale, shift, "spatial", 1e-4, FADING, mean, variance
        )
        h = nnet.relu(h)
        updates += [(mean, new_mean), (variance, new_variance)]
    cost = ((h - target) ** 2).mean()
    updates += [(p, p - RATE * g) for p, g in zip(parameters, L.grad(cost, parameters))]
    return Graph([x, target], cost, [(images, wanted)], updates)


def blocks_by_hand(parameters, averages, images, wanted):
    """The same with channels last."""
    import jax
    import jax.numpy as jnp

    parameters = [_filters(v) if v.ndim == 4 else v for v in parameters]
    images, wanted = _images(images), _images(wanted)
    count = images.size // images.shape[-1]

    def cost(parameters, x, target):
        h, found = x, []
        for k in range(len(averages) // 2):
            weights, scale, shift = parameters[3 * k : 3 * k + 3]
            h = _convolve(h, weights)
            mean, variance = h.mean((0, 1, 2)), h.var((0, 1, 2))
            found += [mean, variance * (count / (count - 1))]
            h = jax.nn.relu((h - mean) * (scale / jnp.sqrt(variance + 1e-4)) + shift)
        return ((h - target) ** 2).mean(), found

    def update(state, x, target):
        parameters, averages = state
        (value, found), gradients = jax.value_and_grad(cost, has_aux=True)(parameters, x, target)
        parameters = [p - RATE * g for p, g in zip(parameters, gradients)]
        return value, (parameters, [(1 - FADING) * a + FADING * f for a, f in zip(averages, found)])

    return Hand(update, [(images, wanted)], (parameters, averages))


TABLE = [
    Workload(
        "logistic", "logistic regression, 8 minibatches of 600", minibatch_numbers, minibatch, minibatch_by_hand,
        {"units": [], "size": 600}, {"units": [], "size": 6, "batches": 2, "features": 5}, limit=CALL_LIMIT,
    ),
    Workload(
        "mlp", "perceptron 784-500-10, 8 minibatches of 20", minibatch_numbers, minibatch, minibatch_by_hand,
        {"units": [500], "size": 20}, {"units": [7], "size": 6, "batches": 2, "features": 5},
    ),
    Workload(
        "lenet", "LeNet training step, 64 images of 28x28", lenet_numbers, lenet, lenet_by_hand,
        tiny={"images": 2, "size": 8, "units": 5}, tolerance=1e-3,
    ),
    Workload(
        "lenet-double", "the tutorial's LeNet, float64, 50 images of 28x28", lenet_numbers, lenet, lenet_by_hand,
        {"images": 50, "units": 500, "filters": (20, 50), "kernel": 5, "border": "valid", "dtype": "float64"},
        {"images": 2, "size": 16, "units": 5, "filters": (2, 3), "kernel": 5, "border": "valid", "dtype": "float64"},
        tolerance=1e-3, floatX="float64",
    ),
    Workload(
        "conv-blocks", "2 of convolution, normalisation and relu, 32 images of 16x16x64", blocks_numbers, blocks,
        blocks_by_hand, tiny={"depth": 1, "batch": 2, "channels": 3, "size": 4}, tolerance=1e-3,
    ),
]  # fmt: skip
