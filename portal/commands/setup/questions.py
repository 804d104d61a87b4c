"""What `mykey setup` asks, one row a setting, and how what was typed is read."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from pydantic import ValidationError

from portal.config import AROUND, Settings
from portal.domain.codes import Code
from portal.domain.errors import CommandRefused
from portal.domain.formats.origin import is_origin
from portal.domain.ids.service_id import HYPHENS

OF_THE_SERVICE = Path("/var/lib/mykey")
Value = str | int


class Question(NamedTuple):
    setting: str
    title: str
    told: str
    """What is asked, in Japanese and in English, a line each."""
    read: Callable[[str], Value]
    preset: str | None = None
    """What Enter answers; without one there must be an answer."""
    needed: bool = False
    """Whether `mykey serve` does not start without it."""

    @property
    def option(self) -> str:
        return f"--{self.setting.replace('_', '-').replace('operator-', '')}"

    def value_of(self, typed: str) -> Value:
        """Read what was typed. Raises CommandRefused setting-invalid with what is wrong."""
        try:
            typed.encode()
        except UnicodeEncodeError:
            told = "this terminal is not UTF-8: set LANG=C.UTF-8. 端末の文字コードをUTF-8にしてください"
            raise _refused(told) from None
        value = self.read(typed.strip(AROUND))
        if value == "":
            return value
        try:
            Settings.model_validate({"origin": "https://id.invalid", self.setting: value})
        except ValidationError as error:
            for each in error.errors():
                if each["loc"] == (self.setting,):
                    told = each["msg"].removeprefix("Value error, ")
                    raise _refused(f"{told}. 例や形を確かめてください") from None
        return value


def _refused(told: str) -> CommandRefused:
    return CommandRefused(Code.SETTING_INVALID, f"{told[0].upper()}{told[1:]}.")


def _folded(typed: str) -> str:
    """Take what an input method wrote wide for what was meant."""
    return normalize("NFKC", typed).strip()


def typed_path(typed: str) -> Path:
    """Read a path as it is typed, or dragged into a terminal, which writes quotes around it. Raises CommandRefused."""
    text = typed.strip(AROUND)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise _refused("there is no such user as after the ~. 「~」のあとの名前の利用者がいません") from None


def _folder(typed: str) -> str:
    return str(typed_path(typed).absolute())


def _telephone(typed: str) -> str:
    return HYPHENS.sub("-", _folded(typed))


def _origin(typed: str) -> str:
    text = _folded(typed).lower().rstrip("/").removesuffix(":443")
    text = text if "://" in text else f"https://{text}"
    if not (is_origin(text) and text.startswith("https:")):
        raise _refused(
            "the address is https:// and a host's name, with a port if it has one and nothing after it, no IP address. "
            "https://で始まり、ホスト名だけのアドレスにしてください"
        )
    return text


def _number(typed: str) -> Value:
    text = _folded(typed)
    return int(text) if text.isdecimal() else text


def _revocation(typed: str) -> str:
    said = _folded(typed).lower()
    if said not in {"なし", "無し", "none", "crl"}:
        raise _refused("type none or crl. 「なし」かcrlと入れてください")
    return "crl" if said == "crl" else "none"


QUESTIONS = (
    Question(
        "instance",
        "保存先のフォルダー / Folder",
        "データベース、秘密鍵、認証局の証明書を置くフォルダーです。\n"
        "The folder of the database, the secret key and the authorities.",
        _folder,
        str(OF_THE_SERVICE if OF_THE_SERVICE.is_dir() else Path("instance").absolute()),
    ),
    Question(
        "origin",
        "アドレス / Address",
        "利用者が開くアドレスです。カードが署名するので、あとで変えないでください。例：https://id.example.jp\n"
        "The address that citizens open. Cards sign it, so let it stay. For example https://id.example.jp",
        _origin,
        needed=True,
    ),
    Question(
        "database_url",
        "データベース / Database",
        "そのままEnterで、フォルダーの中のSQLiteです。PostgreSQLなら postgresql://利用者:パスワード@ホスト/名前\n"
        "Enter for SQLite in the folder; for PostgreSQL postgresql://user:password@host/name",
        str,
        "",
    ),
    Question(
        "trusted_proxies",
        "TLSプロキシー / TLS proxies",
        "前にあるTLSプロキシー（Caddyやnginx）の数です。\nHow many TLS proxies (Caddy, nginx) are in front.",
        _number,
        "1",
    ),
    Question(
        "revocation",
        "失効の確認 / Revocation",
        "失効リストを受け取っていなければ「なし」と入れてください。受け取っていればcrlです。「なし」のとき、どのページも\n"
        "「電子証明書の有効性確認は行われていません。」と知らせます。\n"
        "Type none where you receive no lists of revoked certificates; each page then says so. Else crl.",
        _revocation,
        needed=True,
    ),
    Question(
        "operator",
        "運営者の名前 / Operator",
        "すべてのページに出る、市区町村や団体の名前です。例：例示市\n"
        "The municipality or association that runs this portal, as each page shows it.",
        str,
    ),
    Question(
        "operator_telephone",
        "問い合わせの電話 / Telephone",
        "すべてのページに出ます。例：03-1234-5678　なければEnter\nOn each page, for questions. Enter for none.",
        _telephone,
        "",
    ),
    Question(
        "operator_mail",
        "問い合わせのメール / Mail",
        "すべてのページに出ます。なければEnter\nOn each page, for questions. Enter for none.",
        _folded,
        "",
    ),
)
