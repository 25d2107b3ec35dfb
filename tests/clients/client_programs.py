"""Programs that use libraries written for Theano. They run under real Theano and under tx, and return numbers.

Each function of ``PROGRAMS`` returns a dict from names to floats or (nested) lists of them. The file is valid for
Python 3.6 and later, and knows nothing of tx: ``theano`` is whatever is imported under that name.
"""

import os
from collections import OrderedDict

import numpy as np
import theano
import theano.tensor as T

HERE = os.path.dirname(os.path.abspath(__file__))


def digits():
    """Small images of handwritten digits (8x8, in [0, 1]) and their labels: those of scikit-learn, shuffled."""
    stored = np.load(os.path.join(HERE, "digits.npz"))
    return stored["images"].astype("float64") / 16.0, stored["labels"].astype("int32")


# -- Lasagne ----------------------------------------------------------------------------------------------------------


def lasagne_convnet():
    """A convolutional network with pooling and dropout, trained in minibatches with Nesterov's momentum."""
    import lasagne

    lasagne.random.set_rng(np.random.RandomState(1234))
    images, labels = digits()
    x, y = T.tensor4("x"), T.ivector("y")
    layer = lasagne.layers.InputLayer((None, 1, 8, 8), x)
    layer = lasagne.layers.Conv2DLayer(layer, 12, (3, 3), nonlinearity=lasagne.nonlinearities.rectify)
    layer = lasagne.layers.MaxPool2DLayer(layer, (2, 2))
    layer = lasagne.layers.DropoutLayer(layer, p=0.2)
    layer = lasagne.layers.DenseLayer(layer, 48)
    layer = lasagne.layers.DropoutLayer(layer, p=0.5)
    layer = lasagne.layers.DenseLayer(layer, 10, nonlinearity=lasagne.nonlinearities.softmax)
    prediction = lasagne.layers.get_output(layer)
    cost = lasagne.objectives.aggregate(lasagne.objectives.categorical_crossentropy(prediction, y))
    cost += 1e-4 * lasagne.regularization.regularize_network_params(layer, lasagne.regularization.l2)
    parameters = lasagne.layers.get_all_params(layer, trainable=True)
    train = theano.function([x, y], cost, updates=lasagne.updates.nesterov_momentum(cost, parameters, 0.1, 0.9))
    tested = lasagne.layers.get_output(layer, deterministic=True)
    errors = theano.function([x, y], T.mean(T.neq(T.argmax(tested, axis=1), y), dtype="float64"))
    split, batch = 1200, 100
    costs = []
    for _ in range(6):
        for start in range(0, split, batch):
            costs.append(float(train(images[start : start + batch, None], labels[start : start + batch])))
    return {"costs": costs[::6], "test_error": float(errors(images[split:, None], labels[split:]))}


def _layers():
    import lasagne.layers as L
    from lasagne.nonlinearities import leaky_rectify, tanh

    def image(shape=(2, 3, 8, 8)):
        return L.InputLayer(shape)

    def sequence():
        return L.InputLayer((2, 5, 4))

    def flat(n=6):
        return L.InputLayer((3, n))

    return OrderedDict(
        [
            ("InputLayer", lambda: flat()),
            ("DenseLayer", lambda: L.DenseLayer(image(), 7, nonlinearity=tanh)),
            ("NINLayer", lambda: L.NINLayer(image(), 5, nonlinearity=leaky_rectify)),
            ("Conv1DLayer", lambda: L.Conv1DLayer(L.InputLayer((2, 3, 9)), 4, 3, stride=2, pad="same")),
            ("Conv2DLayer", lambda: L.Conv2DLayer(image(), 4, (3, 2), pad="full", untie_biases=True)),
            ("Conv2DLayer_valid", lambda: L.Conv2DLayer(image(), 4, (3, 3), stride=(2, 1))),
            ("MaxPool1DLayer", lambda: L.MaxPool1DLayer(L.InputLayer((2, 3, 9)), 2)),
            ("MaxPool2DLayer", lambda: L.MaxPool2DLayer(image(), (3, 2), stride=2, pad=1)),
            ("MaxPool2DLayer_border", lambda: L.MaxPool2DLayer(image(), 3, ignore_border=False)),
            ("Pool2DLayer", lambda: L.Pool2DLayer(image(), 2, mode="average_exc_pad")),
            ("GlobalPoolLayer", lambda: L.GlobalPoolLayer(image())),
            ("FeaturePoolLayer", lambda: L.FeaturePoolLayer(flat(), 3)),
            ("FeatureWTALayer", lambda: L.FeatureWTALayer(flat(), 3)),
            ("DropoutLayer", lambda: L.DropoutLayer(flat(), 0.4)),
            ("GaussianNoiseLayer", lambda: L.GaussianNoiseLayer(flat(), 0.3)),
            ("FlattenLayer", lambda: L.FlattenLayer(image())),
            ("ReshapeLayer", lambda: L.ReshapeLayer(image(), ([0], -1, [3]))),
            ("DimshuffleLayer", lambda: L.DimshuffleLayer(image(), (1, "x", 0, 3, 2))),
            ("PadLayer", lambda: L.PadLayer(image(), (1, 2), val=0.5)),
            ("SliceLayer", lambda: L.SliceLayer(image(), slice(1, 5, 2), axis=2)),
            ("ConcatLayer", lambda: L.ConcatLayer([flat(), flat(4)])),
            ("ElemwiseSumLayer", lambda: L.ElemwiseSumLayer([flat(), flat()], coeffs=[0.5, 2.0])),
            ("ElemwiseMergeLayer", lambda: L.ElemwiseMergeLayer([flat(), flat()], T.maximum)),
            ("NonlinearityLayer", lambda: L.NonlinearityLayer(flat(), tanh)),
            ("LocalResponseNormalization2DLayer", lambda: L.LocalResponseNormalization2DLayer(image((2, 6, 4, 4)))),
            ("RecurrentLayer", lambda: L.RecurrentLayer(sequence(), 3)),
            ("RecurrentLayer_backwards", lambda: L.RecurrentLayer(sequence(), 3, backwards=True, learn_init=True)),
            ("LSTMLayer", lambda: L.LSTMLayer(sequence(), 3)),
            ("LSTMLayer_clipped", lambda: L.LSTMLayer(sequence(), 3, peepholes=False, grad_clipping=0.05)),
            ("LSTMLayer_unrolled", lambda: L.LSTMLayer(sequence(), 3, unroll_scan=True)),
            ("GRULayer", lambda: L.GRULayer(sequence(), 3)),
            ("GRULayer_truncated", lambda: L.GRULayer(sequence(), 3, gradient_steps=2)),
            (
                "CustomRecurrentLayer",
                lambda: L.CustomRecurrentLayer(
                    sequence(), L.DenseLayer(L.InputLayer((None, 4)), 3), L.DenseLayer(L.InputLayer((None, 3)), 3)
                ),
            ),
        ]
    )


def lasagne_layers():
    """Every layer class: the output's sum weighted with fixed numbers, and its gradients."""
    import lasagne

    results = {}
    for name, build in _layers().items():
        lasagne.random.set_rng(np.random.RandomState(7))
        layer = build()
        inputs = [each for each in lasagne.layers.get_all_layers(layer) if isinstance(each, lasagne.layers.InputLayer)]
        rng = np.random.RandomState(3)
        values = [rng.uniform(-1.0, 1.0, [2 if n is None else n for n in each.shape]) for each in inputs]
        output = lasagne.layers.get_output(layer)
        total = T.sum(output * T.cos(T.arange(output.size).reshape(output.shape)))
        variables = [each.input_var for each in inputs]
        parameters = lasagne.layers.get_all_params(layer, trainable=True)
        gradients = T.grad(total, variables + parameters, disconnected_inputs="ignore")
        f = theano.function(variables, [output.shape, total] + [T.sum(abs(g)) for g in gradients])
        shape, total_value, *sums = f(*values)
        promised = lasagne.layers.get_output_shape(layer)
        assert len(shape) == len(promised) and all(promised[i] in (None, n) for i, n in enumerate(shape)), name
        results[name] = [float(total_value)] + [float(s) for s in sums]
    return results


def lasagne_embedding():
    """The embedding layer, whose input are indices."""
    import lasagne

    lasagne.random.set_rng(np.random.RandomState(7))
    x = T.imatrix("x")
    layer = lasagne.layers.EmbeddingLayer(lasagne.layers.InputLayer((2, 3), x), 5, 4)
    output = lasagne.layers.get_output(layer)
    f = theano.function([x], [output, T.grad((output**2).sum(), layer.W)])
    value, gradient = f(np.array([[0, 4, 4], [1, 0, 2]], "int32"))
    return {"value": value.tolist(), "gradient": gradient.tolist()}


def lasagne_updates():
    """Every update rule, five steps on a quadratic form."""
    import lasagne

    U = lasagne.updates
    matrix = np.array([[3.0, 0.5], [0.5, 1.0]])
    rules = {
        "sgd": lambda c, p: U.sgd(c, p, 0.1),
        "momentum": lambda c, p: U.momentum(c, p, 0.1),
        "nesterov_momentum": lambda c, p: U.nesterov_momentum(c, p, 0.1),
        "adagrad": lambda c, p: U.adagrad(c, p, 0.5),
        "rmsprop": lambda c, p: U.rmsprop(c, p, 0.1),
        "adadelta": lambda c, p: U.adadelta(c, p),
        "adam": lambda c, p: U.adam(c, p, 0.1),
        "apply_momentum": lambda c, p: U.apply_momentum(U.adagrad(c, p, 0.5), p, 0.8),
        "apply_nesterov_momentum": lambda c, p: U.apply_nesterov_momentum(U.rmsprop(c, p, 0.05), p, 0.8),
        "norm_constraint": lambda c, p: {v: U.norm_constraint(n, 0.4) for v, n in U.sgd(c, p, 0.1).items()},
        "total_norm_constraint": lambda c, p: U.sgd(U.total_norm_constraint(T.grad(c, p), 0.2), p, 0.1),
    }
    results = {}
    for name, rule in sorted(rules.items()):
        w = theano.shared(np.array([[1.0, -2.0], [0.5, 0.25]]))
        cost = T.sum(T.dot(matrix, w) * w)
        f = theano.function([], cost, updates=rule(cost, [w]))
        results[name] = [float(f()) for _ in range(5)] + w.get_value().ravel().tolist()
    return results


def lasagne_objectives():
    """Objectives, initialisers and nonlinearities."""
    import lasagne

    p, t = T.matrices("p", "t")
    rng = np.random.RandomState(5)
    pv, tv = rng.uniform(0.1, 0.9, (4, 3)), rng.uniform(0.1, 0.9, (4, 3))
    tv /= tv.sum(axis=1, keepdims=True)
    O, N = lasagne.objectives, lasagne.nonlinearities
    expressions = {
        "binary_crossentropy": O.binary_crossentropy(p, t),
        "categorical_crossentropy": O.categorical_crossentropy(p, t),
        "squared_error": O.squared_error(p, t),
        "weighted": O.aggregate(O.squared_error(p, t), t, mode="normalized_sum"),
    }
    for name in ("sigmoid", "softmax", "tanh", "rectify", "leaky_rectify", "very_leaky_rectify", "linear"):
        expressions[name] = getattr(N, name)(p - 0.5)
    results = {}
    for name, expression in sorted(expressions.items()):
        f = theano.function([p, t], [expression, T.grad(expression.sum(), p)], on_unused_input="ignore")
        value, gradient = f(pv, tv)
        results[name], results[name + ".grad"] = np.asarray(value).tolist(), gradient.tolist()
    for name in ("Normal", "Uniform", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "Orthogonal"):
        lasagne.random.set_rng(np.random.RandomState(11))
        results["init." + name] = np.asarray(getattr(lasagne.init, name)()((3, 4))).tolist()
    return results


# -- theano-lstm ------------------------------------------------------------------------------------------------------


def theano_lstm_model():
    """A stacked LSTM over short sequences, trained with its optimisers."""
    import theano_lstm

    results = {}
    for method in ("sgd", "adagrad", "adadelta"):
        theano_lstm.np_rng.seed(1234)
        model = theano_lstm.StackedCells(3, layers=[4, 5], activation=T.tanh, celltype=theano_lstm.LSTM)
        model.layers[0].in_gate2.activation = lambda x: x
        model.layers.append(theano_lstm.Layer(5, 2, lambda x: T.nnet.softmax(x)[0]))

        def step(x, *hiddens):
            return model.forward(x, hiddens)  # noqa: B023

        observations, target = T.matrix("observations"), T.vector("target")
        outputs, _ = theano.scan(
            step,
            sequences=[observations],
            outputs_info=[
                {"initial": layer.initial_hidden_state, "taps": [-1]}
                for layer in model.layers
                if hasattr(layer, "initial_hidden_state")
            ]
            + [None],
        )
        cost = ((outputs[-1][-1] - target) ** 2).sum()
        updates, _, _, _, _ = theano_lstm.create_optimization_updates(cost, model.params, method=method)
        train = theano.function([observations, target], cost, updates=updates, allow_input_downcast=True)
        rng = np.random.RandomState(2)
        costs = []
        for i in range(6):
            costs.append(float(train(rng.uniform(-1, 1, (4, 3)), [float(i % 2), float(1 - i % 2)])))
        results[method] = costs
    return results


def theano_lstm_masks():
    """Dropout masks and the masked loss of theano-lstm; clipped gradients."""
    import theano_lstm

    theano_lstm.srng.seed(99)
    masks = theano_lstm.MultiDropout([(3, 4), (3, 2)], 0.3)
    drawn = theano.function([], masks)
    results = {"masks": [np.asarray(m).tolist() for m in drawn()]}
    x = T.vector("x")
    clipped = theano.function([x], T.grad(T.sum(theano_lstm.clip_gradient(x, 0.5) * T.constant([0.1, 3.0, -4.0])), x))
    results["clipped"] = clipped([1.0, 2.0, 3.0]).tolist()
    return results


# -- downhill ---------------------------------------------------------------------------------------------------------


def downhill_rosenbrock():
    """Every optimiser of downhill on the function of Rosenbrock."""
    import downhill

    results = {}
    for algo in ("adadelta", "adagrad", "adam", "esgd", "nag", "rmsprop", "rprop", "sgd"):
        np.random.seed(3)
        x = theano.shared(np.array([-1.1, -0.4]), name="x")
        loss = (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()
        optimizer = downhill.build(algo, loss=loss, params=[x], inputs=[], monitor_gradients=True)
        losses = []
        options = {"learning_rate": 0.001, "max_gradient_norm": 1, "rms_halflife": 5, "momentum": 0.5}
        for i, (metrics, _) in enumerate(optimizer.iterate(train=[[]], patience=0, min_improvement=0, **options)):
            losses.append(float(metrics["loss"]))
            if i == 15:
                break
        results[algo] = losses + x.get_value().tolist()
    return results


def downhill_factorization():
    """The matrix factorisation of downhill's introduction."""
    import downhill

    rng = np.random.RandomState(4)
    u, v = theano.shared(rng.randn(20, 3), name="u"), theano.shared(rng.randn(3, 5), name="v")
    z = T.matrix("z")
    error = T.sqr(z - T.dot(u, v))
    loss = error.mean() + abs(u).mean() + (v * v).mean()
    y = np.dot(rng.randn(20, 3), rng.randn(3, 5)) + rng.randn(20, 5)
    monitors = (("err", error.mean()), ("|u|<0.1", (abs(u) < 0.1).mean()))
    optimizer = downhill.build("rmsprop", loss=loss, monitors=monitors, monitor_gradients=True)
    history = []
    for i, (metrics, _) in enumerate(
        optimizer.iterate(train=[[y]], patience=0, batch_size=20, max_gradient_norm=1, learning_rate=0.1)
    ):
        history.append([float(metrics[name]) for name in sorted(metrics)])
        if i == 10:
            break
    return {"history": history}


PROGRAMS = {
    f.__name__: f
    for f in (
        lasagne_convnet,
        lasagne_layers,
        lasagne_embedding,
        lasagne_updates,
        lasagne_objectives,
        theano_lstm_model,
        theano_lstm_masks,
        downhill_rosenbrock,
        downhill_factorization,
    )
}
