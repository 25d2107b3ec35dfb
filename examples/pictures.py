"""How the pictures of the gallery look: one function for each program, from what the program has written."""

import io

import numpy as np
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from PIL import Image

BLUE, ORANGE, GREEN, QUIET = "#3b6ea5", "#d98032", "#5b9a68", "#b4b4b4"
STYLE = {
    "axes.edgecolor": "#999999",
    "axes.labelcolor": "#444444",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9,
    "font.size": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "savefig.dpi": 110,
    "text.color": "#333333",
    "xtick.color": "#777777",
    "ytick.color": "#777777",
}


def panels(*widths):
    """A figure with axes of these relative widths, side by side."""
    return plt.subplots(1, len(widths), width_ratios=widths, figsize=(6.8, 2.5), layout="constrained")


def save(figure, path):
    """Write the figure with 256 colours, which makes the file small, and without a word on what made it."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    plt.close(figure)
    Image.open(drawn).convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        path, optimize=True
    )


# What pictures are made of


def tiles(axis, images, columns, title, gap="white"):
    """Images side by side, in grey, with a gap of a pixel between them."""
    images = np.asarray(images)
    rows = -(-len(images) // columns)
    height, width = images.shape[1:]
    sheet = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan)
    for i, image in enumerate(images):
        top, left = i // columns * (height + 1), i % columns * (width + 1)
        sheet[top : top + height, left : left + width] = image
    axis.imshow(sheet, cmap=matplotlib.colormaps["gray"].with_extremes(bad=gap), interpolation="nearest")
    axis.set_title(title)
    axis.axis("off")


def strongest(filters, n):
    """The n filters of the largest norm."""
    norms = np.sum(np.reshape(filters, (len(filters), -1)) ** 2, axis=1)
    return filters[np.argsort(-norms, kind="stable")[:n]]


def line(axis, values, title, xlabel, label=None, color=BLUE, start=1):
    """Numbers, one for each step."""
    axis.plot(np.arange(start, start + len(values)), values, color=color, label=label)
    axis.set_title(title)
    axis.set_xlabel(xlabel)


def smooth(values, n):
    """Means of n values each."""
    n = min(n, len(values))
    return np.convolve(values, np.full(n, 1.0 / n), mode="valid")


def against_theano(axis, found, recorded, title, scale=1.0):
    """A curve, and as dots what Theano had there."""
    line(axis, scale * np.array(found), title, "epoch", label="tx")
    every = max(1, len(recorded) // 14)
    epochs = np.arange(1, len(recorded) + 1)[::every]
    axis.plot(epochs, scale * np.array(recorded)[::every], "o", color=ORANGE, markersize=3.5, label="Theano 1.0.5")
    axis.set_ylim(bottom=0)
    axis.legend(loc="upper right")


# The programs that read digits. `saved` finds the arrays that a program has written.


def curves(cost, error, found, theano, what="validation error, %"):
    """The two curves that all these programs have."""
    against_theano(cost, found["costs"], theano["costs"], "training cost")
    against_theano(error, found["validation_errors"], theano["validation_errors"], what, 100)


def with_filters(n, columns, title):
    """A picture of the n strongest filters and the curves."""

    def draw(name, found, theano, saved):
        figure, axes = panels(1.1, 1, 1)
        filters = saved(name + "_filters")
        shown = filters if n >= len(filters) else strongest(filters, n)
        tiles(axes[0], shown, columns, title)
        curves(axes[1], axes[2], found, theano)
        return figure

    return draw


logistic_regression = with_filters(10, 5, "a filter for each digit")
mlp = with_filters(42, 7, "42 of 200 filters")
dropout = with_filters(42, 7, "42 of 200 filters")
convnet = with_filters(16, 4, "first layer, 3 by 3")


def only_curves(name, found, theano, saved):
    figure, axes = panels(1, 1)
    curves(axes[0], axes[1], found, theano)
    return figure


rnn = lstm = gru = only_curves


def rbm(name, found, theano, saved):
    figure, axes = panels(1.05, 1.35, 1)
    tiles(axes[0], strongest(saved("rbm_filters"), 49), 7, "filters")
    tiles(axes[1], saved("rbm_fantasies")[:70], 10, "ten chains, every 100 steps")
    against_theano(axes[2], found["validation_errors"], theano["validation_errors"], "pixels that differ, %", 100)
    return figure


# The smaller models


def matrix_factorization(name, found, theano, saved):
    figure, axis = panels(1)
    line(axis, found["costs"], "squared error of minibatches of ratings", "step", color=QUIET)
    mean = smooth(found["costs"], 20)
    line(axis, mean, axis.get_title(loc="left"), "step", "mean of 20", start=10)
    axis.plot(len(found["costs"]), found["rmse"] ** 2, "o", color=ORANGE, label="ratings that were kept back")
    axis.axhline(0.01, color=QUIET, linestyle=":", label="the noise in the ratings")
    axis.set_yscale("log")
    axis.legend()
    return figure


def skip_gram(name, found, theano, saved):
    figure, axes = panels(1, 1)
    vectors = np.array(found["vectors"])
    centred = vectors - vectors.mean(axis=0)
    plane = np.dot(centred, np.linalg.svd(centred)[2][:2].T)
    for topic, color in enumerate([BLUE, ORANGE, GREEN]):
        x, y = plane[8 * topic : 8 * topic + 8].T
        axes[0].plot(x, y, "o", color=color, markersize=5, alpha=0.8, label="topic %d" % (topic + 1))
    axes[0].set_title("24 words, in the plane where they differ most")
    axes[0].set_xticks([])
    axes[0].set_yticks([])
    axes[0].margins(0.12)
    axes[0].legend()
    axes[1].imshow(np.dot(vectors, vectors.T), cmap="gray", vmin=-1, vmax=1)
    axes[1].set_title("cosines (white: 1, black: -1)")
    axes[1].set_xlabel("words, by topic")
    axes[1].set_xticks([])
    axes[1].set_yticks([])
    return figure


def hmc(name, found, theano, saved):
    figure, axes = panels(1.3, 1)
    mean, deviation = np.array([1.0, -2.0]), np.array([[1.0, 0.0], [0.6, 0.8]])
    angle = np.linspace(0, 2 * np.pi, 200)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    trace = np.array(found["trace"])
    axes[0].plot(trace[:, 0], trace[:, 1], ".", color=BLUE, markersize=3, alpha=0.5, label="draws of a chain")
    axes[0].plot(trace[:12, 0], trace[:12, 1], "-", color=ORANGE, linewidth=0.9, label="its first dozen")
    for radius in (1, 2, 3):
        x, y = mean[:, None] + radius * np.dot(deviation, circle)
        axes[0].plot(x, y, color="#666666", linewidth=0.8, label="the density" if radius == 1 else None)
    axes[0].set_title("two of the three coordinates")
    axes[0].set_aspect("equal", adjustable="datalim")
    axes[0].legend(loc="upper left", handlelength=1)
    line(axes[1], smooth(found["rates"], 10), "accepted proposals (mean of 10)", "draw", start=5)
    axes[1].set_ylim(0.5, 1)
    return figure


def vae(name, found, theano, saved):
    figure, axes = panels(1.2, 1)
    samples = np.reshape(found["samples"], (-1, 6, 6))
    tiles(axes[0], samples[:15], 5, "decoded from draws of the prior", gap="#a9c3dc")
    line(axes[1], found["bounds"], "bound, nats", "epoch", "bound")
    line(axes[1], found["divergences"], "nats", "epoch", "of it: divergence from the prior", ORANGE)
    axes[1].set_ylim(bottom=0)
    axes[1].legend()
    return figure


def tied_autoencoder(name, found, theano, saved):
    figure, axes = panels(1, 1.5)
    tiles(axes[0], np.reshape(found["filters"], (-1, 5, 5)), 4, "filters of the first layer")
    stages = [("layer0", "first layer", BLUE), ("layer1", "second layer", ORANGE), ("tuning", "both, tuned", GREEN)]
    for key, label, color in stages:
        line(axes[1], np.array(found[key]) / found[key][0], "cost, over that of the first epoch", "epoch", label, color)
    axes[1].legend()
    return figure


def hessian_free(name, found, theano, saved):
    figure, axis = panels(1)
    # A gradient, ten products of conjugate gradients, one for the residual, one for what a step promises.
    passes = 13 * np.arange(len(found["costs"]))
    axis.plot(passes, found["costs"], "o-", color=BLUE, markersize=3, label="Hessian-free: a dot is a step")
    axis.plot(found["descent"], color=ORANGE, label="gradient descent")
    axis.set_title("training cost")
    axis.set_xlabel("gradients, and products with the Gauss-Newton matrix")
    axis.set_yscale("log")
    axis.legend()
    return figure


def neural_turing(name, found, theano, saved):
    figure, axes = panels(1.7, 1, 1, 1)
    line(axes[0], smooth(found["costs"], 50), "cost (mean of 50)", "step", start=25)
    axes[0].set_ylim(bottom=0)
    for axis, key, title in [(axes[1], "written", "written"), (axes[2], "read", "read")]:
        axis.imshow(np.array(found[key]).T, cmap="gray_r", vmin=0, vmax=1)
        axis.set_title(title)
        axis.set_xlabel("time")
        axis.set_ylabel("row of memory" if key == "written" else "")
        axis.set_xticks([])
        axis.set_yticks([])
    gap = np.full((1, len(found["wanted"][0])), 0.25)
    axes[3].imshow(np.concatenate([found["wanted"], gap, found["answered"]]).T, cmap="gray_r", vmin=0, vmax=1)
    axes[3].set_title("wanted | answered")
    axes[3].set_xlabel("time")
    axes[3].set_ylabel("bit")
    axes[3].set_xticks([])
    axes[3].set_yticks([])
    return figure


def crf(name, found, theano, saved):
    figure, axes = panels(1, 1, 1)
    tags, decoded = np.array(found["tags"]), np.array(found["decoded"])
    colors = matplotlib.colors.ListedColormap(["#dfe7ef", "#a9c3dc", "#6792bd", "#2c5680"])
    for axis, shown, title in [(axes[0], tags, "tags of new sequences"), (axes[1], decoded, "decoded (dots: wrong)")]:
        axis.imshow(shown, cmap=colors, aspect="auto", interpolation="nearest")
        axis.set_title(title)
        axis.set_xlabel("place in the sequence")
        axis.set_xticks([])
        axis.set_yticks([])
    rows, columns = np.nonzero(tags != decoded)
    axes[1].plot(columns, rows, ".", color=ORANGE, markersize=4)
    line(axes[2], found["costs"], "cost of a sequence", "epoch")
    return figure


def policy_gradient(name, found, theano, saved):
    figure, axes = panels(1.5, 1)
    line(axes[0], smooth(found["totals"], 50), "sum of rewards (mean of 50 walks)", "walk", start=25)
    axes[0].axhline(0.9, color=QUIET, linestyle=":", label="the shortest way")
    axes[0].legend(loc="lower right")
    for place, moves in enumerate(np.array(found["moves"])):
        row, column = divmod(place, 4)
        if (row, column) in ((3, 3), (1, 2)):
            axes[1].text(column, row, "goal" if row == 3 else "pit", ha="center", va="center", fontweight="bold")
            continue
        for probability, (down, right) in zip(moves, [(-1, 0), (1, 0), (0, -1), (0, 1)]):
            style = {"arrowstyle": "-|>", "color": BLUE, "alpha": float(probability), "shrinkA": 0, "shrinkB": 0}
            end = (column + 0.45 * right, row + 0.45 * down)
            axes[1].annotate("", end, (column, row), arrowprops=style)
    axes[1].set_title("what it does at each place")
    axes[1].set_xlim(-0.5, 3.5)
    axes[1].set_ylim(3.5, -0.5)
    axes[1].set_xticks(np.arange(0.5, 3), minor=True)
    axes[1].set_yticks(np.arange(0.5, 3), minor=True)
    axes[1].grid(which="minor", color="#dddddd")
    axes[1].tick_params(which="both", length=0, labelbottom=False, labelleft=False)
    axes[1].set_aspect("equal")
    return figure


def gaussian_process(name, found, theano, saved):
    figure, axes = panels(1.6, 1)
    mean, deviation = np.array(found["mean"]), np.sqrt(found["variance"])
    x = np.linspace(-3.5, 3.5, len(mean))
    axes[0].fill_between(x, mean - 2 * deviation, mean + 2 * deviation, color=BLUE, alpha=0.2, linewidth=0)
    axes[0].plot(x, mean, color=BLUE, label="mean and 2 deviations")
    axes[0].plot(x, np.sin(2 * x), ":", color="#666666", label="the truth")
    axes[0].plot(found["points"], found["values"], ".", color=ORANGE, label="data")
    axes[0].set_title("the function along its first axis")
    axes[0].set_ylim(-2.5, 3.2)
    axes[0].legend(loc="upper left", ncols=3, columnspacing=1, handlelength=1.4)
    line(axes[1], found["evidence"], "log evidence", "step")
    return figure
