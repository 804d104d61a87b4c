"""What went wrong here and what to do next, by code."""

from reader_bridge.words.sentences import Sentence

START_AGAIN_JA = "ブラウザーのページで、最初からやり直してください。"
START_AGAIN_EN = "Start again on the page in your browser."

ERRORS = {
    "internal": Sentence(
        f"思わぬ不具合が起きました。何も登録されていません。{START_AGAIN_JA}",
        f"Something unexpected went wrong. Nothing was registered. {START_AGAIN_EN}",
    ),
    "no-reader": Sentence(
        "ICカードリーダーが見つかりません。リーダーをパソコンに直接つなぎ、10秒ほどお待ちください。",
        "No card reader was found. Connect the reader to this computer itself, not to a hub, and wait ten seconds.",
    ),
    "no-service": Sentence(
        "ICカードのサービス（PC/SC）が動いていません。リーダーをつなぎ直し、だめならパソコンを再起動してください。"
        "Linuxでは「systemctl start pcscd」です。",
        "The smart card service (PC/SC) is not running. Reconnect the reader; if that does not help, restart the "
        "computer. On Linux: systemctl start pcscd.",
    ),
    "service-silent": Sentence(
        "ICカードのサービス（PC/SC）から返事がありません。リーダーを抜いて差し直し、だめならパソコンを再起動してください。"
        "Linuxでは「sudo systemctl restart pcscd」です。",
        "The smart card service (PC/SC) does not answer. Unplug the reader and plug it in again; if that does not "
        "help, restart the computer. On Linux: sudo systemctl restart pcscd.",
    ),
    "service-mismatched": Sentence(
        "ICカードのサービス（PC/SC）と、このソフトウェアの使う部品の版が合いません。コンテナーやsnap、Flatpakの外で"
        "実行するか、同じ版のpcscdとlibpcscliteを入れてください。",
        "The smart card service (pcscd) and the client library (libpcsclite) have different versions. Run this outside "
        "of a container, snap or Flatpak, or install the same version of both.",
    ),
    "access-denied": Sentence(
        "この利用形態では、カードリーダーの使用が許されていません（polkitの規則 org.debian.pcsc-lite）。"
        "パソコンに直接ログインするか、管理者に許可を頼んでください。",
        "This computer does not let you use card readers in this session (polkit rules org.debian.pcsc-lite). Sign in "
        "at the computer itself, or ask its administrator for permission.",
    ),
    "reader-silent": Sentence(
        "リーダーから返事がありません。いま抜いて、差し直してください。このまま続きます。",
        "The reader does not answer. Unplug it now and plug it in again; this goes on by itself.",
    ),
    "card-silent": Sentence(
        "カードから返事がありません。カードを取り出して、もう一度置いてください。",
        "The card does not answer. Take it out and put it back.",
    ),
    "reader-busy": Sentence(
        "ほかのソフトウェアがカードを使っています。e-Tax、JPKI利用者ソフト、GnuPGなどを閉じると、自動で先へ進みます。",
        "Another program is using the card. Close that program, such as e-Tax, the JPKI software or GnuPG; "
        "this goes on by itself.",
    ),
    "no-card": Sentence(
        "マイナンバーカードをICカードリーダーに置いてください。",
        "Put your My Number card on the card reader.",
    ),
    "card-unreadable": Sentence(
        "カードを読み取れません。カードを置き直し、読み取りが終わるまで動かさないでください。"
        "ケースから出し、金属の机や、ほかのカードの入った財布からは離してください。"
        "続くときは、Type Bのカードに対応していないリーダーかもしれません。",
        "The card cannot be read. Take it out of its case, place it again and keep it still until reading ends, away "
        "from metal desks and from other cards in a wallet. If this goes on, the reader may not support Type B cards.",
    ),
    "card-removed": Sentence(
        "カードが離れました。もう一度ICカードリーダーに置いてください。",
        "The card was removed. Put it back on the card reader.",
    ),
    "card-not-supported": Sentence(
        "このカードは使えません。マイナンバーカードを置いてください。パソコンに組み込まれた仮想のスマートカードは、そのままで構いません。",
        "This card cannot be used. Put your My Number card on the reader. A virtual smart card "
        "that is built into this computer may stay where it is.",
    ),
    "service-card-unsuitable": Sentence(
        "マイナンバーカードでも、FeliCa や MIFARE のカードでもありません。何も送っていません。",
        "This is neither a My Number card nor a FeliCa or MIFARE card. Nothing was sent.",
    ),
    "service-card-random": Sentence(
        "このカードの番号は、かざすたびに変わるため使えません。何も送っていません。",
        "The number of this card changes at each tap, so it cannot be used. Nothing was sent.",
    ),
    "card-stopped": Sentence(
        "このカードの公的個人認証の機能は止められています。市区町村窓口にご相談ください。",
        "The authentication function of this card has been stopped. Ask at your municipal counter.",
    ),
    "card-data-unusable": Sentence(
        "このカードの電子証明書のデータは使えない形です。市区町村窓口にご相談ください。別のカードなら続けられます。",
        "The certificate data on this card cannot be used. Ask at your municipal counter; another card can be used.",
    ),
    "another-card": Sentence(
        "先ほどとは別のカードで、暗証番号はまだ送っていません。このカードでよければ、その暗証番号を入力してください。",
        "This is another card than before. No PIN was sent to it. To use this one, enter its PIN.",
    ),
    "removed-before-pin": Sentence(
        "暗証番号を使う前にカードが離れました。残り回数は減っていません。暗証番号をもう一度入力してください。",
        "The card was removed before the PIN was used, and no try was spent. Enter the PIN again.",
    ),
    "unfinished": Sentence(
        "カードの処理が終わりませんでした。残り回数を確かめて、暗証番号をもう一度入力してください。",
        "The card did not finish. Look at the tries left, and enter the PIN again.",
    ),
    "unfinished-unspent": Sentence(
        "カードの処理が終わりませんでした。残り回数は減っていません。暗証番号をもう一度入力してください。",
        "The card did not finish, and no try was spent. Enter the PIN again.",
    ),
    "algorithm-unsupported": Sentence(
        "このカードの鍵の方式には、まだ対応していません。暗証番号は必要ありません。別のカードを置いてください。",
        "The kind of key on this card is not supported yet. No PIN is needed. Put another card on the reader.",
    ),
    "certificate-absent": Sentence(
        "このカードには利用者証明用電子証明書が入っていません。市区町村窓口で発行を受けてください。",
        "This card holds no user authentication certificate. It can be issued at your municipal counter.",
    ),
    "pin-malformed": Sentence(
        "暗証番号は数字4桁です（全角でも構いません）。カードには送っていないので、残り回数は減っていません。",
        "The PIN has four digits. Nothing was sent to the card, so no try was spent.",
    ),
    "pin-incorrect": Sentence(
        "暗証番号が違います。窓口で決めた「利用者証明用」の数字4桁です。署名用の6～16文字や、パソコンのパスワードではありません。",
        "The PIN is not correct. It is the four digits chosen at the counter for the user authentication certificate, "
        "not the longer signature password and not this computer's password.",
    ),
    "pin-blocked": Sentence(
        "利用者証明用電子証明書の暗証番号がロックされています。市区町村窓口で初期化（再設定）できます。"
        "顔認証マイナンバーカードには暗証番号がないため、このサービスは利用できません。",
        "The PIN of the user authentication certificate is locked. Your municipal counter can reset it. "
        "A face-authentication My Number card has no PIN, and therefore cannot be used with this service.",
    ),
    "command-refused": Sentence(
        "カードに送ってはならない命令だったため、送りませんでした。このソフトウェアの不具合です。",
        "A command that must not reach a card was held back. This is a fault of this program; please report it.",
    ),
    "pcsc-missing": Sentence(
        "ICカードを使うための部品（pyscard）が入っていません。README の「ブリッジを使う」のとおりに"
        "入れてください（Debianでは「apt install python3-pyscard」）。",
        "The part that speaks to card readers (pyscard) is not installed. Install it as the "
        "README says under Use the bridge (on Debian: apt install python3-pyscard).",
    ),
    "launch-link-malformed": Sentence(
        f"このリンクは正しい形ではないため、開きませんでした。{START_AGAIN_JA}",
        f"This link does not have the right form and was not followed. {START_AGAIN_EN}",
    ),
    "origin-malformed": Sentence(
        "ポータルのアドレスは「https://ホスト名」の形で、小文字で、最後の「/」なしで書いてください。",
        "Write the portal's address as https://host, in lower case and without a final slash.",
    ),
    "origin-not-allowed": Sentence(
        "このポータルとは通信しない設定になっています。このパソコンの管理者にご確認ください。"
        "（開発用のhttpは --allow-http か、bridge.toml の http_origins で指定します。）",
        "The settings do not allow this portal. Ask whoever administers this computer. "
        "(Name http portals under development with --allow-http, or as http_origins in bridge.toml.)",
    ),
    "portal-unreachable": Sentence(
        f"ポータルから返事がありません。何も登録されていません。ネットワークを確かめて、{START_AGAIN_JA}",
        f"No reply came from the portal. Nothing was registered. Check the network. {START_AGAIN_EN}",
    ),
    "portal-untrusted": Sentence(
        "ポータルが本物であることを確かめられないため、通信をやめました。続けずに、ポータルの運営者にご連絡ください。",
        "The portal could not prove that it is genuine, so nothing was sent. Do not go on; tell the portal's operator.",
    ),
    "clock-wrong": Sentence(
        "このパソコンの日付か時刻が、ポータルと合っていません。時計を合わせて、もう一度お試しください。",
        "The date or time of this computer differs from the portal's. Set the clock and try again.",
    ),
    "portal-reply-malformed": Sentence(
        f"ポータルの返事が正しい形ではないため、やめました。{START_AGAIN_JA}"
        "続くときはポータルの運営者にご連絡ください。",
        f"The portal's reply does not have the right form. {START_AGAIN_EN} "
        "If this goes on, tell the portal's operator.",
    ),
    "portal-refused": Sentence(
        f"ポータルが受け付けませんでした。{START_AGAIN_JA}",
        f"The portal did not accept this. {START_AGAIN_EN}",
    ),
    "not-enrolled": Sentence(
        "このパソコンは、サービス端末として登録されていないか、登録が取り消されています。運営者に新しい登録コードを頼み、"
        "「reader-bridge terminal enrol」で登録してください。",
        "This computer is not enrolled as a terminal, or was withdrawn. Ask the operator for a new enrolment code, and "
        "use it with: reader-bridge terminal enrol",
    ),
    "enrolment-unwritable": Sentence(
        "端末の登録を書き込めません。下の行の所に書き込めるようにして、もう一度実行してください。",
        "The enrolment cannot be written. Make the place in the line below writable, and try again.",
    ),
    "cancelled": Sentence(
        "中止しました。何も登録されていません。",
        "Cancelled. Nothing was registered.",
    ),
    "settings-unwritable": Sentence(
        "このポータルを覚えておけません。下の行のファイルに書き込めないためです。手続きはこのまま続きます。",
        "This portal cannot be remembered: the file in the line below cannot be written. This goes on all the same.",
    ),
    "output-unwritable": Sentence(
        "ファイルを書き込めません。下の行の場所に書き込めるか、空きがあるかを確かめてください。",
        "The file cannot be written. Check that the place in the line below can be written to and has room.",
    ),
    "settings-malformed": Sentence(
        "設定ファイルを読めません。下の行の所を直してください。",
        "The settings file cannot be read. Mend what the line below names.",
    ),
    "xdg-utils-missing": Sentence(
        "xdg-utils がないため、多くのブラウザーはリンクを開けません。xdg-utils を入れて、もう一度実行してください。",
        "xdg-utils is not installed, without which most browsers open no link. Install it and try again.",
    ),
    "entry-unwritable": Sentence(
        "設定を書き込めません。下の行の所に書き込めるようにするか、ページに出るコードで始めてください。",
        "This cannot be set up. Make the place in the line below writable, or begin with the code on the page.",
    ),
    "bundle-missing": Sentence(
        "macOSでは、アプリケーション（.app）の中のこのソフトウェアだけがリンクを受け取れます。"
        "ページに出るコードで始めてください。",
        "On macOS a link reaches this program only as a part of its application (.app). "
        "Begin with the code on the page.",
    ),
    "link-lost": Sentence(
        "試しのリンクがこのソフトウェアに届きませんでした。端末のソフトウェアがあるかを確かめてください。"
        "リンクがなくても、ページに出るコードで始められます（reader-bridge pair）。",
        "A trial link did not reach this program. Check that a terminal program is installed. Without links you can "
        "begin with the code on the page: reader-bridge pair",
    ),
    "program-path-unusable": Sentence(
        "このソフトウェアのあるフォルダーの名前に、使えない文字が入っています。別のフォルダーに入れ直してください。",
        "The path of this program has characters that no desktop entry can hold. Install it in another folder.",
    ),
    "terminal-absent": Sentence(
        "暗証番号を入力する端末がありません。端末を開いて、そこで実行してください。",
        "There is no terminal to enter the PIN in. Open one and run this there.",
    ),
    "already-open": Sentence(
        "この手続きはもう開いています。先に開いた画面で続けてください。",
        "This is open already. Go on in the window that opened first.",
    ),
    "conversation-open": Sentence(
        "別の手続きがもう開いています。先にそれを終えてください。",
        "Another conversation is open already. Finish that one first.",
    ),
}
