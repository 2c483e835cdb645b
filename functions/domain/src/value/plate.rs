//! Number plates of vehicles, so that the gate of a venue can be told whom to let in.

use std::{fmt, str::FromStr};

use crate::value::{serialize_as_text, text};

/// What a plate starts with: the short name of its province.
const PROVINCES: &str = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新";

/// What a plate may end with instead of a letter or digit: learner, police, Hong Kong, Macao, trailer, consulate, embassy.
const ENDINGS: &str = "学警港澳挂领使";

/// A plate of 7 characters, or of 8 on a new-energy vehicle: 皖F12345, 皖FD12345.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Plate(
    // A province, a letter, and five or six letters or digits without I and O; the last may be one of ENDINGS.
    String,
);

/// The text is no number plate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("请填写完整车牌号，例如 皖F12345，新能源车 皖FD12345")]
pub struct NotAPlate;

impl Plate {
    /// As it is compared, without the dot.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Plate {
    type Err = NotAPlate;

    fn from_str(typed: &str) -> Result<Plate, NotAPlate> {
        let typed: Vec<char> =
            text::compact(typed).to_uppercase().chars().filter(|character| !"·•・.".contains(*character)).collect();
        let [province, letter, serial @ ..] = typed.as_slice() else { return Err(NotAPlate) };
        if !PROVINCES.contains(*province) || !letter.is_ascii_uppercase() || !(5..=6).contains(&serial.len()) {
            return Err(NotAPlate);
        }
        let mut plate = String::from_iter([*province, *letter]);
        for (position, &character) in serial.iter().enumerate() {
            plate.push(match character {
                // No serial has these letters, so only the digit can be meant.
                'O' => '0',
                'I' => '1',
                'A'..='Z' | '0'..='9' => character,
                _ if position + 1 == serial.len() && ENDINGS.contains(character) => character,
                _ => return Err(NotAPlate),
            });
        }
        Ok(Plate(plate))
    }
}

impl fmt::Display for Plate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serialize_as_text!(Plate);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plates_are_mended() {
        let cases = [
            ("皖F12345", "皖F12345"),
            ("皖F·12345", "皖F12345"),
            ("皖f 1234a", "皖F1234A"),
            ("皖Ｆ－１２３４５", "皖F12345"),
            ("皖FD12345", "皖FD12345"),
            ("皖F12345D", "皖F12345D"),
            ("皖FO234I", "皖F02341"),
            ("皖F1234学", "皖F1234学"),
            ("粤Z1234港", "粤Z1234港"),
        ];
        for (typed, plate) in cases {
            assert_eq!(typed.parse::<Plate>().map(|plate| plate.to_string()), Ok(plate.to_owned()), "{typed}");
        }
    }

    #[test]
    fn what_is_no_plate_is_refused() {
        for typed in ["", "皖", "皖F", "皖F1234", "皖FD123456", "F12345", "皖112345", "安F12345", "皖F12学45", "皖F12三45"]
        {
            assert_eq!(typed.parse::<Plate>(), Err(NotAPlate), "{typed}");
        }
    }
}
