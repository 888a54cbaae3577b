"""An export of files of an image, with its manifest, as the record knows it."""

from pathlib import Path

from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.image import EvidenceImage
from tests.builders import Bench


def exported(bench: Bench, image: EvidenceImage, target: Path) -> Path:
    """Export a file of an image into a new folder; return the manifest."""
    listed = bench.lab.catalogues.build(bench.examiner, image.id)
    with bench.lab.catalogues.open(listed) as catalogue:
        entries = catalogue.page(CatalogueQuery(kinds=("file",)), None, 500).entries
    entry = next(one for one in entries if one.sha256 and one.size_bytes)
    return bench.lab.examine.exporting.tree(bench.examiner, image.id, [entry], target).target / "manifest.json"
