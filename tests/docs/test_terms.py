"""Screens, notices and manuals call a thing what docs/reference/terms.md calls it, in both languages."""

import ast
import io
import re
import tokenize
from functools import cache

import pytest
from tests.docs.test_translations import SOURCE, messages, translated
from tests.support.syntax import nodes

ROOT = SOURCE.parents[1]
DOCS = ROOT / "docs"
TERMS = (DOCS / "reference" / "terms.md").read_text(encoding="utf-8")
NOTICES = SOURCE / "consent" / "notices"
# The manuals that people read with a screen before them.
MANUALS = [path for folder in ("start", "how-to", "operate") for path in sorted((DOCS / folder).glob("*.md"))]

QUOTED = re.compile(r"“([^”]+)”")
ITALIC = re.compile(r"(?<![*\w])\*(?!\*)([^*\n]+)\*(?![*\w])")
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)


@pytest.fixture(scope="module")
def screens():
    return {text for _, text in messages()}


@pytest.fixture(scope="module")
def chinese():
    return {english: texts[0] for english, texts in translated().items()}


def shown(name, screens):
    """Return whether a screen shows `name`; `…` leaves out the end, and a value may be filled in."""
    if name.endswith("…"):
        return any(text.startswith(name[:-1]) for text in screens)
    return name in screens or f"{name}." in screens


@pytest.mark.parametrize("path", sorted(NOTICES.glob("*.en.md")), ids=lambda path: path.name)
def test_a_button_named_in_a_notice_exists_under_that_name_in_both_languages(path, screens, chinese):
    english = QUOTED.findall(path.read_text(encoding="utf-8"))
    other = path.with_name(path.name.replace(".en.", ".zh-hans."))
    assert english
    assert set(english) <= screens
    assert QUOTED.findall(other.read_text(encoding="utf-8")) == [chinese[name] for name in english]


def test_a_button_named_on_a_screen_a_letter_or_a_sign_exists_in_both_languages(screens, chinese):
    wrong = []
    for text in sorted(screens):
        for name in QUOTED.findall(text):
            # A command is the same in every language.
            other = name if name.startswith("willing ") else chinese.get(name) if name in screens else None
            if other is None or f"“{other}”" not in chinese[text]:
                wrong.append((text, name, chinese[text]))
    assert not wrong


@pytest.mark.parametrize("path", MANUALS, ids=lambda path: path.name)
def test_what_a_manual_quotes_from_a_screen_is_on_a_screen(path, screens):
    names = ITALIC.findall(CODE.sub("", path.read_text(encoding="utf-8")))
    assert not [name for name in names if not shown(name, screens)]


def test_the_manuals_do_quote_the_screens():
    assert sum(len(ITALIC.findall(CODE.sub("", path.read_text(encoding="utf-8")))) for path in MANUALS) > 100


# Words that do not come back, as they were misused here, and what is shown instead of each.
RETIRED = {
    "end, ended": r"\b(?<!the )(?<!an )ended?\b(?! of)|\bends\b(?! (?:with|in))"
    r"|\bend (this|the|that) (card|code|one)\b",
    "rest, rested": r"(?<!the )\brests?\b|\brested\b",
    "a look, three looks": r"\b(a|each|every|one|three|many) looks?\b(?!-)|\blooks of\b|\blooked at\b",
    "told": r"\btold\b(?! apart)",
    "a say, a word, the last word": r"\b(a|no|the|any) say\b|\bsaid anew\b|\b(last|own|earlier) words?\b",
    "stand, stood": r"\bstands?\b(?! (?:out|for))|\bstood\b",
    "somebody, whoever": r"\b(somebody|whoever)\b",
    "figures": r"\bfigures?\b",
    "papers": r"\bpapers\b",
    "tries": r"\b(wrong|many|failed|five|ten) tries\b",
    "give back, given back": r"\b(give|gives|gave|given|giving) (it |money |payments? )?back\b",
    "square pattern": r"\bsquare pattern\b",
    "go on": r"^Go on$",
    "ground": r"\b(its|whose|the|no) ground\b|^Ground$",
    "sweep": r"\b(nightly|the|a|no|next) sweep\b|\bswept\b",
    "the other ways": r"\b(pays?|paid) the other ways\b",
    "thrown away": r"\bthr(own|ows|ow) (\w+ ){0,2}away\b",
}
RETIRED_CHINESE = {
    "密码": r"(?<!登录)密码",
    "不再刷脸, 停止使用我的脸": r"不再刷脸|停止使用我的脸",
    "凭据, 回执": r"凭据|回执",
    "收据": r"收据",
    "数据保护专员, 数据保护官, 数据保护负责人": r"(?<!信息)保护负责人|数据保护专员|数据保护官",
    "运维人员": r"运维人员",
    "收银号码, 付款号码": r"收银号码|付款号码",
    "家庭报告": r"家庭报告",
    "登录信, 登录邀请函": r"登录信(?!息)|登录邀请函",
    "有人说不, 说不": r"说不(?!同意|知)",
    "校务办公室, 校务处, 教务处, 教务, 校办": r"校务|教务|校办(?!公室)",
    "付款码, 卡码": r"付款码|卡码",
    "正餐": r"正餐",
    "上学日": r"上学日",
    "告知书": r"告知书",
    "征询家庭意见": r"征询家[庭长]意见",
    "休息": r"(密码|PIN码?)\w*休息",
}
# Where nobody has cleaned yet. Each entry goes when its texts are rewritten; the list never grows.
NOT_YET: list[str] = []


def test_what_is_not_cleaned_yet_only_becomes_less():
    assert len(NOT_YET) <= 5
    assert all(list(DOCS.rglob(name)) for name in NOT_YET)


@cache
def english_on_screens():
    return sorted({text for _, text in messages()})


@cache
def english_in_notices():
    return [
        line for path in [*NOTICES.glob("*.en.md")] for line in path.read_text(encoding="utf-8").splitlines()
    ]


def documents():
    return [
        path
        for path in [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
        if path.name not in NOT_YET and path.name != "terms.md"
    ]


@cache
def prose(path):
    """Return a document's lines without code, addresses and quoted screens."""
    text = CODE.sub("", path.read_text(encoding="utf-8"))
    text = re.sub(r"\]\([^)]*\)", "]", ITALIC.sub("", text))
    return re.sub(r"“[^”]*”|\"[^\"\n]*\"", "", text).splitlines()


@pytest.mark.parametrize("word", RETIRED)
def test_a_retired_word_does_not_come_back_on_a_screen_or_in_a_notice(word):
    pattern = re.compile(RETIRED[word], re.IGNORECASE)
    assert not [text for text in english_on_screens() + english_in_notices() if pattern.search(text)]


@pytest.mark.parametrize("word", RETIRED)
def test_a_retired_word_does_not_come_back_in_the_documents(word):
    pattern = re.compile(RETIRED[word])
    assert not [
        (path.name, number, line)
        for path in documents()
        for number, line in enumerate(prose(path), 1)
        if pattern.search(line)
    ]


def docstrings_and_command_texts(path):
    """Yield the first line and the text of each docstring, and of each string where commands are."""
    imports = [node for node in nodes(path) if isinstance(node, ast.Import)]
    has_commands = any(name.name == "click" for node in imports for name in node.names)
    for node in nodes(path):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if ast.get_docstring(node) is not None:
                yield node.body[0].lineno, ast.get_docstring(node, clean=False)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and has_commands:
            yield node.lineno, node.value


def text_in_code(path):
    """Return a module's docstrings, comments and command texts, by line."""
    source = path.read_text(encoding="utf-8")
    found = {
        (line + number, text)
        for line, whole in docstrings_and_command_texts(path)
        for number, text in enumerate(whole.splitlines())
    }
    comments = tokenize.generate_tokens(io.StringIO(source).readline)
    found |= {(token.start[0], token.string) for token in comments if token.type == tokenize.COMMENT}
    return sorted(found)


@pytest.fixture(scope="module")
def code():
    paths = [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]
    return [(str(path.relative_to(SOURCE)), *one) for path in paths for one in text_in_code(path)]


def test_the_texts_in_the_code_are_seen(code):
    texts = [text for _, _, text in code]
    assert len(texts) > 5000
    assert any("Verify the log; exit 1" in text for text in texts)
    assert any("every balance is right" in text for text in texts)
    assert any(text.startswith("# RFC 6750") for text in texts)


# Not meant by the retired words: code between marks, quoted screens, and what does end by itself.
NOT_MEANT = re.compile(r"“[^”]*”|`[^`]*`|\b(transaction|process|thread|request)( that)? ends\b")


# Somebody and whoever are a matter of style, not second names for a thing: engineers may meet them.
@pytest.mark.parametrize("word", [word for word in RETIRED if word != "somebody, whoever"])
def test_a_retired_word_does_not_come_back_in_a_docstring_a_comment_or_a_command(word, code):
    pattern = re.compile(RETIRED[word], re.IGNORECASE)
    assert [one for one in code if pattern.search(NOT_MEANT.sub("", one[2]))] == []


# The same words as parts of a name in the code.
RETIRED_IN_NAMES = {
    "end, ended": {"end_", "ends", "ended", "ending"},
    "rest, rested": {"rest", "rests", "rested"},
    "a look, three looks": {"look", "looks", "looked", "looking"},
    "told": {"told", "tell", "tells", "telling"},
    "a say, a word, the last word": {"say", "says", "said", "saying", "noes"},
    "stand, stood": {"stand", "stands", "standing", "stood"},
    "somebody, whoever": {"somebody", "everybody", "whoever"},
    "figures": {"figure", "figures"},
    "papers": {"paper", "papers"},
    "tries": {"tries"},
    "sweep": {"sweep", "sweeps", "swept"},
    "ground": {"ground", "grounds"},
    "thrown away": {"throw", "throws", "thrown"},
}
# A look-up, and what something looks like; an end of something else (`month_end`, `begin, end`).
NOT_MEANT_IN_NAMES = re.compile(r"look_up|looks_(like|alike|rounded)|^end(_to_end)?$")
# How a school looks, and what a printer holds.
NOT_MEANT_OF_A_KIND = {"class look", "parameter look", "function look_of", "function look_data"}
NOT_MEANT_OF_A_KIND |= {"function school_look", "class paper"}


def names_in(tree):
    """Yield what each class, function and parameter is called, in small letters, and of which kind it is."""
    for node in tree:
        if isinstance(node, ast.ClassDef):
            yield "class", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", node.name).lower()
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield "function", node.name
        elif isinstance(node, ast.arg):
            yield "parameter", node.arg


def retired_names(tree):
    """Return the names with a part that is a retired word."""
    found = set()
    for kind, name in names_in(tree):
        if f"{kind} {name}" in NOT_MEANT_OF_A_KIND:
            continue
        parts = NOT_MEANT_IN_NAMES.sub("", name).strip("_").split("_")
        first = {f"{parts[0]}_"} if kind != "parameter" else set()
        if name == "end" and kind == "function":
            first = {"end_"}
        if any(words & {*parts, *first} for words in RETIRED_IN_NAMES.values()):
            found.add(name)
    return found


def test_a_retired_word_does_not_come_back_in_a_name_of_the_code():
    paths = [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]
    found = {str(path.relative_to(SOURCE)): retired_names(nodes(path)) for path in paths}
    assert {path: names for path, names in found.items() if names} == {}
    assert set(RETIRED_IN_NAMES) <= set(RETIRED)


@pytest.mark.parametrize("word", RETIRED_IN_NAMES)
def test_a_retired_word_is_found_in_the_name_of_a_class_a_function_or_a_parameter(word):
    for part in RETIRED_IN_NAMES[word]:
        name = part + ("" if part.endswith("_") else "_") + "excuse"
        source = f"class {name.title().replace('_', '')}: ...\nasync def {name}(): ..."
        assert retired_names(ast.walk(ast.parse(source))) == {name}
        if not part.endswith("_"):
            assert retired_names(ast.walk(ast.parse(f"def f(*, is_{part}: bool): ..."))) == {f"is_{part}"}


def test_what_only_looks_like_a_retired_word_in_a_name_is_not_meant():
    source = "def month_end(begin, end, look): ...\ndef look_up(text): ...\ndef looks_like_csv(): ..."
    assert retired_names(ast.walk(ast.parse(source))) == set()
    assert retired_names(ast.walk(ast.parse("def end(): ...\ndef look(): ..."))) == {"end", "look"}


@pytest.mark.parametrize("word", RETIRED_CHINESE)
def test_a_retired_chinese_word_does_not_come_back(word, chinese):
    pattern = re.compile(RETIRED_CHINESE[word])
    texts = [chinese[text] for text in english_on_screens()]
    texts += [path.read_text(encoding="utf-8") for path in NOTICES.glob("*.zh-hans.md")]
    # What Help shows, what is kept, the laws.
    texts += [line for path in SOURCE.rglob("*.toml") for line in path.read_text("utf-8").splitlines()]
    assert not [text for text in texts if pattern.search(text)]


def test_staff_are_addressed_as_adults(chinese):
    staff = [text for path, text in messages() if {"console", "set_up", "credentials"} & {*path.parts}]
    assert len(staff) > 1500
    # "Both of you" of two teachers, who are adults, too.
    assert [text for text in staff if re.search("你(?!好)", chinese[text])] == []


def test_every_retired_word_stands_in_the_list_with_what_to_say_instead():
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", TERMS.partition("## Never say")[2], re.MULTILINE)
    listed = {re.sub(r" \(.*\)$", "", retired): instead for retired, instead in rows[1:]}
    assert set(RETIRED) | set(RETIRED_CHINESE) == set(listed)


@pytest.mark.parametrize("word", [*RETIRED, *RETIRED_CHINESE])
def test_each_pattern_finds_its_own_word(word):
    pattern = RETIRED.get(word) or RETIRED_CHINESE[word]
    examples = {
        "end, ended": "It has ended.",
        "rest, rested": "This PIN rests for five minutes.",
        "a look, three looks": "Each look is in the log",
        "told": "Who was told",
        "a say, a word, the last word": "everybody who has a say",
        "stand, stood": "Where it stands",
        "somebody, whoever": "Somebody decided",
        "tries": "Too many tries.",
        "go on": "Go on",
        "ground": "Ground",
        "sweep": "The nightly sweep finished",
        "the other ways": "Everybody pays the other ways.",
        "thrown away": "They are thrown away",
        "休息": "这个密码休息五分钟",
    }
    for example in [examples[word]] if word in examples else word.split(", "):
        assert re.search(pattern, example, re.IGNORECASE)
