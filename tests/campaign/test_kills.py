"""Kills that nobody can see coming (`kill -9`), and what is in the mailbox when the campaign is run again."""

from __future__ import annotations

import subprocess
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest

from make_customers import Record
from tests.campaign.mail import KILL, MailServer
from tests.campaign.scene import PATIENCE, Scene, address, finish, kill

KILLED = -9
KILLS = 10
_DIE = "import os, signal\ndie = lambda *args, **options: os.kill(os.getpid(), signal.SIGKILL)\n"
# Where a run dies: by its own hand at a certain step, or by the server's when it has the message or has delivered it.
STEPS = {
    "while the plan is stored": (
        "from sqlalchemy import Engine, event\n"
        "event.listen(Engine, 'after_cursor_execute', lambda *args: 'INTO decisions' in args[2] and die())"
    ),
    "when the plan is stored": "from campaign.sending import Sending\nSending.run = die",
    "when the first mail is claimed": "from campaign.post import Post\nPost.send = die",
    "when the server has the message": "",
    "when the server has delivered": "",
    "when the server has answered": "from campaign.outbox import Outbox\nOutbox.settle = die",
}
DELIVERED = ("when the server has the message", "when the server has delivered", "when the server has answered")


def read_chosen(scene: Scene) -> list[str]:
    """The addresses of those who are chosen, the most profitable first."""
    rows = scene.execute("SELECT customer FROM decisions WHERE decision = 'chosen' ORDER BY profit DESC, customer")
    return [address(row["customer"]) for row in rows]


def die_at(scene: Scene, step: str) -> None:
    """Run the campaign in a process that dies at a step."""
    first = "c000001@example.org"
    if step in DELIVERED[:2]:
        first = find_first(scene)
    scene.mail.door.before = {first: KILL} if step == "when the server has the message" else {}
    scene.mail.door.after = {first: KILL} if step == "when the server has delivered" else {}
    process = scene.mail.door.victim = scene.start(before=_DIE + STEPS[step])
    assert finish(process)[0] == KILLED
    scene.mail.door.before = scene.mail.door.after = {}


def find_first(scene: Scene) -> str:
    """The address of the most profitable, by a run that is killed before it sends."""
    die_at(scene, "when the plan is stored")
    return read_chosen(scene)[0]


def kill_at_random(scene: Scene, random: Random, *options: str) -> None:
    """Kill ten runs: two while they start and plan, and eight at mails far enough from the last to have one to kill."""
    for _ in range(2):
        process = scene.start(*options)
        sleep(random.uniform(0.0, 1.0))
        assert kill(process) == KILLED
    scene.run("--dry-run")
    left = KILLS - 2
    while left:
        process = scene.start(*options)
        await_mail(scene.mail, scene.mail.door.received + random.randint(1, 12), process)
        sleep(random.uniform(0.0, 0.03))
        assert kill(process) == KILLED, "it was done before it could be killed"
        left -= 1


def await_mail(mail: MailServer, count: int, process: subprocess.Popen[bytes]) -> None:
    """Await so many mails at the server."""
    until = monotonic() + PATIENCE
    while mail.door.received < count:
        assert process.poll() is None, finish(process)
        assert monotonic() < until
        sleep(0.001)


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_and_run_again_each_has_one_mail(scene: Scene, mail: MailServer, step: str) -> None:
    """With a server that drops duplicates, every chosen customer has exactly one mail after the next run."""
    die_at(scene, step)
    assert scene.run("--resend-uncertain").exit_code == 0
    assert mail.count_by_recipient() == dict.fromkeys(read_chosen(scene), 1)
    assert set(scene.states().values()) == {"sent"}


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_and_run_again_nobody_has_two(
    tmp_path: Path, service: str, forgetful_mail: MailServer, records: list[Record], step: str
) -> None:
    """With any server, the next run mails everybody but the one whose mail nobody knows of, and lists him."""
    scene = Scene(tmp_path, service, forgetful_mail)
    scene.add_customers(records[:40])
    die_at(scene, step)
    result = scene.run()
    chosen = read_chosen(scene)
    uncertain = [customer for customer, state in scene.states().items() if state == "uncertain"]
    mailed = chosen if step not in STEPS or step in DELIVERED or "plan" in step else chosen[1:]
    assert result.exit_code == 0
    assert forgetful_mail.count_by_recipient() == dict.fromkeys(mailed, 1)
    assert [address(customer) for customer in uncertain] == ([] if "plan" in step else chosen[:1])
    assert all(f"uncertain: {customer}, the run that was sending it ended" in result.stdout for customer in uncertain)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 30))])
def test_killed_ten_times_and_run_again_each_has_one_mail(
    tmp_path: Path, service: str, mail: MailServer, records: list[Record], database: str, seed: int
) -> None:
    """Killed at ten random moments and run again, every chosen customer of three hundred has exactly one mail."""
    scene = Scene(tmp_path, service, mail, database)
    scene.add_customers(records)
    kill_at_random(scene, Random(seed), "--resend-uncertain")
    assert scene.run("--resend-uncertain").exit_code == 0
    assert mail.count_by_recipient() == dict.fromkeys(read_chosen(scene), 1)
    assert set(scene.states().values()) == {"sent"}


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 30))])
def test_killed_ten_times_and_run_again_nobody_has_two(
    tmp_path: Path, service: str, forgetful_mail: MailServer, records: list[Record], seed: int
) -> None:
    """With a server that delivers whatever it gets, nobody has two, and who may have none is listed as uncertain."""
    scene = Scene(tmp_path, service, forgetful_mail)
    scene.add_customers(records)
    kill_at_random(scene, Random(seed))
    assert scene.run().exit_code == 0
    mailed, states = forgetful_mail.count_by_recipient(), scene.states()
    uncertain = {address(customer) for customer, state in states.items() if state == "uncertain"}
    assert set(mailed.values()) == {1}
    assert set(read_chosen(scene)) - set(mailed) <= uncertain
    assert set(mailed) <= set(read_chosen(scene))
    assert len(uncertain) <= KILLS
    assert forgetful_mail.door.received == sum(mailed.values())


def test_two_at_once_send_each_mail_once(
    tmp_path: Path, service: str, forgetful_mail: MailServer, records: list[Record], database: str
) -> None:
    """Two campaigns over one database, begun together before there is a plan, mail everybody once between them."""
    scene = Scene(tmp_path, service, forgetful_mail, database)
    scene.add_customers(records)
    ends = [finish(process) for process in [scene.start("--resend-uncertain"), scene.start("--resend-uncertain")]]
    assert ends == [(0, ""), (0, "")]
    assert forgetful_mail.count_by_recipient() == dict.fromkeys(read_chosen(scene), 1)
    runs = scene.execute("SELECT DISTINCT run FROM decisions WHERE state = 'sent'")
    assert len(runs) == 2, "one run did it all: there was nothing to share"


def test_a_run_waits_for_what_another_has(scene: Scene) -> None:
    """A run that begins right after a kill is done only when it knows what became of the last mail: its lease."""
    die_at(scene, "when the first mail is claimed")
    begun = monotonic()
    assert scene.run("--resend-uncertain").exit_code == 0
    assert monotonic() - begun > 1.0
    assert set(scene.states().values()) == {"sent"}
