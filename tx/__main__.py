"""``python -m tx SCRIPT.py [ARGS]``: run a Theano program as it is. ``python -m tx cache``: the kept executables."""

from __future__ import annotations

import argparse
import platform
import sys
from importlib import metadata

from tx.configuration import config, parse_flags
from tx.version import __version__


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tx",
        usage="%(prog)s [options] (SCRIPT.py | -m MODULE) [ARGS]\n       %(prog)s [options] cache [info | clear]\n"
        "       %(prog)s [options] --info",
        description="Run a program written for Theano on tx, as it is.",
        epilog="cache info: where compiled executables are kept, how many, and their size. cache clear: delete them. "
        "A script of that name is run as ./cache.",
    )
    parser.add_argument("-m", dest="module", metavar="MODULE", help="run a module instead of a script")
    parser.add_argument("--info", action="store_true", help="print versions, devices, flags and the cache, and end")
    parser.add_argument("--compatibility", choices=["documented", "1.0"], help="set the flag of that name")
    parser.add_argument("--flags", default="", help="flags, as in TX_FLAGS: a=1,b=2")
    parser.add_argument(
        "--mesh", metavar="AXIS=N[,AXIS=N]", help="run on several devices: minibatches are divided along the first axis"
    )
    parser.add_argument("--version", action="version", version=f"tx {__version__}")
    parser.add_argument("script", nargs="?", metavar="SCRIPT.py [ARGS]", help="the program to run")
    return parser


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """Our own words, up to the program's name, and the program's arguments, which may look like options of ours."""
    for i, word in enumerate(argv):
        valued = i > 0 and argv[i - 1] in ("-m", "--compatibility", "--flags", "--mesh")
        if (valued and argv[i - 1] == "-m") or (not valued and not word.startswith("-")):
            return argv[: i + 1], argv[i + 1 :]
    return argv, []


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def info() -> str:
    """Versions, devices, flags that differ from their defaults, and the cache folder, a line each."""
    from tx.lowering import devices
    from tx.lowering.device import describe

    lines = [f"tx {__version__}", f"Python {platform.python_version()}"]
    lines += [f"{name} {_version(name)}" for name in ("numpy", "scipy", "jax", "jaxlib")]
    lines.append(f"devices: {describe()}; functions run on {devices.default()}")
    changed = ", ".join(f"{name}={value}" for name, value in config.changed().items())
    lines.append(f"flags: {changed or 'all at their defaults'}")
    return "\n".join([*lines, cache_info()])


def cache_info() -> str:
    """The compile cache in one line."""
    from tx.lowering import cache

    found = cache.info()
    size = found["bytes"] / 1e6
    return f"cache: {found['executables']} executables, {size:.1f} MB, in {found['folder']}"


def manage_cache(arguments: list[str]) -> str:
    """What ``cache [info|clear]`` prints. Raises ValueError for other words."""
    from tx.lowering import cache

    if arguments in ([], ["info"]):
        return cache_info()
    if arguments == ["clear"]:
        return f"{cache.clear()} executables deleted from {cache.info()['folder']}"
    raise ValueError(f"cache takes info or clear, not {' '.join(arguments)}")


def _use_mesh(parser: argparse.ArgumentParser, text: str) -> None:
    from tx.compile.sharding import parse_mesh
    from tx.sharding import use_everywhere

    try:
        use_everywhere(parse_mesh(text))
    except ValueError as error:
        parser.error(f"--mesh: {error}")


def main(argv: list[str] | None = None) -> None:
    """Parse the command line and run what it names."""
    parser = _parser()
    own, arguments = _split(sys.argv[1:] if argv is None else argv)
    options = parser.parse_args(own)
    try:
        for name, value in parse_flags(options.flags).items():
            config.set(name, value)
    except (AttributeError, ValueError) as error:
        parser.error(f"--flags: {error}")
    if options.compatibility:
        config.compatibility = options.compatibility
    if options.mesh:
        _use_mesh(parser, options.mesh)
    if options.info:
        print(info())
        return
    if options.script == "cache":
        try:
            print(manage_cache(arguments))
        except ValueError as error:
            parser.error(str(error))
        return
    from tx.legacy import script

    if options.module:
        script.run_module(options.module, arguments)
    elif options.script:
        script.run_path(options.script, arguments)
    else:
        parser.print_help()
        sys.exit(2)


if __name__ == "__main__":
    main()
