"""What the office chooses from: the first rows of a list, its columns, and which column holds what. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from willing.core.comparison import fold_name
from willing.roster.flat_file import FIELDS, fold_column, open_table
from willing.roster.oneroster import list_schools
from willing.roster.row_errors import RowFault, Unreadable
from willing.roster.sources import FileSource, OneFile, open_source
from willing.roster.staging import Staging

ROWS = 8
# What columns are called that hold a field; compared as names are.
CALLED = {
    "external_id": (
        "id, student id, pupil id, pupil number, person id, number, no, nr, "
        "schülernummer, schüler-id, matrikel, 学号, 学籍号, 编号, 工号, identifiant, "
        "matricola, sourcedid, upn, sis id, admission number, admission no, admission no., adm no, adm. no., "
        "roll number, roll no, roll no., student number, student no, student no., pupil no, pupil no., "
        "register number, student code, schülernr, schülernr., 学生编号"
    ),
    "given_name": (
        "first name, forename, given, given name, preferred name, vorname, rufname, "
        "prénom, nombre, nome, 姓名, 名字, 名, name, full name, pupil, pupil name, student, student name, "
        "child, child name, learner, schüler, élève, alumno, alunno, 学生, 学生姓名"
    ),
    "family_name": (
        "last name, surname, family name, nachname, familienname, nom, apellidos, apellido, cognome, 姓, name"
    ),
    "year": ("class, year group, grade, form, klasse, jahrgang, classe, clase, curso, 班级, 年级"),
    "kind": "role, type, person type, rolle, rôle, rol, 角色, 身份, 类别",
    "birth_date": (
        "date of birth, birthday, birthdate, dob, geburtsdatum, geboren, "
        "date de naissance, fecha de nacimiento, 出生日期, 生日"
    ),
    "guardian_name": (
        "guardian, parent, parent name, contact name, mother, erziehungsberechtigte, "
        "sorgeberechtigte, mutter, eltern, parent 1, guardian 1, 家长, 家长姓名, 监护人, "
        "监护人姓名, 母亲"
    ),
    "guardian_email": (
        "email, e-mail, mail, parent email, contact email, e-mail eltern, 邮箱, 家长邮箱, 电子邮箱"
    ),
    "guardian_relationship": "relationship, relation, beziehung, 关系, 与学生关系",
    "guardian_phone": (
        "phone, telephone, tel, mobile, cell, parent phone, contact phone, telefon, handy, mobil, téléphone, "
        "portable, teléfono, móvil, telefono, cellulare, 电话, 手机, 手机号, 联系电话, 家长电话, 家长手机"
    ),
    "guardian_language": (
        "language, home language, parent language, sprache, familiensprache, langue, idioma, lingua, 语言, "
        "家庭语言, 沟通语言"
    ),
    "guardian_id": "parent id, contact id, agent, 家长编号",
    "guardian_name_2": "father, vater, parent 2, guardian 2, 父亲, 第二监护人",
    "guardian_email_2": "parent 2 email, guardian 2 email, email 2",
}

# Lists of more than one guardian number them: "Parent 1 e-mail", "Contact phone 2", 家长1电话.
GUARDIANS = ("parent", "guardian", "carer", "contact", "家长", "监护人", "联系人")
OF_GUARDIANS = {
    "guardian_name": ("", "name", "姓名"),
    "guardian_email": ("email", "mail", "邮箱", "电子邮箱"),
    "guardian_phone": ("phone", "telephone", "tel", "mobile", "电话", "手机", "手机号"),
    "guardian_relationship": ("relationship", "关系"),
}


@dataclass(frozen=True)
class Peek:
    """What can be seen of a file before it is read.

    is_bundle: of OneRoster, so no columns are chosen. schools: its schools, by sourcedId and name. rows: line
    and cells of the first rows. columns: those of the line with names. fault: why it cannot be read.
    """

    is_bundle: bool = False
    schools: Sequence[tuple[str, str]] = ()
    rows: Sequence[tuple[int, Sequence[str]]] = ()
    columns: Sequence[str] = ()
    header_line: int = 0
    fault: RowFault | None = None


def peek(name: str, content: bytes, *, encoding: str = "", header_line: int = 0) -> Peek:
    """Return the first rows of a file with this name, or the schools of a bundle."""
    staging = Staging()
    try:
        source = open_source(Path(name), content)
        if not isinstance(source, OneFile):
            return Peek(is_bundle=True, schools=_schools(source, staging))
        first = open_table(source, staging, encoding=encoding, header_line=1)
        rows = [(first.line, first.columns), *islice(first.cells, ROWS - 1)]
        table = open_table(source, staging, encoding=encoding, header_line=header_line)
        return Peek(rows=rows, columns=table.columns, header_line=table.line)
    except Unreadable as broken:
        return Peek(fault=broken.fault)
    finally:
        staging.close()


def _schools(source: FileSource, staging: Staging) -> Sequence[tuple[str, str]]:
    try:
        return list_schools(source, staging)
    except Unreadable:  # the preview says why
        return ()


def guess_columns(columns: Sequence[str]) -> dict[str, str]:
    """Return which column probably holds which field, by its name; each column once."""
    guessed: dict[str, str] = {}
    free = [one for one in columns if not one.startswith("#")]
    for field in FIELDS:
        called = _names_of(field)
        names = [one for one in free if fold_column(one) == field]
        names += sorted(
            (one for one in free if fold_name(one) in called), key=lambda one: called.index(fold_name(one))
        )
        if names:
            guessed[field] = names[0]
            free.remove(names[0])
    return guessed


@cache
def _names_of(field: str) -> Sequence[str]:
    """Return what a column is called that holds a field, folded, the likeliest first."""
    called = [fold_name(one) for one in CALLED.get(field, "").split(",") if one]
    about, number = (field[:-2], field[-1]) if field[-1].isdigit() else (field, "1")
    for what in OF_GUARDIANS.get(about, ()):
        for who in GUARDIANS:
            plain = (who + what,) if number == "1" else ()
            called += [who + number + what, who + what + number, *plain]
    return called
