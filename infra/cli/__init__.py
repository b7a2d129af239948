"""The `concierge` command. One file a command, imported only when it is called, so that --help is quick."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import typer
from typer._click.exceptions import NoArgsIsHelpError, UsageError  # typer has no public name for them
from typer.core import TyperCommand, TyperGroup

from infra.runtime.problems import Problem

# name -> (module:function, the line that `concierge --help` shows)
COMMANDS = {
    "up": ("infra.cli.up:up", "Start everything here and show where it is."),
    "run": ("infra.cli.run:run", "Run one part in this process."),
    "doctor": ("infra.cli.doctor:doctor", "Check each part and say how to mend it."),
    "token": ("infra.cli.token:token", "Make a token for a role, property and time."),
    "config": ("infra.cli.config:config", "Show every setting, its value and its source."),
    "topics": ("infra.cli.topics:topics", "List or check the topics."),
    "tail": ("infra.cli.tail:tail", "Show a topic's records, decoded."),
    "simulate": ("infra.cli.simulate:simulate", "Bring believable hotels to life."),
    "import": ("infra.cli.import_:app", "Import files of other systems."),
    "verify": ("infra.cli.verify:verify", "Compare tables and live values with the log."),
    "rebuild": ("infra.cli.rebuild:rebuild", "Make tables anew from the log."),
    "dead": ("infra.cli.dead:app", "List, show, replay or drop dead letters."),
    "bench": ("infra.cli.bench:bench", "Measure the product beside its bare engines."),
    "migrate": ("infra.cli.migrate:migrate", "Bring the warehouse's tables up to date."),
}


class Lazy(TyperGroup):
    """Knows every command's name and help; imports a command's module only to run it."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name][1]) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] in COMMANDS:
            return args[0], load(args[0]), args[1:]
        return super().resolve_command(ctx, args)


def load(name: str) -> Any:
    """The command, its module imported now: a function, or a typer.Typer with commands of its own."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(importlib.import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        alone.command(name)(found)
        found = alone
    return typer.main.get_command(found)


# Plain tracebacks: rich ones would print the local variables, secrets among them.
app = typer.Typer(
    cls=Lazy,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def concierge() -> None:
    """The real-time nervous system of a hotel group. Example: concierge up"""


def sentence(wrong: UsageError) -> str:
    """What is wrong with the arguments and where to read on; the whole help where there were none."""
    if isinstance(wrong, NoArgsIsHelpError) or wrong.ctx is None:
        return wrong.format_message()
    what = " ".join(wrong.format_message().split()).rstrip(".")
    return f"{what}: see `{wrong.ctx.command_path} --help`."


def main() -> None:
    """Entry point. A Problem is one sentence on stderr and exit code 1; a bad argument one with 2."""
    try:
        code = app(prog_name="concierge", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except UsageError as wrong:
        print(sentence(wrong), file=sys.stderr, flush=True)
        sys.exit(wrong.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    except Problem as problem:
        print(problem, file=sys.stderr, flush=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
