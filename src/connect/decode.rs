//! Turns the bytes of a file into text: UTF-8 with or without mark, UTF-16, Latin-1 where it is named.

use super::trouble::Trouble;

/// How the text of a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or what a byte order mark says.
    Detected,
    Latin1,
}

impl Encoding {
    pub fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "utf-16" | "utf16" => Some(Self::Detected),
            "latin-1" | "latin1" | "iso-8859-1" | "windows-1252" => Some(Self::Latin1),
            _ => None,
        }
    }
}

/// # Errors
///
/// When the bytes are not text in that encoding: guessing would garble names.
pub fn text(bytes: &[u8], encoding: Encoding) -> Result<String, Trouble> {
    let wrong = |what: &str| {
        Trouble::settings(
            "encoding",
            format!("the file is not {what}"),
            "write the file as UTF-8, or say encoding = \"latin-1\"",
        )
    };
    match (bytes, encoding) {
        ([0xEF, 0xBB, 0xBF, rest @ ..], _) => {
            std::str::from_utf8(rest).map(str::to_owned).map_err(|_| wrong("UTF-8, though its mark says so"))
        }
        ([0xFF, 0xFE, rest @ ..], _) => utf16(rest, u16::from_le_bytes).ok_or_else(|| wrong("whole UTF-16")),
        ([0xFE, 0xFF, rest @ ..], _) => utf16(rest, u16::from_be_bytes).ok_or_else(|| wrong("whole UTF-16")),
        (_, Encoding::Latin1) => Ok(bytes.iter().map(|byte| latin1(*byte)).collect()),
        (_, Encoding::Detected) => match std::str::from_utf8(bytes) {
            Ok(text) if text.contains('\0') => {
                Err(wrong("text: it holds zero bytes (UTF-16 needs its mark)"))
            }
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(wrong(&format!("UTF-8 at byte {}", error.valid_up_to()))),
        },
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16(&units).ok().filter(|_| rest.is_empty())
}

/// What most who say Latin-1 mean: Windows-1252, which has letters where Latin-1 has control codes.
fn latin1(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_in_every_encoding() {
        let check = |bytes: &[u8], encoding| assert_eq!(text(bytes, encoding).expect("text"), "Zoë");
        check("Zoë".as_bytes(), Encoding::Detected);
        check("\u{feff}Zoë".as_bytes(), Encoding::Detected);
        check(b"\xFF\xFEZ\0o\0\xEB\0", Encoding::Detected);
        check(b"\xFE\xFF\0Z\0o\0\xEB", Encoding::Detected);
        check(b"Zo\xEB", Encoding::Latin1);
    }

    #[test]
    fn what_is_not_in_the_encoding_is_refused_not_guessed() {
        for bytes in [&b"Zo\xEB"[..], b"\xFF\xFEZ\0o", b"Z\0o\0", b"\xEF\xBB\xBF\xFF"] {
            assert_eq!(text(bytes, Encoding::Detected).expect_err("refused").field, "encoding");
        }
    }
}
