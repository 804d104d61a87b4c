"""Lay what `make test-look` pictured side by side, a sheet a language and size: `make contact-sheets`."""

import sys
from base64 import b64encode
from pathlib import Path

from playwright.sync_api import sync_playwright

from .browser import ARGUMENTS, HEADLESS

WIDTHS = {"320": 120, "768": 180, "1280": 240}
HIGHEST = 360  # pixels: a long page is shown from its beginning
QUALITY = 55


def main(looks, pages, out):
    """Write the light pictures of the pages whose names begin so, each sheet a JPEG."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=HEADLESS, args=ARGUMENTS)
        for folder in sorted(Path(looks).glob("*-light-*")):
            width, _, language = folder.name.split("-")
            shown = "".join(_shown(each, WIDTHS[width]) for each in sorted(folder.glob(f"{pages}*.jpg")))
            page = browser.new_page(viewport={"width": 1280, "height": 400})
            page.set_content(f"<body style='margin:8px;background:gray;display:flex;flex-wrap:wrap;gap:8px'>{shown}")
            page.wait_for_function("[...document.images].every(each => each.complete)")
            page.screenshot(path=Path(out, f"{language}-{width}.jpg"), type="jpeg", quality=QUALITY, full_page=True)
        browser.close()


def _shown(picture, width):
    source = f"data:image/jpeg;base64,{b64encode(picture.read_bytes()).decode()}"
    return f"<img src='{source}' style='width:{width}px;height:{HIGHEST}px;object-fit:cover;object-position:top'>"


if __name__ == "__main__":
    main(*sys.argv[1:])
