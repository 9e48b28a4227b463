import subprocess
import sys

from forum.core.accounts import service

IN_A_WEB_PROCESS = """
from gevent import monkey
monkey.patch_all()
import gevent
from forum.core.accounts.service import hash_password, verify_password
turns = 0
def others():
    global turns
    while True:
        turns += 1
        gevent.sleep(0)
gevent.spawn(others)
hashed = hash_password("a password")
after_hashing = turns
assert verify_password(hashed, "a password")
assert 0 < after_hashing < turns, (after_hashing, turns)
both = [gevent.spawn(hash_password, "many at once") for _ in range(6)]
gevent.joinall(both, raise_error=True)
"""


def test_a_password_is_stored_as_argon2id_with_a_salt_of_its_own() -> None:
    first, second = (service.hash_password("เรือข้ามฟาก") for _ in range(2))
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert service.verify_password(first, "เรือข้ามฟาก")


def test_neither_nothing_nor_rubbish_is_a_password() -> None:
    for hashed in (None, "", "x", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA"):
        assert not service.verify_password(hashed, "")
        assert not service.verify_password(hashed, "x")


def test_other_requests_go_on_while_a_password_is_hashed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_A_WEB_PROCESS], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
