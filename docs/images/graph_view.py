"""Makes graph_view.png, beside this file: what `d3viz` shows of a recurrent network, its loop opened.

Needs Chromium: python docs/images/graph_view.py [the browser's command]
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import tx
import tx.tensor as T
from tx.printing import d3viz

HERE = Path(__file__).resolve().parent


def network():
    """The cost of a recurrent network, and its last state."""
    w, u, b = (tx.shared(np.zeros(shape), name) for name, shape in (("w", (3, 4)), ("u", (4, 4)), ("b", 4)))
    x, y, h0 = T.dmatrix("x"), T.lvector("y"), T.dvector("h0")
    h, _ = tx.scan(lambda v, h: T.tanh(T.dot(v, w) + T.dot(h, u) + b), x, h0, name="rnn")
    cost = -T.log(T.nnet.softmax(h))[T.arange(y.shape[0]), y].mean()
    cost.name = "cost"
    return [cost, h[-1]]


def main(browser="chromium"):
    """Write the page, and let the browser take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "graph.html"
        d3viz(network(), page)
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1200,900"]
        picture = HERE / "graph_view.png"
        subprocess.run([browser, *options, f"--screenshot={picture}", f"{page.as_uri()}#open"], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
