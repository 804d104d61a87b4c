"""The documents of docs/ as pages: what a reader gets in the portal is what stands beside the code."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it.token import Token

FOLDER = Path(__file__).parents[1] / "docs"
"""A link to docs/ in the repository, and a folder in the wheel."""
SUBJECTS = {
    "citizen": _l("マイキーIDの登録から、カードを新しくしたときとなくしたときまで、市民の方の手続きを順に説明します。"),
    "clerk": _l("市区町村の窓口で、カードを読み取り、本登録とカード更新の手続きを行う職員のための手引きです。"),
    "shop": _l("お店の受付に端末を置き、サービスIDを登録して、カードをかざした方の番号を照会するための手引きです。"),
    "library": _l("図書館に端末を置き、箱を開けてから、はじめての利用カードを連携するまでを順に説明します。"),
    "self-hosting": _l("何もないサーバーから、自分のマイキーポータルを開き、はじめてカードをかざすまでの手順です。"),
    "operations": _l("マイキーポータルを運営する方のために、設定、コマンド、バックアップと日々の見守りを説明します。"),
    "scaling": _l(
        "何人ならどれだけのコンピューターがいるか、何台かで動かして切り替えるにはどうするかを、測った数字から説明します。"
    ),
    "terms": _l("マイキーポータルを運営する市区町村や協議会が、自分の利用規約を書くときに使えるひな形です。"),
    "integrator": _l("業務システムやレジからマイキーポータルを使う開発者のための、そのまま動く例がある手引きです。"),
    "troubleshooting": _l(
        "うまくいかないときに、画面やカードリーダーに起きていることから、原因と次にすることを探せます。"
    ),
    "errors": _l("画面とプログラムに出るエラーコードの一つ一つについて、原因と、次にすることを説明します。"),
}
"""What people may read, each in a sentence for the list and for search engines."""
READERS = (
    (_l("市民の方"), ("citizen", "troubleshooting", "errors")),
    (_l("市区町村の窓口の方"), ("clerk",)),
    (_l("図書館とお店の方"), ("library", "shop")),
    (_l("運営する方"), ("self-hosting", "operations", "scaling", "terms")),
    (_l("プログラムを作る方"), ("integrator",)),
)
"""Who reads what, in the order of the list."""
LINK = re.compile(
    r"(?P<name>[a-z-]+)(?:\.ja|\.easy)?\.md(?P<part>#.+)?|pictures/help/(?P<picture>[\w.-]+)|#.+|https?://.+"
)
ENTRY = re.compile(r"^### (.+)\n(?:(?!#).*\n)*", re.MULTILINE)
WIDE = re.compile(r"[\u2e80-\u9fff\uff00-\uff60]")


@dataclass(frozen=True)
class Document:
    """A document in one language; `sections` is its list of contents, anchor and words of each."""

    title: str
    locale: str
    sections: tuple[tuple[str, str], ...]
    body: Markup


def names() -> list[str]:
    """Name the documents that are there: each has a Japanese text."""
    return [name for name in SUBJECTS if (FOLDER / f"{name}.ja.md").is_file()]


@cache
def document(name: str, language: str) -> Document:
    """Read a document in a language of LANGUAGES, in Japanese where there is no such text."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - long to load, and few pages need it

    file = FOLDER / (f"{name}.md" if language == "en" else f"{name}.{language}.md")
    if not file.is_file():
        language, file = "ja", FOLDER / f"{name}.ja.md"
    text = file.read_text("utf-8")
    if name == "errors" and language == "easy":
        text += _lacking(text, (FOLDER / "errors.ja.md").read_text("utf-8"))
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    for token in tokens:
        if token.type == "fence":
            token.attrSet("translate", "no")
        token.children = token.children and list(_adapted(token.children, japanese=language != "en"))
    (_, _, title), *headings = _anchored(tokens)
    return Document(
        title=title,
        locale="en" if language == "en" else "ja",
        sections=tuple((anchor, words) for tag, anchor, words in headings if tag == "h2"),
        body=Markup(markdown.renderer.render(tokens[3:], markdown.options, {})),  # noqa: S704 - HTML in it is no HTML
    )


def _lacking(easy: str, japanese: str) -> str:
    """Return the entries that are there in Japanese alone: codes that staff, operators and programmers meet."""
    there = {entry[1] for entry in ENTRY.finditer(easy)}
    return "\n" + "".join(entry[0] for entry in ENTRY.finditer(japanese) if entry[1] not in there)


def _adapted(tokens: "Sequence[Token]", *, japanese: bool) -> "Iterator[Token]":
    """Yield what stands in one paragraph: links lead within the portal, and Japanese lines join without a blank."""
    dropped = 0
    for number, token in enumerate(tokens):
        if token.type == "link_open":
            address = _address(str(token.attrGet("href")))
            dropped += not address
            token.attrSet("href", address)
            if not address:
                continue
        elif token.type == "link_close" and dropped:
            dropped -= 1
            continue
        elif token.type == "softbreak" and japanese and _between_wide(tokens, number):
            continue
        elif token.type == "code_inline":
            token.attrSet("translate", "no")
        elif token.type == "image":
            token.attrs |= {"src": _address(str(token.attrGet("src"))), "loading": "lazy"}
        yield token


def _between_wide(tokens: "Sequence[Token]", number: int) -> bool:
    """Tell whether a line ends, or the next one begins, with a Japanese character."""
    return bool(WIDE.match(tokens[number - 1].content[-1:]) or WIDE.match(tokens[number + 1].content[:1]))


def _address(written: str) -> str:
    """Return where a link of a document leads in the portal; nowhere, an empty text, where it is not for people."""
    match = LINK.fullmatch(written)
    if match and match["name"]:
        return url_for("help.show", name=match["name"]) + (match["part"] or "") if match["name"] in names() else ""
    if match and match["picture"]:
        return url_for("help.picture", file=match["picture"])
    return written if match else ""


def _anchored(tokens: "Sequence[Token]") -> Iterator[tuple[str, str, str]]:
    """Give each heading the anchor that a git host gives it; yield tag, anchor and words of each."""
    seen: Counter[str] = Counter()
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            words = "".join(child.content for child in inline.children or ())
            anchor = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            again = f"-{seen[anchor]}" if seen[anchor] else ""
            seen[anchor] += 1
            opening.attrSet("id", anchor + again)
            yield opening.tag, anchor + again, words
