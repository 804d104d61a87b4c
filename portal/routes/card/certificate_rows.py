"""The rows of 「証明書表示」 in words: 基本情報, 詳細情報, the evidence of each check, and the file."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from flask_babel import force_locale, format_date
from flask_babel import gettext as _

from portal.domain.formats.japanese_date import JST, japanese_date
from portal.pki.certificate import YEARS
from portal.pki.explanation import Check
from portal.pki.facts import Facts, Lines
from portal.web.language import locale_code


class Row(NamedTuple):
    name: str
    lines: Lines
    remark: str = ""


Value = str | Iterable[str] | None


def basic(facts: Facts) -> list[Row]:
    """Give 基本情報."""
    return _rows(
        (_("主体者(S)"), facts.subject),
        (_("発行年月日(Y)"), _day(facts.not_before)),
        (_("有効期間の満了日(E)"), _day(facts.not_after)),
        (_("発行者(I)"), facts.japanese_issuer),
    )


def detailed(facts: Facts) -> list[Row]:
    """Give 詳細情報."""
    random_string, terminal_code = facts.common_name or (None, None)
    return _rows(
        (_("署名アルゴリズム"), facts.signature_algorithm),
        (_("発行者"), facts.issuer),
        (_("発行年月日"), _time(facts.not_before)),
        (_("有効期間の満了日"), _time(facts.not_after)),
        (_("ランダム文字列"), random_string, _("マイキーIDにあたる情報")),
        (_("受付端末識別記号"), terminal_code, _("既定のランダム文字列を一意にするための補足情報")),
        (_("主体者の公開鍵情報"), facts.public_key),
        (_("フィンガープリント"), facts.fingerprint),
    )


def as_file(facts: Facts) -> bytes:
    """Write ファイル出力: `[項目名]`, value, blank line; UTF-8 with BOM and CRLF, in Japanese on every page."""
    with force_locale("ja"):
        rows = [*_rows((_("主体者"), facts.subject)), *detailed(facts)]
    text = "".join(f"[{row.name}]\r\n" + "".join(f"{line}\r\n" for line in row.lines) + "\r\n" for row in rows)
    return text.encode("utf-8-sig")


def evidence(check: Check) -> list[Row]:
    """Give what a check looked at."""
    found = check.evidence
    return _rows(
        (_("証明書ポリシー"), found.get("policies")),
        (_("鍵の使い方"), found.get("usages")),
        (_("有効期間のはじめ"), _time(found.get("begin"))),
        (_("有効期間の終わり"), _time(found.get("end"))),
        (_("確かめた時刻"), _time(found.get("now"))),
        (_("署名した発行者"), found.get("authority")),
        (_("発行者の証明書のフィンガープリント"), found.get("fingerprint")),
        (_("公開鍵"), found.get("key")),
        (_("署名の方式"), found.get("algorithm")),
        (_("ランダム文字列"), found.get("random_string")),
        (_("受付端末識別記号"), found.get("terminal_code")),
        (_("失効リストの発行日時"), _time(found.get("this_update"))),
        (_("失効リストの次の発行日時"), _time(found.get("next_update"))),
    )


def _rows(*rows: tuple[str, Value] | tuple[str, Value, str]) -> list[Row]:
    """Leave out the rows whose value could not be read."""
    made = (Row(name, (value,) if isinstance(value, str) else tuple(value or ()), *more) for name, value, *more in rows)
    return [row for row in made if row.lines]


def _day(moment: datetime) -> str:
    return japanese_date(moment.date()) if locale_code() == "ja" else str(format_date(moment.date(), "long"))


def _time(moment: datetime | None) -> str | None:
    """Write a moment in 西暦 with its time in Japan."""
    if moment is None or moment.year > YEARS[-1]:  # a list of revoked certificates may hold for ever
        return None
    local = moment.astimezone(JST)
    return str(
        _(
            "%(year)s年%(month)s月%(day)s日%(hour)s時%(minute)s分%(second)s秒",
            year=local.year,
            month=local.month,
            day=local.day,
            hour=local.hour,
            minute=f"{local.minute:02}",
            second=f"{local.second:02}",
        )
    )
