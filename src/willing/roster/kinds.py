"""What plain lists call a pupil, a member of staff and a parent, in many languages. Pure."""

from willing.core.comparison import fold_name, fold_words

PUPIL, STAFF, PARENT = "pupil", "staff", "parent"
_WORDS = {
    PUPIL: """
        pupil pupils student students learner child Schüler Schülerin Schueler Schuelerin Kind
        Élève Étudiant Alumno Alumna Estudiante Aluno Aluna Alunno Alunna Studente Leerling
        Uczeń Uczennica Žák Žákyně Elev Oppilas Ученик Ученица Учащийся Öğrenci طالب طالبة تلميذ
        תלמיד תלמידה 学生 學生 生徒 児童 학생 Siswa Murid
    """,
    STAFF: """
        staff teacher teachers faculty employee educator administrator principal headteacher
        head aide assistant counselor counsellor secretary librarian nurse cook caretaker
        proctor Lehrer Lehrerin Lehrkraft Lehrperson Personal Mitarbeiter Mitarbeiterin
        Angestellter Angestellte Erzieher Erzieherin Referendar Referendarin Schulleiter
        Schulleiterin Schulleitung Sekretariat Sekretärin Hausmeister Professeur Enseignant
        Enseignante Personnel Profesor Profesora Maestro Maestra Docente Professor Professora
        Personale Insegnante Leraar Lerares Docent Medewerker Nauczyciel Nauczycielka Učitel
        Učitelka Lärare Lærer Opettaja Учитель Учительница Сотрудник Педагог Öğretmen Personel
        معلم معلمة مدرس מורה 教师 教師 老师 老師 教职工 教職工 教职员
        職員 教員 职工 员工 班主任 校长 교사 교직원 직원 Guru
    """,
    PARENT: """
        parent parents guardian guardians mother father carer Eltern Elternteil Mutter Vater
        Vormund Erziehungsberechtigte Erziehungsberechtigter Sorgeberechtigte Sorgeberechtigter
        Mère Père Tuteur Tutrice Padre Madre Padres Responsável Genitore Ouder Verzorger
        Rodzic Rodič Förälder Родитель Мать Отец Veli Ebeveyn
        家长 家長 父亲 母亲 监护人 監護人 保護者 학부모
    """,
}  # fmt: skip
_PHRASES = {
    "support staff": STAFF,
    "teaching assistant": STAFF,
    "Học sinh": PUPIL,
    "Giáo viên": STAFF,
    "Phụ huynh": PARENT,
}
KINDS = {fold_name(word): kind for kind, words in _WORDS.items() for word in words.split()} | {
    fold_name(phrase): kind for phrase, kind in _PHRASES.items()
}


def find_kind(text: str) -> str | None:
    """Return PUPIL, STAFF or PARENT, "" where nothing is said, None where it is no role of a school's list.

    A cell may name several ("Teacher / Parent", "Schüler/in"): being a pupil goes before being staff, and
    that before being a parent.
    """
    words = fold_words(text)
    if not words:
        return None if text.strip() else ""
    found = {KINDS.get("".join(words)), *(KINDS.get(word) for word in words)}
    return next((kind for kind in (PUPIL, STAFF, PARENT) if kind in found), None)
