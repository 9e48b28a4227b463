"""Work beside other requests: its errors come to whoever asked, and are told nowhere else."""

import subprocess
import sys

SCRIPT = """
from gevent import monkey
monkey.patch_all()
from forum.kernel.apart import apart
from forum.kernel.errors import Invalid
from forum.kernel.tables import read_table

assert apart(lambda: 7) == 7
for data in (b"PK\\x03\\x04 no workbook", b"%PDF-1.7", b"\\xff\\xfe\\x00", b"\\xa0\\xff\\x00"):
    try:
        apart(lambda: read_table(data, "x.xlsx", most_rows=9))
    except Invalid as error:
        print(*error.errors)
"""


def test_a_file_that_is_refused_beside_other_requests_is_told_to_the_sender_and_not_on_the_console() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.split(), ran.stderr) == (0, ["file"] * 4, "")
