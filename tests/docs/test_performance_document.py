"""docs/performance.md says what the newest kept run says, and what is measured; `python -m bench.page` writes it."""

from xml.etree import ElementTree as ET

import pytest

from bench import kept
from bench.figure import Figure, said
from bench.page import DOCUMENT, PICTURES, chart, page
from bench.rooms import ROOMS

FLOOR, OURS = Figure.of("floor: seconds of <nothing>", [3, 1, 2]), Figure("seconds of all", 4.0)


def test_the_document_says_what_the_run_kept_last_says():
    text = DOCUMENT.read_text("utf-8")
    run = kept.newest()
    assert page(text, run) == text
    assert [name for name in ROOMS if f"\n### {name}\n" not in text] == []
    words = {each.words for found in run.figures.values() for each in found}
    assert [each for each in words if f"| {each} | " not in text] == []


@pytest.mark.parametrize("name", ROOMS)
def test_each_chart_is_drawn_from_the_run_kept_last(name):
    path = PICTURES / f"{name}.svg"
    assert (path.read_text("utf-8") if path.is_file() else "") == chart(kept.newest().figures.get(name, []))


def test_a_figure_is_the_median_of_its_rounds_with_their_range():
    assert FLOOR[1:] == (2, 1, 3)
    assert kept.cells(FLOOR, Figure("the same before", 1.6)) == ("2", "1–3", "1.6", "+25 %")
    assert kept.cells(OURS, None) == ("4", "", "", "")
    assert (said(1234.5), said(0.01234)) == ("1,234", "0.0123")


def test_a_chart_has_a_bar_for_each_figure_that_has_a_floor_of_its_unit():
    drawn = ET.fromstring(chart([FLOOR, OURS, Figure("MB of all", 90.0)]))  # noqa: S314 - drawn here
    texts = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["floor: seconds of <nothing>", "2", "seconds of all", "4"]
    assert chart([OURS]) == ""


def test_the_run_kept_last_is_the_one_of_the_latest_date(tmp_path):
    folder = tmp_path / "kept"
    assert kept.newest(folder) == ({}, {})
    for commit, date in (("b", "2026-11-30 08:00 UTC"), ("a", "2026-11-30 09:00 UTC"), ("c", "2026-11-29 23:00 UTC")):
        kept.keep(kept.Run({"date": date, "commit": commit}, {"room": [FLOOR, OURS]}), folder)
    assert kept.newest(folder) == ({"date": "2026-11-30 09:00 UTC", "commit": "a"}, {"room": [FLOOR, OURS]})
    assert kept.newest(folder).figure("room", OURS.words) == OURS
    assert {each.name for each in folder.iterdir()} == {
        "2026-11-30-a.json",
        "2026-11-30-b.json",
        "2026-11-29-c.json",
    }
