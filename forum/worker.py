"""The worker process: what takes long or waits for others, on plain threads, away from every page."""

import logging
import os
import signal
import threading
import time
from collections.abc import Sequence
from functools import partial

from flask import Flask
from sqlalchemy import exists, select

from forum.kernel import clock, db, dispatch, feature, idempotency, logs, mail
from forum.kernel.dispatch import Dispatcher
from forum.kernel.feature import Duty
from forum.kernel.mail import Mail, Post, send_waiting

log = logging.getLogger(__name__)

_MAIL_EVERY = 0.5
_TICK_EVERY = 20.0
_TIDY_EVERY = 3600.0
_IDLE = 0.5
_END_SECONDS = 0.8
"""A letter or a tick in hand gets this long; each is done again when it was cut off."""


def work(app: Flask, once: bool = False) -> None:
    """Works until SIGTERM or SIGINT; with `once`, does each duty one time and returns."""
    config = app.config["SALA"]
    post = Post(config.mail_from, config.data_dir / "mail", config.smtp_url)
    dispatcher = Dispatcher("worker", idle=_IDLE)
    duties = [Duty(partial(send_mail, post), _MAIL_EVERY), Duty(tick, _TICK_EVERY), Duty(tidy, _TIDY_EVERY)]
    duties += [duty for owner in feature.features() for duty in owner.duties]
    if once:
        while dispatcher.lead() and dispatcher.turn():
            pass
        dispatcher.resign()
        for duty in duties:
            duty.do()
        return
    logs.configure(config.log_level)
    _run(dispatcher, duties)


def _run(dispatcher: Dispatcher, duties: Sequence[Duty]) -> None:
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    threads = [threading.Thread(target=dispatcher.run, daemon=True)]
    threads += [threading.Thread(target=_repeat, args=(duty, ending), daemon=True) for duty in duties]
    for thread in threads:
        thread.start()
    log.info("working")
    ending.wait()
    dispatcher.stop()
    until = time.monotonic() + _END_SECONDS
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    logging.shutdown()
    # Taking the interpreter down under threads that still wait takes longer than all the rest.
    os._exit(0)


def _repeat(duty: Duty, ending: threading.Event) -> None:
    while not ending.is_set():
        try:
            duty.do()
        except Exception:
            log.exception("%s failed and will be tried again", getattr(duty.do, "__name__", "a duty"))
        ending.wait(duty.every)


def send_mail(post: Post) -> int:
    """Sends the letters that are due and returns how many left; an empty queue costs no write."""
    with db.reading() as tx:
        waits = exists().where(Mail.state == "waiting", Mail.next_at <= clock.now())
        if not tx.execute(select(waits)).scalar():
            return 0
    return send_waiting(post)


def tick() -> None:
    """Lets every feature do what its clock asks for; one that fails does not hold up the others."""
    for owner in feature.features():
        if owner.tick is None:
            continue
        try:
            owner.tick()
        except Exception:
            log.exception("the clock of %s failed", owner.name)


def tidy() -> None:
    """Deletes what is kept only for a while."""
    dispatch.forget_delivered()
    idempotency.forget_old()
    mail.forget_old()
