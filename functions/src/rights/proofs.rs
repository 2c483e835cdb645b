//! The chained record of what was erased: that it was, when, why and how much; no word of what it was. Whoever changed or dropped one of
//! them would break those behind it.

use domain::erasure::{Amount, Erased, Proof, first_broken};
use serde::{Deserialize, Serialize};

use crate::{
    Service, ServiceError,
    table::{Key, NewItem, Query, Write, query_all},
};

const PROOFS: &str = "ERASURES";

/// The last proof.
#[derive(Serialize, Deserialize)]
struct Last {
    seq: u64,
    hash: String,
}

/// All proofs, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proofs {
    /// Each of them.
    pub proofs: Vec<Proof>,
    /// The place (from 1) from which on they are not as they were written.
    pub broken: Option<usize>,
}

impl Service {
    /// The writes that put one more proof at the end.
    pub(super) async fn proof(
        &self,
        number: &str,
        erased: Erased,
        operator: Option<&str>,
        amount: Amount,
    ) -> Result<[Write; 2], ServiceError> {
        let place = Key::new(format!("{PROOFS}#LAST"), "LAST");
        let item = self.table.get(&place).await?;
        let last = item.as_ref().map(|item| item.read::<Last>()).transpose()?;
        let (seq, previous_hash) = last.map_or((1, None), |last| (last.seq + 1, Some(last.hash)));
        let operator = operator.map(str::to_owned);
        let proof = Proof { seq, number: number.to_owned(), erased, operator, amount, previous_hash };
        let last = NewItem::json(place, &Last { seq, hash: proof.hash() });
        Ok([
            Write::create(NewItem::json(Key::new(PROOFS, format!("{seq:012}")), &proof)),
            match item {
                Some(item) => Write::replace(last, item.version),
                None => Write::create(last),
            },
        ])
    }

    /// All that was erased, and whether the record of it is as it was written.
    pub async fn erasures(&self) -> Result<Proofs, ServiceError> {
        let items = query_all(self.table.as_ref(), Query::all(PROOFS)).await?;
        let proofs: Vec<Proof> = items.iter().map(|item| item.read()).collect::<Result<_, _>>()?;
        let last = self.table.get(&Key::new(format!("{PROOFS}#LAST"), "LAST")).await?;
        let last = last.map(|item| item.read::<Last>()).transpose()?;
        // The end of the chain stands apart, so that a cut-off end is seen as well.
        let ends = last.map(|last| (last.seq, last.hash)) == proofs.last().map(|proof| (proof.seq, proof.hash()));
        let broken = first_broken(&proofs).or_else(|| (!ends).then_some(proofs.len() + 1));
        Ok(Proofs { proofs, broken })
    }
}
