//! Access tokens that an upstream gave out, and when they end.

use std::collections::BTreeMap;

use crate::base::time::Timestamp;

use super::random;

#[derive(Debug, Clone)]
pub struct Tokens {
    life_secs: u32,
    given: BTreeMap<String, (Timestamp, Vec<String>)>,
}

impl Tokens {
    pub fn new(life_secs: u32) -> Self {
        Self { life_secs, given: BTreeMap::new() }
    }

    /// A new token and its seconds of life.
    pub fn give(&mut self, prefix: &str, scopes: Vec<String>, now: Timestamp) -> (String, u32) {
        self.given.retain(|_, (ends, _)| *ends > now);
        let token = format!("{prefix}{}", random::hex(32));
        self.given.insert(token.clone(), (now.plus_millis(i64::from(self.life_secs) * 1_000), scopes));
        (token, self.life_secs)
    }

    /// The scopes of a token that is good now.
    pub fn scopes(&self, token: &str, now: Timestamp) -> Option<&[String]> {
        self.given.get(token).filter(|(ends, _)| now < *ends).map(|(_, scopes)| scopes.as_slice())
    }

    /// Ends them all.
    pub fn forget(&mut self) {
        self.given.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_until_its_last_second() {
        let mut tokens = Tokens::new(60);
        let (token, life) = tokens.give("t", vec!["s".into()], Timestamp::from_millis(0));
        assert_eq!(life, 60);
        assert!(tokens.scopes(&token, Timestamp::from_millis(59_999)).is_some());
        assert!(tokens.scopes(&token, Timestamp::from_millis(60_000)).is_none());
        assert!(tokens.scopes("other", Timestamp::from_millis(0)).is_none());
        tokens.forget();
        assert!(tokens.scopes(&token, Timestamp::from_millis(0)).is_none());
    }
}
