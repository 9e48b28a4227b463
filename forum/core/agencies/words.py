"""What roles in an agency are called, and what each is for."""

from forum.core.agencies.rules import AGENCY_ROLES
from forum.kernel.i18n import T

ROLE_NAMES = {
    "owner": T("หัวหน้าทีม"),
    "officer": T("เจ้าหน้าที่"),
    "moderator": T("ผู้ดูแลการพูดคุย"),
    "reviewer": T("ผู้ทบทวนคำตัดสิน"),
}
ROLE_NOTES = {
    "owner": T("ชวนคนเข้าออก เปลี่ยนหน้าที่ แก้ข้อมูลหน่วยงาน และทำได้ทุกอย่างที่เจ้าหน้าที่ทำ"),
    "officer": T("ตั้งเรื่อง เปิดถามความเห็น และพูดในนามหน่วยงาน"),
    "moderator": T("ดูแลการพูดคุยให้เป็นไปตามกติกา ตอนนี้ยังไม่มีหน้าสำหรับงานนี้ ตั้งไว้ล่วงหน้าได้"),
    "reviewer": T("ดูใหม่เมื่อมีคนไม่เห็นด้วยกับผู้ดูแลการพูดคุย ตอนนี้ยังไม่มีหน้าสำหรับงานนี้ ตั้งไว้ล่วงหน้าได้"),
}
ROLE_CHOICES = tuple((role, ROLE_NAMES[role], ROLE_NOTES[role]) for role in AGENCY_ROLES)
"""Roles as a form offers them."""
LEAVING = (T("เอาออกจากหน่วยงาน"), T("เข้าโต๊ะเจ้าหน้าที่ไม่ได้อีกตั้งแต่ตอนนี้ สิ่งที่เขียนไว้ยังอยู่"))
LEAVING_ONE = (T("เลิกทำหน้าที่นี้"), T("หน้าที่อื่นในหน่วยงานยังอยู่"))
"""What a form offers besides other roles: the last one, or one of several, is taken away."""
