"""What all example programs share: a command line, progress, an end at Ctrl-C, files that are never half written."""

import argparse
import json
import os
import signal
import sys
import tempfile

try:
    from tqdm import tqdm
except ImportError:  # it comes with the extra `examples`; without it there are only lines
    tqdm = None

HELP = {
    "batch_size": "examples in a minibatch",
    "episodes": "walks through the world",
    "epochs": "passes over the training set",
    "k": "steps of a chain for each update",
    "learning_rate": "how far an update goes along the gradient",
    "n_samples": "draws from each chain",
    "output_dir": "folder for the best model, what was learnt, and pictures of it",
    "patience": "epochs without a better validation error before training ends",
    "persistent": "1: chains go on where they ended; 0: they start at the data",
    "places": "number of places where predictions are made",
    "reach": "how far from the middle the last of them is",
    "seed": "of all random numbers",
    "steps": "updates of the parameters",
}
CTRL_C = (
    "Ctrl-C ends training after the epoch or step that is running: %s, and the exit code is 130. A second Ctrl-C ends "
    "the program at once."
)
INTERRUPTED = 130


class CtrlC(object):
    """The first Ctrl-C makes the loops of `steps` end, the second one interrupts as usual."""

    pressed = False

    def __enter__(self):
        self.pressed = False
        self.before = signal.signal(signal.SIGINT, self.press)

    def __exit__(self, *error):
        signal.signal(signal.SIGINT, self.before)
        self.pressed = False

    def press(self, number, frame):
        self.pressed = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # Not by print: that may be what was interrupted.
        os.write(2, b"\nstopping after this step; once more Ctrl-C stops at once\n")


ctrl_c = CtrlC()


def steps(n):
    """0, 1, ..., n - 1, with a bar on terminals where tqdm is installed; after Ctrl-C no more come. The first always
    comes, so that there is something to report."""
    bar = None if tqdm is None else tqdm(total=n, disable=None, leave=False)
    try:
        for i in range(n):
            yield i
            if bar is not None:
                bar.update()
            if ctrl_c.pressed:
                return
    finally:
        if bar is not None:
            bar.close()


def say(text):
    """Print a line; a bar of progress stays below it."""
    print(text) if tqdm is None else tqdm.write(text)


def make_folder(path):
    """Make a folder where there is none."""
    if not os.path.isdir(path):
        os.makedirs(path)


def write(path, data):
    """Write bytes to a file, all of them or none: an older file is there until the new one is complete."""
    part = path + ".part"
    try:
        with open(part, "wb") as f:
            f.write(data)
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.remove(part)


def check_writable(parser, option, folder):
    """End the program before it has computed for an hour what it cannot write."""
    try:
        make_folder(folder)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        parser.error("%s: cannot write to the folder %s: %s" % (option, folder, error.strerror))


def parse(description, defaults):
    """The command line: an option for each default. Returns the arguments of the program, and where to write what
    it returns, or None."""
    kept = (
        "the best model so far is in the output folder" if "output_dir" in defaults else "what was learnt is reported"
    )
    parser = argparse.ArgumentParser(description=description, epilog=CTRL_C % kept)
    for name, value in defaults.items():
        meaning = HELP[name.replace("n_epochs", "epochs")] + " (%(default)s)"
        option = "--" + name.replace("n_epochs", "epochs").replace("_", "-")
        metavar = "DIR" if isinstance(value, str) else "N"
        parser.add_argument(option, dest=name, type=type(value), default=value, metavar=metavar, help=meaning)
    parser.add_argument("--history", metavar="FILE", help="write what was measured on the way to this file, as JSON")
    options = vars(parser.parse_args())
    history = options.pop("history")
    if "output_dir" in options:
        check_writable(parser, "--output-dir", options["output_dir"])
    if history:
        check_writable(parser, "--history", os.path.dirname(history) or ".")
        if os.path.isdir(history):
            parser.error("--history: %s is a folder" % history)
    return options, history


def main(description, run, defaults, report):
    """Call `run` with the defaults, or what the command line has instead, and let `report` print what it returns."""
    options, history = parse(description, defaults)
    try:
        with ctrl_c:
            result = run(**options)
            if ctrl_c.pressed:
                say("stopped by Ctrl-C; this was learnt until then:")
            if history:
                told = dict((k, v) for k, v in result.items() if k != "train_model")
                write(history, json.dumps(told).encode("ascii"))
            report(result)
            if ctrl_c.pressed:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except OSError as error:
        sys.exit("%s: error: %s" % (os.path.basename(sys.argv[0]), error))
