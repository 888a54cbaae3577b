"""Pictures of the reusable parts with invented data."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from ui import icons, text, theme
from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.badges import Badge, Integrity, IntegrityBadge
from ui.widgets.buttons import Button, Chip, IconButton
from ui.widgets.charts import ProgressBar, RateChart
from ui.widgets.digest_view import DigestView
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import card, hbox, line, pane, plain, scrolled, splitter, vbox
from ui.widgets.notes import FilterRow, PageBar, facts, note
from ui.widgets.sheet import ConfirmSheet
from ui.widgets.table import Table
from ui.widgets.wizard import Wizard, WizardStep

ZONE = timezone(timedelta(hours=1))
NOW = datetime(2026, 11, 21, 14, 2, 11, tzinfo=ZONE)
SHA256 = hashlib.sha256(b"image").digest()


@dataclass(frozen=True)
class Item:
    number: str
    what: str
    serial: str
    icon: str
    tone: Tone
    state: str
    holder: str
    place: str
    since: datetime
    image_tone: Tone
    image: str
    tags: tuple[str, ...] = ()


ITEMS = (
    Item(
        "LH/01",
        "Laptop, Lenovo ThinkPad T14",
        "S/N PF-3X7K2M",
        "laptop",
        Tone.RUN,
        "Under examination",
        "A. Kovač",
        "Bench 2, room 114",
        NOW,
        Tone.OK,
        "Verified",
        ("Relevant", "Payment"),
    ),
    Item(
        "LH/02",
        "Phone, Samsung SM-S911B",
        "IMEI 35 209411 480216 7",
        "phone",
        Tone.STORE,
        "Stored",
        "T. Lis",
        "A-07-3, bag 0048813",
        NOW - timedelta(days=1),
        Tone.NONE,
        "No image yet",
    ),
    Item(
        "LH/03",
        "USB stick, SanDisk Ultra 64 GB",
        "S/N 4C530001210722",
        "usb",
        Tone.WARN,
        "Seal exception",
        "T. Lis",
        "A-07-3, bag 0048814",
        NOW - timedelta(days=2),
        Tone.OK,
        "Verified",
        ("Relevant", "Payment", "To review"),
    ),
    Item(
        "LH/04",
        "Desktop, Dell OptiPlex 7090",
        "S/N 7QK4LM3",
        "desktop",
        Tone.LATE,
        "In transit, 3 h overdue",
        "In transit",
        "Carrier: Sgt. M. Duarte",
        NOW,
        Tone.NONE,
        "No image yet",
    ),
    Item(
        "LH/06",
        "Memory card, Samsung 128 GB",
        "No serial; mark “K3” in red",
        "card",
        Tone.STORE,
        "Stored",
        "T. Lis",
        "A-07-4, bag 0048819",
        NOW,
        Tone.BAD,
        "Mismatch",
    ),
    Item(
        "LH/08",
        "Phone, Apple iPhone 13 mini",
        "IMEI 35 682011 902774 1",
        "phone",
        Tone.LOCK,
        "In court",
        "Registry",
        "Hearing 12 KLs 4/26",
        NOW,
        Tone.OK,
        "Verified",
    ),
    Item(
        "LH/09",
        "Router, FRITZ!Box 7590",
        "S/N H203.418.00.881",
        "laptop",
        Tone.DONE,
        "Returned to owner",
        "B. Anders",
        "Receipt R-2026-0311",
        NOW,
        Tone.NONE,
        "Not imaged",
    ),
)

COLUMNS: tuple[Column[Item], ...] = (
    Column(key="number", title="No.", cell=lambda i: Cell(i.number, Kind.STRONG), width_px=78),
    Column(
        key="what", title="Exhibit", cell=lambda i: Cell(i.what, Kind.TWO, i.serial, i.icon), width_px=272, stretch=True
    ),
    Column(key="state", title="State", cell=lambda i: Cell(i.state, Kind.BADGE, tone=i.tone), width_px=186),
    Column(key="holder", title="Held by, place", cell=lambda i: Cell(i.holder, Kind.TWO, i.place), width_px=164),
    Column(
        key="since",
        title="Since",
        cell=lambda i: Cell(text.time_text(i.since, to_minute=True), Kind.TIME),
        width_px=174,
    ),
    Column(key="image", title="Image", cell=lambda i: Cell(i.image, Kind.MARK, tone=i.image_tone), width_px=126),
    Column(key="tags", title="Tags", cell=lambda i: Cell("", Kind.TAGS, tags=i.tags), width_px=120),
)


def integrity(tone: Tone = Tone.OK) -> Integrity:
    word = {Tone.OK: "Intact", Tone.BAD: "Broken at #31", Tone.NONE: "Not checked"}[tone]
    return Integrity(
        intact=(tone, word),
        signed=(Tone.OK, "Signed"),
        trusted=(Tone.OK, "Trusted"),
        caption="Case chain verified 14:02 +01:00 by A. Kovač",
    )


FACTS = [
    ("Serial number", "PF-3X7K2M"),
    ("Owner", "K. Brandt (suspect)"),
    ("Condition", "Lid scratched, left hinge loose, powered off"),
    ("Place", "vol3 + 0x1A4F3C000"),
]


def table_page() -> QWidget:
    model = RecordTableModel(COLUMNS, key=lambda item: item.number)
    table = Table(model, name="exhibits", title="Exhibits", row_px=theme.Row.TWO_LINE)
    model.setParent(table)
    model.set_records(ITEMS)
    table.selectRow(1)
    table.setFocus()
    chips = (
        Chip("All 11", name="all", on=True, exclusive=True),
        Chip("Needs attention 3", name="attention", icon="verify-warning", exclusive=True),
        Chip("In store 5", name="store", exclusive=True),
    )
    row = FilterRow("Type to filter: number, serial, place, holder", chips)
    row.set_count("7 of 11")
    bar = PageBar(
        "Exhibits",
        "11 in this case · 3 need attention",
        (
            Button("Scan label", name="scan", icon="examine"),
            Button("Take in exhibit…", name="take", kind="primary", icon="plus"),
        ),
    )
    body = plain(
        vbox(
            label("LH/01", "title"),
            facts(FACTS),
            DigestView("SHA-256", SHA256, Badge(Tone.OK, "Equal to acquisition")),
            note(Tone.WARN, "This adds an entry that cannot be removed. A mistake is put right by a further entry."),
            note(Tone.BAD, "The read-back differs in segment 41 of 119. Analysis waits for a decision."),
            note(Tone.OK, "Signed 14:51:07 +01:00"),
            note(Tone.INFO, "Both sign this text, and nothing else."),
            None,
            margins=(16, 12, 16, 12),
        )
    )
    foot = hbox(
        Button("Return to store…", name="ret", kind="primary", icon="return"),
        Button("Hand over…", name="hand", icon="transfer"),
        None,
        IconButton("print", "Print label", name="print"),
        IconButton("more", "More", name="more"),
        margins=(16, 10, 12, 10),
    )
    side = pane(vbox((scrolled(body, name="sideScroll"), 1), line(), foot, gap=0))
    list_side = pane(vbox(row, line(), (table, 1), gap=0))
    return plain(
        vbox(
            bar,
            line(),
            (splitter(Qt.Orientation.Horizontal, list_side, side, sizes=(900, 380), name="split"), 1),
            gap=0,
        )
    )


def controls_page() -> QWidget:
    form = forms.Form(columns=3)
    form.add(forms.Field("Exhibit number", forms.line_edit("LH/05"), name="number"), rule=None)
    bad = form.add(
        forms.Field("Serial number", forms.line_edit(""), name="serial"),
        rule=forms.required("Write the serial number, or “none”."),
    )
    form.add(forms.Field("Kind", forms.choice(["Hard disk", "Phone"]), name="kind"))
    form.add(forms.Field("Purpose", forms.line_edit("Second examination", read_only=True), name="purpose"))
    form.add(forms.Field("Passphrase", forms.PassphraseEdit(), name="pass", hint="At least 12 characters"))
    form.add(
        forms.Field(
            "Remarks",
            forms.text_edit(placeholder="Reason. It becomes part of the record."),
            name="remarks",
            optional=True,
        ),
        span=3,
    )
    form.show_problems()
    assert bad.error
    buttons = hbox(
        Button("Sign and hand over", name="p", kind="primary", icon="sign"),
        Button("Open report", name="n", icon="report"),
        Button("Return…", name="d", kind="danger", icon="return"),
        Button("Verify now", name="q", kind="quiet", icon="play"),
        None,
    )
    disabled = hbox(
        *(
            Button(kind or "plain", name=f"dis{kind}", kind=kind, icon="check")
            for kind in ("primary", "", "danger", "quiet")
        ),
        None,
    )
    for at in range(4):
        item = disabled.itemAt(at)
        widget = item.widget() if item else None
        assert widget
        widget.setEnabled(False)
    badges = hbox(*(Badge(tone, tone.value.title()) for tone in Tone), None)
    bare = hbox(*(Badge(tone, tone.value.title(), bare=True) for tone in Tone), None)
    bar, chart = ProgressBar(), RateChart(unit="MB/s")
    bar.set_share(0.614, "of 2 TB")
    chart.set_values(
        [398 + 26 * math.sin(i / 5) + 14 * math.sin(i * 1.7) - (170 if 40 <= i <= 43 else 0) for i in range(96)]
    )
    checks = hbox(
        forms.check("Show in summary", name="c1", on=True), forms.check("Append bytes as hex", name="c2"), None
    )
    grid = QGridLayout()
    for at, name in enumerate(icons.names()):
        grid.addWidget(IconLabel(name, "text", 24), at // 18, at % 18)
    badge_row = hbox(
        IntegrityBadge(integrity()), IntegrityBadge(integrity(Tone.BAD)), IntegrityBadge(integrity(Tone.NONE)), None
    )
    return plain(
        vbox(
            card(vbox(form, margins=(16, 12, 16, 12))),
            buttons,
            disabled,
            badges,
            bare,
            badge_row,
            checks,
            bar,
            chart,
            grid,
            None,
            gap=12,
            margins=(20, 16, 20, 16),
        )
    )


class DemoStep(WizardStep):
    def __init__(self, title: str, summary: str) -> None:
        super().__init__()
        self.title, self._summary = title, summary
        form = forms.Form(columns=2)
        for name in ("Number", "Kind", "Make", "Model"):
            form.add(forms.Field(name, forms.line_edit(name), name=name.lower()))
        self.setLayout(vbox(label(title, "section"), form, None, margins=(20, 14, 20, 10)))

    def summary(self) -> str:
        return self._summary


def wizard_page() -> QWidget:
    page = table_page()
    steps = [
        DemoStep("Exhibit", "LH/05 · hard disk 2 TB"),
        DemoStep("Seizure and authority", "4 Gs 812/26, Art. 19"),
        DemoStep("Seal and photographs", ""),
        DemoStep("Source and write block", ""),
        DemoStep("Acquire and hash", ""),
        DemoStep("Check and sign", ""),
    ]
    wizard = Wizard(
        page,
        steps,
        title="Take in exhibit LH/05",
        subtitle="Case 2026-0147 · started 2026-11-21 12:40:10 +01:00 by Ana Kovač",
        finish=Button("Sign and take in", name="finish", kind="primary"),
        name="wizard",
        hint="You can close this window. The job goes on, and you come back to this step from the job tray.",
    )
    page.resize(1280, 800)
    page.show()
    wizard._furthest = 2
    wizard.go_to(2)
    wizard.say("Write the seal number, or say that there is no seal")
    wizard.open()
    return page


def confirm_page() -> QWidget:
    page = table_page()
    page.resize(1280, 800)
    page.show()
    ConfirmSheet(
        page,
        title="Stop verifying LH/05-I1?",
        sentences=(
            "61 % of 2,000.4 GB was read back so far.",
            "What was read is not kept. The entry says that the check was stopped. You can start it again at any time.",
        ),
        act="Stop the check",
        keep="Go on checking",
        name="confirm",
    ).open()
    return page


PICTURES: dict[str, Callable[[], QWidget]] = {
    "table": table_page,
    "controls": controls_page,
    "wizard": wizard_page,
    "confirm": confirm_page,
}
