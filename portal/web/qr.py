"""QR codes, drawn as SVG without a style of their own, as the policy wants it."""

import segno
from markupsafe import Markup


def qr(content: str, title: str) -> Markup:
    """Draw an address of the portal; the title says what it is for."""
    svg: str = segno.make_qr(content, error="m").svg_inline(omitsize=True, border=4, svgclass="qr", title=title)
    return Markup(svg)  # noqa: S704 - drawn by us; its one text is the portal's own
