"""``python -m tx SCRIPT.py [ARGS]``: run a Theano program as it is."""

from __future__ import annotations

import argparse
import platform
import sys
from importlib import metadata

from tx.configuration import config, parse_flags
from tx.version import __version__


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tx", description="Run a program written for Theano on tx, as it is."
    )
    parser.add_argument("-m", dest="module", metavar="MODULE", help="run a module instead of a script")
    parser.add_argument("--info", action="store_true", help="print versions, devices, flags and the cache folder")
    parser.add_argument("--compatibility", choices=["documented", "1.0"], help="set the flag of that name")
    parser.add_argument("--flags", default="", help="flags, as in TX_FLAGS: a=1,b=2")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="SCRIPT.py [ARGS]")
    return parser


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def info() -> str:
    """Versions, devices, flags that differ from their defaults, and the cache folder, a line each."""
    from tx.lowering.device import describe

    lines = [f"tx {__version__}", f"Python {platform.python_version()}"]
    lines += [f"{name} {_version(name)}" for name in ("numpy", "scipy", "jax", "jaxlib")]
    lines.append(f"devices: {describe()}")
    changed = ", ".join(f"{name}={value}" for name, value in config.changed().items())
    lines.append(f"flags: {changed or 'all at their defaults'}")
    lines.append(f"cache folder: {config.base_compiledir}")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> None:
    """Parse the command line and run what it names."""
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        for name, value in parse_flags(options.flags).items():
            config.set(name, value)
    except (AttributeError, ValueError) as error:
        parser.error(f"--flags: {error}")
    if options.compatibility:
        config.compatibility = options.compatibility
    if options.info:
        print(info())
        return
    from tx.legacy import script

    if options.module:
        script.run_module(options.module, options.rest)
    elif options.rest:
        script.run_path(options.rest[0], options.rest[1:])
    else:
        parser.print_help()
        sys.exit(2)


if __name__ == "__main__":
    main()
