"""Nothing that people write can do more on a page than be read, and what they meant is seen."""

import time
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit

import bleach
import pytest
from bleach._vendor import html5lib
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forum.kernel import html, markdown
from forum.kernel.text import balanced, normalise

ALLOWED = {tag: set() for tag in html.TAGS} | {
    "a": {"href", "rel", "class"},
    "bdi": {"class"},
    "ol": {"start"},
}

PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)//",
    "<svg onload=alert(1)>",
    "<svg/onload=alert`1`>",
    "<svg><script>alert&#40;1&#41</script>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<math><mi//xlink:href="data:x,<script>alert(4)</script>">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<noembed><style></noembed><img src=x onerror=alert(1)></style>",
    '<xmp><p title="</xmp><svg/onload=alert(1)>">',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<iframe src=javascript:alert(1)>",
    "<object data=javascript:alert(1)>",
    "<embed src=data:image/svg+xml;base64,PHN2Zy8+>",
    "<base href=javascript:alert(1)//>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import'//evil.example/x.css';</style>",
    '<div style="background:url(javascript:alert(1))">',
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<a href=javascript:alert(1)>x</a>",
    '<a href="jav&#x09;ascript:alert(1)">x</a>',
    '<a href=" \x01javascript:alert(1)">x</a>',
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[><script>alert(1)</script>]]>",
    '<?xml version="1.0"?><script>alert(1)</script>',
    "</p><script>alert(1)</script><p>",
    "<template><script>alert(1)</script></template>",
    "<select><style></select><img src=x onerror=alert(1)>",
    "<table><td><textarea></table><img src=x onerror=alert(1)>",
    "<x/onclick=alert(1)>press",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](//evil.example)",
    "[x](/t/delete)",
    "[x](\\\\evil.example)",
    "[x](http:evil.example)",
    "[x](https:///evil.example)",
    "[x](https://good.go.th@evil.example)",
    "[x](https://good.go.th\\@evil.example)",
    '[x](https://evil.example/"onmouseover=alert(1))',
    '[x](<https://evil.example/" onmouseover=alert(1) ">)',
    '[x](https://evil.example "t" onmouseover=alert(1))',
    "![x](javascript:alert(1))",
    '!["onerror=alert(1)](https://evil.example/x.png)',
    "[![x](https://a.example/x.png)](javascript:alert(1))",
    "<https://evil.example/<script>alert(1)</script>>",
    "<javascript:alert(1)>",
    'https://evil.example/"onmouseover="alert(1)',
    "https://evil.example/'onmouseover='alert(1)",
    "https://evil.example/<script>alert(1)</script>",
    'www.evil.example"><script>alert(1)</script>',
    "[x]: javascript:alert(1)\n\n[x]",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "    <script>alert(1)</script>",
    "# <img src=x onerror=alert(1)>",
    "> <svg onload=alert(1)>",
    "1. <svg onload=alert(1)>",
    "<a\x00href=javascript:alert(1)>x</a>",
    "<img src=x one\u2028rror=alert(1)>",
    "\u202e<script>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
    "<ſcript>alert(1)</ſcript>",
    "**<b onclick=alert(1)>**",
    "<mark><template shadowrootmode=open><script>alert(1)</script>",
]


class _Seen(HTMLParser):
    """What a page is made of: tags with their attributes, and the text between."""

    def __init__(self, page: str):
        super().__init__(convert_charrefs=True)
        self.parts: list[tuple[str, object]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, sorted(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(("/" + tag, None))

    def handle_data(self, data: str) -> None:
        if self.parts and self.parts[-1][0] == "":
            data = str(self.parts.pop()[1]) + data
        self.parts.append(("", data))

    @property
    def text(self) -> str:
        return "".join(str(data) for tag, data in self.parts if not tag)


def assert_harmless(page: str) -> None:
    for element in html5lib.parseFragment(page, namespaceHTMLElements=False).iter():
        if element.tag == "DOCUMENT_FRAGMENT":
            continue
        assert element.tag in ALLOWED, page
        assert set(element.attrib) <= ALLOWED[element.tag], page
        if element.tag == "a" and "href" in element.attrib:
            assert_honest(element)
        if element.tag == "ol":
            assert element.attrib.get("start", "1").isdigit()
        if element.tag == "bdi":
            assert element.attrib.get("class") in {None, "link-host"}
    assert _Seen(second_opinion(page)).parts == _Seen(page).parts


def assert_honest(link: object) -> None:
    address = link.attrib["href"]
    parts = urlsplit(address)
    assert parts.scheme in {"http", "https"}
    assert parts.hostname == markdown.host_of(address)
    assert parts.username is None
    assert link.attrib["rel"] == html.REL
    assert link.attrib["class"] == "external"
    assert "".join(link.itertext()).strip()


def second_opinion(page: str) -> str:
    attributes = {tag: sorted(names) for tag, names in ALLOWED.items()}
    return bleach.clean(page, html.TAGS, attributes, html.SCHEMES, strip=True)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_known_attack_is_shown_and_does_nothing(payload: str) -> None:
    payload = normalise(payload)
    page = html.render(payload)
    assert_harmless(page)
    assert_harmless(html.render(f"ก{payload}ข\n> {payload}\n- **{payload}**\n1. [{payload}](https://x.go.th)"))
    assert "x" in page or "alert" in page


def test_there_are_enough_known_attacks() -> None:
    assert len(set(PAYLOADS)) >= 40


@pytest.mark.parametrize(
    "typed",
    ["<script>alert(1)</script>", "a < b & c > d", "&lt;b&gt; &amp; &copy;", "\"'", "<b>ก</b>", "<!-- x -->"],
)
def test_html_is_shown_as_it_was_typed(typed: str) -> None:
    assert _Seen(html.render(typed)).text == typed


MARKS = ["**", "](", "> ", "- ", "1. ", "  ", "\n\n", *"*_`[]()!<>\\\n#-+.:/&\"'\u202e\u2066\u2069\u2028"]
WORDS = ["ก", "ข้อความ", "https://x.go.th/a", "www.x.go.th", "http://", "www."]
LINKS = ["[ก](https://x.go.th)", "![ข](http://x.go.th/a.png)"]
snippets = st.sampled_from([*PAYLOADS, *MARKS, *WORDS, *LINKS])
writings = st.one_of(st.text(), st.lists(st.one_of(snippets, st.text(max_size=3)), max_size=12).map("".join))


@given(writings)
@settings(max_examples=500, deadline=None)
def test_no_text_at_all_does_harm(typed: str) -> None:
    assert_harmless(html.render(normalise(typed)))


@given(st.text(alphabet='*_[]()!`><\\\n -#1.ก"a:/\u202e\u2069'))
@settings(max_examples=500, deadline=None)
def test_no_heap_of_marks_does_harm(typed: str) -> None:
    assert_harmless(html.render(typed))


@given(writings)
@example("[a\u202eb](https://x.go.th) c\u202d\nd")
@example("\u2066[a\nb](https://x.go.th) c")
@settings(max_examples=300, deadline=None)
def test_what_is_shown_has_its_bidi_controls_balanced(typed: str) -> None:
    for line in _Seen(html.render(normalise(typed))).text.split("\n"):
        assert balanced(line) == line


@given(st.text(alphabet="กขaZ0 .,ๆ“”ำ"))
def test_plain_words_stay_as_they_are(typed: str) -> None:
    words = " ".join(["ก", *typed.split()])
    assert _Seen(html.render(words)).text == words
    assert html.plain(words) == words


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ('คือ**"ข้อความ"**สำคัญ', 'คือ<strong>"ข้อความ"</strong>สำคัญ'),
        ("คือ**“ข้อความ”**สำคัญ", "คือ<strong>“ข้อความ”</strong>สำคัญ"),
        ("**สำคัญ**มาก", "<strong>สำคัญ</strong>มาก"),
        ("ก**ข**ค", "ก<strong>ข</strong>ค"),
        ("ก **ข** ค", "ก <strong>ข</strong> ค"),
        ("ดู**(ข)**ค", "ดู<strong>(ข)</strong>ค"),
        ("**(ก)**ข", "<strong>(ก)</strong>ข"),
        ("ก**(ข)**", "ก<strong>(ข)</strong>"),
        ("(**ก**)ข", "(<strong>ก</strong>)ข"),
        ('"**ก**"', '"<strong>ก</strong>"'),
        ("ก**'ข'**ค**'ง'**จ", "ก<strong>'ข'</strong>ค<strong>'ง'</strong>จ"),
        ('ก **"ข"**ค **"ง"**', 'ก <strong>"ข"</strong>ค <strong>"ง"</strong>'),
        ('PM2.5**"สูง"**มาก', 'PM2.5<strong>"สูง"</strong>มาก'),
        ('**"สูง"**2566', '<strong>"สูง"</strong>2566'),
        ("ก**😀**ข", "ก<strong>😀</strong>ข"),
        ("ก**น้ำ**ๆ", "ก<strong>น้ำ</strong>ๆ"),
        ("เร็ว**ๆ**นี้", "เร็ว<strong>ๆ</strong>นี้"),
        ("กรุงเทพ**ฯ**", "กรุงเทพ<strong>ฯ</strong>"),
        ("ราคา**฿50**ต่อคน", "ราคา<strong>฿50</strong>ต่อคน"),
        ("เพิ่ม**+20%**ทันที", "เพิ่ม<strong>+20%</strong>ทันที"),
        ('ก*"ข"*ค', 'ก<em>"ข"</em>ค'),
        ("ก***ข***ค", "ก<em><strong>ข</strong></em>ค"),
        ('ก**ข*"ค"*ง**จ', 'ก<strong>ข<em>"ค"</em>ง</strong>จ'),
        ("*(*ไทย*)*", "<em>(<em>ไทย</em>)</em>"),
        ('**English "quoted"** text', '<strong>English "quoted"</strong> text'),
        ("ก**[ข](https://x.go.th)**ค", None),
        ("5 * 3 * 2", "5 * 3 * 2"),
        ("กว้าง 2*3 ยาว 4*5 เมตร", "กว้าง 2*3 ยาว 4*5 เมตร"),
        ("๒*๓*๔", "๒*๓*๔"),
        ("**2*3**ม.", "<strong>2*3</strong>ม."),
        ("4**5**6", "4<strong>5</strong>6"),
        ("ก ** ข ** ค", "ก ** ข ** ค"),
        ("ก** ข **ค", "ก** ข **ค"),
        ("**ก", "**ก"),
        ("ชื่อ_ไฟล์_งาน", "ชื่อ_ไฟล์_งาน"),
        (r"\*\*ก\*\*", "**ก**"),
    ],
)
def test_bold_stands_beside_thai(typed: str, shown: str | None) -> None:
    page = html.render(typed)
    assert page == f"<p>{shown}</p>" if shown else "<strong><a" in page


@pytest.mark.parametrize(
    ("typed", "address", "rest"),
    [
        ("ดูที่https://x.go.th/aและ", "https://x.go.th/a", "ดูที่|และ"),
        ("ดูที่ https://x.go.th/a และ", "https://x.go.th/a", "ดูที่ | และ"),
        ("www.go.thและ", "http://www.go.th", "|และ"),
        ("ดูwww.x.go.th/ขอ", "http://www.x.go.th/", "ดู|ขอ"),
        ("เว็บ:www.x.go.th", "http://www.x.go.th", "เว็บ:|"),
        ("https://x.go.th.", "https://x.go.th", "|."),
        ("https://x.go.th/a, ข", "https://x.go.th/a", "|, ข"),
        ("https://x.go.th/a?b=1&c=2#d!", "https://x.go.th/a?b=1&c=2#d", "|!"),
        ("https://x.go.th/a…", "https://x.go.th/a", "|…"),
        ("(https://x.go.th/a)ก", "https://x.go.th/a", "(|)ก"),
        ("https://x.go.th/a_(b)", "https://x.go.th/a_(b)", "|"),
        ("(https://x.go.th/a_(b))", "https://x.go.th/a_(b)", "(|)"),
        ('"https://x.go.th"', "https://x.go.th", '"|"'),
        ("'https://x.go.th/'", "https://x.go.th/", "'|'"),
        ("<https://x.go.th>", "https://x.go.th", "<|>"),
        ("“https://x.go.th”", "https://x.go.th", "“|”"),
        ("**https://x.go.th/a**", "https://x.go.th/a", "|"),
        ("**ดู https://x.go.th/a**ก", "https://x.go.th/a", "ดู |ก"),
        ("*https://x.go.th/a*", "https://x.go.th/a", "|"),
        ("https://x.go.th/a_b_c", "https://x.go.th/a_b_c", "|"),
        ("https://x.go.th/a*b*c", "https://x.go.th/a*b*c", "|"),
        ("https://x.go.th:8080/a", "https://x.go.th:8080/a", "|"),
        ("http://1.2.3.4/", "http://1.2.3.4/", "|"),
        ("HTTPS://X.GO.TH", "HTTPS://X.GO.TH", "|"),
        ("https://x.go.th/%E0%B8%81", "https://x.go.th/%E0%B8%81", "|"),
        ("https://x.go.th/?a[]=1", "https://x.go.th/?a%5B%5D=1", "|"),
        ("[ก https://x.go.th/a", "https://x.go.th/a", "[ก |"),
        ("https://x.go.th/a]ก", "https://x.go.th/a", "|]ก"),
        ("https://th.wikipedia.org/wiki/ประเทศไทย", "https://th.wikipedia.org/wiki/", "|ประเทศไทย"),
        ("https://x.go.th\\@evil.example", "https://x.go.th", "|@evil.example"),
        ("๒https://x.go.th", "https://x.go.th", "๒|"),
        ("> https://x.go.th", "https://x.go.th", "|"),
        ("https://x.go.th/~a-b/", "https://x.go.th/~a-b/", "|"),
        ("https://xn--o3cw4h.com", "https://xn--o3cw4h.com", "|"),
    ],
)
def test_an_address_becomes_a_link_that_ends_where_it_ends(typed: str, address: str, rest: str) -> None:
    parts = _Seen(html.render(typed)).parts
    links = [dict(attributes) for tag, attributes in parts if tag == "a"]
    assert [link["href"] for link in links] == [address]
    at = next(place for place, (tag, _) in enumerate(parts) if tag == "bdi")
    around = "".join("|" if place == at + 1 else str(data) for place, (tag, data) in enumerate(parts) if not tag)
    assert around.strip("\n") == rest


@pytest.mark.parametrize(
    "typed",
    [
        "info@x.go.th",
        "a@www.x.com",
        "mailto:info@x.go.th",
        "xhttps://x.go.th",
        "https://",
        "https://ก.com",
        "https://ไทย.com",
        "https://localhost/a",
        "http://user:word@x.go.th",
        "ftp://x.go.th",
        "ftp://www.x.go.th",
        "www.",
        "www.ก",
        "www.x",
        "awww.x.com",
        "x.go.th",
        "javascript://x.go.th",
        "https ://x.go.th",
        "`https://x.go.th`",
        "//www.x.go.th",
        "https://-x.go.th",
        "wwſ.x.go.th",
    ],
)
def test_what_is_no_plain_web_address_stays_text(typed: str) -> None:
    assert "<a" not in html.render(typed)
    assert _Seen(html.render(typed)).text == typed.strip("`")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("[กด](https://evil.example/x)", "กด (evil.example)"),
        ("[www.bank.go.th](https://evil.example)", "www.bank.go.th (evil.example)"),
        ("[evil.example.go.th](https://evil.example)", "evil.example.go.th (evil.example)"),
        ("[x.go.th](https://x.go.th/a)", "x.go.th"),
        ("[https://x.go.th/a](https://x.go.th/a)", "https://x.go.th/a"),
        ("[](https://x.go.th/a)", "https://x.go.th/a"),
        ("[\u200e](https://x.go.th/a)", "https://x.go.th/a\u200e"),
        ("![ผัง](https://x.go.th/a.png)", "ผัง (x.go.th)"),
        ("[ดู https://x.go.th/a](https://y.go.th)", "ดู https://x.go.th/a (y.go.th)"),
        ("[ก](https://ไทย.com)", "ก (xn--o3cw4h.com)"),
        ("[ก]()", "ก"),
        ("[![ก](https://a.go.th/a.png) ข](https://x.go.th)", "ก ข (x.go.th)"),
        ("[ก\nข](https://x.go.th)", "ก ข (x.go.th)"),
        ("\u202e[x](https://moc.example)", "\u202ex (moc.example)\u202c"),
    ],
)
def test_a_link_tells_where_it_leads(typed: str, shown: str) -> None:
    assert "".join(sorted(_Seen(html.render(typed)).text)) == "".join(sorted(shown))
    assert "".join(sorted(html.plain(typed))) == "".join(sorted(shown))


def test_an_override_cannot_turn_a_host_round() -> None:
    page = html.render("\u202e[x\u202e](https://moc.example) y")
    assert "<bdi>x\u202e\u202c</bdi></a>" in page
    assert '<bdi class="link-host">(moc.example)</bdi>' in page
    assert page.endswith(" y\u202c</p>")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("ก\nข", "<p>ก<br>\nข</p>"),
        ("ก\n\nข", "<p>ก</p>\n<p>ข</p>"),
        ("# หัวข้อ\nก", "<p><strong>หัวข้อ</strong></p>\n<p>ก</p>"),
        ("#แท็ก", "<p>#แท็ก</p>"),
        ("##", "<p>##</p>"),
        ("ก\n---", "<p>ก<br>\n---</p>"),
        ("    ย่อหน้า", "<p>ย่อหน้า</p>"),
        ("> ก\nข", "<blockquote>\n<p>ก</p>\n</blockquote>\n<p>ข</p>"),
        (">> ก\n> ข", "<blockquote>\n<blockquote>\n<p>ก</p>\n</blockquote>\n<p>ข</p>\n</blockquote>"),
        ("- ก\n- ข\nค", "<ul>\n<li>ก</li>\n<li>ข</li>\n</ul>\n<p>ค</p>"),
        ("- ก\n  ข", "<ul>\n<li>ก<br>\nข</li>\n</ul>"),
        ("3. ก\n4. ข", '<ol start="3">\n<li>ก</li>\n<li>ข</li>\n</ol>'),
        ("`<b>`", "<p><code>&lt;b&gt;</code></p>"),
        ("[ก]: https://x.go.th\n\n[ก]", None),
        ("|a|b|\n|-|-|\n|1|2|", "<p>|a|b|<br>\n|-|-|<br>\n|1|2|</p>"),
        ("~~ก~~", "<p>~~ก~~</p>"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_the_dialect_is_small_and_keeps_lines(typed: str, shown: str | None) -> None:
    page = html.render(typed)
    assert page == shown if shown is not None else "[ก]" in page


def test_what_is_nested_too_deep_is_shown_as_typed() -> None:
    page = html.render(">" * 30 + "ลึก")
    assert page.count("<blockquote>") == markdown.DEEPEST
    assert _Seen(page).text.count(">") == 30 - markdown.DEEPEST
    assert "ลึก" in page
    stars = html.render("*ก _ข " * 20 + "_ *" * 20 + "*ก" * 20 + "ข*" * 20)
    assert _depth(stars) <= markdown.DEEPEST + 2


def _depth(page: str) -> int:
    depth = deepest = 0
    for tag, _ in _Seen(page).parts:
        depth += 1 if tag in {"em", "strong", "p"} else -1 if tag in {"/em", "/strong", "/p"} else 0
        deepest = max(deepest, depth)
    return deepest


HEAPS = [
    "[",
    "*",
    "_",
    ">",
    "> ",
    "`",
    "![",
    "![a](",
    "[[a](b)",
    "*a _b ",
    "**a *b ",
    "*_",
    "- ",
    "- a\n",
    "([",
]
HEAPS += ["https://a.co/(", "www.", "\u202e\n", '**"ก', "[a](<b", "\\", "a\n", "1. ", "> - ", "<", "`a", "ก่"]


@pytest.mark.parametrize("heap", HEAPS)
def test_ten_thousand_marks_take_no_more_than_a_moment(heap: str) -> None:
    typed = (heap * 10_000)[:10_000]
    begin = time.process_time()
    html.render(typed)
    assert time.process_time() - begin < 1
    assert_harmless(html.render(typed[:500]))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("**ก** *ข* `ค`", "ก ข ค"),
        ("# ก\n\nข\nค", "ก\nข\nค"),
        ("- ก\n- ข\n\n2. ค\n3. ง", "- ก\n- ข\n2. ค\n3. ง"),
        ("> ก\n\nข", "ก\nข"),
        ("[กด](https://x.go.th/a)นะ", "กด (x.go.th)นะ"),
        ("https://x.go.th/aและ", "https://x.go.th/aและ"),
        ("<b>ก</b> &amp;", "<b>ก</b> &amp;"),
        (r"\*ก\*", "*ก*"),
        ("\u202eก\n\u2069ข", "\u202eก\u202c\nข"),
        ("", ""),
    ],
)
def test_the_words_alone(typed: str, words: str) -> None:
    assert html.plain(typed) == words


@given(writings)
@settings(max_examples=300, deadline=None)
def test_the_words_alone_are_the_words_shown(typed: str) -> None:
    shown = _Seen(html.render(normalise(typed))).text
    plain = html.plain(normalise(typed))
    for word in shown.split():
        assert word in plain or word in unescape(plain)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://x.go.th", "x.go.th"),
        ("HTTP://X.go.th:80/a?b#c", "x.go.th"),
        ("https://x.go.th?next=//evil.example", "x.go.th"),
        ("https://x", None),
        ("https://x.go.th@evil.example", None),
        ("https://x.go.th\\.evil.example", None),
        ("https://x.go.th:99x/", None),
        ("https://x..go.th", None),
        ("https://ไทย.com", None),
        ("https://x.go.th/ก", None),
        ("https://x.go.th/a b", None),
        ("https://x.go.th/\n", None),
        ("https://x.go.th\n", None),
        ("//x.go.th", None),
        ("javascript:https://x.go.th", None),
        (" https://x.go.th", None),
        ("httpſ://x.go.th", None),
        ("", None),
    ],
)
def test_a_host_is_told_only_where_there_is_no_doubt(address: str, host: str | None) -> None:
    assert markdown.host_of(address) == host
