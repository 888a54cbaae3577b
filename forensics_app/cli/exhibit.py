"""``exhibit add``, ``exhibit photo``, ``exhibit list``, ``exhibit show``; see :mod:`labels` and :mod:`correct`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from pathlib import Path

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    OF_A_THING,
    Parsers,
    add_seal_found,
    answer,
    case_argument,
    command,
    guided,
    local_time,
    opened,
    photo_arguments,
    seal_found,
    signed_in,
    table,
    the_case,
    told_time,
)
from forensics_app.cli.correct import add_exhibit_correction
from forensics_app.cli.devices import add_device_commands, form_lines, missing_lines, told_details
from forensics_app.cli.documents import document
from forensics_app.cli.labels import add_commands
from forensics_app.errors import RefusedError
from forensics_app.model.custody import Event
from forensics_app.model.exhibit import (
    REGISTRABLE,
    Exhibit,
    ExhibitType,
    NewDerived,
    NewExhibit,
    NewPhoto,
    PhotoView,
    Seizure,
)
from forensics_app.model.meant import NameMeans


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    exhibit = parsers.add_parser("exhibit", help="register exhibits and list them").add_subparsers(required=True)
    add = command(exhibit, "add", "register an exhibit", run_add, signs=True)
    guided(add, lambda args, _: (Event.SEIZE,) if args.seized_at else ())
    case_argument(add)
    add.add_argument(
        "--number",
        required=True,
        metavar="NUMBER",
        help="number that the exhibit gets, such as LH/01; never used twice in a case",
    )
    add.add_argument(
        "--type", required=True, choices=[kind.value for kind in REGISTRABLE], help="what kind of thing it is"
    )
    add.add_argument(
        "--description", required=True, metavar="TEXT", help="what it is, in words by which it is known again"
    )
    for name, words in OF_A_THING.items():
        add.add_argument(f"--{name}", default="", metavar="TEXT", help=words)
    add.add_argument("--seal", default="", metavar="NUMBER", help="number of the seal on it")
    add.add_argument("--parent", metavar="NUMBER", help="the exhibit it comes from")
    add.add_argument("--place", default="", help="where it was found, if it was not seized")
    seizure = add.add_argument_group("seizure; with a seal the exhibit is recorded as seized")
    seizure.add_argument(
        "--seized-at",
        metavar="TIME",
        help="when it was seized; like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
    )
    seizure.add_argument("--seized-place", default="", metavar="TEXT", help="where it was seized")
    seizure.add_argument("--seized-by", default="", metavar="OFFICER", help="who seized it")
    seizure.add_argument(
        "--officer-means",
        default="",
        choices=["", *NameMeans],
        help="who is meant by --seized-by where it holds the name of somebody of the laboratory",
    )
    seizure.add_argument("--witness", default="", metavar="NAME", help="who saw the seizure")
    add.add_argument("--no-photo-reason", default="", metavar="TEXT", help="why a seized exhibit has no photograph")
    add.add_argument(
        "--photo", type=Path, action="append", default=[], metavar="FILE", help="of the whole exhibit; may be repeated"
    )
    add.add_argument(
        "--detail", action="append", metavar="FIELD=VALUE",
        help="what the guidance asks of the device, see exhibit fields; once one is given, none that it needs may lack",
    )  # fmt: skip
    derive = command(
        exhibit, "derive", "register a part taken out of an exhibit, or files exported from an image", run_derive,
        signs=True,
    )  # fmt: skip
    case_argument(derive)
    derive.add_argument("--parent", required=True, metavar="NUMBER", help="the exhibit, or the image, it is made of")
    derive.add_argument("--number", required=True, metavar="NUMBER", help="number that it gets")
    derive.add_argument(
        "--type",
        choices=[kind.value for kind in REGISTRABLE],
        help="what a part is; what is made of an image is an export",
    )
    derive.add_argument("--description", required=True, metavar="TEXT", help="what it is, in words")
    derive.add_argument(
        "--tool", required=True, metavar="TEXT", help="with what it was made: a tool, a program with its version"
    )
    derive.add_argument("--how", default="", metavar="TEXT", help="what was done")
    for name, words in OF_A_THING.items():
        derive.add_argument(f"--{name}", default="", metavar="TEXT", help=words)
    derive.add_argument("--no-photo-reason", default="", metavar="TEXT", help="why it has no photograph")
    derive.add_argument(
        "--manifest",
        type=Path,
        metavar="FILE",
        help="of an export: the manifest.json that this program wrote beside the files; the record knows its SHA-256",
    )
    add_seal_found(derive)
    photo = command(exhibit, "photo", "add a photograph to an exhibit", run_photo, signs=True)
    case_argument(photo)
    photo.add_argument("--exhibit", required=True, metavar="NUMBER", help="number of the exhibit")
    photo_arguments(photo)
    case_argument(command(exhibit, "list", "list the exhibits of a case", run_list))
    show = command(exhibit, "show", "show an exhibit", run_show)
    case_argument(show)
    show.add_argument("--exhibit", required=True, metavar="NUMBER", help="number of the exhibit")
    add_exhibit_correction(exhibit)
    add_commands(exhibit)
    add_device_commands(exhibit)


def run_add(args: argparse.Namespace) -> int:
    """Register an exhibit."""
    with signed_in(args) as (lab, actor):
        case = the_case(lab, args)
        seizure = None
        if args.seized_at:
            seizure = Seizure(
                seized_at=told_time(args.seized_at, lab),
                place=args.seized_place,
                officer=args.seized_by,
                witness=args.witness,
                officer_means=args.officer_means,
            )
        new = NewExhibit(
            case_id=case.id,
            number=args.number,
            type=ExhibitType(args.type),
            description=args.description,
            make=args.make,
            model=args.model,
            serial=args.serial,
            condition=args.condition,
            seal_number=args.seal,
            place=args.place,
            seizure=seizure,
            parent_id=lab.exhibits.numbered(case.id, args.parent).id if args.parent else None,
            no_photo_reason=args.no_photo_reason,
            particulars=None if args.detail is None else told_details(args.detail),
        )
        photos = [NewPhoto(path=path, view=PhotoView.WHOLE) for path in args.photo]
        exhibit = lab.exhibits.add(actor, new, photos)
        form = lab.exhibits.particulars(exhibit.id)
    lines = [f"Registered {exhibit.number}; it is {exhibit.state.value}.", *missing_lines(form)]
    answer(args, {**document(exhibit), "missing": [field.id for field in form.missing]}, lines)
    return DONE


def run_derive(args: argparse.Namespace) -> int:
    """Register what was made of an exhibit."""
    with signed_in(args) as (lab, actor):
        case = the_case(lab, args)
        parent = lab.exhibits.numbered(case.id, args.parent)
        kind = ExhibitType.EXPORT if parent.type is ExhibitType.IMAGE and not args.type else args.type
        if not kind:
            raise RefusedError(f"Say what was taken out of {parent.number}.", then="Use --type.")
        new = NewDerived(
            parent_id=parent.id,
            number=args.number,
            type=ExhibitType(kind),
            description=args.description,
            tool=args.tool,
            how=args.how,
            make=args.make,
            model=args.model,
            serial=args.serial,
            condition=args.condition,
            no_photo_reason=args.no_photo_reason,
            manifest=args.manifest,
            seal=seal_found(args),
        )
        exhibit = lab.exhibits.derive(actor, new)
    lines = [f"Registered {exhibit.number}, derived from {parent.number}; {exhibit.holder} holds it."]
    answer(args, document(exhibit), lines)
    return DONE


def run_photo(args: argparse.Namespace) -> int:
    """Add a photograph."""
    with signed_in(args) as (lab, actor):
        exhibit = lab.exhibits.numbered(the_case(lab, args).id, args.exhibit)
        taken_at = told_time(args.taken_at, lab) if args.taken_at else None
        new = NewPhoto(path=args.file, view=PhotoView(args.view), caption=args.caption, taken_at=taken_at)
        photo = lab.exhibits.add_photo(actor, exhibit.id, new)
    answer(args, document(photo), [f"Added a photograph to {args.exhibit}; SHA-256 {photo.sha256.hex()}"])
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List the exhibits of a case."""
    with opened(args) as lab:
        exhibits = lab.exhibits.list(the_case(lab, args).id)
    rows = [[one.number, one.state.value, one.holder, one.store_place, one.description] for one in exhibits]
    answer(args, [document(one) for one in exhibits], table(rows))
    return DONE


def run_show(args: argparse.Namespace) -> int:
    """Show an exhibit."""
    with opened(args) as lab:
        exhibit = lab.exhibits.numbered(the_case(lab, args).id, args.exhibit)
        photos = lab.exhibits.photos(exhibit.id)
        form = lab.exhibits.particulars(exhibit.id)
    lines = [f"{name.replace('_', ' '):18} {words}" for name, words in _recorded(exhibit, lab)]
    lines += [f"photograph         {photo.view.value}, {photo.sha256.hex()}, {photo.caption}" for photo in photos]
    lines += [*form_lines(form), *missing_lines(form)]
    told = {
        "photos": [document(photo) for photo in photos],
        "particulars": {name: document(one) for name, one in form.told.items()},
        "missing": [field.id for field in form.missing],
    }
    answer(args, {**document(exhibit), **told}, lines)
    return DONE


def _recorded(exhibit: Exhibit, lab: Lab) -> Iterator[tuple[str, str]]:
    """What is recorded of an exhibit, by name, without what there is none of; the seizure's time is as it was told."""
    for field in fields(exhibit):
        value = getattr(exhibit, field.name)
        if isinstance(value, tuple):
            yield from (("cannot be read", one) for one in value)
            continue
        if isinstance(value, datetime):
            yield field.name, value.isoformat(" ", "seconds") if field.name == "seized_at" else local_time(value, lab)
        elif isinstance(value, bool):
            yield field.name, "yes" if value else "no"
        elif value is not None:
            yield field.name, str(document(value)) or "not recorded"
