"""Everything Streamlit sends to a page, in the language of the page.

The words of a page are English where they are put together. On their way to the browser they pass this one place,
which hands them to the tables; so no page, and no new one, can forget to. What a reader chooses from (the options of a
box) is the exception: Streamlit gets these words back from the browser, so they are translated where the box is drawn.
"""

from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.words.markup import html, markdown
from app.words.translating import noted, translated

PLAIN = frozenset(
    {
        *("label", "help", "placeholder", "caption", "captions", "title", "page_name", "sections", "section_header"),
        *("text", "message", "alt", "description"),
    }
)
"""Fields of Streamlit's messages that hold words."""
MARKED = frozenset({"body"})
"""Fields that hold Markdown, or HTML in an element of HTML."""
CHOSEN = frozenset({(kind, "options") for kind in ("Selectbox", "MultiSelect", "Radio")} | {("Option", "content")})
"""Fields of options, which come here translated already; one that is English is noted."""
NOT_WORDS = frozenset({"Code", "Dataframe", "Table", "BidiComponent", "IFrame", "Json", "Exception", "NewSession"})
"""Messages that are left as they are: code, frames, and tables, which are translated before they are made."""


def in_language(code: str) -> None:
    """Have what this run of the page sends pass the tables; for English nothing changes."""
    ctx = get_script_run_ctx()
    if ctx is None:
        return
    send: Callable[[Message], None] = getattr(ctx.enqueue, "plain", ctx.enqueue)
    if code == "en":
        ctx.enqueue = send  # type: ignore[assignment, method-assign]
        return

    def sent(message: Message) -> None:
        _translate(message, code)
        send(message)

    sent.plain = send  # type: ignore[attr-defined]
    ctx.enqueue = sent  # type: ignore[assignment, method-assign]


def _translate(message: Message, code: str) -> None:
    kind = message.DESCRIPTOR.name
    if kind in NOT_WORDS:
        return
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for inner in value if _several(value) else [value]:
                if isinstance(inner, Message):
                    _translate(inner, code)
        elif field.type == FieldDescriptor.TYPE_STRING and (kind, field.name) in CHOSEN:
            for option in [value] if isinstance(value, str) else value:
                noted(option, code)
        elif field.type == FieldDescriptor.TYPE_STRING and field.name in PLAIN | MARKED:
            how = html if kind == "Html" else markdown if field.name in MARKED | {"help"} else translated
            _put(message, field.name, value, how, code)


def _several(value: Any) -> bool:
    return hasattr(value, "append") and not isinstance(value, Message)


def _put(message: Message, name: str, value: Any, how: Callable[[str, str], str], code: str) -> None:
    if isinstance(value, str):
        setattr(message, name, how(value, code))
    else:
        value[:] = [how(text, code) for text in value]
