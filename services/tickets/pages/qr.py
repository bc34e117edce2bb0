"""A link as a picture that phones read."""

from __future__ import annotations

import segno
from markupsafe import Markup

#: Light cells around it that readers need.
_BORDER = 3


def svg(text: str) -> Markup:
    """Dark on light whatever the page's colours are: readers look for that."""
    code = segno.make(text, error="m", micro=False)
    drawn = code.svg_inline(border=_BORDER, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    return Markup(drawn)  # noqa: S704  (made of numbers alone)
