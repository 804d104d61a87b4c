"""axe looks at what a page shows now, on a desk and on a tablet."""

from axe_playwright_python.base import AXE_SCRIPT, AxeResults

from .browser import ready

SIZES = ({"width": 1280, "height": 900}, {"width": 768, "height": 1024})
RUN = "part => axe.run(part ?? document, {resultTypes: ['violations']})"


def look_at(page, part=None, sizes=SIZES):
    """Hold that axe finds nothing and nothing is cut off, at each size, in English (longer words) at the last.

    axe is brought once a document.
    """
    ready(page)
    japanese = page.locator("html").get_attribute("lang") == "ja"
    for size in sizes if japanese else sizes[-1:]:
        page.set_viewport_size(size)
        if page.evaluate("!window.axe"):
            page.evaluate(AXE_SCRIPT)
        results = AxeResults(page.evaluate(RUN, part))
        assert results.violations_count == 0, f"{page.url} {size}\n{results.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (page.url, size)
