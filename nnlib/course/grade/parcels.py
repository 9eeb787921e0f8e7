"""Feedback as a zip that Moodle and Canvas take back, each page under the name that they gave.

- Moodle: *Upload multiple feedback files in a zip* knows students by `NAME_NUMBER_assignsubmission_…`.
- Canvas: *Upload Submissions* knows them by the two numbers in `name_STUDENT_FILE_…`.

Names and numbers are those of the export that was graded; without one there is no zip.
"""

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

from nnlib.course.grade.course_toml import Course
from nnlib.course.grade.submissions import CANVAS, MOODLE

ALWAYS = (2000, 1, 1, 0, 0, 0)  # the same time in every run, for the same bytes


def write(out: Path, name: str, course: Course) -> None:
    """GRADES/feedback/ASSIGNMENT-for-moodle.zip, or -for-canvas.zip."""
    places: dict[str, dict[str, Path]] = {"moodle": {}, "canvas": {}}
    for student, handed in sorted(course.handed.items()):
        page = out / "feedback" / name / f"{student}.html"
        if match := MOODLE.fullmatch(handed.label):
            folder = handed.label.removesuffix(match["file"])
            places["moodle"][f"{folder}/feedback-{name}.html"] = page
        elif CANVAS.fullmatch(handed.label):
            places["canvas"][f"{Path(handed.label).stem}-feedback.html"] = page
    for platform, pages in places.items():
        parcel = out / "feedback" / f"{name}-for-{platform}.zip"
        parcel.unlink(missing_ok=True)
        if pages:
            _zip(parcel, pages)


def _zip(parcel: Path, pages: Mapping[str, Path]) -> None:
    scratch = parcel.with_suffix(".part")
    with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, page in pages.items():
            archive.writestr(
                zipfile.ZipInfo(place, ALWAYS), page.read_bytes(), zipfile.ZIP_DEFLATED
            )
    os.replace(scratch, parcel)
