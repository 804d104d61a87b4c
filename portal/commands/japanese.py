"""What an operator is told in Japanese too: it follows the English sentence, which has the particulars."""

from portal.domain.codes import Code

JAPANESE = {
    Code.NOT_CONFIGURED: "このままでは安全に動かせません。設定と認証局の証明書を確かめてください。",
    Code.SETTING_INVALID: "設定が正しくありません。環境（MYKEY_…）か設定ファイルの、上に示したところを直してください。",
    Code.DATABASE_UNAVAILABLE: "データベースから答えがありません。MYKEY_DATABASE_URLを確かめてください。",
    Code.DATABASE_NOT_CURRENT: "データベースが最新の版ではありません。先に mykey db upgrade を実行してください。",
    Code.LISTEN_REFUSED: "MYKEY_LISTENのアドレスとポートでは待ち受けられません。何も変えていません。",
    Code.FOLDER_OF_ANOTHER: "フォルダーの持ち主が違います。上に示したコマンドを、持ち主のユーザーで実行してください。",
    Code.FOLDER_READ_ONLY: "フォルダーは読み取り専用です。書き込めるようにしてください。",
    Code.FOLDER_UNWRITABLE: "フォルダーかファイルに書き込めません。場所と持ち主を確かめてください。",
    Code.DISK_FULL: "ディスクがいっぱいです。空きを作ってから、もう一度実行してください。",
    Code.SYSTEM_REFUSED: "ファイルかフォルダーを扱えません。場所、権限、空きを確かめてください。",
    Code.BACKUP_KEY_MISSING: "秘密鍵がありません。MYKEY_INSTANCEを確かめてください。",
    Code.BACKUP_FILE_EXISTS: "同じ名前のファイルがあります。別の名前にしてください。",
    Code.BACKUP_UNWRITABLE: "バックアップを書けませんでした。途中のファイルは残していません。",
    Code.BACKUP_DAMAGED: "完全なバックアップではありません。何も戻していません。",
    Code.BACKUP_MISSING: "MYKEY_BACKUPSのフォルダーに、バックアップがありません。",
    Code.BACKUP_OF_ANOTHER_VERSION: "別の版のバックアップです。書き出した版のプログラムで戻してください。",
    Code.RESTORE_DATABASE_NOT_EMPTY: "データベースが空ではありません。空のデータベースに戻してください。",
    Code.RESTORE_FILE_EXISTS: "戻す先に、内容の違うファイルがあります。何も戻していません。",
}

CHECKS = {
    "start": "このままでは mykey serve が始まりません。",
    "settings": "設定ファイルをほかの人も読めて、中にパスワードがあります。",
    "origin": "MYKEY_ORIGINをhttpsのアドレスにしてください。",
    "contact": "どのページにも問い合わせ先が出ません。運営者の名前と、電話かメールを設定してください。",
    "key": "秘密鍵がないか、壊れているか、持ち主のほかに読めるか、読めません。",
    "trust": "認証局の証明書を確かめてください。",
    "revocation": "失効の確認ができないか、失効リストがまもなく切れます。",
    "folder": "フォルダーに書き込めません。読み取り専用か、持ち主が違います。",
    "space": "ディスクの空きが足りません。",
    "backups": "2日以内のバックアップがありません。定期実行が動いているか確かめてください。",
    "listen": "MYKEY_LISTENのアドレスとポートでは待ち受けられません。",
    "proxy": "プロキシーを通して開けません。Hostヘッダーをそのまま渡す設定か、証明書を確かめてください。",
    "database": "データベースから答えがないか、最新の版ではありません。",
    "audit": "監査の記録の終わりが合いません。",
    "clock": "時計がデータベースと合っていません。",
    "webhooks": "業務システムへ届いていないメッセージがあります。",
    "operators": "運営者としてサインインできる人がいません。",
}
"""What is not well where `mykey doctor` warns or fails."""
