"""What the programs that read digits share: the digits, early stopping, the best model, a picture of the filters."""

import importlib.util
import os
import pickle

import numpy as np
import theano
import theano.tensor as T

import runs


def load_digits(seed, n_train=1200, n_valid=297):
    """The 1797 handwritten digits of UCI, 8 by 8 pixels, shuffled: training, validation and test set.

    Each set is a pair of shared variables: images as rows, scaled to [0, 1], and labels.
    """
    images, labels = read_digits()
    order = np.random.RandomState(seed).permutation(len(images))
    images, labels = images[order] / 16.0, labels[order]
    ends = [0, n_train, n_train + n_valid, len(images)]
    return [shared_dataset(images[a:b], labels[a:b]) for a, b in zip(ends[:-1], ends[1:])]


def read_digits():
    """Images and labels, from the file that scikit-learn brings along: importing all of it takes a second."""
    package = os.path.dirname(importlib.util.find_spec("sklearn").origin)
    path = os.path.join(package, "datasets", "data", "digits.csv.gz")
    if not os.path.exists(path):  # a version that keeps it elsewhere
        from sklearn.datasets import load_digits as load

        return load(return_X_y=True)
    table = np.loadtxt(path, delimiter=",")
    return table[:, :-1], table[:, -1].astype(int)


def shared_dataset(images, labels):
    """Both in shared variables; labels are stored as floats, as a GPU wants them, and cast where they are used."""
    x = theano.shared(np.asarray(images, dtype=theano.config.floatX), borrow=True)
    y = theano.shared(np.asarray(labels, dtype=theano.config.floatX), borrow=True)
    return x, T.cast(y, "int32")


def size_of(dataset):
    """The number of examples in a set."""
    return dataset[0].get_value(borrow=True).shape[0]


def minibatches(dataset, batch_size):
    """The index and the size of each minibatch; the last one may be smaller."""
    n = size_of(dataset)
    return [(i, min(batch_size, n - start)) for i, start in enumerate(range(0, n, batch_size))]


def mean_over(function, dataset, batch_size):
    """The mean over the examples of a set of what `function` says of each minibatch."""
    batches = minibatches(dataset, batch_size)
    return sum(float(function(i)) * n for i, n in batches) / size_of(dataset)


def batch_of(dataset, index, batch_size):
    """The part of both shared variables that makes one minibatch."""
    x, y = dataset
    return x[index * batch_size : (index + 1) * batch_size], y[index * batch_size : (index + 1) * batch_size]


def fit(name, classifier, cost, updates, x, y, sets, options):
    """Train by minibatches with early stopping; returns the history, with the best model saved on the way."""
    index = T.lscalar("index")
    b = options["batch_size"]
    training, validation, test = sets

    def over(dataset):
        part_x, part_y = batch_of(dataset, index, b)
        return {x: part_x, y: part_y}

    train_model = theano.function([index], cost, updates=updates, givens=over(training))
    validate_model = theano.function([index], classifier.errors(y), givens=over(validation))
    test_model = theano.function([index], classifier.errors(y), givens=over(test))

    best = Best(os.path.join(options["output_dir"], name + ".pkl"))
    costs, errors = [], []
    for epoch in runs.steps(options["n_epochs"]):
        costs.append(mean_over(train_model, training, b))
        errors.append(mean_over(validate_model, validation, b))
        runs.say("epoch %d, cost %.6f, validation error %.2f %%" % (epoch + 1, costs[-1], 100 * errors[-1]))
        best.offer(classifier, errors[-1], epoch)
        if epoch - best.epoch == options["patience"]:
            runs.say("no better for %d epochs: stopping" % options["patience"])
            break
    runs.say("the best model, of epoch %d, is in %s" % (best.epoch + 1, best.path))
    last_error = mean_over(test_model, test, b)
    runs.say("test error of the last model %.2f %%" % (100 * last_error))
    return {
        "costs": costs,
        "validation_errors": errors,
        "test_error": error_of_saved(best.path, test),
        "train_model": train_model,
    }


class Best(object):
    """The model with the least error so far, in a file."""

    def __init__(self, path):
        self.path, self.error, self.epoch = path, np.inf, 0
        runs.make_folder(os.path.dirname(path) or ".")

    def offer(self, model, error, epoch):
        """Save the model if it is better than all before."""
        if error < self.error:
            self.error, self.epoch = error, epoch
            runs.write(self.path, pickle.dumps(model, protocol=pickle.HIGHEST_PROTOCOL))


def error_of_saved(path, dataset):
    """Load the best model and count its mistakes on a set."""
    with open(path, "rb") as f:
        classifier = pickle.load(f)
    predict = theano.function([classifier.input], classifier.y_pred)
    x, y = dataset
    wrong = predict(x.get_value()) != y.eval()
    return float(np.mean(wrong))


def save_filters(filters, shape, path):
    """Write each row of `filters` as an image of `shape`: all of them as numbers to `path`.npy, and as one picture to
    `path`.png where matplotlib is there."""
    filters = np.reshape(filters, (-1,) + tuple(shape))
    runs.make_folder(os.path.dirname(path) or ".")
    np.save(path + ".npy", filters)
    try:
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
    except ImportError:
        print("matplotlib is not installed: no picture of the filters")
        return
    columns = 10
    rows = (len(filters) + columns - 1) // columns
    figure, axes = plt.subplots(rows, columns, figsize=(columns, rows), squeeze=False)
    for axis in axes.ravel():
        axis.axis("off")
    for axis, image in zip(axes.ravel(), filters):
        axis.imshow(image, cmap="gray")
    figure.savefig(path + ".png")
    plt.close(figure)
    print("filters drawn to " + path + ".png")


def report(history):
    """What is printed last."""
    print("test error %.2f %%" % (100 * history["test_error"]))


def main(description, train, defaults):
    """The command line of these programs: `defaults` become options of their names."""
    runs.main(description, train, dict(defaults, output_dir="digits-output"), report)
