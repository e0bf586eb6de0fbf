"""All commands under one roof; each is imported only when it runs, so that ``--help`` is quick."""

import errno
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from hrm_probe.cli import data
from hrm_probe.cli.asking import ask_command
from hrm_probe.cli.bench import bench_command
from hrm_probe.cli.comparing import compare_command
from hrm_probe.cli.demo import demo_command
from hrm_probe.cli.evaluating import evaluate_command
from hrm_probe.cli.importing import import_command
from hrm_probe.cli.options import INTERRUPTED
from hrm_probe.cli.recipes import recipes_command
from hrm_probe.cli.record import record_command
from hrm_probe.cli.report import figures_command, report_command
from hrm_probe.cli.short_of_memory import memory_sentence
from hrm_probe.cli.solving import solve_command
from hrm_probe.cli.train import train
from hrm_probe.errors import InputError

UsageError: Any = typer.BadParameter.__base__  # of every wrong option; Typer gives it no public name
BAD_INPUT = 2
PACKAGE = Path(__file__).parents[1]
FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)

app = typer.Typer(
    help="Train recursive reasoning models (HRM, TRM), record every latent state, ask if they reason or guess.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> NoReturn:
    """Run the command line; bad input ends it with one sentence on stderr and status 2."""
    with _one_voice(), _remarks_in_plain_words():
        sys.exit(_status_of(sys.argv[1:]))


def _status_of(arguments: list[str]) -> int:
    try:
        _run(arguments)
        if sys.stdout is not None:  # as where a shell closed it
            sys.stdout.flush()
    except typer.Exit as end:
        return end.exit_code
    except InputError as error:
        return _end(str(error), BAD_INPUT)
    except UsageError as error:
        return _end(_usage_sentence(error), BAD_INPUT)
    except KeyboardInterrupt:
        return _end("interrupted.", INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone; say nothing more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _end(_file_sentence(error), BAD_INPUT)
    except (MemoryError, RuntimeError) as error:
        if (sentence := memory_sentence(error)) is None:
            raise
        return _end(sentence, BAD_INPUT)
    return 0


def _run(arguments: list[str]) -> None:
    """Do what ``app()`` does, but leave exceptions alone: Typer would draw boxes, and silence Ctrl-C."""
    command = typer.main.get_command(app)
    with command.make_context("hrm-probe", arguments) as context:
        command.invoke(context)


def _end(sentence: str, status: int) -> int:
    if sentence:
        print(f"hrm-probe: {sentence}", file=sys.stderr)
    return status


def _usage_sentence(error: Any) -> str:
    """What is wrong with an option or argument; nothing if help was wanted, which is printed already."""
    message = " ".join(error.format_message().split()).rstrip(".")
    command = error.ctx.command_path if error.ctx else "hrm-probe"
    return message and f"{message}; see {command} --help."


def _file_sentence(error: OSError) -> str:
    file = error.filename2 or error.filename
    remedy = "; make room, or name another place" if error.errno in FULL else ""
    if file is None:
        return f"{error.strerror or error}{remedy}."
    return f"{file} cannot be read or written: {error.strerror}{remedy}."


@contextmanager
def _one_voice() -> Iterator[None]:
    """Of processes that ``torchrun`` started together the first alone is heard; errors that end one still are."""
    if os.environ.get("RANK", "0") == "0" or "MASTER_ADDR" not in os.environ:
        yield
        return
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        yield


@contextmanager
def _remarks_in_plain_words() -> Iterator[None]:
    """Our own warnings are sentences on stderr, without the place in the code that Python would show."""
    with warnings.catch_warnings():
        usual = warnings.showwarning

        def show(message: Any, category: type[Warning], filename: str, *place: Any, **more: Any) -> None:
            if Path(filename).is_relative_to(PACKAGE) and category is UserWarning:
                print(f"hrm-probe: {message}", file=sys.stderr)
            else:
                usual(message, category, filename, *place, **more)

        warnings.showwarning = show
        yield


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        import hrm_probe

        print(f"hrm-probe {hrm_probe.__version__}")
        raise typer.Exit


app.command("demo")(demo_command)
app.command("train")(train)
app.command("recipes")(recipes_command)
app.command("solve")(solve_command)
app.command("evaluate")(evaluate_command)
app.command("ask")(ask_command)
app.command("compare")(compare_command)
app.command("record")(record_command)
app.command("report")(report_command)
app.command("figures")(figures_command)
app.command("bench")(bench_command)
app.command("import")(import_command)
app.add_typer(data.app, name="data")
