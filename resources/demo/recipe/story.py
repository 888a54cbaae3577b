"""Who did what in the invented case, and the files that tell it. Every person, company, bank and address is made up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from resources.demo.recipe import documents, pictures
from resources.demo.recipe.canvas import Shot, jpeg, png

LOCAL = timezone(timedelta(hours=4))
AUTHOR = "L. Mirel"
SELLER, BUYER = "Ortava Hydraulics", "Velmonde Timber"
TRUE_ACCOUNT = documents.iban("DE", "000000000417208836")
FALSE_ACCOUNT = documents.iban("GE", "ZZ0000000081530417")
MULES = (documents.iban("UA", "0000000000026007345601234"), documents.iban("AZ", "ZZZZ00000000000081537742"))
ZONE_MARK = (
    "[ZoneTransfer]\r\nZoneId=3\r\n"
    "ReferrerUrl=https://mail.velmonde.example/inbox\r\n"
    "HostUrl=https://mail.velmonde.example/files/INV-2026-0417.pdf\r\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file to put on the disk: times are aware; a stream hangs on the file of the same path.

    `left_as` is the path under which a deleted file is found when deleting changed its name.
    """

    volume: str
    path: str
    content: bytes
    modified: datetime
    created: datetime
    deleted: bool = False
    stream: str | None = None
    left_as: str | None = None


def at(day: str, clock: str = "10:00:00") -> datetime:
    """A moment of the story's spring, given in local time (four hours ahead of UTC)."""
    return datetime.fromisoformat(f"2026-{day}T{clock}").replace(tzinfo=LOCAL).astimezone(UTC)


def items(work: Path) -> Iterator[Item]:
    """All files, in the order in which they are written; `work` is a folder for what is made on the way."""
    photographs = dict(_photographs())
    yield from _laptop(work, photographs)
    yield from _stick(photographs)
    yield from _linux()


def exhibit_photographs() -> dict[str, bytes]:
    """The two pictures of the exhibits for the report."""
    shot = Shot(taken_at=at("03-09", "09:20:00").astimezone(LOCAL), iso=160)
    laptop = pictures.exhibit_laptop(["Case 2026-0031", "Exhibit LM/01", "Laptop, grey", "Seal A 004417"])
    drive = pictures.exhibit_drive(["Case 2026-0031", "Exhibit LM/01.1", "Drive of LM/01", "Seal A 004418"])
    return {
        "exhibit-photo-laptop.jpg": jpeg(laptop, shot, quality=74),
        "exhibit-photo-drive.jpg": jpeg(drive, shot, quality=74),
    }


def _photographs() -> Iterator[tuple[str, bytes]]:
    office, cash = (41.693400, 44.801500), (41.642000, 41.636000)
    invoice = [SELLER, "No. INV-2026-0417", "48 200.00 EUR", "Pay to:", FALSE_ACCOUNT]
    slip = [
        "2026-02-20 14:31",
        "FROM  Velmonde Timber",
        "TO",
        FALSE_ACCOUNT,
        "",
        "EUR   48 200.00",
        "REF   INV-2026-0417",
    ]
    board = [
        "48 200 EUR  INV 0417",
        "30% = 14 460",
        "-> UA, same day",
        "-> AZ, in parts",
        "cash: Friday",
        "phones away",
    ]
    scenes = (
        ("IMG_2041.jpg", pictures.desk(invoice), at("02-17", "18:42:10"), office),
        ("IMG_2042.jpg", pictures.receipt(slip), at("02-20", "14:58:03"), office),
        ("IMG_2043.jpg", pictures.whiteboard(board), at("02-20", "21:07:44"), None),
        ("IMG_2044.jpg", pictures.street(), at("02-21", "19:36:29"), cash),
    )
    for name, picture, taken_at, place in scenes:
        yield name, jpeg(picture, Shot(taken_at=taken_at.astimezone(LOCAL), place=place))
    rows = [
        ("2026-02-20", FALSE_ACCOUNT, "48 200.00"),
        ("2026-02-21", MULES[0], "-14 460.00"),
        ("2026-02-23", MULES[1], "-9 900.00"),
        ("2026-02-24", MULES[1], "-9 900.00"),
    ]
    yield "transfers.png", png(pictures.window_of_bank(rows))


def _invoice(account: str) -> bytes:
    lines = [
        f"{SELLER}, Harbour Road 4, Lindmar",
        f"To: {BUYER}, purchasing",
        "Invoice INV-2026-0417 of 16 February 2026",
        "",
        "2 hydraulic presses HP-40, with fitting          48 200.00 EUR",
        "",
        "Payable within 10 days to",
        f"    {account}",
    ]
    return documents.pdf("INVOICE INV-2026-0417", lines, author="Accounts")


def _laptop(work: Path, photographs: dict[str, bytes]) -> Iterator[Item]:
    home = "/Users/l.mirel"

    def item(path: str, content: bytes | str, modified: datetime, **more: object) -> Item:
        told = content if isinstance(content, bytes) else content.encode()
        created = modified - timedelta(minutes=7)
        return Item(volume="ntfs", path=f"{home}{path}", content=told, modified=modified, created=created, **more)  # type: ignore[arg-type]

    genuine, altered = _invoice(TRUE_ACCOUNT), _invoice(FALSE_ACCOUNT)
    letter = [
        f"Dear {BUYER},",
        "our bank is closing the account you know. From today please pay all open invoices to",
        FALSE_ACCOUNT,
        "Kind regards, accounts department",
    ]
    yield item("/Downloads/INV-2026-0417.pdf", genuine, at("02-17", "09:12:40"))
    yield item("/Downloads/INV-2026-0417.pdf", ZONE_MARK, at("02-17", "09:12:40"), stream="Zone.Identifier")
    yield item("/Downloads/INV-0417_\u202efdp.scr", "This is not a picture of an invoice.\r\n", at("02-17", "09:13:05"))
    yield item("/Documents/Invoices/INV-2026-0417.pdf", genuine, at("02-17", "09:20:00"))
    yield item("/Documents/Invoices/INV-2026-0417 new account.pdf", altered, at("02-17", "18:30:12"))
    letter_at = at("02-17", "18:55:31")
    yield item(
        "/Documents/Letters/Change of bank details.docx",
        documents.docx(letter, author=AUTHOR, modified=letter_at),
        letter_at,
    )
    draft_at = at("02-17", "17:48:02")
    draft = documents.docx(letter[:2], author=AUTHOR, modified=draft_at)
    yield item("/Documents/Letters/draft 1.docx", draft, draft_at, deleted=True)
    prices = "part,price\nHP-40,23900\nHP-60,31200\n" * 60
    yield item("/Documents/Old/prices 2025.csv", prices, at("02-02", "09:00:00"), deleted=True)
    register = (
        f"дата;получатель;счёт;сумма\n2026-02-20;{BUYER};{FALSE_ACCOUNT};48200,00\n"
        f"2026-02-21;посредник;{MULES[0]};14460,00\n"
    )
    yield item("/Documents/Платежи/реестр платежей.csv", register, at("02-24", "11:02:00"))
    yield item("/Documents/ხელშეკრულება/ანგარიში.txt", f"ანგარიშის ნომერი: {FALSE_ACCOUNT}\n", at("02-18", "12:15:00"))
    yield item("/Documents/付款/客户名单.txt", f"{BUYER}\n{SELLER}\n", at("02-18", "12:40:00"))
    yield item("/Documents/مستندات/قائمة الحسابات.txt", f"الحساب: {MULES[1]}\n", at("02-18", "13:05:00"))
    for name, day in (("IMG_2041.jpg", "02-17"), ("IMG_2042.jpg", "02-20"), ("IMG_2043.jpg", "02-20")):
        yield item(f"/Pictures/2026-02/{name}", photographs[name], at(day, "21:30:00"), deleted=name == "IMG_2043.jpg")
    yield item("/Pictures/transfers.png", photographs["transfers.png"], at("02-24", "20:11:00"))
    hidden = documents.zipped({"accounts.txt": "\n".join(MULES).encode(), "pay.txt": b"30 / 70\n"}, at("02-19"))
    yield item("/Pictures/holiday.jpg", hidden, at("02-19", "23:12:00"))
    yield item("/Desktop/to do.txt", "call O. before Friday\nempty the folder\n", at("02-25", "08:01:00"))
    visits = [
        (at("02-17", "17:20:11"), "https://mail.velmonde.example/inbox", "Inbox"),
        (at("02-17", "17:31:55"), "https://fonts.example/search?q=invoice", "Fonts like on my invoice"),
        (at("02-20", "14:33:20"), "https://sarvik.example/transfers", "Sarvik Savings"),
        (at("02-25", "22:47:01"), "https://search.example/?q=delete+files+for+good", "delete files for good"),
    ]
    yield item("/AppData/Local/Browser/History", documents.browser_history(visits, work), at("02-25", "22:50:00"))
    mail = documents.eml(
        sender="Ortava Hydraulics <accounts@ortava-hydraulics.example>",
        to="purchasing@velmonde.example",
        subject="New bank details for INV-2026-0417",
        sent=at("02-17", "19:04:00").astimezone(LOCAL),
        text="\n\n".join(letter),
        number=17,
        attachment=("INV-2026-0417.pdf", altered),
    )
    yield item("/AppData/Local/Mail/sent/0017.eml", mail, at("02-17", "19:04:02"))


def _stick(photographs: dict[str, bytes]) -> Iterator[Item]:
    def item(path: str, content: bytes | str, modified: datetime, *, left_as: str | None = None) -> Item:
        told = content if isinstance(content, bytes) else content.encode()
        gone = left_as is not None
        return Item(
            volume="fat", path=path, content=told, modified=modified, created=modified, deleted=gone, left_as=left_as
        )

    payments = "date,from,to,amount\n" + "".join(
        f"2026-02-{day},{FALSE_ACCOUNT},{MULES[day % 2]},{amount}.00\n"
        for day, amount in ((21, 14460), (23, 9900), (24, 9900), (25, 6100))
    )
    yield item("/READ ME.txt", "Give this to O. and nobody else.\r\n", at("02-22", "10:00:00"))
    yield item("/Accounts/payments.csv", payments, at("02-25", "10:15:30"))
    shares = "who,part\nL,0.3\nO,0.7\n"
    yield item("/Accounts/shares.csv", shares, at("02-25", "10:20:10"), left_as="/Accounts/_hares.csv")
    yield item("/Фото/улица.jpg", photographs["IMG_2044.jpg"], at("02-21", "20:02:00"))
    slip = "/Scans/transfer slip.jpg"
    yield item(slip, photographs["IMG_2042.jpg"], at("02-20", "15:10:44"), left_as=slip)
    yield item("/Scans/წერილი.txt", "გთხოვთ, გადარიცხოთ ახალ ანგარიშზე.\n", at("02-22", "10:30:00"))


def _linux() -> Iterator[Item]:
    def item(path: str, content: bytes | str, modified: datetime, *, deleted: bool = False) -> Item:
        told = content if isinstance(content, bytes) else content.encode()
        return Item(
            volume="ext4", path=f"/home/lm{path}", content=told, modified=modified, created=modified, deleted=deleted
        )

    talk = [
        (at("02-16", "22:10:00"), "O.", "the invoice goes out tomorrow. 48 200"),
        (at("02-16", "22:11:30"), "L.", "I have the letterhead. new account is ready"),
        (at("02-20", "14:40:00"), "L.", "it is there"),
        (at("02-20", "14:41:10"), "O.", "до пятницы всё снять"),
        (at("02-25", "22:30:00"), "O.", "clean everything tonight"),
    ]
    history = "cd ~/mail\nls -la\nsha256sum INV-2026-0417.pdf\nrm mules.csv\nmount /dev/sdb2 /mnt\ncp -r Фото /mnt\n"
    mules = "name,account,part\nfirst," + MULES[0] + ",0.3\nsecond," + MULES[1] + ",0.2\n"
    reply = documents.eml(
        sender="purchasing@velmonde.example",
        to="accounts@ortava-hydraulics.example",
        subject="Re: New bank details for INV-2026-0417",
        sent=at("02-18", "08:31:00").astimezone(LOCAL),
        text="Thank you, we have changed the account. The payment goes out on Friday.",
        number=18,
    )
    yield item("/chat/export.html", documents.chat(talk), at("02-25", "22:40:00"))
    yield item("/mail/0018.eml", reply, at("02-18", "08:31:05"))
    yield item("/.bash_history", history, at("02-25", "22:58:00"))
    yield item("/notes/план.txt", "1. письмо\n2. счёт\n3. наличные\n", at("02-15", "20:00:00"))
    yield item("/notes/שלום.txt", "שלום\n", at("02-15", "20:05:00"))
    yield item("/mules.csv", mules, at("02-16", "23:00:00"), deleted=True)
    yield item("/notes/todo-old.txt", "buy a second phone\n" * 40, at("02-14", "19:00:00"), deleted=True)
