//! Comparing text without regard to case: NFC, then Unicode case folding.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

/// The form in which two texts that differ only in case, or in how accents are composed, are equal.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    UniCase::unicode(text.nfc().collect::<String>()).to_folded_case().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_composition_fold_away() {
        assert_eq!(fold("ZOË"), fold("Zoe\u{308}"));
        assert_eq!(fold("Straße"), fold("STRASSE"));
        assert_ne!(fold("Zoë"), fold("Zoe"));
    }
}
