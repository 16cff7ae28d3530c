"""Find the sub-commands, run one, and turn whatever happens into an exit code."""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from connectome_graph.cli import _public as public
from connectome_graph.cli._commands import MADE
from connectome_graph.errors import ConnectomeError

__all__ = ["application", "run"]

# A newcomer's order; the others follow by name.
_FIRST = ("demo", "build", "info", "describe", "export")

# What a group runs when a graph stands where a name could.
_DEFAULTS = {"stats": "summary", "motifs": "census"}

# What typer raises for a wrong command line; its home has moved between typer's versions.
_UsageError: type[Exception] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)

# What the library advises in Python, and what does the same on the command line.
_ADVICE = (
    (r"columns=\{'pre': 0, 'post': 1\}", "--map pre=0 --map post=1"),
    (r"(neuron_)?columns=\{'(\w+)': None\}", r"--\1map \2="),
    (r"(neuron_)?columns=\{'(\w+)': ('?)([^'}]*)\3\}", r"--\1map \2=\4"),
    (r"--neuron_map", "--neuron-map"),
    (r"(neuron_)?csv=\{'(\w+)': '?([^'}]*)'?\}", r"--\1text \2=\3"),
    (r"--neuron_text", "--neuron-text"),
    (r"neuron_resolution_nm=\((\d+), (\d+), (\d+)\)", r"--neuron-resolution \1,\2,\3"),
    (r"resolution_nm=\((\d+), (\d+), (\d+)\)", r"--resolution \1,\2,\3"),
    (r"invalid_neurons='(\w+)'", r"--invalid-neurons \1"),
    (r"\b(unknown|autapses|zero)='(\w+)'(?! is not)", r"--\1 \2"),
    (r"give neurons=,", "give --neurons,"),
    (
        r"\b(units|errors|disconnected|missing_soma|duplicate_edges)='(\w+)'",
        lambda found: f"--{found[1].replace('_', '-')} {found[2]}",
    ),
    (r"\bwithin_um=", "--within-um"),
    (r"\boverwrite=True", "--overwrite"),
    (r"\bconnections='([^']+)'", r"--connections '\1'"),
    (r"\b(connections|kind)=(?=[ ,:.;]|$)", r"--\1"),
)


def application(arguments: Sequence[str] = ()) -> typer.Typer:
    """Return the command with every sub-command of this folder.

    Parameters
    ----------
    arguments
        What was typed: commands made from public functions are made where they are asked for.
    """
    app = typer.Typer(
        name="connectome-graph",
        help="Synapse tables to connectome graphs, and network science on what could be seen.",
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    modules = _modules()
    asked = arguments[0] if arguments and arguments[0] in modules else None
    for name in modules if asked is None else [asked]:
        module = importlib.import_module(f"connectome_graph.cli.{modules[name]}")
        if hasattr(module, "commands"):
            if asked is not None or name == modules[name]:
                module.commands(app, asked)
        elif asked is None:
            app.command(name, help=_help(module, name))(_nothing)
        elif hasattr(module, "app"):
            if hasattr(module, "fill"):
                written = module.app.registered_commands
                written[:] = [each for each in written if each.callback.__module__ != MADE]
                module.fill(arguments)
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, name))
    return app


def _modules() -> dict[str, str]:
    """Return the commands and the files of this folder that hold them, in a newcomer's order."""
    folder = importlib.import_module("connectome_graph.cli").__path__
    names = sorted(each.name for each in pkgutil.iter_modules(folder) if each.name[0] != "_")
    order = sorted(names, key=lambda name: (*(name != first for first in _FIRST), name))
    found: dict[str, str] = {}
    for name in order:
        found[name] = name
        if name == "compare":
            found |= {"compare-graphs": name, "sweep": name}
    return found


def _help(module: ModuleType, name: str) -> str:
    """Return the one line about a command or a group."""
    group = getattr(module, "app", None)
    text = group.info.help if group is not None else getattr(module, name).__doc__
    return str(text or "").split("\n\n", maxsplit=1)[0]


def _nothing() -> None:
    """Stand for a command that was not asked for."""


def _meant(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the name of the command that a graph alone stands for.

    Examples
    --------
    >>> _meant(["stats", "worm.connectome"])
    ['stats', 'summary', 'worm.connectome']
    >>> _meant(["stats", "density", "worm.connectome"])
    ['stats', 'density', 'worm.connectome']
    """
    words = list(arguments)
    if len(words) > 1 and words[0] in _DEFAULTS and words[1] not in ("-h", "--help"):
        first = words[1]
        known = {*public.names(words[0]), _DEFAULTS[words[0]]}
        if first.replace("-", "_") not in known and (
            first.startswith("-") or "." in first or "/" in first or Path(first).exists()
        ):
            words.insert(1, _DEFAULTS[words[0]])
    return words


def _completing() -> list[str]:
    """Return what was typed so far when the shell asks for completions."""
    words = os.environ.get("_TYPER_COMPLETE_ARGS", os.environ.get("COMP_WORDS", "")).split()
    return words[1:]


def _print_version(wanted: bool) -> None:
    if wanted:
        import importlib.metadata

        try:
            version = importlib.metadata.version("connectome-graph")
        except importlib.metadata.PackageNotFoundError:
            version = "unknown (it runs from its source and is not installed)"
        print(f"connectome-graph {version}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    del version


def run(arguments: list[str]) -> int:
    """Run the command line `arguments` and return the exit code.

    0 when all went well, 2 for bad input and places that cannot be written (with one line on
    stderr), 1 for a defect of the library, 130 after Ctrl-C, 143 when asked to end.
    """
    words = _meant(arguments)
    try:
        with _ending_on_sigterm():
            code = application(words or _completing())(
                words, prog_name="connectome-graph", standalone_mode=False
            )
            # A reader that went away shows only when the rest is flushed.
            sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except typer.Exit as end:
        return end.exit_code
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):
            return 0
        return end.code if isinstance(end.code, int) else 1
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted; files that were being written are as before", code=130)
    except BrokenPipeError:
        # The reader of our output, such as head, has what it wanted.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - a command never ends in a traceback
        return _told(error)


def _told(error: Exception) -> int:
    """Print one line about an error and return the exit code."""
    if isinstance(error, _UsageError):
        message = str(getattr(error, "format_message", lambda: error)())
        if message.startswith("Usage:"):  # a group that was named without a command
            print(message)
            return 0
        return _fail(f"{message.rstrip('.')}; see connectome-graph --help")
    if isinstance(error, ConnectomeError | OSError):
        return _fail(_as_options(str(error)))
    if isinstance(error, MemoryError):
        return _fail("the memory of this machine is used up; take fewer synapses at a time")
    if os.environ.get("CONNECTOME_GRAPH_DEBUG"):
        raise error
    return _fail(
        f"a defect of connectome-graph ({type(error).__name__}: {error}); please report it, with "
        "what CONNECTOME_GRAPH_DEBUG=1 shows",
        code=1,
    )


def _as_options(message: str) -> str:
    """Return advice in Python arguments as advice in options.

    Examples
    --------
    >>> _as_options("pass unknown='drop', or columns={'position': None}")
    'pass --unknown drop, or --map position='
    """
    for pattern, option in _ADVICE:
        message = re.sub(pattern, option, message)
    return message


def _fail(message: str, *, code: int = 2) -> int:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    return code


@contextlib.contextmanager
def _ending_on_sigterm() -> Iterator[None]:
    """Let ``kill`` unwind like Ctrl-C does, so that temporary files are removed."""

    def end(number: int, _: object) -> None:
        sys.exit(128 + number)

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # not the main thread, which alone may set handlers
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
