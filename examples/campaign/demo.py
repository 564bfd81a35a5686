"""The whole of it, on this machine alone: customers, the churn service, a mail server, the campaign, and it once more.

    python demo.py [--rows 500] [--table customers.csv] [--folder build]

Without --folder everything is in a folder that is gone at the end.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_HERE = Path(__file__).parent
_PATIENCE_SECONDS = 30


@contextmanager
def run_server(*command: str) -> Iterator[dict[str, object]]:
    """Run a server that says in its first line, as JSON, where it is; end it at last whatever happens."""
    process = subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, *command], cwd=_HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        if not said:
            raise SystemExit(f"{command[0]} did not start: run it by itself to see why")
        yield json.loads(said)
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def run(*command: str) -> None:
    """Run a command of the example, and stop where it fails."""
    done = subprocess.run([sys.executable, *command], cwd=_HERE, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise SystemExit(f"{command[0]} ended with status {done.returncode}")


def show(folder: Path, told: argparse.Namespace) -> None:
    """Show a campaign from its customers to its mails."""
    database, mailbox = f"sqlite:///{folder / 'campaign.db'}", folder / "mailbox"
    table = [] if told.table is None else ["--table", str(told.table.resolve())]
    say("Customers, into a database")
    run("make_customers.py", database, "--rows", str(told.rows), *table)
    with ExitStack() as servers:
        service = servers.enter_context(run_server("-m", "augury", "serve", "--port", "0", "--json"))
        mail = servers.enter_context(run_server("mailbox_server.py", str(mailbox)))
        campaign = ["-m", "campaign", "run", "--database", database, "--service", str(service["url"])]
        campaign += ["--smtp-port", str(mail["port"]), "--csv", str(folder / "report.csv")]
        say("The campaign")
        run(*campaign)
        held = count(mailbox)
        say("The same once more")
        run(*campaign)
    say(f"The mailbox holds {held:,} mails after the first run, and {count(mailbox):,} after the second.")
    if count(mailbox) != held:
        raise SystemExit("somebody was mailed twice")


def count(mailbox: Path) -> int:
    """Count the mails of a mailbox."""
    return sum(1 for _ in (mailbox / "new").iterdir())


def say(text: str) -> None:
    """Say what comes next."""
    print(f"\n{text}", flush=True)


def main() -> None:
    """Read the command line, and show it."""
    parser = argparse.ArgumentParser(description="Run the campaign on this machine alone.")
    parser.add_argument("--rows", type=int, default=500, help="how many customers to draw")
    parser.add_argument("--table", type=Path, help="a CSV file of your own instead")
    parser.add_argument("--folder", type=Path, help="where to leave the database, the mailbox and the report")
    told = parser.parse_args()
    if told.folder is not None:
        told.folder.mkdir(parents=True)
        show(told.folder.resolve(), told)
        return
    with tempfile.TemporaryDirectory() as folder:
        show(Path(folder), told)


if __name__ == "__main__":
    main()
