"""What makes this computer a terminal: a token, kept beside the settings for its owner alone."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from reader_bridge.errors import BridgeError, NotEnrolled, OriginMalformed, PlaceError, PortalReplyMalformed
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.replies import Enrolment, read_enrolment, read_object


class EnrolmentUnwritable(PlaceError):
    """The file cannot be written; mostly seen before a code is spent."""

    code = "enrolment-unwritable"


def enrolment_path(settings: Path) -> Path:
    """Name the file beside a settings file."""
    return settings.with_name("terminal.json")


def keep_enrolment(path: Path, origin: Origin, obtain: Callable[[], Enrolment]) -> Enrolment:
    """Obtain a token and write it, mode 0600, in the place of an older one; the file is opened first."""
    draft = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            enrolment = obtain()
            fields = {"service_provider_id": enrolment.service_provider_id, "token": enrolment.token}
            json.dump({"origin": str(origin), **fields}, file, ensure_ascii=False)
        draft.replace(path)
    except OSError as error:
        raise EnrolmentUnwritable(str(path)) from error
    except BridgeError:
        draft.unlink()
        raise
    return enrolment


def kept_enrolment(path: Path) -> tuple[Origin, Enrolment]:
    """Return whose terminal this is; raise NotEnrolled."""
    try:
        fields = read_object(path.read_bytes())
        return Origin.parse(str(fields.get("origin"))), read_enrolment(fields)
    except FileNotFoundError:
        raise NotEnrolled from None
    except (OSError, OriginMalformed, PortalReplyMalformed) as error:
        raise NotEnrolled(f"{path}: {type(error).__name__}") from None
