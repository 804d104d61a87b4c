"""What a card is read for, and its parameters, in the words that the bridge says too; a test compares both."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.domain.card_session import Purpose

PURPOSES: dict[str, LazyString] = {
    Purpose.REGISTER: _l("マイキーIDを登録する"),
    Purpose.SIGN_IN: _l("サインインする"),
    Purpose.RENEW: _l("新しいカードに引き継ぐ"),
    Purpose.SHOW: _l("カードの電子証明書を見る"),
    Purpose.TEST: _l("つながるか試す"),
    Purpose.CARRY_OVER: _l("引継ぎコードを作る"),
    Purpose.COUNTER_BEFORE: _l("窓口で、前のカードを確かめる"),
    Purpose.COUNTER_AFTER: _l("窓口で、新しいカードを確かめる"),
    Purpose.LINK: _l("サービスIDの登録を確認する"),
    Purpose.UNLINK: _l("サービスとの連携を解除する"),
    Purpose.CANCEL_RESERVATION: _l("仮登録を取り消す"),
    Purpose.CANCEL_REGISTRATION: _l("マイキーIDの利用をやめる"),
    Purpose.RESUME: _l("マイキーIDをまた使えるようにする"),
}
PARAMETERS: dict[str, LazyString] = {
    "service_provider_id": _l("サービス提供ID"),
    "service_id": _l("サービスID"),
    "visit": _l("窓口での手続きの番号"),
}
