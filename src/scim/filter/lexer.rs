//! Cuts a filter into words, strings and brackets.

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'t> {
    pub kind: Kind<'t>,
    /// Byte offset, for error messages and for paths that go on after a bracket.
    pub start: usize,
    /// Whether a space stands before it.
    pub spaced: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<'t> {
    OpenParenthesis,
    CloseParenthesis,
    OpenBracket,
    CloseBracket,
    /// Anything else without spaces, brackets or quotes: names, operators, numbers, literals.
    Word(&'t str),
    /// A JSON string, decoded.
    Text(String),
    End,
}

/// All tokens; the last one is `End`.
///
/// # Errors
///
/// A sentence about a string that isn't one.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, String> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let start = at + (rest.len() - rest.trim_start_matches(' ').len());
        let (kind, length) = next(text, start)?;
        let is_end = kind == Kind::End;
        tokens.push(Token { kind, start, spaced: at < start });
        if is_end {
            return Ok(tokens);
        }
        at = start + length;
    }
}

fn next(text: &str, start: usize) -> Result<(Kind<'_>, usize), String> {
    let rest = text.get(start..).unwrap_or_default();
    let kind = match rest.bytes().next() {
        None => return Ok((Kind::End, 0)),
        Some(b'(') => Kind::OpenParenthesis,
        Some(b')') => Kind::CloseParenthesis,
        Some(b'[') => Kind::OpenBracket,
        Some(b']') => Kind::CloseBracket,
        Some(b'"') => return string(rest, start),
        Some(_) => {
            let end = rest.find([' ', '(', ')', '[', ']', '"']).unwrap_or(rest.len());
            let word = rest.get(..end).unwrap_or_default();
            return Ok((Kind::Word(word), end));
        }
    };
    Ok((kind, 1))
}

fn string(rest: &str, start: usize) -> Result<(Kind<'_>, usize), String> {
    let mut is_escaped = false;
    for (index, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => {
                let quoted = rest.get(..=index).unwrap_or_default();
                return match serde_json::from_str::<String>(quoted) {
                    Ok(text) => Ok((Kind::Text(text), index + 1)),
                    Err(_) => Err(format!(
                        "the text in quotes at character {} holds an escape or a control character that JSON does not allow",
                        start + 1
                    )),
                };
            }
            _ => {}
        }
    }
    Err(format!("the quote at character {} is never closed", start + 1))
}
