//! Which counts of a group may be shown beside its total, so that nobody computes the ones that may not.

/// What may be shown of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// All of it; none when that is too little to be shown.
    pub total: Option<u32>,
    /// Each part; none when it may not be shown.
    pub cells: Vec<Option<u32>>,
}

/// Hides every cell below `threshold`, and as many of the smallest others as it takes that what is hidden cannot be computed from the
/// total and the cells that are shown, not even by somebody who knows this rule.
///
/// Cells are hidden by level: all that hold at most so many, never one of two that hold the same. So the hidden numbers could be
/// exchanged among their places and nothing that is shown would change; as long as they are not all the same, each may be another
/// than it is. Where only cells below the threshold are hidden they may also be told apart in other ways: their sum is neither
/// nothing nor the most that it can be. Small cells that are all nothing are shown: nobody stands behind them. All this holds from a
/// threshold of 3 on; below 2 nothing is hidden.
pub fn suppress(total: u32, cells: &[u32], threshold: u32) -> Shown {
    debug_assert_eq!(total, cells.iter().sum::<u32>());
    let small = |cell: &&u32| **cell < threshold;
    if cells.iter().filter(small).all(|cell| *cell == 0) && (total == 0 || total >= threshold) {
        return Shown { total: Some(total), cells: cells.iter().map(|cell| Some(*cell)).collect() };
    }
    if total < threshold {
        return Shown { total: None, cells: vec![None; cells.len()] };
    }
    let mut levels: Vec<u32> = cells.iter().copied().filter(|cell| *cell >= threshold).collect();
    levels.sort_unstable();
    levels.dedup();
    let levels = [threshold - 1].into_iter().chain(levels);
    let safe = levels.into_iter().find(|level| {
        let hidden: Vec<u32> = cells.iter().copied().filter(|cell| cell <= level).collect();
        if *level < threshold {
            is_vague(&hidden, *level)
        } else {
            hidden.len() > 1 && hidden.iter().any(|cell| *cell != hidden[0])
        }
    });
    match safe {
        Some(level) => {
            let cells = cells.iter().map(|cell| Some(*cell).filter(|cell| *cell > level));
            Shown { total: Some(total), cells: cells.collect() }
        }
        // Whatever is hidden, the total would tell: it is hidden as well.
        None => Shown { total: None, cells: vec![None; cells.len()] },
    }
}

/// Cells of 0 to `most` each, of which the sum is known: whether each of them may still be another than it is.
fn is_vague(hidden: &[u32], most: u32) -> bool {
    let sum: u32 = hidden.iter().sum();
    let number = u32::try_from(hidden.len()).unwrap_or(u32::MAX);
    number > 1 && sum > 0 && sum < number.saturating_mul(most)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn small_cells_are_hidden_with_as_many_others_as_it_takes() {
        for (cells, total, shown) in [
            // Nothing is small.
            (&[7, 9, 5][..], Some(21), &[Some(7), Some(9), Some(5)][..]),
            // Nothing at all, or nothing beside enough.
            (&[0, 0, 0], Some(0), &[Some(0), Some(0), Some(0)]),
            (&[0, 9, 0], Some(9), &[Some(0), Some(9), Some(0)]),
            // Too few in all.
            (&[1, 2, 0], None, &[None, None, None]),
            (&[4], None, &[None]),
            // One alone would be what is left of the total: the smallest other goes with it.
            (&[3, 9, 7], Some(19), &[None, Some(9), None]),
            // Two of the same size go together.
            (&[3, 7, 7, 20], Some(37), &[None, None, None, Some(20)]),
            // Two small ones hide one another.
            (&[3, 2, 20], Some(25), &[None, None, Some(20)]),
            (&[1, 0, 20], Some(21), &[None, None, Some(20)]),
            // Both as large as they can be and still small: everybody would know it.
            (&[4, 4, 20, 30], Some(58), &[None, None, None, Some(30)]),
            // There is nothing left to hide them with.
            (&[4, 4], None, &[None, None]),
        ] {
            let expected = Shown { total, cells: shown.to_vec() };
            assert_eq!(suppress(cells.iter().sum(), cells, 5), expected, "{cells:?}");
        }
    }

    /// All groups of up to four parts, each of up to nine, at two thresholds: whoever knows the rule and sees what is shown finds for each
    /// hidden cell at least two numbers that it may be.
    #[test]
    fn nothing_that_is_hidden_can_be_computed_by_whoever_knows_the_rule() {
        const MOST: u32 = 9;
        for threshold in [3, 4, 5] {
            for parts in 1..=4_u32 {
                let mut by_what_is_shown: BTreeMap<String, Vec<Vec<u32>>> = BTreeMap::new();
                for number in 0..(MOST + 1).pow(parts) {
                    let cells: Vec<u32> = (0..parts).map(|part| number / (MOST + 1).pow(part) % (MOST + 1)).collect();
                    let shown = suppress(cells.iter().sum(), &cells, threshold);
                    by_what_is_shown.entry(format!("{shown:?}")).or_default().push(cells);
                }
                for (shown, possible) in by_what_is_shown {
                    let reference = suppress(possible[0].iter().sum(), &possible[0], threshold);
                    for (part, cell) in reference.cells.iter().enumerate() {
                        let mut values: Vec<u32> = possible.iter().map(|cells| cells[part]).collect();
                        values.sort_unstable();
                        values.dedup();
                        match cell {
                            Some(cell) => assert!(values == [*cell] && (*cell == 0 || *cell >= threshold), "{shown}"),
                            None => assert!(values.len() > 1, "{shown} can only be {possible:?}"),
                        }
                    }
                }
            }
        }
    }
}
