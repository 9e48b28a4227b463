"""The text that says what becomes of the data of those who take part: supplied, to be changed and confirmed."""

from forum.kernel.site import site

_SUPPLIED = """\
หน่วยงานนี้เก็บ: ข้อความที่คุณเขียน ชื่อที่คุณตั้งเอง และวันเวลาที่ส่ง ไม่ขอเลขบัตรประชาชน ไม่ต้องใช้ชื่อจริง

ใช้ทำอะไร: อ่าน ตอบ และสรุปผลการรับฟังเรื่องนี้เท่านั้น ไม่ใช้ติดตามตัวใคร

ใครเห็น: ทุกคนเห็นข้อความและชื่อที่คุณตั้ง หน่วยงานไม่เห็นอีเมลหรือเบอร์ของคุณ

เก็บนานเท่าไร: [ใส่จำนวนปีที่เก็บ และเหตุผล] แล้วลบ

ความเห็นจากใบกระดาษหรือโทรศัพท์: เจ้าหน้าที่พิมพ์เข้าให้โดยไม่ใส่ชื่อคนให้ความเห็น ใบกระดาษเก็บไว้ที่ [ใส่ที่เก็บ]

ขอดู ขอแก้ หรือขอลบข้อมูลของคุณได้ที่ [ใส่ฝ่ายและเบอร์โทร] ผู้ให้บริการเว็บนี้คือ %(operator)s
"""


def supplied() -> str:
    """What an office begins with; what it leaves in brackets the office must say."""
    return _SUPPLIED.rstrip() % {"operator": str(site().operator)}
