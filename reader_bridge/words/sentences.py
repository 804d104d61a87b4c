"""What the bridge says beside its errors, Japanese and English, by name."""

from typing import NamedTuple


class Sentence(NamedTuple):
    ja: str
    en: str


SENTENCES = {
    "new-origin-question": Sentence("このポータルと通信しますか？", "Connect to this portal?"),
    "waiting": Sentence("待っています（中止は Ctrl+C）。", "Waiting (Ctrl+C cancels)."),
    "name-a-reader": Sentence(
        "カードが複数あります。--reader でリーダーを1つ指定してください：",
        "There are several cards. Name one with --reader:",
    ),
    "reader-unknown": Sentence(
        "その名前のリーダーにカードはありません。カードのあるリーダー：",
        "No card is in a reader of that name. Readers with a card:",
    ),
    "reading": Sentence("カードを読み取っています。動かさないでください。", "Reading the card. Keep it still."),
    "sending": Sentence(
        "カードの処理は終わりました。カードを離して構いません。ポータルの確認を待っています。",
        "The card is done with and may be taken away. The portal is checking its answer.",
    ),
    "card-slow": Sentence(
        "カードからまだ返事がありません。カードを動かさず、そのままお待ちください。10秒で打ち切り、次にすることを示します。",
        "The card has not answered yet. Leave it where it is: within ten seconds this goes on, or says what to do.",
    ),
    "portal-slow": Sentence(
        "ポータルからまだ返事がありません。そのままお待ちください（中止は Ctrl+C）。",
        "The portal has not answered yet. Please wait (Ctrl+C cancels).",
    ),
    "reached": Sentence(
        "ポータルとつながりました。カードには触れていません。", "The portal was reached. No card was touched."
    ),
    "resolved": Sentence("カードを読み取りました。", "The card has been read."),
    "origin": Sentence("ポータル", "Portal"),
    "purpose": Sentence("目的", "Purpose"),
    "match-code": Sentence(
        "照合番号（ページの番号と同じか確かめてください）",
        "Match code (compare it with the page)",
    ),
    "reader": Sentence("リーダー", "Reader"),
    "tries-left": Sentence("暗証番号の残り回数", "PIN tries left"),
    "tries-left-unknown": Sentence("不明", "unknown"),
    "pin-prompt": Sentence(
        "利用者証明用電子証明書の暗証番号（数字4桁）。何も入れずにEnterで中止",
        "PIN of the user authentication certificate (four digits); Enter alone cancels",
    ),
    "last-try-question": Sentence("この暗証番号を送りますか？", "Send this PIN?"),
    "choose-reader": Sentence(
        "使うカードのリーダーの番号（何も入れずにEnterで中止）", "Number of the reader to use (Enter alone cancels)"
    ),
    "take-the-other": Sentence(
        "代わりにこのカードを使うときは、その番号（何も入れずにEnterで中止）",
        "To use this one instead, its number (Enter alone cancels)",
    ),
    "completion-code": Sentence(
        "ご自身で開いたページにだけ、この6桁の数字を入力してください。ほかの人には教えないでください。",
        "Type these six digits only into the page you opened yourself. Tell them to nobody.",
    ),
    "completion-url": Sentence(
        "カードの手続きは終わりました。続きはブラウザーのページです。",
        "The card is done with. Go on in your browser.",
    ),
    "browser-absent": Sentence(
        "ブラウザーを開けませんでした。ページで最初からやり直し、そこに出る8文字のコードを使ってください。",
        "No browser could be opened. Start again on the page and use the pairing code.",
    ),
    "close": Sentence("Enterで閉じます", "Press Enter to close"),
    "basic": Sentence("基本情報", "Basic information"),
    "details": Sentence("詳細情報", "Details"),
    "not-checked": Sentence(
        "電子証明書の有効性確認は行われていません。",
        "The status of the certificate has not been checked.",
    ),
    "no-portal": Sentence(
        "ポータルのアドレスを --portal で指定してください（例 https://id.example.jp）。",
        "Name the portal with --portal, for instance https://id.example.jp.",
    ),
    "card-good": Sentence("マイナンバーカードを読み取れます", "the My Number card can be read"),
    "portal-good": Sentence("通信できます", "answers"),
    "driver-missing": Sentence(
        "つながっていますが、PC/SCには見えません。かっこ内のドライバーのパッケージを入れ、つなぎ直してください。",
        "It is connected, and PC/SC does not see it. Install the driver package in brackets, then plug it in again.",
    ),
    "rc-s380": Sentence(
        "RC-S380はLinuxでは使えません。RC-S300など、PC/SC対応のリーダーをお使いください。",
        "This Sony RC-S380 cannot be used on Linux. An RC-S300 or another PC/SC reader can.",
    ),
    "pn533": Sentence(
        "Linuxの別の部品がこのリーダーを使っています。管理者に、pn533の停止を頼んでください。",
        "Another part of Linux has taken this reader. Ask an administrator to switch off the pn533 module.",
    ),
    "remote-session": Sentence(
        "遠隔操作中です。リーダーは目の前のパソコンにつなぐか、このパソコンを直接操作してください。",
        "This is a remote session. Connect the reader to the computer in front of you, or work at this one directly.",
    ),
    "proxy-used": Sentence("プロキシーを通して通信します", "is reached through a proxy"),
    "link-not-installed": Sentence(
        "リンクはこのソフトウェアに結び付いていません。"
        "「reader-bridge install」で設定するか、ページのコードを使ってください。",
        "Links do not open in this program yet. Set that up with reader-bridge install, or use the code on the page.",
    ),
    "link-elsewhere": Sentence(
        "リンクは、かっこ内の別のソフトウェアで開きます。「reader-bridge install」で、このソフトウェアに替えられます。",
        "Links open in the other program in brackets. reader-bridge install has them open in this one.",
    ),
    "portals-none": Sentence(
        "まだポータルを知りません。--portal で調べられます。",
        "No portal is known yet; --portal examines one.",
    ),
    "installed": Sentence(
        "mykey-bridge: のリンクをこのソフトウェアで開くように設定しました。",
        "Links that begin with mykey-bridge: now open in this program.",
    ),
    "installed-terminal": Sentence(
        "次にサインインしたときから、端末の受付を自動で始めます。",
        "The terminal will start by itself when you sign in to this computer.",
    ),
    "uninstalled": Sentence(
        "リンク、メニューの項目、自動起動を取り除きました。ソフトウェア本体は、入れたときの方法で削除してください。",
        "The link, the menu's entry and the start with the session are gone. Remove the program itself as it came.",
    ),
    "settings-kept": Sentence(
        "設定と端末の登録は残しました。--all を付けると、これらも消えます。",
        "Settings and the terminal's enrolment are kept; --all removes them too.",
    ),
    "settings-removed": Sentence(
        "設定と端末の登録も消しました。端末だったときは、運営者に取り消しを頼んでください。",
        "Settings and the terminal's enrolment are gone too. Ask the operator to withdraw the terminal, if it was one.",
    ),
    "link-arrives": Sentence(
        "試しのリンクは、このソフトウェアに届きました。", "A trial link has reached this program."
    ),
}

PURPOSES = {
    "register": Sentence("マイキーIDを登録する", "Register a MyKey ID"),
    "sign-in": Sentence("サインインする", "Sign in"),
    "renew": Sentence("新しいカードに引き継ぐ", "Carry over to the new card"),
    "carry-over": Sentence("引継ぎコードを作る", "Make a carry-over code"),
    "counter-before": Sentence("窓口で、前のカードを確かめる", "At the municipal office: check the old card"),
    "counter-after": Sentence("窓口で、新しいカードを確かめる", "At the municipal office: check the new card"),
    "show": Sentence("カードの電子証明書を見る", "Show the certificate on your card"),
    "test": Sentence("つながるか試す", "Check that it connects"),
    "link": Sentence("サービスIDの登録を確認する", "Confirm a service ID"),
    "unlink": Sentence("サービスとの連携を解除する", "Unlink a service"),
    "cancel-registration": Sentence("マイキーIDの利用をやめる", "End your registration"),
    "cancel-reservation": Sentence("仮登録を取り消す", "Cancel the provisional registration"),
    "resume": Sentence("マイキーIDをまた使えるようにする", "Start using your MyKey ID again"),
}
"""In the words of the portal's buttons: who compares both screens before the PIN reads the same."""

PARAMETERS = {
    "service_provider_id": Sentence("サービス提供ID", "Service provider ID"),
    "service_id": Sentence("サービスID", "Service ID"),
    "visit": Sentence("窓口での手続きの番号", "Number of the counter visit"),
}
