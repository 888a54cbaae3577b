"""The rules of ISO 19005-3 (PDF/A-3, level B) for what the program writes, held against a file by another reader.

Numbers are those of ISO 19005-3:2012, which has them from part 2. A rule about something that these files never hold
(JPEG 2000, optional content, attached 3D) is held by the absence of it.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pypdf
from pypdf.generic import ArrayObject, ContentStream, DictionaryObject, IndirectObject, StreamObject

NS = {
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
}
FORBIDDEN_ANNOTATIONS = {"/3D", "/Sound", "/Screen", "/Movie"}
FORBIDDEN_ACTIONS = {"/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide", "/JavaScript", "/SetState"}
RELATIONSHIPS = {"/Source", "/Data", "/Alternative", "/Supplement", "/Unspecified"}
OPERATORS = set(
    b"b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m M MP n q Q re"
    b" RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \"".split()
)


def breaches(pdf: bytes) -> list[str]:
    """Every rule that a file breaks, with the place."""
    return list(_breaches(pdf))


def _breaches(pdf: bytes) -> Iterator[str]:
    reader = pypdf.PdfReader(io.BytesIO(pdf), strict=True)
    root: Any = reader.trailer["/Root"]
    yield from _file(pdf, reader)
    yield from _metadata(root, reader)
    yield from _output_intent(root)
    yield from _attachments(root)
    yield from _forms(root)
    for number, page in enumerate(reader.pages, start=1):
        for found in (*_page(page), *_annotations(page)):
            yield f"page {number}: {found}"
    for number, thing in _objects(reader):
        for found in _object(thing):
            yield f"object {number}: {found}"


def _file(pdf: bytes, reader: pypdf.PdfReader) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[0-7][\r\n]", pdf):
        yield "6.1.2: no header of PDF 1.n"
    second = pdf.split(b"\n", 2)[1]
    if not second.startswith(b"%") or sum(byte > 127 for byte in second[1:5]) < 4:
        yield "6.1.2: the second line is not a comment of four bytes above 127"
    if not re.search(rb"%%EOF[\r\n]{0,2}\Z", pdf):
        yield "6.1.3: something follows the end"
    if "/ID" not in reader.trailer or "/Encrypt" in reader.trailer:
        yield "6.1.3: no ID, or encrypted"
    for match in re.finditer(rb">>\s*stream(\r\n|\n)", pdf):
        lengths = re.findall(rb"/Length (\d+)", pdf[max(0, match.start() - 600) : match.start()])
        end = match.end() + int(lengths[-1])
        if not re.match(rb"(\r\n|\n|\r)endstream[\s]", pdf[end : end + 14]):
            yield f"6.1.7.1: the stream at {match.start()} has another length, or no end of line before endstream"
    for match in re.finditer(rb"(?<=[\r\n])(\d+)(\s+)0(\s+)obj(.)", pdf, re.DOTALL):
        if len(match[2]) != 1 or len(match[3]) != 1 or match[4] not in b"\r\n":
            yield f"6.1.9: object {match[1]!r} is not spaced as it must be"


def _metadata(root: Any, reader: pypdf.PdfReader) -> Iterator[str]:
    stream = root.get("/Metadata")
    if stream is None or "/Filter" in stream.get_object():
        yield "6.6.2.1: no metadata, or filtered"
        return
    raw = stream.get_object().get_data()
    if not raw.startswith(b"<?xpacket begin=") or b"encoding=" in raw.split(b"?>", 1)[0]:
        yield "6.6.2.1: no packet header, or one that names bytes or an encoding"
    tree = ElementTree.fromstring(raw[raw.index(b"?>") + 2 : raw.rindex(b"<?xpacket")])

    def told(name: str) -> str:
        space, local = name.split(":")
        found = tree.find(f".//{name}", NS)
        if found is not None:
            return "".join(found.itertext()).strip()
        found = tree.find(f".//rdf:Description[@{{{NS[space]}}}{local}]", NS)
        return "" if found is None else found.attrib[f"{{{NS[space]}}}{local}"]

    if (told("pdfaid:part"), told("pdfaid:conformance")) != ("3", "B"):
        yield "6.6.4: it does not say that it is PDF/A-3B"
    info: Any = reader.metadata
    pairs = {"/Title": "dc:title", "/Author": "dc:creator", "/Subject": "dc:description"}
    pairs |= {"/Creator": "xmp:CreatorTool", "/Producer": "pdf:Producer"}
    for key, name in pairs.items():
        if str(info.get(key, "")) != told(name):
            yield f"information {key} is {info.get(key)!r}, XMP {told(name)!r}"
    for key, name in {"/CreationDate": "xmp:CreateDate", "/ModDate": "xmp:ModifyDate"}.items():
        if re.sub(r"\D", "", str(info[key]))[:14] != re.sub(r"\D", "", told(name))[:14]:
            yield f"information {key} and XMP disagree"


def _output_intent(root: Any) -> Iterator[str]:
    intents = [one.get_object() for one in root.get("/OutputIntents", [])]
    if len(intents) != 1 or intents[0]["/S"] != "/GTS_PDFA1":
        yield "6.2.3: not one output intent of PDF/A"
        return
    profile = intents[0]["/DestOutputProfile"].get_object()
    data = profile.get_data()
    if data[36:40] != b"acsp" or data[12:16] not in (b"mntr", b"prtr") or data[16:20] != b"RGB ":
        yield "6.2.3: the profile is no ICC profile of RGB"
    if profile["/N"] != 3 or struct.unpack(">I", data[:4])[0] != len(data) or data[8] > 4:
        yield "6.2.3: the profile has other components, another length or another version"


def _attachments(root: Any) -> Iterator[str]:
    names: Any = root.get("/Names", {}).get_object() if "/Names" in root else {}
    listed = [one.get_object() for one in names.get("/EmbeddedFiles", {}).get("/Names", [])[1::2]] if names else []
    associated = [one.get_object() for one in root.get("/AF", [])]
    if [id(one) for one in listed] != [id(one) for one in associated] and listed != associated:
        yield "6.8: an embedded file is not associated"
    for one in listed:
        if one.get("/F") is None or one.get("/UF") is None:
            yield "6.8: a file has no F or UF"
        if one.get("/AFRelationship") not in RELATIONSHIPS:
            yield "6.8: a file has no relationship"
        stream = one["/EF"]["/F"].get_object()
        data, params = stream.get_data(), stream["/Params"]
        if not re.fullmatch(r"/[a-z]+/[a-z0-9.+-]+", stream.get("/Subtype", "")):
            yield "6.8: a file has no MIME type"
        checksum = params["/CheckSum"]
        raw = checksum if isinstance(checksum, bytes) else checksum.original_bytes
        if params["/Size"] != len(data) or raw != hashlib.md5(data).digest() or "/ModDate" not in params:
            yield f"6.8: size, checksum or date of {one['/UF']} is wrong"


def _forms(root: Any) -> Iterator[str]:
    form: Any = root["/AcroForm"].get_object() if "/AcroForm" in root else {}
    if form.get("/NeedAppearances") or "/XFA" in form:
        yield "6.4: appearances are needed, or XFA"
    for name in ("/AA", "/OCProperties", "/Requirements"):
        if name in root:
            yield f"6.5, 6.9: the catalog has {name}"
    permissions: Any = root.get("/Perms", {})
    if set(permissions) - {"/UR3", "/DocMDP"}:
        yield "6.1.12: permissions"


def _page(page: Any) -> Iterator[str]:
    if "/AA" in page or "/PresSteps" in page:
        yield "6.5, 6.10: actions or steps"
    resources: Any = page["/Resources"]
    used: dict[str, set[int]] = {}
    font = ""
    for operands, operator in ContentStream(page.get_contents(), page.pdf).operations:
        if operator not in OPERATORS:
            yield f"6.2.2: operator {operator!r}"
        if operator in (b"K", b"k"):
            yield "6.2.4.3: CMYK without a space of its own"
        if operator == b"Tf":
            font = str(operands[0])
        if operator == b"Tj":
            text = operands[0]
            used.setdefault(font, set()).update(text if isinstance(text, bytes) else text.original_bytes)
    fonts: Any = resources.get("/Font", {}).get_object() if "/Font" in resources else {}
    for name, codes in used.items():
        for found in _font(fonts[name].get_object(), codes):
            yield f"{name}: {found}"


def _font(font: Any, codes: set[int]) -> Iterator[str]:
    descriptor = font["/FontDescriptor"].get_object()
    if font["/Subtype"] != "/TrueType" or "/FontFile2" not in descriptor:
        yield "6.2.11.4: not embedded"
        return
    if "/Encoding" in font or not descriptor["/Flags"] & 4 or descriptor["/Flags"] & 32:
        yield "6.2.11.6: a symbolic font with an encoding, or not marked as symbolic"
    tables = _tables(descriptor["/FontFile2"].get_object().get_data())
    cmap = tables["cmap"]
    if struct.unpack(">H", cmap[2:4]) != (1,):
        yield "6.2.11.6: the cmap of a symbolic font does not have exactly one encoding"
    units = struct.unpack(">H", tables["head"][18:20])[0]
    metrics = struct.unpack(">H", tables["hhea"][34:36])[0]
    start = struct.unpack(">I", cmap[8:12])[0]
    kind, _, _, first, count = struct.unpack(">5H", cmap[start : start + 10])
    if kind != 6:
        yield "a cmap that this check does not know"
        return
    for code in codes:
        if not first <= code < first + count:
            yield f"6.2.11.4.1: no glyph for code {code}"
            continue
        glyph = struct.unpack_from(">H", cmap, start + 10 + 2 * (code - first))[0]
        if glyph == 0:
            yield f"6.2.11.8: .notdef is shown, code {code}"
        advance = struct.unpack_from(">H", tables["hmtx"], 4 * min(glyph, metrics - 1))[0]
        width = float(font["/Widths"][code - font["/FirstChar"]])
        if abs(width - advance * 1000 / units) > 1:
            yield f"6.2.11.5: code {code} is {width} wide, its glyph {advance * 1000 / units}"
    mapped = {int(one, 16) for one in re.findall(rb"<([0-9A-F]{2})> <", font["/ToUnicode"].get_object().get_data())}
    if codes - mapped:
        yield f"6.2.11.7.2: no character for codes {sorted(codes - mapped)}"


def _tables(font: bytes) -> dict[str, bytes]:
    count = struct.unpack(">H", font[4:6])[0]
    found = {}
    for position in range(count):
        tag, _, offset, length = struct.unpack_from(">4sIII", font, 12 + 16 * position)
        found[tag.decode("ascii")] = font[offset : offset + length]
    return found


def _annotations(page: Any) -> Iterator[str]:
    for one in page.get("/Annots", []):
        annotation = one.get_object()
        kind, flags = annotation["/Subtype"], annotation.get("/F", 0)
        if kind in FORBIDDEN_ANNOTATIONS:
            yield f"6.3.1: {kind}"
        if not flags & 4 or flags & (1 | 2 | 32 | 256):
            yield f"6.3.2: flags {flags} of {kind}"
        looks = annotation.get("/AP", {})
        if kind != "/Link" and annotation["/Rect"][0] != annotation["/Rect"][2] and set(looks) != {"/N"}:
            yield f"6.3.3: {kind} has no appearance, or more than the normal one"
        if kind == "/Widget" and ("/A" in annotation or "/AA" in annotation):
            yield "6.4.1: a field has an action"


def _object(thing: Any) -> Iterator[str]:
    if isinstance(thing, StreamObject):
        filters = thing.get("/Filter", [])
        if "/LZWDecode" in (filters if isinstance(filters, ArrayObject) else [filters]) or "/F" in thing:
            yield "6.1.7: LZW, or content elsewhere"
        if thing.get("/Subtype") == "/Image" and thing.get("/Interpolate"):
            yield "6.2.8: interpolated"
        if thing.get("/Subtype") in ("/PS",) or "/OPI" in thing or "/Ref" in thing:
            yield "6.2.9: PostScript, OPI or a reference"
    if isinstance(thing, DictionaryObject):
        if thing.get("/S") in FORBIDDEN_ACTIONS and "/Type" in thing and thing["/Type"] == "/Action":
            yield f"6.5.1: {thing['/S']}"
        if thing.get("/Type") == "/ExtGState" and (
            {"/TR", "/HTP"} & set(thing) or thing.get("/TR2", "/Default") != "/Default"
        ):
            yield "6.2.5: transfer functions"
        if {"/DigestLocation", "/DigestMethod", "/DigestValue"} & set(thing):
            yield "6.1.12: a signature reference with a digest"


def _objects(reader: pypdf.PdfReader) -> Iterator[tuple[int, Any]]:
    for number in sorted({number for table in reader.xref.values() for number in table} | set(reader.xref_objStm)):
        if number:
            yield number, IndirectObject(number, 0, reader).get_object()
