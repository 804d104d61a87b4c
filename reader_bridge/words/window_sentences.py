"""What the window alone says: its pages beside a conversation, the names of its controls, hints, by name."""

from reader_bridge.words.sentences import Sentence

WINDOW = {
    "program": Sentence("マイキー カードリーダー", "MyKey card reader"),
    "window-undrawable": Sentence(
        "この環境では画面を表示できません。端末の画面で続けます。角かっこの中のものがあれば、表示できます。",
        "The window cannot be drawn on this computer. The program goes on in a terminal; what the square brackets "
        "name is missing.",
    ),
    "window-word": Sentence(
        "この命令はウィンドウでは使えません。端末で reader-bridge に続けて使う命令：",
        "The window has no such command. These are given to reader-bridge in a terminal:",
    ),
    # the start page
    "start": Sentence("ポータルのページから始めます", "Begin on the portal's page"),
    "start-how": Sentence(
        "ポータルのページで「読み取りプログラムを開く」を押すと、この画面に手続きが出ます。"
        "ページに8文字のコードが出ているときは、ここに入れてください。",
        "Press 'Open the reading program' on the portal's page, and this window shows what it is for. If the page "
        "shows a code of eight characters, enter it here.",
    ),
    "portal-address": Sentence("ポータルのアドレス", "Portal's address"),
    "pairing-code": Sentence("ページのコード（8文字）", "Code on the page (eight characters)"),
    "do-pair": Sentence("このコードで始める", "Begin with this code"),
    "do-try": Sentence("カードを試す", "Try the card"),
    "do-show": Sentence("証明書を見る", "See the certificate"),
    "do-examine": Sentence("リーダーを調べる", "Examine the reader"),
    "pairing-code-short": Sentence("コードは8文字です。", "The code has eight characters."),
    "no-portal-named": Sentence(
        "ポータルのアドレスを入れてください（例 https://id.example.jp）。",
        "Enter the portal's address, for instance https://id.example.jp.",
    ),
    # what one can do
    "do-close": Sentence("閉じる", "Close"),
    "do-cancel": Sentence("中止", "Cancel"),
    "do-doctor": Sentence("困ったとき", "Help"),
    "do-portal": Sentence("ページへもどる", "Back to the page"),
    "do-start": Sentence("はじめの画面", "Start page"),
    "do-copy": Sentence("数字をコピー", "Copy the digits"),
    "do-back": Sentence("もどる", "Back"),
    "do-again": Sentence("もう一度調べる", "Look again"),
    "do-copy-report": Sentence("報告をコピー", "Copy the report"),
    "do-save-report": Sentence("報告を保存", "Save the report"),
    "do-save-text": Sentence("ファイル出力(E)", "Save as text"),
    "do-save-der": Sentence("証明書を保存（DER）", "Save the certificate (DER)"),
    "answer-new-origin-question": Sentence("はい、通信します", "Yes, connect"),
    "answer-choose-reader": Sentence("このカードを使う", "Use this card"),
    "answer-take-the-other": Sentence("このカードを使う", "Use this card"),
    "answer-pin-prompt": Sentence("暗証番号を送る", "Send the PIN"),
    "answer-last-try-question": Sentence("この番号を送る", "Send this PIN"),
    # beside every state
    "step-1": Sentence("手順 1/3：リーダー", "Step 1 of 3: reader"),
    "step-2": Sentence("手順 2/3：カード", "Step 2 of 3: card"),
    "step-3": Sentence("手順 3/3：暗証番号", "Step 3 of 3: PIN"),
    "minutes-left": Sentence("残り約{}分", "About {} minutes left"),
    "minutes-few": Sentence(
        "残り約{}分です。ポータルのページで延ばせます。", "About {} minutes left. The portal's page can extend them."
    ),
    "minutes-over": Sentence(
        "時間が過ぎました。ページで延ばしていなければ、ページへもどって最初からやり直してください。",
        "The time is over. If you did not extend it on the page, go back there and start again.",
    ),
    "cancel-again": Sentence(
        "入れかけの暗証番号が消えます。もう一度押すと中止します。",
        "What you typed of the PIN will be lost. Do that once more to cancel.",
    ),
    "copied": Sentence("コピーしました。", "Copied."),
    "saved": Sentence("保存しました。", "Saved."),
    "new-origin-why": Sentence(
        "覚えのないアドレスなら「中止」を押してください。まだ何も送っていません。",
        "If you do not know this address, press Cancel. Nothing has been sent.",
    ),
    "claiming": Sentence("ポータルの返事を待っています。", "The portal's answer is on its way."),
    "signing": Sentence(
        "暗証番号をカードで確かめ、署名しています。カードを動かさないでください。",
        "The card checks the PIN and signs. Keep it still.",
    ),
    "choose-one": Sentence("使うカードのあるリーダーを選んでください。", "Choose the reader whose card will be used."),
    "choose-other": Sentence(
        "代わりにこのカードを使うときは、選んでください。",
        "To use this one instead, choose it.",
    ),
    # the PIN
    "pin-label": Sentence("利用者証明用の暗証番号（数字4けた）", "PIN for user authentication (four digits)"),
    "pin-which": Sentence(
        "窓口で決めた「利用者証明用」の数字4けたです。署名用の6～16文字でも、パソコンのパスワードでもありません。",
        "The four digits chosen at the counter for user authentication: not the longer signature password, and not "
        "this computer's password.",
    ),
    "pin-typed": Sentence("4けたのうち{}けた入りました", "{} of four digits entered"),
    "pin-digits-only": Sentence(
        "入るのは数字だけです（全角でも構いません）。", "Only digits count here. Full-width digits are fine."
    ),
    "pin-cleared": Sentence(
        "60秒たったので、入れかけの暗証番号を消しました。",
        "After 60 seconds what you had typed of the PIN was cleared.",
    ),
    "pin-pad": Sentence("数字のボタン", "Number pad"),
    "pin-delete": Sentence("1字消す", "Delete"),
    "leaves": Sentence("カードから出るもの", "What leaves the card"),
    "leaves-what": Sentence(
        "利用者証明用電子証明書と署名。暗証番号と個人番号は出ません。",
        "The user authentication certificate and a signature: neither the PIN nor the individual number.",
    ),
    "ends": Sentence("電子証明書の有効期間", "Certificate valid until"),
    "tries-of-three": Sentence("残り{}回（3回のうち）", "{} of 3"),
    # hints
    "no-reader-hint": Sentence(
        "つないだのに出ないときは、ハブを使わずに差し直してください。「困ったとき」で調べられます。",
        "If it is connected, plug it in again, and not through a hub. Help examines it.",
    ),
    "no-card-hint": Sentence(
        "カードを置いたのに進まないときは、ケースから出し、リーダーの印の真ん中に置いてください。差し込むリーダーでは、"
        "金色のICを奥に向けて止まるまで差してください。Type Bに対応していないリーダーでは読めません。",
        "If the card is there, take it out of its case and lay it on the middle of the mark. Where it is put in, push "
        "it to the end with the gold chip first. A reader that does not support Type B cannot read it.",
    ),
    "readers-seen": Sentence("見えているリーダー", "Readers found"),
    "virtual-card": Sentence("パソコン内蔵の仮想カードです", "a virtual card of this computer"),
    # beside a conversation
    "looking": Sentence("調べています…", "Looking…"),
    "trial": Sentence("カードを試しました", "The card was tried"),
    "trial-done": Sentence("何も送っていません。暗証番号も使っていません。", "Nothing was sent, and no PIN was used."),
    "trial-card": Sentence("カード", "Card"),
    "certificate-title": Sentence("証明書表示", "Certificate"),
    "certificate-heading": Sentence(
        "公的個人認証サービス 利用者の利用者証明用電子証明書",
        "Public individual authentication service: the holder's user authentication certificate",
    ),
    "examined": Sentence("調べた結果", "What was found"),
    "examined-good": Sentence("さしつかえるものはありません。", "Nothing stands in the way."),
    "examined-bad": Sentence("「✗」の行のとおりにしてください。", "Do what the lines with ✗ say."),
    # the terminal's window
    "terminal-title": Sentence("サービス端末", "Service terminal"),
    "terminal-enrol-how": Sentence(
        "運営者から受け取った登録コードを入れてください。コードは1回だけ使えます。",
        "Enter the enrolment code that the operator gave you. It can be used once.",
    ),
    "enrolment-code": Sentence("登録コード（12文字）", "Enrolment code (12 characters)"),
    "do-enrol": Sentence("登録する", "Enrol"),
    "terminal-waits": Sentence("カードを待っています。", "Waiting for cards."),
    "terminal-not-enrolled": Sentence(
        "このパソコンはサービス端末として登録されていないか、登録が取り消されています。運営者に新しい登録コードを頼んでください。",
        "This computer is not enrolled as a terminal, or was withdrawn. Ask the operator for a new enrolment code.",
    ),
    "terminal-state": Sentence("状態", "State"),
    "terminal-last-tap": Sentence("最後の読み取り", "Last tap"),
    "terminal-no-tap": Sentence("まだありません", "none yet"),
    "terminal-portal": Sentence("ポータルとの通信", "Connection"),
    "terminal-portal-good": Sentence("ポータルと通信できます", "The portal can be reached"),
    "terminal-portal-bad": Sentence("ポータルから返事がありません", "The portal does not answer"),
    "do-enrol-anew": Sentence("登録し直す", "Enrol again"),
}
