"""Whose notebook is whose, in every layout; and nothing that is handed in climbs out or explodes."""

import os
import unicodedata
import zipfile
from dataclasses import replace
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
    "Canvas": {f"lovelaceada_501_88_{NB}": "A", f"bergbobvan_LATE_502_99_{NAME}-2.ipynb": "B"},
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
        f"ada/{NAME}/submission_secret.txt": "of nbgrader",
        f"bob_b/{NAME}/{NB}": "B",
        f"bob_b/{NAME}/timestamp.txt": "soon",
    }
    found = collected(lay(tmp_path / "in", layout))
    handed = found.handed
    assert found.unmatched == [], "nbgrader's own files are nothing to look at"
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
    assert found.unmatched == ["what.pdf: whose it is cannot be told", "ada/neuron.py: no notebook"]


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


# Whose work it is: identifiers that agree, and nothing else.


def people(*students: str) -> Course:
    """A roster of `id, name, LMS, team`."""
    rows = [Student(*(part.strip() for part in student.split(","))) for student in students]
    return Course(roster={row.id: row for row in rows})


TWO = people("a1, Ann Archer, 1001", "b2, Ben Brook, 1002")
THREE = people("a1, Ann Archer, 1001", "b2, Ben Brook, 1002", "c3, Cem Demir, 1003")
Layout = dict[str, str | bytes]


def in_moodle(**files: str) -> Layout:
    """A folder for each `NAME_NUMBER`, with one notebook that holds a letter."""
    return {f"{name}_assignsubmission_file_/{NB}": letter for name, letter in files.items()}


def test_moodles_number_is_nobodys_id(tmp_path: Path) -> None:
    layout = in_moodle(
        **{"Ann-Marie Archer_1002": "A", "Ben Brook_1001": "B", "Zoe Stranger_1003": "Z"}
    )
    found = collected(zipped(tmp_path / "in.zip", layout), THREE)
    assert contents(found) == {"a1": "A", "b2": "B"}
    assert found.handed["a1"].notes == ("handed in under the name Ann-Marie Archer",)
    assert found.notebooks["c3"] is None
    assert found.unmatched == [
        f"Zoe Stranger_1003_assignsubmission_file_/{NB}: whose it is cannot be told"
    ]


def test_where_name_and_number_disagree_nobody_is_graded(tmp_path: Path) -> None:
    layout: Layout = {f"archerann_1002_555_{NB}": "?", f"brookben_1001_556_{NB}": "?"}
    found = collected(zipped(tmp_path / "in.zip", layout), TWO)
    assert contents(found) == {}
    doubt = "it may be of a1 (Ann Archer) or b2 (Ben Brook)"
    assert found.unmatched == [f"{name}: {doubt}" for name in layout]
    for student in ("a1", "b2"):
        assert found.handed[student].notes == tuple(f"{name}: {doubt}" for name in layout)
        assert found.handed[student].doubt == "whose it is cannot be told", "and not missing"


def test_a_canvas_name_with_a_number_that_is_not_its_own(tmp_path: Path) -> None:
    layout: Layout = {f"archerann_9_555_{NB}": "?", f"brookben_1002_556_{NB}": "B"}
    found = collected(lay(tmp_path / "in", layout), TWO)
    assert contents(found) == {"b2": "B"}
    assert "its number 9 is not the name's: a1 has 1001" in found.unmatched[0]
    by_login = people("a1, Ann Archer, ann@school", "b2, Ben Brook")
    assert contents(collected(lay(tmp_path / "in", layout), by_login)) == {"a1": "?", "b2": "B"}


def test_a_canvas_number_tells_two_of_a_name_apart(tmp_path: Path) -> None:
    layout: Layout = {f"leekim_504_1_{NB}": "1", f"leekim_505_2_{NB}": "2"}
    assert contents(collected(lay(tmp_path / "in", layout))) == {"twin1": "1", "twin2": "2"}


@pytest.mark.parametrize(
    "layout",
    [
        in_moodle(**{"Ann Archer_3": "1", "Archer Ann_4": "2", "Ben Brook_5": "B"}),
        {f"a1/{NB}": "1", f"Ann Archer/{NB}": "2", f"b2/{NB}": "B"},
        {f"a1/{NB}": "1", f"A1/{NB}": "2", f"b2/{NB}": "B"},
    ],
)
def test_of_two_folders_of_one_student_none_is_graded(layout: Layout, tmp_path: Path) -> None:
    found = collected(zipped(tmp_path / "in.zip", layout), TWO)
    assert contents(found) == {"b2": "B"}
    assert found.handed["a1"].doubt.startswith("handed in under 2 names: ")
    assert len(found.unmatched) == 2


NFD = unicodedata.normalize("NFD", "Cem Çelik")
ALIKE = {
    "taken apart": ("c3, Cem Çelik", f"{NFD}_9"),
    "without accents": ("c3, Dora Díaz", "Dora Diaz_9"),
    "with accents": ("c3, Dora Diaz", "Dora Díaz_9"),
    "a middle name more": ("c3, Jo Gray", "Jo Ellen Gray_9"),
    "a middle name less": ("c3, Jo Ellen Gray", "Jo Gray_9"),
    "an apostrophe": ("c3, Una O'Neil", "Una O’Neil_9"),
    "a hyphen": ("c3, Jean-Luc Roy", "Jean Luc Roy_9"),
    "letters of their own": ("c3, Søren Łukasz", "Soren Lukasz_9"),
    "one word": ("c3, Sukarno", "Sukarno_9"),
    "Chinese": ("c3, 王小明", "王小明_9"),
}


@pytest.mark.parametrize(("student", "name"), ALIKE.values(), ids=ALIKE)
def test_names_compare_equal_where_that_fits_one(student: str, name: str, tmp_path: Path) -> None:
    found = collected(zipped(tmp_path / "in.zip", in_moodle(**{name: "C"})), people(student, *MORE))
    assert contents(found) == {"c3": "C"} and found.unmatched == []


MORE = ("x1, Sam Stone, 17", "x2, Eva Ellen Green, 18")


def test_the_closest_likeness_wins_and_a_tie_fits_nobody(tmp_path: Path) -> None:
    both = people("d1, Dora Díaz", "d2, Dora Diaz", "j1, Jo A Gray", "j2, Jo B Gray")
    layout = in_moodle(**{"Dora Díaz_1": "1", "Dora Diaz_2": "2", "Jo Gray_3": "?"})
    found = collected(zipped(tmp_path / "in.zip", layout), both)
    assert contents(found) == {"d1": "1", "d2": "2"}
    assert "it may be of j1 (Jo A Gray) or j2 (Jo B Gray)" in found.unmatched[0]


@pytest.mark.parametrize(
    ("student", "name"),
    [
        ("a1", f"A1/{NB}"),
        ("A1", f"a1/{NB}"),
        ("00123", f"123/{NB}"),
        ("123", f"00123/{NB}"),
        ("a1", f"a1_{NAME} (1).ipynb"),
        ("a1", "a1.ipynb.txt"),
        ("a1", "a1.zip/x.ipynb"),
        ("ä1", f"a\u03081/{NB}"),
    ],
)
def test_ids_compare_equal_where_that_fits_one(student: str, name: str, tmp_path: Path) -> None:
    course = people(f"{student}, Ann Archer", *MORE)
    assert contents(collected(zipped(tmp_path / "in.zip", {name: "A"}), course)) == {student: "A"}


def test_of_two_ids_that_are_alike_the_exact_one_is_meant(tmp_path: Path) -> None:
    course = people("a1, Ann Archer", "A1, Tom Twin", "7, Sam Stone", "007, Bea Bond")
    layout: Layout = {f"{name}/{NB}": name for name in ("a1", "A1", "7", "007", "07")}
    found = collected(zipped(tmp_path / "in.zip", layout), course)
    assert contents(found) == {"a1": "a1", "A1": "A1", "7": "7", "007": "007"}
    assert found.unmatched == [f"07/{NB}: it may be of 007 (Bea Bond) or 7 (Sam Stone)"]


def test_no_number_is_nobody(tmp_path: Path) -> None:
    found = collected(
        lay(tmp_path / "in", {f"0/{NB}": "?", f"x/{NB}": "X"}), people("a1, A", "x, X")
    )
    assert contents(found) == {"x": "X"}


@pytest.mark.parametrize("end", [".ipynb.txt", ".ipynb.json", " (1).ipynb", "-Copy1.ipynb"])
def test_what_browsers_make_of_a_name(end: str, tmp_path: Path) -> None:
    layout: Layout = {f"Ann Archer_3_assignsubmission_file_/{NAME}{end}": "A"}
    layout |= {f"Ben Brook_4_assignsubmission_file_{NAME}{end}": "B"}
    layout |= {f"demircem_1003_5_{NAME}{end}": "C"}
    found = collected(zipped(tmp_path / "in.zip", layout), THREE)
    assert contents(found) == {"a1": "A", "b2": "B", "c3": "C"}
    assert {path.name for path in found.notebooks.values() if path} == {NB}


def test_of_copies_the_newest_counts(tmp_path: Path) -> None:
    names = (NB, f"{NAME} (1).ipynb", f"{NAME} (2).ipynb")
    root = lay(tmp_path / "in", {f"{who}/{name}": name for who in ("a1", "b2") for name in names})
    for age, name in enumerate(names):
        os.utime(root / "a1" / name, (1e9 - age, 1e9 - age))
        os.utime(root / "b2" / name, (1e9, 1e9))
    found = collected(root, TWO)
    assert contents(found) == {"a1": NB, "b2": names[2]}, "of equal age the later copy"
    assert f"a1/{names[1]}: not taken, for {NB} is" in found.unmatched


def test_late_stays_late_whatever_a_student_packs(tmp_path: Path) -> None:
    stamp = "2026-10-01 10:00:00 UTC"
    inner = zipped(tmp_path / "inner.zip", {NB: "A", "timestamp.txt": stamp}).read_bytes()
    deep = zipped(tmp_path / "deep.zip", {f"{NAME}/{NB}": "C", f"{NAME}/timestamp.txt": stamp})
    layout: Layout = {
        "archerann_LATE_1001_555_hw.zip": inner,
        f"brookben_LATE_1002_556_{NB}": "B",
        "c3.zip": deep.read_bytes(),
    }
    layout |= {"Dan Dean_7_assignsubmission_file_/" + name: stamp for name in (NB, "timestamp.txt")}
    course = people(*(f"{s.id}, {s.name}, {s.lms}" for s in THREE.roster.values()), "d4, Dan Dean")
    found = collected(lay(tmp_path / "in", layout), course)
    assert contents(found).keys() == {"a1", "b2", "c3", "d4"}
    assert all(handed.time is None for handed in found.handed.values())
    assert found.handed["a1"].late and found.handed["b2"].late and not found.handed["d4"].late
    assert sum("timestamp.txt: no notebook" in line for line in found.unmatched) == 3


def test_every_file_that_is_not_used_is_told(tmp_path: Path) -> None:
    layout: Layout = {
        f"a1/{NAME}/.ipynb_checkpoints/{NAME}-checkpoint.ipynb": "A",
        "b2/broken.zip": b"PK\x03\x04",
        f"c3/{NB}": "C",
        "c3/notes.txt": "",
        "c3/old.ipynb": "",
        "c3/03_mlp.ipynb": "",
        "notes.txt": "",
        "roster.csv": "",
    }
    for root in (lay(tmp_path / "in", layout), zipped(tmp_path / "in.zip", layout)):
        found = collected(root, THREE)
        assert contents(found) == {"c3": "C"}
        checkpoint = f"a1/{NAME}/.ipynb_checkpoints/{NAME}-checkpoint.ipynb: a checkpoint"
        told = {
            *("notes.txt: whose it is cannot be told", "c3/notes.txt: no notebook"),
            *(f"c3/old.ipynb: not taken, for {NB} is", "03_mlp: 1 files of this other assignment"),
        }
        assert told < set(found.unmatched) and len(found.unmatched) == 6
        assert any(line.startswith(checkpoint) for line in found.unmatched)
        assert found.handed["a1"].notes[0].startswith(checkpoint)
        assert found.handed["b2"].notes[0].startswith("b2/broken.zip: a zip that is not opened")


MARIAS = people("m1, Maria Schmidt, 2001", "m2, Maria Schmidt, 2002", "a1, Ann Archer, 1001")


def test_owners_csv_tells_what_cannot_be_told(tmp_path: Path) -> None:
    layout = in_moodle(
        **{"Maria Schmidt_880008": "1", "Maria Schmidt_880009": "2", "Ann Archer_3": "A"}
    )
    root = zipped(tmp_path / "in.zip", layout | {f"anon_x3Yz_5_{NB}": "anonymous"})
    found = collected(root, MARIAS)
    assert contents(found) == {"a1": "A"}
    assert all("m1 (Maria Schmidt) or m2" in found.handed[m].notes[0] for m in ("m1", "m2"))
    assert found.handed["m1"].doubt and not found.handed["a1"].doubt

    given = replace(
        MARIAS, owners={"880008": "m2", "Maria Schmidt_880009_assignsubmission_file_": "m1"}
    )
    assert contents(collected(root, given)) == {"m1": "2", "m2": "1", "a1": "A"}
    given = replace(
        MARIAS, owners={f"anon_x3Yz_5_{NB}": "a1", "Ann Archer_3_assignsubmission_file_": ""}
    )
    found = collected(root, given)
    assert contents(found) == {"a1": "anonymous"}
    assert any(line.endswith(": nobody's, says owners.csv") for line in found.unmatched)
    given = replace(MARIAS, owners={f"anon_x3Yz_5_{NB}": "a1"})
    found = collected(root, given)
    assert contents(found) == {"a1": "anonymous"}, "it goes before what the files say"
    assert any("owners.csv names another file" in line for line in found.unmatched)


def test_a_blind_export_of_moodle(tmp_path: Path) -> None:
    layout = in_moodle(Participant_1002="A", Participant_9="B")
    assert contents(collected(lay(tmp_path / "in", layout), TWO)) == {}
    given = replace(TWO, owners={"1002": "a1", "9": "b2"})
    assert contents(collected(tmp_path / "in", given)) == {"a1": "A", "b2": "B"}


def test_pairs_hand_in_once(tmp_path: Path) -> None:
    course = people(
        "a1, Ann, 1, red", "b2, Ben, 2, red", "c3, Cem, 3, blue", "d4, Dan, 4, blue",
        "e5, Eve, 5, blue", "f6, Fay, 6", "g7, Gil, 7",
    )  # fmt: skip
    layout: Layout = {f"{s}/{NB}": s for s in ("a1", "c3", "d4", "f6")}
    found = collected(lay(tmp_path / "in", layout), course)
    assert contents(found) == {"a1": "a1", "b2": "a1", "c3": "c3", "d4": "d4", "f6": "f6"}
    assert found.handed["b2"].notes == ("handed in by a1, of the team red",)
    assert found.handed["e5"].notes == ("no notebook of one's own, and the team has 2",)
    assert found.notebooks["g7"] is None and found.handed["g7"].notes == ()


def test_a_pair_is_late_together(tmp_path: Path) -> None:
    """Also where the instructor says when, and names the one who handed in."""
    due, time = datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 6, 10, tzinfo=UTC)
    course = people("a1, Ann, 1, red", "b2, Ben, 2, red", "c3, Cem, 3")
    course = replace(course, due=due, times={"a1": time})
    found = collected(lay(tmp_path / "in", {f"a1/{NB}": "A", f"c3/{NB}": "C"}), course)
    assert found.handed["a1"].time == found.handed["b2"].time == time
    course = replace(course, handed=found.handed)
    assert [course.days_late(student) for student in ("a1", "b2", "c3")] == [2, 2, 0]


def test_twice_is_the_same(tmp_path: Path) -> None:
    root = lay(tmp_path / "in", {"ada/one.ipynb": "1"})
    collected(root)
    (root / "ada" / "one.ipynb").rename(root / "ada" / NB)
    found = collected(root)
    assert [path.name for path in (tmp_path / "out/ada" / NAME).iterdir()] == [NB]
    assert contents(found) == {"ada": "1"}
