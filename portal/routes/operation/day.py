"""The operator's first page: the day at a glance."""

from flask import Blueprint, render_template
from flask_babel import lazy_gettext as _l

from portal.models import Staff
from portal.web.access import operator, services
from portal.web.problems import problem_of

bp = Blueprint("operator_day", __name__, url_prefix="/operator")
WORDS = {
    "contact": (
        _l("だれに聞けばよいかが、どのページにも出ていません。"),
        _l("運営者の名前と、電話かメールを設定してください。"),
    ),
    "key": (_l("秘密鍵のファイルに問題があります。"), _l("このコンピューターで mykey doctor を実行してください。")),
    "trust": (
        _l("信頼する認証局に問題があるか、90日以内に期限が来ます。"),
        _l("このコンピューターで mykey trust list を実行し、新しい認証局を加えてください。"),
    ),
    "revocation": (
        _l("失効リストがないか、1日以内に期限が来ます。期限が過ぎると、カードは使えません。"),
        _l("新しい失効リストを、フォルダーに置いてください。"),
    ),
    "space": (
        _l("ディスクの空きが少なくなっています。空きがなくなると、何も保存できません。"),
        _l("いらないファイルを消すか、ディスクを大きくしてください。"),
    ),
    "backups": (
        _l("2日以上、バックアップがありません。"),
        _l("バックアップのタイマー（systemd など）と、バックアップを置くフォルダーを確かめてください。"),
    ),
    "audit": (
        _l("監査の記録の終わりが、つながっていません。"),
        _l("このコンピューターで mykey audit verify を実行してください。"),
    ),
    "clock": (
        _l("時計が、データベースの時刻と合っていません。"),
        _l("このコンピューターの時刻合わせ（NTP）を確かめてください。"),
    ),
    "webhooks": (
        _l("業務システムに届いていない引渡しがあります。"),
        _l("業務システムを確かめてから、もう一度送ってください。"),
    ),
    "terminals": (
        _l("3日以上、通信のない端末があります。"),
        _l("電源、ネットワーク、カードリーダーを確かめてください。使わない端末は、登録を取り消してください。"),
    ),
}
"""What needs the operator: what it is, and the next step, for each check."""


@bp.get("/day")
@operator
def show(_: Staff) -> str:
    """Show what needs the operator, and the figures with their tables."""
    glance = services().day.glance()
    shown = {"glance": glance, "with_backups": services().settings.backups is not None}
    return render_template("operation/day/show.html", words=WORDS, problem_of=problem_of, **shown)
