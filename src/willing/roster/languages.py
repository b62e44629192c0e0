"""What plain lists call the languages that guardians are written to in. Pure."""

import re

from willing.core.comparison import fold_name

# By the code of a language that letters and e-mails exist in.
_WORDS = {
    "en": "en, eng, English, Englisch, anglais, inglés, inglese, inglês, Engels, angielski, английский, "
    "英语, 英文",
    "zh-hans": "zh, chi, zho, cmn, Chinese, Simplified Chinese, Mandarin, Chinesisch, chinois, chino, "
    "cinese, chinês, Chinees, chiński, китайский, 中文, 汉语, 漢語, 简体中文, 普通话, 华语, 国语",
}
LANGUAGES = {fold_name(word): code for code, words in _WORDS.items() for word in words.split(",")}


def find_language(text: str) -> str | None:
    """Return the code of a language, "" where nothing is said, None where nothing is written in it.

    A region after the language does not count: en-GB, zh_CN.
    """
    if not text:
        return ""
    return LANGUAGES.get(fold_name(text)) or LANGUAGES.get(fold_name(re.split("[-_]", text)[0]))
