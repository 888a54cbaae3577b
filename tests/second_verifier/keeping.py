"""Which erasures and certificates were not allowed, by "Erasures" and "Certificates" in section 7 of the format."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Row = dict[str, Any]
ERASERS = {"administrator", "exhibits officer", "supervisor"}
ROLES = {
    "retention.set": {"administrator", "supervisor"},
    **{f"erasure.{act}": ERASERS for act in ("propose", "carry_out", "finish")},
    **{f"erasure.{act}": {"supervisor"} for act in ("approve", "reject")},
    **{f"certificate.{act}": {"administrator"} for act in ("authority", "issue", "revocations")},
}


@dataclass
class Erasures:
    """What the entries so far say of erasures, of the period, and of holds that nobody lifted."""

    told: dict[str, Row] = field(default_factory=dict)
    until: str = ""
    holds: dict[str, Any] = field(default_factory=dict)

    def is_wrong(self, body: Row, time: str) -> bool:
        """Whether an entry is a breach; it counts in any case."""
        act = body["action"].removeprefix("erasure.")
        wrong = False
        if act != body["action"]:
            too_early = not self.until or self.until >= last_day(time) or None in self.holds.values()
            wrong = self.acts(act, body) or (act != "reject" and too_early)
        if body["action"] == "retention.set":
            stated = body["facts"].get("keep_until")
            is_day = type(stated) is str and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", stated)
            self.until = stated if is_day else "9999-12-31"
        for change in body["changes"]:
            if change["table"] == "legal_hold" and "lifted_at" in change["set"]:
                self.holds[change["id"]] = change["set"]["lifted_at"][1]
        return wrong

    def acts(self, act: str, body: Row) -> bool:
        key, actor = str(body["facts"].get("erasure")), body["actor"]["id"]
        known = self.told.get(key)
        if act == "propose":
            facts = body["facts"]
            listed = [facts.get("file_count"), facts["files_sha256"]] if "files_sha256" in facts else None
            self.told.setdefault(key, {"by": actor, "what": facts.get("what"), "listed": listed})
            return known is not None
        if known is None:
            return True
        if act == "finish":
            return "carried" not in known or known.get("approved") == actor
        if "over" in known:
            return True
        if act == "carry_out":
            known["over"] = True
            if known.get("approved") in (None, actor):
                return True
            known["carried"] = True
            return is_uncovered(body["facts"], known, body["chain"])
        if actor == known["by"]:
            return True
        if act == "reject":
            known["over"] = True
            return False
        if act != "approve" or "approved" in known:
            return True
        known["approved"] = actor
        return False


def is_uncovered(facts: Row, known: Row, chain: str) -> bool:
    """Whether an erasure names other files than the approved proposal covers."""
    files, what = facts.get("files"), known["what"]
    if type(files) is not list or facts.get("what") != what:
        return True
    kinds = [one for one in ("catalogues", "photos", "papers", "reports") if type(what) is list and one in what]
    form = re.compile(rf"cases/{re.escape(chain)}/({'|'.join(kinds)})(/(?![. ]*(/|\Z))[^/\\]+)+", re.DOTALL)
    names = [one["name"] if type(one) is dict and type(one.get("name")) is str else "" for one in files]
    if not all(kinds and form.fullmatch(name) for name in names):
        return True
    fixed = [one for one in files if not one["name"].startswith(f"cases/{chain}/catalogues/")]
    text = json.dumps(fixed, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return known["listed"] not in (None, [len(fixed), hashlib.sha256(text.encode()).hexdigest()])


@dataclass
class Certificates:
    """The authorities of a laboratory, by digest with their keys, and who asked for what."""

    authorities: dict[Any, str] = field(default_factory=dict)
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def is_wrong(self, body: Row) -> bool:
        """Whether an entry is a breach; it counts in any case."""
        act = body["action"].removeprefix("certificate.")
        if act == body["action"]:
            return False
        if body["chain_kind"] != "lab":
            return True
        facts, first = body["facts"], body["signers"][0]
        own = (facts.get("person"), facts.get("key")) == (first["person"], first["key"])
        wrong = [one["role"] for one in body["signers"]] != ["actor"]
        wrong |= act in ("authority", "request", "import") and not own
        named, wanted = facts.get("authority"), tuple(facts.get(name) for name in ("person", "key", "salt"))
        if act in ("issue", "revocations"):
            wrong |= type(named) is not str or self.authorities.get(named) != first["key"]
        if act == "issue":
            wrong |= not self.authorities or named != list(self.authorities)[-1] or wanted not in self.asked
        if act == "authority" and type(facts.get("sha256")) is str:
            self.authorities.pop(facts["sha256"], None)
            self.authorities[facts["sha256"]] = first["key"]
        if act == "request" and own and type(wanted[2]) is str:
            self.asked.append(wanted)
        return bool(wrong)


def last_day(time: str) -> str:
    """The day it was in the zone that is furthest ahead of UTC."""
    try:
        return str((datetime.fromisoformat(time) + timedelta(hours=14)).date())
    except OverflowError:
        return "9999-12-31"
