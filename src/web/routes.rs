//! A surface's table of routes: (method, pattern) to a value of its closed enum.

use http::Method;

use super::query::decode_segment;

/// The routes of one surface.
#[derive(Debug, Clone)]
pub struct Routes<R> {
    by_pattern: matchit::Router<Pattern<R>>,
}

#[derive(Debug, Clone)]
struct Pattern<R> {
    pattern: &'static str,
    by_method: Vec<(Method, R)>,
}

/// What a method and a path lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<R> {
    /// A route, with the pattern for logs and metrics.
    Route { route: R, pattern: &'static str, params: Params },
    /// 404.
    NotFound,
    /// 405, with the value of `Allow`.
    MethodNotAllowed { allow: String },
    /// 400: a segment isn't UTF-8 once decoded.
    BadSegment,
}

/// The values of a pattern's parameters, decoded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// A parameter's value; empty for a name that the pattern lacks.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// A table with two routes of the same method and pattern, or a pattern that can't be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRoute {
    pub pattern: &'static str,
    pub reason: String,
}

impl<R: Copy> Routes<R> {
    /// Builds the table. Patterns are matchit's: `/Users/{id}`, `/{*rest}`.
    ///
    /// # Errors
    ///
    /// [`BadRoute`] when two entries collide: a fault in the table, found by any test that builds it.
    pub fn new(table: &[(Method, &'static str, R)]) -> Result<Self, BadRoute> {
        let mut patterns: Vec<Pattern<R>> = Vec::new();
        for (method, pattern, route) in table {
            let index = patterns.iter().position(|known| known.pattern == *pattern).unwrap_or(patterns.len());
            if index == patterns.len() {
                patterns.push(Pattern { pattern, by_method: Vec::new() });
            }
            let by_method = &mut patterns[index].by_method;
            if by_method.iter().any(|(known, _)| known == method) {
                return Err(BadRoute { pattern, reason: format!("{method} is there twice") });
            }
            by_method.push((method.clone(), *route));
        }
        let mut by_pattern = matchit::Router::new();
        for entry in patterns {
            let pattern = entry.pattern;
            by_pattern
                .insert(pattern, entry)
                .map_err(|error| BadRoute { pattern, reason: error.to_string() })?;
        }
        Ok(Self { by_pattern })
    }

    /// Finds the route. HEAD is answered by GET's (the server drops the body); one slash at the end
    /// doesn't matter.
    pub fn find(&self, method: &Method, path: &str) -> Found<R> {
        let path = match path.strip_suffix('/') {
            Some(shorter) if !shorter.is_empty() => shorter,
            _ => path,
        };
        let Ok(matched) = self.by_pattern.at(path) else { return Found::NotFound };
        let entry = matched.value;
        let Some(route) = entry.route(method) else {
            return Found::MethodNotAllowed { allow: entry.allow() };
        };
        let mut params = Vec::with_capacity(matched.params.len());
        for (name, segment) in matched.params.iter() {
            let Some(value) = decode_segment(segment) else { return Found::BadSegment };
            params.push((name.to_owned(), value));
        }
        Found::Route { route, pattern: entry.pattern, params: Params(params) }
    }
}

impl<R: Copy> Pattern<R> {
    fn route(&self, method: &Method) -> Option<R> {
        let of = |wanted: &Method| {
            self.by_method.iter().find(|(known, _)| known == wanted).map(|(_, route)| *route)
        };
        match of(method) {
            None if method == Method::HEAD => of(&Method::GET),
            found => found,
        }
    }

    fn allow(&self) -> String {
        let mut methods: Vec<&str> = self.by_method.iter().map(|(method, _)| method.as_str()).collect();
        if methods.contains(&"GET") && !methods.contains(&"HEAD") {
            methods.push("HEAD");
        }
        methods.join(", ")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Route {
        List,
        Create,
        Read,
        Search,
    }

    fn routes() -> Routes<Route> {
        Routes::new(&[
            (Method::GET, "/{directory}/Users", Route::List),
            (Method::POST, "/{directory}/Users", Route::Create),
            (Method::GET, "/{directory}/Users/{id}", Route::Read),
            (Method::POST, "/{directory}/Users/.search", Route::Search),
        ])
        .unwrap()
    }

    fn check(method: &str, path: &str, expected: Result<(Route, &str, &str), Found<Route>>) {
        let found = routes().find(&method.parse().unwrap(), path);
        let actual = match &found {
            Found::Route { route, params, .. } => Ok((*route, params.get("directory"), params.get("id"))),
            _ => Err(found),
        };
        assert_eq!(actual, expected, "{method} {path}");
    }

    #[test]
    fn methods_and_paths_lead_to_routes() {
        check("GET", "/acme/Users", Ok((Route::List, "acme", "")));
        check("HEAD", "/acme/Users/", Ok((Route::List, "acme", "")));
        check("POST", "/acme/Users", Ok((Route::Create, "acme", "")));
        check("GET", "/acme/Users/a%2Fb%20c", Ok((Route::Read, "acme", "a/b c")));
        check("POST", "/acme/Users/.search", Ok((Route::Search, "acme", "")));
    }

    #[test]
    fn what_leads_nowhere_says_why() {
        check("GET", "/acme/Nothing", Err(Found::NotFound));
        check("GET", "/acme//Users", Err(Found::NotFound));
        check("GET", "/", Err(Found::NotFound));
        check("GET", "/acme/Users/%ff", Err(Found::BadSegment));
        check("PUT", "/acme/Users", Err(Found::MethodNotAllowed { allow: "GET, POST, HEAD".to_owned() }));
        check("GET", "/acme/Users/.search", Err(Found::MethodNotAllowed { allow: "POST".to_owned() }));
    }

    #[test]
    fn a_table_that_says_one_thing_twice_is_refused() {
        let twice = Routes::new(&[(Method::GET, "/a", Route::List), (Method::GET, "/a", Route::Read)]);
        assert_eq!(twice.unwrap_err(), BadRoute { pattern: "/a", reason: "GET is there twice".to_owned() });
        let collision =
            Routes::new(&[(Method::GET, "/{a}", Route::List), (Method::GET, "/{b}", Route::Read)]);
        assert_eq!(collision.unwrap_err().pattern, "/{b}");
    }
}
