"""Whose notebook is whose, in every layout; and nothing that is handed in climbs out or explodes."""

import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nnlib.course.grade import archives, submissions
from nnlib.course.grade.course_toml import Course, Student

NAME = "01_neuron"
NB = f"{NAME}.ipynb"
ROSTER = Course(
    roster={
        s.id: s
        for s in (
            Student("ada", "Ada Lovelace", "501"),
            Student("bob_b", "Bob van Berg", "502"),
            Student("eve", "Eve Adams", "503"),
            Student("twin1", "Kim Lee", "504"),
            Student("twin2", "Kim Lee", "505"),
        )
    }
)
MOODLE = "_4711_assignsubmission_file_"
LAYOUTS = {
    "nbgrader": {f"ada/{NAME}/{NB}": "A", f"bob_b/{NAME}/{NB}": "B"},
    "nbgrader from above": {f"submitted/ada/{NAME}/{NB}": "A", f"submitted/bob_b/{NAME}/{NB}": "B"},
    "folders": {f"ada/{NB}": "A", "bob_b/deep/er/mine.ipynb": "B"},
    "folders in one": {f"week 1/ada/{NB}": "A", f"week 1/bob_b/{NB}": "B"},
    "folders by name": {f"Lovelace, Ada/{NB}": "A", f"bob van berg/{NB}": "B"},
    "flat": {"ada.ipynb": "A", f"{NAME}_bob_b.ipynb": "B"},
    "Moodle, files": {f"Ada Lovelace{MOODLE}{NB}": "A", f"Bob van Berg{MOODLE}{NB}": "B"},
    "Moodle, folders": {f"Ada Lovelace{MOODLE}/{NB}": "A", f"Bob van Berg{MOODLE}/x/{NB}": "B"},
    "Moodle, blind": {f"Participant_501_assignsubmission_file_/{NB}": "A", f"P_502_assignsubmission_file_/{NB}": "B"},
    "Canvas": {f"lovelaceada_501_88_{NB}": "A", f"bergbobvan_LATE_502_99_{NAME}-2.ipynb": "B"},
    "Canvas by name": {f"lovelaceada_9_88_{NB}": "A", f"bergbobvan_8_99_{NB}": "B"},
    "Blackboard": {
        f"My_Title_501_attempt_2026-10-05-10-00-00_{NB}": "A",
        f"My_Title_bob_b_attempt_2026-10-05-10-00-00_{NB}": "B",
        "My_Title_bob_b_attempt_2026-10-05-10-00-00.txt": "a receipt",
    },
}  # fmt: skip


def lay(root: Path, layout: dict[str, str | bytes]) -> Path:
    for place, content in layout.items():
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def zipped(path: Path, layout: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, content in layout.items():
            archive.writestr(place, content)
    return path


def collected(root: Path, course: Course = ROSTER) -> submissions.Collected:
    others = {"03_mlp"}
    return submissions.collect(root, NAME, others, course, root.parent / "out")


def contents(found: submissions.Collected) -> dict[str, str]:
    return {name: path.read_text() for name, path in found.notebooks.items() if path}


@pytest.mark.parametrize("kind", ["folder", "zip"])
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_layouts(layout: dict[str, str | bytes], kind: str, tmp_path: Path) -> None:
    make = lay if kind == "folder" else zipped
    found = collected(make(tmp_path / ("in" if kind == "folder" else "in.zip"), layout))
    assert contents(found) == {"ada": "A", "bob_b": "B"}
    assert found.unmatched == []
    assert found.notebooks["eve"] is None, "of the roster, and has handed in nothing"


def test_without_a_roster_names_are_taken_as_they_stand(tmp_path: Path) -> None:
    layout: dict[str, str | bytes] = {
        f"Ada L{MOODLE}{NB}": "A",
        f"lovelaceada_LATE_501_88_{NB}": "B",
        f"T_x_attempt_2026-10-05-10-00-00_{NB}": "C",
        f"folder/{NB}": "D",
        "nobody.ipynb": "E",
    }
    found = collected(lay(tmp_path / "in", layout), Course())
    assert contents(found) == {"Ada L_4711": "A", "lovelaceada_501": "B", "x": "C", "folder": "D"}
    assert found.unmatched == ["nobody.ipynb: whose it is cannot be told"]
    assert found.handed["lovelaceada_501"].late


def test_names_that_fit_two_students_fit_none(tmp_path: Path) -> None:
    found = collected(lay(tmp_path / "in", {f"Kim Lee{MOODLE}{NB}": "?", f"ada/{NB}": "A"}))
    assert contents(found) == {"ada": "A"}
    assert len(found.unmatched) == 1 and found.unmatched[0].startswith("Kim Lee")


def test_the_last_attempt_counts_whatever_its_name(tmp_path: Path) -> None:
    attempt = "T_ada_attempt_2026-10-0"
    layout: dict[str, str | bytes] = {
        f"{attempt}5-10-00-00_{NB}": "first",
        f"{attempt}6-09-30-00_again.ipynb": "last",
    }
    found = collected(lay(tmp_path / "in", layout))
    assert contents(found)["ada"] == "last"
    assert found.handed["ada"].time == datetime(2026, 10, 6, 9, 30)


def test_the_last_resubmission_in_canvas_counts(tmp_path: Path) -> None:
    layout: dict[str, str | bytes] = {
        f"a_501_{i}_{NAME}{end}.ipynb": end for i, end in enumerate(["-10", "", "-9"])
    }
    found = collected(lay(tmp_path / "in", layout))
    assert contents(found)["ada"] == "-10"
    assert found.notebooks["ada"] and found.notebooks["ada"].name == NB


def test_of_several_notebooks_the_right_name_else_the_newest(tmp_path: Path) -> None:
    root = lay(
        tmp_path / "in",
        {f"ada/{NB}": "named", "ada/z.ipynb": "", "bob_b/a.ipynb": "new", "bob_b/b.ipynb": "old"},
    )
    os.utime(root / "bob_b/b.ipynb", (1e9, 1e9))
    found = collected(root)
    assert contents(found) == {"ada": "named", "bob_b": "new"}
    assert found.handed["ada"].notes == (f"2 notebooks, taken: {NB}",)
    assert found.handed["bob_b"].notes == ("2 notebooks, taken: a.ipynb",)


def test_other_assignments_are_not_taken_for_this_one(tmp_path: Path) -> None:
    layout: dict[str, str | bytes] = {
        "ada/03_mlp/03_mlp.ipynb": "", "bob_b/03_mlp.ipynb": "", f"eve/{NAME}/{NB}": "E"
    }  # fmt: skip
    assert contents(collected(lay(tmp_path / "in", layout))) == {"eve": "E"}


def test_only_one_student_with_several_folders(tmp_path: Path) -> None:
    layout: dict[str, str | bytes] = {"zoe/03_mlp/03_mlp.ipynb": "", f"zoe/{NAME}/{NB}": "Z"}
    assert contents(collected(lay(tmp_path / "in", layout), Course())) == {"zoe": "Z"}


def test_no_file_name_makes_it_another_students(tmp_path: Path) -> None:
    posing: dict[str, str | bytes] = {
        f"ada/{NAME}/lovelaceada_502_88_{NB}": "A",
        f"eve/Bob van Berg{MOODLE}/{NB}": "E",
    }
    assert contents(collected(lay(tmp_path / "in", posing))) == {"ada": "A", "eve": "E"}
    alone: dict[str, str | bytes] = {f"Eve Adams/{name}/{NB}": "E" for name in ("ada", "bob_b")}
    assert contents(collected(lay(tmp_path / "in1", alone))) == {"eve": "E"}
    flat: dict[str, str | bytes] = {f"Ada Lovelace{MOODLE}Bob van Berg{MOODLE}{NB}": "A"}
    assert contents(collected(lay(tmp_path / "in2", flat))) == {"ada": "A"}


def test_nbgraders_timestamp(tmp_path: Path) -> None:
    layout: dict[str, str | bytes] = {
        f"ada/{NAME}/{NB}": "A",
        f"ada/{NAME}/timestamp.txt": "2026-10-07 10:00:00.250000 UTC",
        f"bob_b/{NAME}/{NB}": "B",
        f"bob_b/{NAME}/timestamp.txt": "soon",
    }
    handed = collected(lay(tmp_path / "in", layout)).handed
    assert handed["ada"].time == datetime(2026, 10, 7, 10, 0, 0, 250000, tzinfo=UTC)
    assert handed["bob_b"].time is None


def test_a_students_zip_is_opened(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {f"work/{NB}": "A"}).read_bytes()
    layout: dict[str, str | bytes] = {f"Ada Lovelace{MOODLE}hw.zip": inner, "bob_b/x.zip": inner}
    for root in (lay(tmp_path / "in", layout), zipped(tmp_path / "in.zip", layout)):
        assert contents(collected(root)) == {"ada": "A", "bob_b": "A"}


def test_what_else_was_handed_in_is_told(tmp_path: Path) -> None:
    found = collected(lay(tmp_path / "in", {"ada/neuron.py": "", "what.pdf": "", f"eve/{NB}": ""}))
    assert found.notebooks["ada"] is None
    assert found.handed["ada"].notes == ("no notebook, but neuron.py",)
    assert found.unmatched == ["what.pdf: whose it is cannot be told"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    root = lay(tmp_path / "in", {f"eve/{NB}": "E", "ada/x": ""})
    try:
        (root / "ada" / NB).symlink_to(root / "eve" / NB)
        (root / "bob_b").symlink_to(root / "eve")
    except OSError:
        pytest.skip("this system makes no links")
    found = collected(root)
    assert contents(found) == {"eve": "E"}
    assert sum("link" in line for line in found.unmatched) == 2


CLIMBING = ["../ada/x.ipynb", "/etc/x.ipynb", "ada/../../x.ipynb", "C:/x.ipynb", "..\\x.ipynb"]


@pytest.mark.parametrize("name", CLIMBING)
def test_paths_in_a_zip_that_lead_out(name: str, tmp_path: Path) -> None:
    found = collected(zipped(tmp_path / "in.zip", {name: "X", f"eve/{NB}": "E"}))
    assert contents(found) == {"eve": "E"}
    assert len(found.unmatched) == 1 and "leads out" in found.unmatched[0]
    written = {path for path in tmp_path.rglob("*.ipynb")}
    assert written == {tmp_path / "out" / "eve" / NAME / NB}


def test_links_in_a_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path / "in.zip", {f"eve/{NB}": "E"})
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo(f"ada/{NB}")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "../eve/" + NB)
    found = collected(path)
    assert contents(found) == {"eve": "E"}
    assert len(found.unmatched) == 1


def test_a_bomb_is_read_no_further_than_a_notebook_may_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (submissions, archives):
        monkeypatch.setattr(module, "MOST_BYTES", 20 << 20)
    bomb = {f"ada/{NB}": bytes(30 << 20), f"eve/{NB}": b"E"}
    found = collected(zipped(tmp_path / "in.zip", bomb))
    assert found.notebooks["ada"] and found.notebooks["ada"].stat().st_size == (20 << 20) + 1
    assert "30 MB" in found.unmatched[0] and len(found.unmatched) == 1
    assert found.notebooks["eve"] and found.notebooks["eve"].read_text() == "E"


def test_a_zip_that_is_all_bomb_is_refused_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_UNPACKED", 1 << 20)
    bomb = zipped(tmp_path / "b.zip", {f"{i}.ipynb": bytes(1 << 20) for i in range(4)})
    layout: dict[str, str | bytes] = {"ada/b.zip": bomb.read_bytes(), f"eve/{NB}": "E"}
    found = collected(lay(tmp_path / "in", layout))
    assert contents(found) == {"eve": "E"}
    assert "bomb" in found.unmatched[0]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", bytes(1000)])
def test_broken_zips(content: bytes, tmp_path: Path) -> None:
    found = collected(lay(tmp_path / "in", {"ada/b.zip": content, f"eve/{NB}": "E"}))
    assert contents(found) == {"eve": "E"}
    assert found.unmatched[0].startswith("ada/b.zip: a zip that is not opened")


def test_names_that_no_file_may_have_belong_to_nobody(tmp_path: Path) -> None:
    names = ["-rf", "a\x1b[31mb", "x" * 101, "con:"]
    layout: dict[str, str | bytes] = {f"{name}/{NB}": "" for name in names} | {f"eve/{NB}": "E"}
    found = collected(zipped(tmp_path / "in.zip", layout), Course())
    assert contents(found) == {"eve": "E"}
    assert len(found.unmatched) == 4
    assert not any("\x1b" in line for line in found.unmatched)


def test_twice_is_the_same(tmp_path: Path) -> None:
    root = lay(tmp_path / "in", {"ada/one.ipynb": "1"})
    collected(root)
    (root / "ada" / "one.ipynb").rename(root / "ada" / NB)
    found = collected(root)
    assert [path.name for path in (tmp_path / "out/ada" / NAME).iterdir()] == [NB]
    assert contents(found) == {"ada": "1"}
