"""Makes python-docx.docx with python-docx and Pillow: python3 make.py. What it says is made up."""
import datetime
import io

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from PIL import Image, ImageDraw


def photograph():
    """A small JPEG that says where it was taken."""
    image = Image.new("RGB", (320, 200), "#8c1c1c")
    ImageDraw.Draw(image).ellipse((60, 30, 260, 170), fill="#f2e8dc")
    exif = Image.Exif()
    exif[0x010F] = "ExampleCamera"
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (33.0, 57.0, 0.0), "E", (116.0, 47.0, 0.0)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=60, exif=exif)
    file.seek(0)
    return file


def link(paragraph, words, address):
    relation = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    element = OxmlElement("w:hyperlink")
    element.set(qn("r:id"), relation)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = words
    run.append(text)
    element.append(run)
    paragraph._p.append(element)


document = Document()
document.core_properties.created = datetime.datetime(2026, 11, 1)
for line in ["关于举办企业用工座谈会", "的通知"]:
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run(line)
    run.bold, run.font.size = True, Pt(22)
document.add_paragraph("各会员企业：")
first = document.add_paragraph("　　为帮企业解决旺季用工难，区工商联定于１２月举办座谈会,请")
first.add_run("负责人：").bold = True
first.add_run("带着问题来。")
document.add_heading("时间和地点", 1)
document.add_paragraph("12月9日（星期三）下午 2:30，区政务服务中心二楼。")
document.add_heading("怎样参加", 1)
for words in ["打电话报名", "在网上报名"]:
    document.add_paragraph(words, style="List Bullet")
for words in ["先登记企业名称", "再写要招的岗位"]:
    document.add_paragraph(words, style="List Number")
table = document.add_table(rows=3, cols=3, style="Table Grid")
for row, words in enumerate([["岗位", "人数", "备注"], ["操作工", "20", "包吃住"], ["合计", "20", ""]]):
    for column, word in enumerate(words):
        table.cell(row, column).text = word
table.cell(2, 1).merge(table.cell(2, 2))
document.add_picture(photograph(), width=Cm(8))
document.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
more = document.add_paragraph("办法全文见")
link(more, "中国政府网", "https://www.gov.cn/")
more.add_run("。")
for line in ["示例区工商业联合会", "2026年11月20日"]:
    document.add_paragraph(line).alignment = WD_ALIGN_PARAGRAPH.RIGHT
document.save("python-docx.docx")
