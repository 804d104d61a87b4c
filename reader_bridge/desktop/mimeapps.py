"""The desktop's lists of which program opens what (MIME Applications Associations 1.0.1), all else in them kept."""

import re
from collections.abc import Iterator

_DEFAULTS = "[Default Applications]"
_BARE = re.compile(rf"^{re.escape(_DEFAULTS)}[ \t\r]*\n(?=\s*(?:\[|\Z))", re.MULTILINE)


def with_default(text: str, kind: str, entry: str) -> str:
    """Put an entry before the others that may open a kind."""
    others: list[str] = []
    kept: list[str] = []
    for section, line in _lines(text):
        if section == _DEFAULTS and line.partition("=")[0].strip() == kind:
            others += [name for name in _names(line) if name not in (entry, *others)]
        else:
            kept.append(line)
    value = f"{kind}={''.join(f'{name};' for name in (entry, *others))}"
    header = next((number for number, line in enumerate(kept) if line.strip() == _DEFAULTS), None)
    if header is None:
        return "\n".join([*(kept if kept[-1] else kept[:-1]), _DEFAULTS, value, ""])
    return "\n".join([*kept[: header + 1], value, *kept[header + 1 :]])


def without(text: str, entry: str) -> str:
    """Take an entry out of every list; a line, and a section of defaults, in which nothing is left goes too."""
    lines = [_without(line, entry) for line in text.split("\n")]
    left = "\n".join(line for line in lines if line is not None)
    return left if left == text else _BARE.sub("", left)


def _without(line: str, entry: str) -> str | None:
    names = _names(line)
    others = "".join(f"{name};" for name in names if name != entry)
    if entry not in names:
        return line
    return f"{line.partition('=')[0]}={others}" if others else None


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield each line with the header above it."""
    section = ""
    for line in text.split("\n"):
        section = line.strip() if line.startswith("[") else section
        yield section, line


def _names(line: str) -> list[str]:
    value = "" if line.lstrip().startswith("#") else line.partition("=")[2]
    return [name.strip() for name in value.split(";") if name.strip()]
