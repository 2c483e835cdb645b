//! The ledger as .xlsx: the one door to rust_xlsxwriter. A row is on the disk as soon as the next begins, so memory does not grow with
//! the number of rows.

use std::{
    io::{Seek, Write},
    panic::{self, AssertUnwindSafe},
    path::Path,
};

use anyhow::Context;
use rust_xlsxwriter::{DocProperties, Format, FormatAlign, FormatBorder, IgnoreError, Workbook, XlsxError};

use super::{CODES, cells::harmless};
use crate::failure::Failure;

const NAME: &str = "诉求台账";
/// Rows of a sheet, without the headings.
const MOST: u32 = 1_048_575;
/// Columns whose numbers are to be added up.
const NUMBERS: [&str; 2] = ["序号", "用时(工作日)"];
/// In characters of the font, two to a Han character.
const WIDTHS: [(&str, f64); 19] = [
    ("序号", 6.0),
    ("受理编号", 16.0),
    ("企业名称", 26.0),
    ("信用代码", 20.0),
    ("规模", 6.0),
    ("联系人", 10.0),
    ("联系电话", 14.0),
    ("五大环境", 9.0),
    ("内容摘要", 34.0),
    ("紧急程度", 9.0),
    ("牵头单位", 18.0),
    ("配合单位", 18.0),
    ("双组长", 18.0),
    ("办理进展", 16.0),
    ("办理结果", 40.0),
    ("是否办结", 9.0),
    ("用时(工作日)", 8.0),
    ("是否延期/次数/原因", 20.0),
    ("备注", 26.0),
];
const WIDTH: f64 = 13.0;

/// A sheet that rows are added to.
pub struct Spreadsheet {
    workbook: Workbook,
    columns: Vec<Column>,
    rows: u32,
    formats: Formats,
}

struct Column {
    is_number: bool,
    is_code: bool,
}

struct Formats {
    text: Format,
    code: Format,
}

impl Spreadsheet {
    /// A sheet with its headings, ready to be printed on A4. `folder` takes what is not yet whole: where the file itself will be, since
    /// elsewhere names and telephones might stay behind, or in memory. `about` says for whom it is.
    pub fn begin(columns: &[&str], folder: &Path, about: &str) -> anyhow::Result<Spreadsheet> {
        guarded(|| {
            let top = Format::new().set_align(FormatAlign::Top).set_text_wrap();
            let code = Format::new().set_align(FormatAlign::Top).set_num_format("@");
            let heading = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::VerticalCenter);
            let heading = heading.set_border_bottom(FormatBorder::Thin);
            let mut workbook = Workbook::new();
            workbook.set_tempdir(folder)?;
            workbook.set_properties(&DocProperties::new().set_title(NAME).set_subject(about));
            let sheet = workbook.add_worksheet_with_constant_memory();
            let sheet = sheet?.set_name(NAME)?;
            for (index, column) in (0..).zip(columns) {
                let width = WIDTHS.iter().find(|(name, _)| name == column).map_or(WIDTH, |(_, width)| *width);
                sheet.set_column_width(index, width)?;
            }
            for (index, column) in (0..).zip(columns) {
                sheet.write_string_with_format(0, index, *column, &heading)?;
            }
            sheet.set_freeze_panes(1, 0)?;
            sheet.set_repeat_rows(0, 0)?;
            // Wider than a sheet of paper: two side by side, the second with the number in front as well.
            sheet.set_repeat_columns(0, 1)?;
            sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(2, 0);
            sheet.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
            sheet.set_header(format!("&L{NAME}&R{}", about.replace('&', "&&")));
            sheet.set_footer("&C第 &P 页，共 &N 页");
            let columns = columns.iter();
            let columns =
                columns.map(|name| Column { is_number: NUMBERS.contains(name), is_code: CODES.contains(name) }).collect();
            Ok(Spreadsheet { workbook, columns, rows: 0, formats: Formats { text: top, code } })
        })
    }

    /// Adds a row.
    pub fn row(&mut self, row: &[String]) -> anyhow::Result<()> {
        if self.rows == MOST {
            let remedy = "用 --from 和 --to 分几次导出，或者写成 .csv";
            return Err(Failure::new(format!("一张 Excel 表格最多 {MOST} 件"), remedy).into());
        }
        self.rows += 1;
        guarded(|| {
            let sheet = self.workbook.worksheet_from_index(0)?;
            for ((index, column), text) in (0..).zip(&self.columns).zip(row) {
                let number = text.parse::<f64>().ok().filter(|_| column.is_number);
                match number {
                    Some(number) => sheet.write_number_with_format(self.rows, index, number, &self.formats.code)?,
                    None if text.is_empty() => continue,
                    None => {
                        let format = if column.is_code { &self.formats.code } else { &self.formats.text };
                        sheet.write_string_with_format(self.rows, index, harmless(text), format)?
                    }
                };
            }
            Ok(())
        })
    }

    /// Ends the sheet and writes it all.
    pub fn end(mut self, file: impl Write + Seek + Send) -> anyhow::Result<()> {
        guarded(|| {
            let sheet = self.workbook.worksheet_from_index(0)?;
            let last = u16::try_from(self.columns.len()).map_or(0, |columns| columns.saturating_sub(1));
            sheet.autofilter(0, 0, self.rows, last)?;
            for (index, column) in (0..).zip(&self.columns) {
                // No green corner on every code that looks like a number.
                if column.is_code && self.rows > 0 {
                    sheet.ignore_error_range(1, index, self.rows, index, IgnoreError::NumberStoredAsText)?;
                }
            }
            self.workbook.save_to_writer(file)
        })
    }
}

/// What the library does, its panics as errors: it panics where the disk is full, since it thinks that writing a row cannot fail.
fn guarded<T>(work: impl FnOnce() -> Result<T, XlsxError>) -> anyhow::Result<T> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    panic::set_hook(hook);
    match done {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(XlsxError::IoError(error) | XlsxError::TempFileError(_, error))) => Err(error).context("不能写表格"),
        Ok(Err(error)) => Err(error).context("不能写成 Excel 表格"),
        Err(_) => Err(Failure::new("不能写表格：磁盘满了，或者坏了", "腾出空间再试，或换一个位置").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_an_error_in_words_and_no_panic() {
        let error = guarded::<()>(|| panic!("Couldn't write to file")).expect_err("it panics");
        assert!(error.to_string().contains("磁盘满了") && error.to_string().contains("怎么办："), "{error}");
        let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
        let error = guarded::<()>(|| Err(XlsxError::IoError(full()))).expect_err("it fails");
        assert!(crate::failure::words(&error).contains("磁盘满了"), "{error:?}");
    }
}
