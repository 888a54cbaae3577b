"""``lab backup``, ``lab backups``, ``lab check-backup``, ``lab restore``."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.bootstrap import restore_lab
from forensics_app.cli.common import (
    DONE,
    FINDING,
    Parsers,
    Progress,
    answer,
    chosen_passphrase,
    command,
    counted,
    local_time,
    opened,
    passphrase,
    passphrase_options,
    signed_in,
    table,
)
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.backup import BackupLine, BackupStanding, CheckedBackup, NewBackup, RestoreRequest
from forensics_app.services.backup_file import read_backup
from forensics_app.services.ledger_files import root_digits

PREFIX = "backup-"


def add_commands(lab: Parsers) -> None:
    """Add the commands to those of ``lab``."""
    backup = command(lab, "backup", "copy a lab into one file, read it back, and record it", run_backup, signs=True)
    backup.add_argument(
        "--to", required=True, type=Path, metavar="FILE_OR_FOLDER", help="a new file, or a folder in which it is named"
    )
    how = backup.add_mutually_exclusive_group(required=True)
    how.add_argument("--encrypt", action="store_true", help="encrypt it under a passphrase of its own, in the form age")
    how.add_argument("--not-encrypted", action="store_true", help="leave it readable to everybody who gets hold of it")
    passphrase_options(backup, PREFIX)
    backup.add_argument(
        "--with-catalogues",
        action="store_true",
        help="copy catalogues and searches, too, which can be made again from the images",
    )
    backups = command(lab, "backups", "list the backups of a lab; exit status 1 while one is due", run_backups)
    backups.add_argument("--every", type=int, metavar="DAYS", help="set after how many days the next one is due")
    backups.add_argument("--as", dest="person", metavar="PERSON", help="who sets it and signs")
    passphrase_options(backups)
    check = lab.add_parser("check-backup", help="read a backup to its end and compare it with its manifest")
    check.set_defaults(run=run_check)
    check.add_argument("file", type=Path, metavar="BACKUP", help="the backup; no lab is needed, and none is made")
    check.add_argument("--json", action="store_true", help="one JSON document on standard output and nothing else")
    passphrase_options(check, PREFIX)
    restore = lab.add_parser("restore", help="make a lab of a backup, verified before it gets its name")
    restore.set_defaults(run=run_restore)
    restore.add_argument("file", type=Path, metavar="BACKUP", help="the backup")
    restore.add_argument(
        "--to", required=True, type=Path, metavar="DIR", help="a folder that does not exist yet or is empty"
    )
    restore.add_argument("--json", action="store_true", help="one JSON document on standard output and nothing else")
    restore.add_argument(
        "--as", dest="person", required=True, metavar="PERSON", help="an administrator of that time, who signs for it"
    )
    passphrase_options(restore)
    passphrase_options(restore, PREFIX)
    words = "fingerprint of the lab's root key, from paper"
    restore.add_argument("--root", type=root_digits, metavar="HEX", help=words)
    restore.add_argument(
        "--despite-findings", action="store_true", help="restore also what does not verify; the findings are recorded"
    )


def run_backup(args: argparse.Namespace) -> int:
    """Back a lab up."""
    with signed_in(args) as (lab, actor):
        secret = chosen_passphrase(args, "this backup", PREFIX) if args.encrypt else None
        new = NewBackup(target=args.to, passphrase=secret, with_catalogues=args.with_catalogues)
        line = lab.backups.make(actor, new, Progress("Copying and reading back"))
    lines = [
        f"Wrote {line.place}: {line.size_bytes:,} bytes, {line.entries:,} entries, "
        f"{_sealed_words(line, 'NOT encrypted')}; read back and compared.",
        f"SHA-256 of the file: {line.sha256}",
    ]
    if line.left_out:
        lines.append(line.left_out)
    lines += line.locked_out
    if line.finding_count:
        lines.append(f"The lab does NOT verify: {counted(line.finding_count, 'finding')}; they are in the backup, too.")
    answer(args, document(line), lines)
    return FINDING if line.finding_count else DONE


def run_backups(args: argparse.Namespace) -> int:
    """List backups, and set how often."""
    if (args.every is None) != (args.person is None):
        raise UsageError("--every needs --as, and --as is only for --every.")
    if args.every is not None:
        with signed_in(args) as (lab, actor):
            lab.backups.set_interval(actor, args.every)
    with opened(args) as lab:
        standing, now = lab.backups.standing(), lab.backups.now()
        rows = [
            (
                line.act.value,
                local_time(line.at, lab),
                line.by,
                f"{line.size_bytes:,} bytes",
                _sealed_words(line, "not encrypted"),
                line.sha256[:16],
                "not whole" if line.left_out else "",
                line.place,
            )
            for line in standing.lines
        ]
        due = standing.due_at
        words = _due_words(standing, "" if due is None else local_time(due, lab), is_due=standing.is_due(now))
    told = {"interval_days": standing.interval_days, "due_at": due, "is_due": standing.is_due(now)}
    answer(args, {**told, "backups": document(standing.lines)}, [*table(rows), words])
    return FINDING if standing.is_due(now) else DONE


def run_check(args: argparse.Namespace) -> int:
    """Read a backup."""
    backup = read_backup(args.file, _backup_passphrase(args), Progress("Reading"))
    answer(args, document(backup), _lines(backup))
    return DONE


def run_restore(args: argparse.Namespace) -> int:
    """Restore a lab."""
    secret = _backup_passphrase(args)
    asked = RestoreRequest(
        source=args.file,
        target=args.to,
        passphrase=secret,
        root=args.root or "",
        despite_findings=args.despite_findings,
    )
    own = passphrase(args, f"Passphrase of {args.person}")
    restored = restore_lab(asked, args.person, own, on_progress=Progress("Reading"))
    lines = [
        *_lines(restored.backup),
        f"Restored to {restored.folder}, compared with the manifest and verified; {args.person} signed for it.",
        *(f"  {finding}" for finding in restored.findings),
        *restored.locked_out,
        "What was recorded after the backup is not in it. Do not go on in both labs: their chains would part.",
    ]
    answer(args, document(restored), lines)
    return FINDING if restored.findings else DONE


def _backup_passphrase(args: argparse.Namespace) -> str | None:
    """What was given by file or descriptor; else it is asked for where the backup is encrypted."""
    if args.backup_passphrase_file is not None or args.backup_passphrase_fd is not None or _is_encrypted(args.file):
        return passphrase(args, "Passphrase of the backup", PREFIX)
    return None


def _is_encrypted(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(b"age-encryption")) == b"age-encryption"
    except OSError:
        return False


def _lines(backup: CheckedBackup) -> list[str]:
    said = backup.manifest
    where = f", from {said.server}" if said.server else ""
    return [
        f"Backup of {said.lab_name} ({said.lab}), made {said.made_at.isoformat(' ', 'seconds')} by "
        f"{said.program}{where}",
        f"{said.entries:,} entries in {counted(len(said.chains), 'chain')}, {counted(len(said.files), 'file')}, "
        f"{_file_words(backup)}; every file agrees with the manifest.",
        f"SHA-256 of the file: {backup.sha256.hex()}",
        f"Root key of the lab: {said.root_fingerprint}; compare it with the paper.",
        *([f"Verification found {said.finding_count} when it was made."] if said.finding_count else []),
    ]


def _sealed_words(line: BackupLine, readable: str) -> str:
    if line.as_the_lab:
        return "encrypted as the lab is"
    return "encrypted" if line.is_encrypted else readable


def _file_words(backup: CheckedBackup) -> str:
    if backup.is_encrypted:
        return "encrypted"
    return "encrypted as the lab is" if backup.as_the_lab else "not encrypted"


def _due_words(standing: BackupStanding, due: str, *, is_due: bool) -> str:
    if standing.interval_days is None:
        return "No interval is set; set one with --every DAYS --as PERSON."
    every = f"every {counted(standing.interval_days, 'day')}"
    return f"A backup is DUE since {due}, {every}." if is_due else f"The next backup is due {due}, {every}."
