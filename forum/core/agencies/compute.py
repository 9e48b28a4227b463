"""Whether two colours can be told apart. Plain Python.

Contrast as WCAG 2.2 defines it: (L1 + 0.05) / (L2 + 0.05) of the relative luminances, the lighter first.
"""

import re

WHITE = "#ffffff"
GROUNDS = ("#eef3ef", "#0f1614")
"""The ground of pages, light and dark: --ground in static/css/tokens.css."""
TEXT, GRAPHIC = 4.5, 3.0
"""What text and what a line need at least (WCAG 2.2, 1.4.3 and 1.4.11)."""
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def is_colour(text: str) -> bool:
    """Whether it is a colour written as #rrggbb."""
    return _COLOUR.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
