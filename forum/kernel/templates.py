"""Templates compiled once for each language, with words and icons already in them.

A page says a hundred of our own words and draws dozens of icons; looking each of them up costs more than what
people wrote. So `_("…")` and `ui.icon("…")` with nothing but constants in them become text while compiling.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer

from forum.kernel import i18n

Maker = Callable[..., str]


class _Imported(Template):
    """A template whose macros are made once: all our templates see the same globals.

    The library compares them name by name at every import, some twenty-five times a page.
    """

    def _get_default_module(self, _context: Context | None = None) -> TemplateModule:
        return super()._get_default_module()


class Spoken(Environment):
    """Flask's environment for one language; `makers` are the calls that are made while compiling."""

    template_class = _Imported
    lang = i18n.LANGUAGES[0]
    makers: Mapping[str, Maker] = {}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        with i18n.speaking(self.lang):
            parsed: nodes.Template = _Fold(self.makers).visit(super()._parse(source, name, filename))
        return parsed


class _Fold(NodeTransformer):
    """Replaces calls of the makers by what they make."""

    def __init__(self, makers: Mapping[str, Maker]):
        self._makers = makers

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802 - named by the library
        """One call; with anything but constants in it, it stays one."""
        self.generic_visit(call)
        maker = self._makers.get(_name(call.node))
        said = [arg.value for arg in call.args if isinstance(arg, nodes.Const)]
        if maker is None or call.kwargs or call.dyn_args or call.dyn_kwargs or len(said) != len(call.args):
            return call
        return nodes.Const(maker(*said), lineno=call.lineno, environment=call.environment)


def _name(called: nodes.Expr) -> str:
    """What is called: a name, or one of an imported template as `ui.icon`."""
    if isinstance(called, nodes.Getattr) and isinstance(called.node, nodes.Name):
        return f"{called.node.name}.{called.attr}"
    return called.name if isinstance(called, nodes.Name) else ""


def each_language(environment: Any, makers: Mapping[str, Maker]) -> dict[str, Any]:
    """One environment a language, alike in all but their words."""
    spoken = {lang: environment.overlay() for lang in i18n.LANGUAGES}
    for lang, overlaid in spoken.items():
        overlaid.lang, overlaid.makers = lang, makers
    return spoken
