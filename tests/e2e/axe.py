"""axe looks at what a page shows now, and nothing is cut off.

The suite looks at each state once a language: in Japanese at a desk, else in the dark on a phone, where the words are
longest and the room is least. With LOOK, a folder, it is every size in every theme and language, the text at 200 %
too; each is pictured there: `make test-look`.
"""

import os
import re
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT, AxeResults

from portal.web.language import LANGUAGES

from .browser import ready

LOOK = os.environ.get("LOOK")
LOOKED_AT = tuple(LANGUAGES) if LOOK else ("ja", "en")
DESK, TABLET, PHONE = {"width": 1280, "height": 900}, {"width": 768, "height": 1024}, {"width": 320, "height": 640}
RUN = "part => axe.run(part ?? document, {resultTypes: ['violations']})"
LARGE = """() => {
    const large = new CSSStyleSheet();  // which a page's policy does not take for a style of its own
    large.replaceSync("html { font-size: 200% }");
    document.adoptedStyleSheets = [large];
}"""
CUT_OFF = """() => {
    const page = document.documentElement, wide = page.scrollWidth > innerWidth ? [`page: ${page.scrollWidth}`] : []
    return [...document.querySelectorAll("body :not(input)")].filter(each => {
        const style = getComputedStyle(each)
        return /hidden|clip/.test(style.overflowX) && style.clipPath === "none"
            && each.clientWidth && each.scrollWidth > each.clientWidth + 1
    }).map(each => each.outerHTML.slice(0, 200)).concat(wide)
}"""


def look_at(page, part=None, sizes=None):
    """Hold that axe finds nothing and nothing is cut off. It is brought once a document."""
    ready(page)
    japanese = page.locator("html").get_attribute("lang") == "ja"
    for size in (sizes or (DESK, TABLET, PHONE)) if LOOK else ((sizes or (DESK, PHONE))[0 if japanese else -1],):
        for theme in ("light", "dark") if LOOK else ("light" if japanese else "dark",):
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size(size)
            _look(page, part, f"{size['width']}-{theme}")
    if LOOK:
        page.set_viewport_size(DESK)
        page.evaluate(LARGE)
        _see_whole(page, "200%")
        page.evaluate("document.adoptedStyleSheets = []")


def _look(page, part, manner):
    if page.evaluate("!window.axe"):
        page.evaluate(AXE_SCRIPT)
    results = AxeResults(page.evaluate(RUN, part))
    assert results.violations_count == 0, f"{page.url} {manner}\n{results.generate_report()}"
    _see_whole(page, manner)


def _see_whole(page, manner):
    if LOOK:
        page.screenshot(path=_picture(page, manner), type="jpeg", quality=60, full_page=True, caret="initial")
    cut_off = page.evaluate(CUT_OFF)
    assert cut_off == [], (page.url, manner, cut_off)


def _picture(page, manner):
    """Name a picture by its manner, its test and which of the test's it is."""
    html = page.locator("html")  # the demo's reader has no class
    language = (html.get_attribute("class") or html.get_attribute("lang")).split()[0]
    test = re.sub(r"\W+", "-", os.environ["PYTEST_CURRENT_TEST"].split("::")[1].split(" ")[0].removeprefix("test_"))
    folder = Path(LOOK, f"{manner}-{language}")
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{test}-{len(list(folder.glob(f'{test}-*'))):02}.jpg"
