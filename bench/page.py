"""`python -m bench.page`: draw the charts of docs/performance.md from the run kept last, and write its tables."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from bench import kept
from bench.figure import Figure, said
from bench.rooms import ROOMS

DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
PICTURES = DOCUMENT.parent / "pictures" / "performance"
MARKED = re.compile(r"(?<=<!-- kept -->\n).*(?=<!-- end -->)", re.DOTALL)
UNIT = re.compile(r"a second|gain|milliseconds|seconds|µs|MB|bytes|ratio")
ROW, WIDE, MARGIN = 40, 720, 12


def chart(figures: list[Figure]) -> str:
    """Draw figures that have a floor of their unit as SVG: floors grey, the range of rounds a line; nothing without."""
    bars = [bar for same in _with_floors(figures) for bar in _bars(same)]
    height = ROW * len(bars) + MARGIN
    rows = [f'<g transform="translate({MARGIN} {ROW * number})">{bar}</g>' for number, bar in enumerate(bars)]
    size = f'width="{WIDE}" height="{height}" viewBox="0 0 {WIDE} {height}" font-family="sans-serif" font-size="13"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<rect width="{WIDE}" height="{height}" fill="#fff"/>'
    return "\n".join((head, *rows, "</svg>\n")) if bars else ""


def _with_floors(figures: list[Figure]) -> Iterator[list[Figure]]:
    """Yield the figures of each unit among which there is a floor."""
    unit = {each.words: (UNIT.search(each.words) or [""])[0] for each in figures}
    for one in dict.fromkeys(unit.values()):
        same = [each for each in figures if unit[each.words] == one]
        if any(each.words.startswith("floor: ") for each in same):
            yield same


def _bars(figures: list[Figure]) -> Iterator[str]:
    scale = (WIDE - 8 * MARGIN) / max(each.high or each.median for each in figures)
    for each in figures:
        colour = "#8a8f98" if each.words.startswith("floor: ") else "#1d6fb8"
        end = scale * (each.high or each.median)
        yield (
            f'<text y="16">{escape(each.words)}</text>'
            f'<rect y="21" width="{scale * each.median:.1f}" height="14" fill="{colour}"/>'
            f'<path d="M{scale * (each.low or each.median):.1f} 28H{end:.1f}" stroke="#222"/>'
            f'<text x="{end + 6:.1f}" y="33">{said(each.median)}</text>'
        )


def tables(run: kept.Run) -> str:
    """Write the machine's facts, and of each room what it measures, its chart and its figures."""
    lines = ["| the machine | |", "|---|---|", *(f"| {name} | {fact} |" for name, fact in run.facts.items())]
    for name, room in ROOMS.items():
        lines += ["", f"### {name}", "", (room.__doc__ or "").partition("\n")[0], ""]
        figures = run.figures.get(name, [])
        if chart(figures):
            lines += [f"![The figures of {name} as bars](pictures/{PICTURES.name}/{name}.svg)", ""]
        head = ["| what | figure | lowest–highest round |", "|---|---|---|"] if figures else ["Not in this run."]
        lines += [*head, *(f"| {' | '.join((each.words, *kept.cells(each, None)[:2]))} |" for each in figures)]
    return "\n".join((*lines, ""))


def page(text: str, run: kept.Run) -> str:
    """Put the tables between the marks of the document."""
    return MARKED.sub(lambda _: tables(run), text)


def write() -> None:
    """Write charts and tables anew; charts of rooms that the run leaves out go."""
    run = kept.newest()
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in ROOMS:
        path, drawn = PICTURES / f"{name}.svg", chart(run.figures.get(name, []))
        if drawn:
            path.write_text(drawn, "utf-8")
        else:
            path.unlink(missing_ok=True)
    DOCUMENT.write_text(page(DOCUMENT.read_text("utf-8"), run), "utf-8")


if __name__ == "__main__":
    write()
