"""The site as a program: `python wsgi.py` serves it; `flask …` finds its commands here."""

if __name__ == "__main__":
    # Before anything else: what is imported first keeps its blocking sockets for ever.
    from gevent import monkey

    monkey.patch_all()

from forum.app import create_app
from forum.cli import attach

app = create_app()
attach(app)

if __name__ == "__main__":
    from forum.server import serve

    serve(app)
