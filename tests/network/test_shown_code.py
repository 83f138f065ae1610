"""The text that is shown is the text that runs; the oracle is Python's own parser."""

import ast

import pytest

from lenet_viz.network.shown_code import shown_text

EVIL = "import os\nos.abort()\n"
FILES = {
    "plain": b"a = 1\r\nb = 2\r\n",
    "mark of utf-8": b"\xef\xbb\xbfa = '\xc3\xa4'\n",
    "latin": b"# coding: latin-1\na = '\xe4'\n",
    "second line": b"#!/usr/bin/python\n# -*- coding: cp1252 -*-\na = '\x80'\n",
    "code in a comment": b"# coding: utf-7\n# nothing here +AAo-import os+AAo-os.abort()\n",
    "old ends of lines": b"# a\r# coding: utf-7\r# +AAo-import os\r",
    "too late a line": b"# a\r# b\r# coding: utf-7\r# +AAo-import os\r",
    "too late a line, new": b"# a\n# b\n# coding: utf-7\n# +AAo-import os\n",
    "no comment before": b"a = 1\r# coding: utf-7\r# +AAo-import os\r",
    "form feed": b"\x0c# coding: utf-7\n# +AAo-import os\n",
    "escapes": b"# coding: raw_unicode_escape\n# \\u000aimport os\n",
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_shown_is_what_runs(name: str) -> None:
    data = FILES[name]
    shown = shown_text(data)
    assert ast.dump(ast.parse(shown)) == ast.dump(ast.parse(data))
    assert ("import os" in shown.splitlines()) == ("Import" in ast.dump(ast.parse(data)))


def test_what_is_not_seen_is_shown_by_its_number() -> None:
    text = "a = 'user\u202e \u2066# check\u2069 \u2066' # \u200b\u00ad\u2028\x1b\n\tä漢🙂\n"
    shown = shown_text(text.encode())
    assert shown == (
        "a = 'user⟨U+202E⟩ ⟨U+2066⟩# check⟨U+2069⟩ ⟨U+2066⟩' # "
        "⟨U+200B⟩⟨U+00AD⟩⟨U+2028⟩⟨U+001B⟩\n\tä漢🙂\n"
    )
