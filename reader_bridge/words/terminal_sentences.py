"""What the bridge says at a terminal of a service provider, by name; some codes mean another next step there."""

from reader_bridge.words.sentences import Sentence

_AGAIN_JA, _AGAIN_EN = "もう一度かざしてください。", "Have the card tapped again."
_OPERATOR_JA, _OPERATOR_EN = "ポータルの運営者にご連絡ください。", "Tell the portal's operator."

TERMINAL = {
    "terminal-enrolled": Sentence(
        "このパソコンをサービス端末として登録しました。「reader-bridge terminal run」で始めます。",
        "This computer is now a terminal. Start it with: reader-bridge terminal run",
    ),
    "terminal-code": Sentence("登録コード", "Enrolment code"),
    "terminal-code-seen": Sentence(
        "コマンドに書いたコードは、このパソコンのほかの利用者にも見えます。次からは書かずに始めてください。",
        "Everybody on this computer can read a code on the command line. Leave it out next time: it is asked for.",
    ),
    "terminal-provider": Sentence("サービス提供ID", "Service provider ID"),
    "terminal-watching": Sentence("カードを待っています（終わりは Ctrl+C）。", "Waiting for cards (Ctrl+C ends)."),
    "terminal-stopped": Sentence("終わりました。", "Ended."),
    "terminal-card-lies": Sentence(
        "カードが前から置かれています。何も送っていません。一度離してから、かざし直してください。",
        "This card was there before. Nothing was sent. Take it away and tap it again.",
    ),
    "terminal-silent": Sentence(
        "ポータルに待つように言われているので、何も送っていません。少し待ってから、もう一度かざしてください。",
        "The portal asked for a pause, so nothing was sent. Wait a little, and have the card tapped again.",
    ),
    "terminal-tap-certificate": Sentence(
        "マイナンバーカードを読み取り、ポータルに送りました。",
        "A My Number card was read and sent to the portal.",
    ),
    "terminal-tap-service-card": Sentence(
        "サービスのカードを読み取り、ポータルに送りました。",
        "A service card was read and sent to the portal.",
    ),
    "no-card": Sentence(f"カードが離れました。{_AGAIN_JA}", f"The card was removed. {_AGAIN_EN}"),
    "card-removed": Sentence(
        f"読み取りの途中でカードが離れました。何も送っていません。{_AGAIN_JA}",
        f"The card was removed too soon. Nothing was sent. {_AGAIN_EN}",
    ),
    "card-unreadable": Sentence(
        f"カードを読み取れません。何も送っていません。{_AGAIN_JA}",
        f"The card cannot be read. Nothing was sent. {_AGAIN_EN}",
    ),
    "card-not-supported": Sentence(
        "スマートフォンや住民基本台帳カードは使えません。何も送っていません。",
        "Neither a phone nor the old resident card can be used. Nothing was sent.",
    ),
    "portal-unreachable": Sentence(
        f"ポータルから返事がありません。この読み取りは残していません。ネットワークを確かめて、{_AGAIN_JA}",
        f"No reply came from the portal; this tap is kept nowhere. Check the network. {_AGAIN_EN}",
    ),
    "portal-reply-malformed": Sentence(
        f"ポータルの返事が正しい形ではありません。{_AGAIN_JA}続くときは{_OPERATOR_JA}",
        f"The portal's reply does not have the right form. {_AGAIN_EN} If this goes on: {_OPERATOR_EN}",
    ),
    "portal-refused": Sentence("ポータルが受け付けませんでした。", "The portal did not accept this."),
    "request-malformed": Sentence(
        f"ポータルはこの読み取りの形を受け付けません。{_OPERATOR_JA}",
        f"The portal does not take what was read. {_OPERATOR_EN}",
    ),
    "mykey-id-not-registered": Sentence(
        "このマイナンバーカードでは、マイキーIDがまだ登録されていません。",
        "No MyKey ID has been registered with this My Number card.",
    ),
    "mykey-id-stopped": Sentence("このマイキーIDは、ご本人が止めています。", "The citizen has stopped this MyKey ID."),
    "service-provider-suspended": Sentence(
        f"このサービス提供者の利用は止められています。{_OPERATOR_JA}",
        f"This service provider is suspended. {_OPERATOR_EN}",
    ),
    "certificate-malformed": Sentence(
        f"電子証明書を読み取れませんでした。{_AGAIN_JA}", f"The certificate could not be read. {_AGAIN_EN}"
    ),
    "certificate-subject-invalid": Sentence(
        "この電子証明書は、マイキーIDに使える形ではありません。",
        "This certificate does not have the form that a MyKey ID needs.",
    ),
    "algorithm-unsupported": Sentence(
        f"このカードの署名の方式に、ポータルは対応していません。{_OPERATOR_JA}",
        f"The portal does not know this card's algorithm. {_OPERATOR_EN}",
    ),
    "revocation-unknown": Sentence(
        "電子証明書の有効性をいま確認できません。しばらくしてから、もう一度かざしてください。",
        "The status of the certificate cannot be checked at present. Have the card tapped again later.",
    ),
    "rate-limited": Sentence(
        "短い時間に何度も送られたので、ポータルが止めています。少し待ってください。",
        "Too many taps in a short time; the portal asks for a pause. Wait a little.",
    ),
    "unavailable": Sentence(
        "ポータルはいま利用できません。少し待ってから、もう一度かざしてください。",
        "The portal is not available at present. Wait a little, and have the card tapped again.",
    ),
    "host-unknown": Sentence(
        f"ポータルはこのアドレスを自分のものとしていません。{_OPERATOR_JA}",
        f"The portal does not go by this address. {_OPERATOR_EN}",
    ),
}
