"""The ``estafet`` command. Commands are imported when they are asked for, so the light install needs no service."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import click

from estafet.cli.failure import Failure, of_database
from estafet.client import Problem, TimedOut
from estafet.settings import SettingError

#: Each command, where it is, and what it is for; in the order in which help lists them.
COMMANDS = {
    "up": ("serve", "Migrate, load the city, and serve everything on this machine."),
    "serve": ("serve", "Serve all services, or those named."),
    "migrate": ("serve", "Bring the services' databases to this version."),
    "city": ("city", "Check or load a city's offices, services and policy."),
    "token": ("token", "Issue, revoke or list the tokens that offices and apps act with."),
    "account": ("account", "Let people sign in at a desk; end that."),
    "queues": ("queues", "Show what waits: in the queues, in the outboxes, deferred, dead."),
    "trace": ("trace", "Show where a message is, or the messages about a report."),
    "deferred": ("deferred", "Look at messages that could not be handled; replay or discard them."),
    "notify": ("notify", "Set how offices are told: at once or once a day, when not, in which language."),
    "console": ("console", "Serve all of this as a page, to this machine alone."),
    "webhook": ("webhook", "Let apps without a broker hear events; look after that."),
    "erase": ("erase", "Forget a reporter, in every report of theirs."),
    "backup": ("backup", "Keep the three databases in a folder, as of one moment."),
    "restore": ("backup", "Put a backup in the place of the three databases."),
    "callback": ("callback", "Print the token that a provider of messages calls back with."),
    "report": ("reporter", "Submit a report."),
    "desk": ("officer", "List what an office holds, or is offered."),
    "show": ("reporter", "Show how a report stands."),
    "accept": ("officer", "Take a report that is offered to your office."),
    "refuse": ("officer", "Refuse an offer, naming the right office, or convening."),
    "handoff": ("officer", "Ask that another office takes a report you hold."),
    "withdraw": ("officer", "Take back a handoff you asked for."),
    "convene": ("officer", "Bring a report you hold to its coordinator."),
    "assign": ("officer", "Decide, as coordinator, who holds a report."),
    "resolve": ("officer", "Say that a report you hold is dealt with."),
    "refer": ("officer", "Refer a report you hold to an outside agency."),
    "answer": ("officer", "Record what an outside agency answered."),
    "note": ("officer", "Add a note to a report."),
    "confirm": ("reporter", "Confirm, as the reporter, that it is dealt with."),
    "object": ("reporter", "Object, as the reporter: it is not dealt with."),
    "chain": ("chain", "Draw the chain of messages of a report, or verify chains."),
    "demo": ("demo", "Play two reports through a running system."),
    "replay": ("replay.command", "Play a real handoff log through a running system."),
    "contracts": ("contracts", "Write the documents that say what events look like, or check them."),
}


class Commands(click.Group):
    """The group that knows its commands by name and imports them late."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"estafet.cli.{COMMANDS[name][0]}")
        command: click.Command = getattr(module, f"{name}_command")
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="estafet")
def group() -> None:
    """A citizen's report always has exactly one holder.

    Commands that talk to a running system take its address from --url or ESTAFET_URL, and an office's token from
    --token or ESTAFET_TOKEN. Commands of the operator work on a service's own database (ESTAFET_DATA or
    ESTAFET_DATABASE_URL).
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 when it did what was asked, else a sentence on stderr and another code."""
    try:
        code = group.main(arguments, standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (Failure, Problem, TimedOut, SettingError) as error:
        click.echo(f"estafet: {error}", err=True)
        sys.exit(1)
    except Exception as error:
        sentence = of_database(error)
        if sentence is None:
            raise
        click.echo(f"estafet: {sentence}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
