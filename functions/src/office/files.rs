//! Files of a case, for staff: which there are, and one of them to be saved. They are handed out as bytes under a harmless name and never shown.

use domain::{Moment, attachment::Kind, value::TrackingNumber};

use super::Operator;
use crate::{Service, ServiceError, files::FileRecord, submission::partition};

/// A file of a case; its name is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// 1, 2 or 3.
    pub place: usize,
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub size: u64,
    /// Since when it is there.
    pub at: Moment,
}

/// A file of a case, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedFile {
    /// What its sender called it, without anything that leads elsewhere.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What is in it. Nobody has looked for viruses.
    pub bytes: Vec<u8>,
}

impl Service {
    /// The file at `place` of a case, opened. Who did so and why is recorded first.
    pub async fn file(
        &self,
        number: &str,
        place: usize,
        operator: &Operator,
        reason: &str,
    ) -> Result<Option<OpenedFile>, ServiceError> {
        let number: TrackingNumber = number.parse().map_err(|_| ServiceError::UnknownNumber(number.to_owned()))?;
        if !self.files_of(&number).await?.iter().any(|file| file.place == place) {
            return Ok(None);
        }
        self.record(partition(&number), operator, "file", &format!("第 {place} 份文件，{reason}")).await?;
        tracing::info!(%number, operator = operator.0, place, "a file was opened");
        let opened = self.open_file(&number, place).await?;
        Ok(opened.map(|(file, name, bytes)| OpenedFile { name, kind: file.kind, bytes }))
    }

    pub(super) async fn file_rows(&self, number: &TrackingNumber) -> Result<Vec<FileRow>, ServiceError> {
        let row = |file: FileRecord| FileRow { place: file.place, kind: file.kind, size: file.size, at: file.at };
        Ok(self.files_of(number).await?.into_iter().map(row).collect())
    }
}
