"""The page that thread pages are measured against: the same server, two statements through the ORM, no layout."""

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402
import socket  # noqa: E402

from flask import Flask  # noqa: E402
from gevent.pool import Pool  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402
from sqlalchemy import select  # noqa: E402

from forum.commons.comments.models import Comment, Thread  # noqa: E402
from forum.core.accounts.models import User  # noqa: E402
from forum.core.agencies.models import Agency  # noqa: E402, F401
from forum.core.consultations.models import Consultation  # noqa: E402, F401
from forum.core.items.models import Item  # noqa: E402
from forum.kernel import db  # noqa: E402

PAGE = """<!doctype html>
<html lang="th"><head><meta charset="utf-8"><title>{{ thread.title }}</title></head><body>
<h1>{{ thread.title }}</h1>{{ thread.body_html|safe }}
{% for comment, author in comments %}<article id="c{{ comment.no }}">
<p>{{ author.name }}</p>
{{ comment.body_html|safe }}</article>
{% endfor %}</body></html>
"""

app = Flask(__name__)
page = app.jinja_env.from_string(PAGE)


@app.get("/t/<public_id>")
def show_thread(public_id: str) -> str:
    with db.reading() as tx:
        asked = select(Thread).join(Item, Item.id == Thread.item_id).where(Item.public_id == public_id)
        thread = tx.execute(asked).scalar_one()
        latest = (
            select(Comment, User)
            .join(Item, Item.id == Comment.item_id)
            .join(User, User.id == Item.author_id)
            .where(Comment.thread_id == thread.item_id)
            .order_by(Comment.no.desc())
            .limit(20)
        )
        return page.render(thread=thread, comments=tx.execute(latest).all())


class Server(WSGIServer):
    def handle(self, sock: socket.socket, address: object) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().handle(sock, address)


if __name__ == "__main__":
    db.connect(os.environ["DATABASE_URL"])
    address = ("127.0.0.1", int(os.environ["PORT"]))
    Server(address, app, log=None, spawn=Pool(5000)).serve_forever()
