"""The dialect of Markdown people may write in: which rules are kept, which are ours, what may be a link.

It is small, for people who have never heard of Markdown: paragraphs, a line break where one was typed, bold,
emphasis, lists, quotations, inline code and links. A line without > ends a quotation and an unindented line
ends a list, so that nobody's answer is shown as the words it answers. A picture becomes a link; raw HTML and
entities are text; every address is absolute http or https.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, blockquote, heading, list_block
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, link
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from markdown_it.utils import EnvType

from forum.kernel.text import BidiScope, is_thai

DEEPEST = 5  # levels of lists, quotations and emphasis; deeper ones are shown as typed
WORDS = frozenset({"text", "code_inline"})
BREAKS = frozenset({"softbreak", "hardbreak"})
BARE = "bare"  # the markup of a link made from an address that nobody marked up

_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_PORT = "(?::[0-9]{1,5})?"
_ABSOLUTE = re.compile(rf"https?://({_LABEL}(?:\.{_LABEL})+){_PORT}(?=[/?#]|$)[\x21-\x7e]*", re.I | re.A)
_ADDRESS = re.compile(
    rf"(?:(?<![a-z0-9])https?://|(?<![a-z0-9@._/-])www\.(?={_LABEL}\.)){_LABEL}(?:\.{_LABEL})+{_PORT}"
    r"(?:[/?#][a-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*)?",
    re.I | re.A,
)
_STOP = re.compile(r"[\n\\`*_\[\]!]|https?://|www\.", re.I | re.A)
_BRACKETS = {")": "(", "]": "["}
_TAIL = "?!.,:;'*_~([&"
_EMPTY_HEADING = re.compile(r"[#\s]*")

BlockRule = Callable[[StateBlock, int, int, bool], bool]


def host_of(address: str) -> str | None:
    """The host a browser would go to, or None for what is no plain absolute http(s) address.

    No user before an @, nothing but letters, digits, dots and hyphens: no two programs read it differently.
    """
    found = _ABSOLUTE.fullmatch(address)
    return found[1].lower() if found else None


class Dialect(MarkdownIt):
    """The parser; what it makes of a text is shown by the renderer it is given."""

    def __init__(self, renderer: type[RendererHTML]) -> None:
        super().__init__("zero", renderer_cls=renderer)
        self.inline = _Inline()
        self.configure("zero", {"breaks": True})
        self.enable(["newline", "escape", "backticks", "emphasis", "link", "blockquote", "list", "heading"])
        self._take_own_rules()

    def _take_own_rules(self) -> None:
        inline, block = self.inline.ruler, self.block.ruler
        inline.at("text", _plain_run)
        inline.at("link", _link)
        inline.before("link", "address", _address)
        inline.before("link", "picture", _picture)
        block.at("blockquote", _not_too_deep(blockquote), {"alt": ["paragraph", "blockquote", "list"]})
        block.at("list", _not_too_deep(list_block), {"alt": ["paragraph", "blockquote"]})
        block.at("heading", _heading_with_words, {"alt": ["paragraph", "blockquote"]})
        block.push("after_quotation", _ends_quotation, {"alt": ["blockquote"]})
        block.push("after_list", _ends_entry, {"alt": ["paragraph"]})
        self.core.ruler.push("contain", _contain)

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return host_of(url) is not None


class _Inline(ParserInline):
    """Reads what stands in a paragraph with `_State` in place of the library's own."""

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


class _State(StateInline):
    """Emphasis marks beside Thai.

    CommonMark tells opening from closing marks by the spaces around words, and so takes ** between a letter
    and a quotation mark for the wrong one. Thai writes no such spaces: where Thai stands on either side, **
    may open before a sign and close after one, unless the sign is a bracket that faces the other way. One *
    between two digits multiplies: people write sizes so.
    """

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 - the library's names
        scanned = super().scanDelims(start, canSplitWord)
        end = start + scanned.length
        if not canSplitWord or not 0 < start < end < self.posMax:
            return scanned
        before, after = self.src[start - 1], self.src[end]
        if scanned.length == 1 and before.isdecimal() and after.isdecimal():
            return Scanned(False, False, 1)
        thai_before = is_thai(before) or is_thai(self._beyond(after, end, 1))
        thai_after = is_thai(after) or is_thai(self._beyond(before, start - 1, -1))
        return Scanned(
            scanned.can_open or (not before.isspace() and thai_before and _is_sign(after, "Pe", "Pf")),
            scanned.can_close or (not after.isspace() and thai_after and _is_sign(before, "Ps", "Pi")),
            scanned.length,
        )

    def _beyond(self, sign: str, place: int, step: int) -> str:
        """The character past a sign, away from the mark; empty at the edge of the text."""
        place += step
        return self.src[place] if _is_sign(sign) and 0 <= place < self.posMax else ""


def _is_sign(char: str, *but_not: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "PS" and category not in but_not


def _plain_run(state: StateInline, silent: bool) -> bool:
    """Takes what means nothing: up to the next mark, or to what looks like the start of an address."""
    found = _STOP.search(state.src, state.pos, state.posMax)
    end = found.start() if found else state.posMax
    if end == state.pos:
        return False
    if not silent:
        state.append_pending(state.src[state.pos : end])
    state.pos = end
    return True


def _address(state: StateInline, silent: bool) -> bool:
    """Makes a link of a bare address; it ends at the first Thai letter, needing no space around it."""
    found = _ADDRESS.match(state.src, state.pos, state.posMax) if state.linkLevel == 0 else None
    if not found:
        return False
    shown = _without_tail(found[0])
    target = state.md.normalizeLink(shown if shown[0] in "hH" else f"http://{shown}")
    if not state.md.validateLink(target):
        return False
    if not silent:
        state.push("link_open", "a", 1).attrs = {"href": target}
        state.push("text", "", 0).content = shown
        state.push("link_close", "a", -1).markup = BARE
    state.pos += len(shown)
    return True


def _without_tail(address: str) -> str:
    """The address less the marks and the punctuation of the sentence it stands in."""
    opened: list[str] = []
    for place, char in enumerate(address):
        if char in "([":
            opened.append(char)
        elif char in _BRACKETS and (not opened or opened.pop() != _BRACKETS[char]):
            address = address[:place]
            break
    return address.partition("**")[0].rstrip(_TAIL)


def _link(state: StateInline, silent: bool) -> bool:
    """`[words](address)`; looked for only while a `](` is to come, or thousands of [ would search in vain."""
    return state.pos < state.html_terminator_last("](") and link(state, silent)


def _picture(state: StateInline, silent: bool) -> bool:
    """Shows a picture as a link to it: `![words](address)`."""
    if not state.src.startswith("![", state.pos):
        return False
    state.pos += 1
    if _link(state, silent):
        return True
    state.pos -= 1
    return False


def _not_too_deep(rule: BlockRule) -> BlockRule:
    """The rule, silent past `DEEPEST` levels: the library drops what stands deeper, here it stays text."""

    def shallow(state: StateBlock, line: int, last: int, silent: bool) -> bool:
        return state.level < DEEPEST and rule(state, line, last, silent)

    return shallow


def _ends_quotation(state: StateBlock, line: int, last: int, silent: bool) -> bool:
    """Asked of a line without > below a quotation: it always ends there."""
    return silent


def _ends_entry(state: StateBlock, line: int, last: int, silent: bool) -> bool:
    """Asked of a line below a paragraph: ends it where the line stands left of the list entry it is in."""
    return silent and state.sCount[line] < state.blkIndent


def _heading_with_words(state: StateBlock, line: int, last: int, silent: bool) -> bool:
    """A heading, unless it is nothing but # signs: those are text."""
    start = state.bMarks[line] + state.tShift[line]
    if _EMPTY_HEADING.fullmatch(state.src, start, state.eMarks[line]):
        return False
    return heading(state, line, last, silent)


def _contain(state: StateCore) -> None:
    """Keeps links, emphasis and bidi controls of every paragraph within bounds."""
    for token in state.tokens:
        if token.type == "inline":
            children = token.children or []
            _unlink_inner(children)
            _flatten_deep(children)
            token.children = list(_closed(children))


def _unlink_inner(tokens: Sequence[Token]) -> None:
    """A picture among the words of a link is its words alone, and a line break there a space."""
    depth = 0
    for token in tokens:
        depth += token.type == "link_open"
        if token.type in BREAKS and depth:
            _become_text(token, " ")
        elif token.type in {"link_open", "link_close"}:
            inner, depth = depth > 1, depth - (token.type == "link_close")
            if inner:
                _become_text(token, "")


def _flatten_deep(tokens: Sequence[Token]) -> None:
    """Emphasis deeper than `DEEPEST` is shown as the marks that were typed."""
    depth = 0
    for token in tokens:
        if token.tag in {"em", "strong"}:
            depth += max(token.nesting, 0)
            deep, depth = depth > DEEPEST, depth + min(token.nesting, 0)
            if deep:
                _become_text(token, token.markup)


def _become_text(token: Token, content: str) -> None:
    token.type, token.tag, token.nesting, token.content = "text", "", 0, content


def _closed(tokens: Sequence[Token]) -> Iterator[Token]:
    """Bidi controls balanced line by line, and within the words of a link by themselves."""
    outer = here = BidiScope()
    for token in tokens:
        if token.type in WORDS:
            token.content = here.admit(token.content)
        elif token.type == "link_open":
            here = BidiScope()
        elif token.type == "link_close":
            yield _text(here.close())
            here = outer
        elif token.type in BREAKS:
            yield _text(here.close())
        yield token
    yield _text(here.close())


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)
