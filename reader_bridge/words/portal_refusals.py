"""What the portal refused and what to do next, by the portal's code."""

from reader_bridge.words.error_sentences import START_AGAIN_EN, START_AGAIN_JA
from reader_bridge.words.sentences import Sentence

_MISUNDERSTOOD = Sentence(
    "このソフトウェアの送った内容を、ポータルが受け付けませんでした。新しい版があれば入れ、続くときは運営者にご連絡ください。",
    "The portal did not take what this program sent. Install a newer version if there is one; if this goes on, tell "
    "the portal's operator.",
)
PORTAL_REFUSALS = {
    "bridge-too-old": Sentence(
        "このソフトウェアの版は古いため、ポータルが受け付けません。新しい版を入れてください。",
        "This version of the program is too old for the portal. Install a newer version.",
    ),
    "signature-invalid": Sentence(
        f"カードの署名をポータルが確かめられませんでした。何も登録されていません。{START_AGAIN_JA}",
        f"The portal could not verify the card's signature. Nothing was registered. {START_AGAIN_EN}",
    ),
    "certificate-subject-invalid": Sentence(
        "この電子証明書は、マイキーIDに使える形ではありません。市区町村窓口にご相談ください。",
        "This certificate does not have the form that a MyKey ID needs. Ask at your municipal counter.",
    ),
    "certificate-malformed": Sentence(
        f"電子証明書をポータルが読み取れませんでした。カードを置き直して、{START_AGAIN_JA}",
        f"The portal could not read the certificate. Place the card again. {START_AGAIN_EN}",
    ),
    "nonce-used": Sentence(
        f"この手続きの確認はもう使われています。{START_AGAIN_JA}", f"This was answered already. {START_AGAIN_EN}"
    ),
    "claim-invalid": Sentence(
        f"ポータルはこの手続きを知りません。{START_AGAIN_JA}",
        f"The portal does not know this any longer. {START_AGAIN_EN}",
    ),
    "host-unknown": Sentence(
        "ポータルはこのアドレスを自分のものとしていません。アドレスを確かめ、続くときは運営者にご連絡ください。",
        "The portal does not go by this address. Check it; if this goes on, tell the portal's operator.",
    ),
    "request-malformed": _MISUNDERSTOOD,
    "method-not-allowed": _MISUNDERSTOOD,
    "not-found": _MISUNDERSTOOD,
    "origin-refused": _MISUNDERSTOOD,
    "token-malformed": _MISUNDERSTOOD,
    "body-too-large": _MISUNDERSTOOD,
    "media-type-unsupported": _MISUNDERSTOOD,
    "enrolment-code-not-found": Sentence(
        "この登録コードは使えません。使い終わったか、24時間が過ぎています。運営者に新しい登録コードを頼んでください。",
        "This enrolment code was used, or is older than 24 hours. Ask the operator for a new one.",
    ),
    "card-session-not-found": Sentence(
        "このコードまたはリンクは見つかりません。ページのコードを確かめるか、最初からやり直してください。",
        "This code or link is not known. Check the code on the page, or start again there.",
    ),
    "card-session-claimed": Sentence(
        f"この手続きは別の所でも開かれたため、安全のため終了しました。{START_AGAIN_JA}",
        f"This was opened in another place too and was ended to be safe. {START_AGAIN_EN}",
    ),
    "card-session-expired": Sentence(f"時間切れです。{START_AGAIN_JA}", f"Time ran out. {START_AGAIN_EN}"),
    "card-session-ended": Sentence(
        f"この手続きはもう終わっています。{START_AGAIN_JA}",
        f"This has ended already. {START_AGAIN_EN}",
    ),
    "certificate-expired": Sentence(
        "利用者証明用電子証明書の有効期間が過ぎています。市区町村窓口で更新してください。",
        "The user authentication certificate has expired. Renew it at your municipal counter.",
    ),
    "certificate-revoked": Sentence(
        "利用者証明用電子証明書は失効しています。市区町村窓口にご相談ください。",
        "The user authentication certificate is revoked. Ask at your municipal counter.",
    ),
    "certificate-not-yet-valid": Sentence(
        "利用者証明用電子証明書の有効期間がまだ始まっていません。発行日を確かめてください。",
        "The user authentication certificate is not valid yet. Check the day it was issued.",
    ),
    "certificate-not-trusted": Sentence(
        "このポータルが認める認証局の電子証明書ではありません。別のカードでないか確かめてください。",
        "The certificate is not from an authority that this portal accepts. Check that this is the right card.",
    ),
    "certificate-wrong-kind": Sentence(
        "利用者証明用電子証明書ではありません。別のカードでないか確かめてください。",
        "This is not a user authentication certificate. Check that this is the right card.",
    ),
    "revocation-unknown": Sentence(
        "電子証明書の有効性をいま確認できません。しばらくしてから、ブラウザーのページでやり直してください。",
        "The status of the certificate cannot be checked at present. Try again later on the page in your browser.",
    ),
    "rate-limited": Sentence(
        "短い時間に何度も試されたため、止められています。しばらくしてからやり直してください。",
        "Too many tries in a short time. Wait a little and try again.",
    ),
    "unavailable": Sentence(
        "ポータルはいま利用できません。しばらくしてからやり直してください。",
        "The portal is not available at present. Try again later.",
    ),
}
