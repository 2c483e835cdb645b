//! Pairs, triples and quadruples of characters, as the numbers by which they are stored. The theme's `search.js` computes the same.

/// The lengths of strings that are looked up whole.
pub const LENGTHS: std::ops::RangeInclusive<usize> = 2..=4;

/// Bits of a gram's key within its shard. With those that choose the shard two grams of a large site share a number once in ten thousand
/// times; what is shown is verified in the page's text, so such a pair costs a fetch and shows nothing wrong.
pub const KEY_BITS: u32 = 26;

/// A string that grows by one character at a time.
#[derive(Debug, Clone, Copy)]
pub struct Gram {
    one: u32,
    other: u32,
}

impl Gram {
    /// The empty string.
    pub const EMPTY: Gram = Gram { one: 0x9e37_79b9, other: 0x85eb_ca6b };

    /// With one more character.
    pub fn and(self, character: char) -> Gram {
        let step = |state: u32, factor: u32| {
            let state = (state ^ character as u32).wrapping_mul(factor);
            state ^ (state >> 15)
        };
        Gram { one: step(self.one, 0x2c1b_3c6d), other: step(self.other, 0x297a_2d39) }
    }

    /// Its shard of `1 << bits`, and its key in there.
    pub fn place(self, bits: u32) -> (u32, u32) {
        let shard = (u64::from(mixed(self.one)) >> (32 - bits)) as u32;
        (shard, mixed(self.other) >> (32 - KEY_BITS))
    }
}

/// Lets every bit depend on all (Wellons, `lowbias32`).
fn mixed(mut state: u32) -> u32 {
    state ^= state >> 16;
    state = state.wrapping_mul(0x7feb_352d);
    state ^= state >> 15;
    state = state.wrapping_mul(0x846c_a68b);
    state ^ (state >> 16)
}

/// Calls `each` with every gram of a folded line, as often as it stands there.
pub fn of_line(line: &[char], mut each: impl FnMut(Gram)) {
    for at in 0..line.len() {
        let mut gram = Gram::EMPTY;
        for (length, character) in line[at..].iter().take(*LENGTHS.end()).enumerate() {
            gram = gram.and(*character);
            if LENGTHS.contains(&(length + 1)) {
                each(gram);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_pairs_triples_and_quadruples() {
        let of = |text: &str| text.chars().fold(Gram::EMPTY, Gram::and).place(12);
        let mut found = Vec::new();
        of_line(&"相商未来".chars().collect::<Vec<_>>(), |gram| found.push(gram.place(12)));
        assert_eq!(found, ["相商", "相商未", "相商未来", "商未", "商未来", "未来"].map(of));
        of_line(&['相'], |_| panic!("one character is no gram"));
    }

    #[test]
    fn shards_are_filled_evenly() {
        let mut counts = [0_u32; 64];
        for first in '\u{4e00}'..'\u{4e80}' {
            for second in '\u{5e00}'..'\u{5e80}' {
                counts[Gram::EMPTY.and(first).and(second).place(6).0 as usize] += 1;
            }
        }
        let (least, most) = (counts.iter().min(), counts.iter().max());
        assert!(least > Some(&180) && most < Some(&340), "{least:?} to {most:?} of 256 each");
    }
}
