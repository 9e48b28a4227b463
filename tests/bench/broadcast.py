"""The broadcast that live comments are measured against: bare Flask-SocketIO on the same server, nothing stored."""

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402

from flask import Flask, request  # noqa: E402
from flask_socketio import SocketIO  # noqa: E402
from gevent.pool import Pool  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402

app = Flask(__name__)
socketio = SocketIO(app, async_mode="gevent", cors_allowed_origins="*")


@socketio.on("watch")
def watch(_said: object) -> dict[str, bool]:
    return {"ok": True}


@app.post("/say")
def say() -> tuple[dict[str, bool], int]:
    socketio.emit("comment.posted", request.get_json())
    return {"ok": True}, 201


if __name__ == "__main__":
    address = ("127.0.0.1", int(os.environ["PORT"]))
    WSGIServer(address, app, log=None, spawn=Pool(5000)).serve_forever()
