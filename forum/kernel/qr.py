"""The one door to QR codes: an address as a picture that a telephone reads, on screens and on paper."""

from markupsafe import Markup

_QUIET = 4  # modules of white all round; without them many readers find nothing


def svg(text: str, label: str) -> Markup:
    """A QR code of the text as inline SVG, black on white in either theme; `label` says what it leads to.

    The same text always gives the same picture. It has no size of its own: the page's class `qr` gives it one.
    """
    import segno

    rows = segno.make(text, error="m", micro=False).matrix
    side = len(rows) + 2 * _QUIET
    drawn = "".join(_runs(y + _QUIET, bytes(row)) for y, row in enumerate(rows))
    return Markup(
        '<svg class="qr" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" aria-label="{label}"'
        ' shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/>'
        '<path fill="#000" d="{drawn}"/></svg>'
    ).format(side=side, label=label, drawn=drawn)


def _runs(y: int, row: bytes) -> str:
    """The dark modules of a row, one rectangle for each run of them."""
    found, x = [], 0
    while (begin := row.find(1, x)) >= 0:
        x = row.find(0, begin) if 0 in row[begin:] else len(row)
        found.append(f"M{begin + _QUIET} {y}h{x - begin}v1h-{x - begin}z")
    return "".join(found)
