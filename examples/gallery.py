"""Runs the example programs and makes the gallery of them: a picture each, what they print, and how long they take.

    python examples/gallery.py [NAME ...]

draws docs/images/gallery/NAME.png, keeps what was printed in examples/expected.json, and writes docs/gallery.md and the
index in examples/README.md. Without names all programs are run. `--pages` runs none and writes the pages again.
"""

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
EXPECTED = HERE / "expected.json"
CURVES = ROOT / "tests" / "golden" / "curves.json"
PICTURES = ROOT / "docs" / "images" / "gallery"

#: what there is to see in the pictures; pictures.py has a function of each name
DIGITS = {
    "logistic_regression": "A filter for each digit, from 0 to 9.",
    "mlp": "Many filters keep the random numbers that they began with: 200 are more than these digits need.",
    "dropout": "`MRG_RandomStreams` draws the same masks as Theano, so that even these curves are the same.",
    "convnet": "Among the filters of its first layer are edges in several directions.",
    "rnn": "The loop over the rows is a `scan`.",
    "lstm": "Gates, side by side in one matrix, decide what is remembered.",
    "gru": "Two gates instead of three, and no memory apart from the state.",
    "rbm": "Strokes as filters; and what chains dream that start at ten images: each column is a chain.",
}
MODELS = {
    "matrix_factorization": "Each update moves a few rows of large tables, by `set_subtensor`.",
    "skip_gram": "Words of one topic come to lie side by side.",
    "hmc": "The gradient of the density steers the proposals; the ellipses are 1, 2 and 3 deviations.",
    "vae": "It has seen images of one horizontal and one vertical bar, with some noise, and draws new ones.",
    "tied_autoencoder": "What was erased of the input has to be put back; the filters become as smooth as the data.",
    "hessian_free": "`Rop` and `Lop` multiply by the Gauss-Newton matrix without forming it.",
    "neural_turing": "It writes its inputs to rows of the memory one by one, and reads them in this order when asked.",
    "crf": "The forward algorithm trains, Viterbi's decodes: a `scan` each, and one that goes backwards.",
    "policy_gradient": "The likelier a move is, the darker is its arrow.",
    "gaussian_process": "`cholesky` and its gradient fit length scales and noise; the second axis says nothing.",
}
CAPTIONS = dict(DIGITS, **MODELS)
#: what is said of a time, in seconds, that is not more than this
TIMES = [2, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120]


# Running


def run(name):
    """Run the program as users do, draw its picture, and return what it printed last and how long it took."""
    import pictures

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tx", str(HERE / (name + ".py")), "--history", "history.json"]
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        environment = dict(os.environ, PYTHONPATH=path, TX_FLAGS="base_compiledir=" + folder)  # nothing is compiled
        before = os.times()
        done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, check=True, text=True)
        after = os.times()
        # Unlike the time that passes, this does not depend on what else the machine does.
        seconds = sum(getattr(after, key) - getattr(before, key) for key in ("children_user", "children_system"))
        found = json.loads((Path(folder) / "history.json").read_text())
        theano = json.loads(CURVES.read_text()).get(name)
        draw = getattr(pictures, name)

        def saved(array):
            return np.load(Path(folder) / "digits-output" / (array + ".npy"))

        PICTURES.mkdir(parents=True, exist_ok=True)
        with pictures.plt.rc_context(pictures.STYLE):
            pictures.save(draw(name, found, theano, saved), PICTURES / (name + ".png"))
    said = [line for line in done.stdout.splitlines() if not line.startswith(("epoch ", "filters drawn"))]
    return {"seconds": next((t for t in TIMES if seconds <= t), round(seconds)), "output": said}


# Pages


def about(name):
    """The first sentence of the program's docstring."""
    text = ast.get_docstring(ast.parse((HERE / (name + ".py")).read_text(encoding="utf-8")))
    return " ".join(text.split("\n\n")[0].split())


def section(name, expected):
    """A program's part of the gallery."""
    output = [part for line in expected["output"] for part in textwrap.wrap(line, 100, subsequent_indent="    ")]
    lines = [
        f"### {name}",
        "",
        *textwrap.wrap(f"{about(name)} {CAPTIONS[name]}", 120),
        "",
        f"![{name}](images/gallery/{name}.png)",
        "",
        f"`python -m tx examples/{name}.py` takes about {expected['seconds']} seconds and ends with",
        "",
        "```text",
        *output,
        "```",
        "",
    ]
    return "\n".join(lines)


def gallery_page(expected):
    """The text of docs/gallery.md."""
    introduction = (
        "The programs of `examples/` are written for Theano, in the style of 2014, and tx runs them as they are. Every "
        "picture here is drawn by `python examples/gallery.py` from what a program wrote. Times are what a program "
        "computes altogether, from the start of Python, with nothing compiled before; two cores take a little less."
    )
    digits = (
        "These train on the 1797 digits that scikit-learn ships. Lines are what tx learns, dots what real Theano does: "
        "the same program, run by Theano 1.0.5 and recorded."
    )
    models = "These train on numbers that they make up."
    lines = ["<!-- written by examples/gallery.py -->", "# Gallery", "", *textwrap.wrap(introduction, 120), ""]
    for title, text, names in [("Digits", digits, DIGITS), ("Smaller models", models, MODELS)]:
        lines += [f"## {title}", "", *textwrap.wrap(text, 120), ""]
        lines += [section(name, expected[name]) for name in names]
    return "\n".join(lines)


def index(expected):
    """The table of examples/README.md."""
    rows = ["| picture | program | time |", "| --- | --- | --- |"]
    for name in CAPTIONS:
        picture = f"![{name}](../docs/images/gallery/{name}.png)"
        text = f"[`{name}.py`]({name}.py): {about(name)} `{expected[name]['output'][-1]}`"
        rows.append(f"| {picture} | {text} | {expected[name]['seconds']} s |")
    return "\n".join(rows)


def readme(expected):
    """The text of examples/README.md, with a new index."""
    text = (HERE / "README.md").read_text(encoding="utf-8")
    start, end = "<!-- index: written by gallery.py -->\n", "\n<!-- end of the index -->"
    return re.sub(f"(?<={start}).*?(?={end})", lambda match: index(expected), text, flags=re.DOTALL)


def pages():
    """The pages of the gallery, and what should stand in them."""
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    return {ROOT / "docs" / "gallery.md": gallery_page(expected), HERE / "README.md": readme(expected)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="programs; all, if there are none")
    parser.add_argument("--pages", action="store_true", help="write only the pages")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(CAPTIONS))
    if unknown:
        parser.error("no such program: " + ", ".join(unknown))
    if not options.pages:
        expected = json.loads(EXPECTED.read_text(encoding="utf-8")) if EXPECTED.exists() else {}
        for name in CAPTIONS:
            if not options.names or name in options.names:
                print(name)
                expected[name] = run(name)
        EXPECTED.write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
