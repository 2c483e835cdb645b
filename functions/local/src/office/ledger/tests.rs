use std::{fs, process::Command};

use calamine::{Data, Reader};
use tempfile::TempDir;

use super::*;

const COLUMNS: [&str; 7] = ["序号", "受理编号", "信用代码", "联系电话", "内容摘要", "用时(工作日)", "备注"];

/// What people type, and what they should not.
fn hostile() -> Vec<Vec<String>> {
    let long = "字".repeat(40_000);
    let texts = [
        "贷款，\"续贷\"\n第二行",
        "=HYPERLINK(\"http://example.com\")",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r\n=1",
        "a\r\nb\rc",
        "bell\u{7} escape\u{1b}[31m nul\u{0} nel\u{85} \u{ffff}",
        "_x0041_ stays as it is, and so does _x005F_",
        "<b>&amp;</b> ]]> \u{2028}",
        "笑😀👨‍👩‍👧 שלום مرحبا \u{202e}",
        " 前后有空格 ",
        long.as_str(),
        "",
    ];
    let row = |(index, text): (usize, &str)| {
        let number = (index + 1).to_string();
        [number.as_str(), "XS261124123456", "91110000600037341L", "0561-3880000", text, "5", "最后一列"]
            .map(str::to_owned)
            .to_vec()
    };
    texts.into_iter().enumerate().map(row).collect()
}

/// What a reader is to find: headings, then the rows as cells.
fn expected() -> Vec<Vec<String>> {
    let rows = hostile().into_iter().map(|row| row.iter().map(|text| harmless(text).into_owned()).collect());
    [COLUMNS.map(str::to_owned).to_vec()].into_iter().chain(rows).collect()
}

fn written(folder: &TempDir) -> (PathBuf, PathBuf) {
    let paths = (folder.path().join("台账.xlsx"), folder.path().join("台账.csv"));
    let mut sheet = Spreadsheet::begin(&COLUMNS, folder.path(), "区领导 & 2026年11月24日").expect("the folder may be written");
    let mut csv = Csv::begin(&COLUMNS, fs::File::create(&paths.1).expect("the folder may be written")).expect("a heading");
    for row in hostile() {
        sheet.row(&row).expect("a row");
        csv.row(&row).expect("a row");
    }
    sheet.end(fs::File::create(&paths.0).expect("the folder may be written")).expect("a spreadsheet");
    csv.end().expect("a file");
    paths
}

/// What a program of Python's standard library finds, as JSON.
fn by_python(program: &str, path: &Path) -> Vec<Vec<String>> {
    let output = Command::new("python3").args(["-X", "utf8", "-c", program]).arg(path).output().expect("python3 is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("rows of text")
}

#[test]
fn another_library_reads_the_spreadsheet_back_equal() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, _) = written(&folder);
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).expect("a workbook");
    let sheet = book.worksheet_range("诉求台账").expect("the sheet has its name");
    let found: Vec<Vec<String>> = sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    assert_eq!(found, expected());
    let kinds = |index| sheet.rows().nth(1).map(|row| matches!(row[index], Data::Float(_))).expect("a row");
    assert!(kinds(0) && kinds(5), "numbers that are added up are numbers");
    assert!(!kinds(1) && !kinds(2) && !kinds(3), "codes and telephones are text");
    let formulas = book.worksheet_formula("诉求台账").expect("the sheet has its name");
    assert!(formulas.is_empty(), "nothing is a formula");
}

#[test]
fn a_program_in_another_language_reads_the_spreadsheet_back_equal_and_ready_for_the_printer() {
    const READ: &str = r#"
import json, re, sys, zipfile
import xml.etree.ElementTree as tree
main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
book = zipfile.ZipFile(sys.argv[1])
assert book.testzip() is None
for name in book.namelist():
    if name.endswith(".xml"):
        tree.fromstring(book.read(name))
sheet = tree.fromstring(book.read("xl/worksheets/sheet1.xml"))
pane = sheet.find(f".//{main}pane").attrib
assert (pane["ySplit"], pane["state"]) == ("1", "frozen"), pane
page = sheet.find(f"{main}pageSetup").attrib
assert (page["paperSize"], page["orientation"]) == ("9", "landscape"), page
assert sheet.find(f"{main}autoFilter").attrib["ref"] == "A1:G16"
names = {name.attrib["name"]: name.text for name in tree.fromstring(book.read("xl/workbook.xml")).iter(f"{main}definedName")}
assert names["_xlnm.Print_Titles"].endswith("$1:$1"), names
assert sheet.find(f".//{main}f") is None
letter = re.compile("_x([0-9A-Fa-f]{4})_")
rows = []
for row in sheet.iter(f"{main}row"):
    cells = [""] * 7
    for cell in row.iter(f"{main}c"):
        column = ord(cell.attrib["r"][0]) - ord("A")
        if cell.attrib.get("t") == "inlineStr":
            text = "".join(part.text or "" for part in cell.iter(f"{main}t"))
            cells[column] = letter.sub(lambda found: chr(int(found[1], 16)), text)
        else:
            value = cell.find(f"{main}v")
            cells[column] = "" if value is None else value.text
    rows.append(cells)
print(json.dumps(rows))
"#;
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(by_python(READ, &written(&folder).0), expected());
}

#[test]
fn other_programs_read_the_csv_back_equal() {
    const READ: &str = r#"
import csv, json, sys
csv.field_size_limit(10 ** 6)
print(json.dumps(list(csv.reader(open(sys.argv[1], encoding="utf-8-sig", newline="")))))
"#;
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(&folder).1;
    let mut cells = expected();
    for row in &mut cells[1..] {
        for code in &mut row[2..4] {
            code.push('\t');
        }
    }
    assert_eq!(by_python(READ, &path), cells);
    let text = fs::read_to_string(&path).expect("UTF-8");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let found: Vec<Vec<String>> = reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect();
    assert_eq!(found, cells);
    assert!(text.starts_with("\u{feff}序号,受理编号,") && text.ends_with("最后一列\r\n"), "{}", &text[..60]);
}

#[test]
fn nothing_is_left_beside_a_spreadsheet() {
    let folder = tempfile::tempdir().expect("a folder");
    written(&folder);
    let files = fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(files, 2);
}
