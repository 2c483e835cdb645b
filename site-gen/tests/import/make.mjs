// Makes npm-docx.docx with the package docx of npm: node make.mjs. What it says is made up.
import fs from "node:fs";
import {
  AlignmentType, DeletedTextRun, Document, ExternalHyperlink, FootnoteReferenceRun, HeadingLevel, ImageRun, InsertedTextRun, LevelFormat, Packer, Paragraph, Table, TableCell,
  TableRow, TextRun,
} from "docx";

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGPokZHBihiGlgQAQeUxAYbDh6sAAAAASUVORK5CYII=", "base64");
const change = { id: 1, author: "编辑", date: "2026-11-20T09:00:00Z" };
const cell = (words) => new TableCell({ children: [new Paragraph(words)] });
const numbered = (level, words) => new Paragraph({ text: words, numbering: { reference: "parts", level } });

const document = new Document({
  numbering: {
    config: [
      {
        reference: "parts",
        levels: [
          { level: 0, format: LevelFormat.CHINESE_COUNTING, text: "%1、", alignment: AlignmentType.START },
          { level: 1, format: LevelFormat.DECIMAL, text: "%2.", alignment: AlignmentType.START },
          { level: 2, format: LevelFormat.BULLET, text: "•", alignment: AlignmentType.START },
        ],
      },
    ],
  },
  footnotes: { 1: { children: [new Paragraph("以窗口的答复为准。")] } },
  sections: [
    {
      children: [
        new Paragraph({ text: "企业开办一件事怎么办", heading: HeadingLevel.TITLE }),
        new Paragraph({
          children: [
            new TextRun("新开一家企业，要办的事集中到一个窗口，"),
            new DeletedTextRun({ text: "三天", ...change }),
            new InsertedTextRun({ text: "一天", ...change, id: 2 }),
            new TextRun("办完"),
            new FootnoteReferenceRun(1),
            new TextRun("。"),
            new TextRun({ text: "看不见的字", vanish: true }),
          ],
        }),
        numbered(0, "要带什么"),
        numbered(1, "身份证原件"),
        numbered(1, "场地证明"),
        numbered(2, "租的带合同"),
        numbered(0, "去哪里办"),
        new Paragraph({
          children: [
            new TextRun("在 *政务服务中心* 一楼，[3] 号窗口，"),
            new ExternalHyperlink({ link: "https://www.gov.cn/a b", children: [new TextRun({ text: "也可以网上办", bold: true })] }),
            new TextRun("。"),
          ],
        }),
        new Table({ rows: [new TableRow({ children: [cell("事项"), cell("时限")] }), new TableRow({ children: [cell("执照|章"), cell("1 天")] })] }),
        new Paragraph({ children: [new ImageRun({ type: "png", data: png, transformation: { width: 80, height: 80 }, altText: { name: "x", title: "x", description: "窗口的位置图" } })] }),
      ],
    },
  ],
});
fs.writeFileSync("npm-docx.docx", await Packer.toBuffer(document));
