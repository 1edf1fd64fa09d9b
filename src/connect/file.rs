//! The connector for files: by HTTPS, or from a folder into which something drops them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::{HeaderName, HeaderValue, header};

use crate::base::limits;
use crate::base::secret::Secret;
use crate::scim::schema::TypeSchema;
use crate::web::client::Ask;

use super::listing::Listing;
use super::report::{Report, ReportFormat};
use super::settings::Reader;
use super::trouble::{Trouble, TroubleKind};
use super::upstream::{Upstream, basic, bearer, check_status, is_busy, secret_header};

/// How long a file must stay as it is before it is taken for finished.
const STABLE: Duration = Duration::from_millis(500);
/// Endings of names under which files are written before they are renamed.
const UNFINISHED: &[&str] = &[".part", ".tmp", ".filepart", ".partial", ".crdownload", ".swp", "~"];

#[derive(Debug, Clone)]
pub struct FileSource {
    place: Place,
    /// The ending of a second file that is written when the first is finished.
    marker: Option<String>,
    report: Report,
}

#[derive(Debug, Clone)]
enum Place {
    Web {
        url: String,
        headers: Vec<(HeaderName, HeaderValue)>,
    },
    /// Below the operator's folder.
    Folder {
        path: PathBuf,
        name: String,
    },
}

impl FileSource {
    pub fn read(reader: &mut Reader<'_>, schema: &TypeSchema) -> Self {
        let mut report = Report::read(reader, ReportFormat::Csv, schema);
        let headers = headers(reader);
        let place = match (reader.url("url"), reader.text("folder")) {
            (Some(url), None) => Place::Web { url, headers },
            (None, Some(folder)) => Place::Folder {
                path: folder_path(reader, &folder),
                name: reader.text("name").unwrap_or_else(|| format!("*.{}", report.format.name())),
            },
            (Some(_), Some(_)) => {
                reader.fault("folder", "conflict", "url and folder are both there: keep one of them");
                Place::Web { url: String::new(), headers }
            }
            (None, None) => {
                if !reader.has("url") && !reader.has("folder") {
                    reader.fault(
                        "url",
                        "required",
                        "say where the file is: url, or folder below connect.folder",
                    );
                }
                Place::Web { url: String::new(), headers }
            }
        };
        let complete =
            reader.section("complete", |section| (section.text("trailer"), section.text("marker")));
        let (trailer, marker) = complete.unwrap_or_default();
        report.table.trailer = trailer;
        if marker.is_some() && matches!(place, Place::Web { .. }) {
            reader.fault(
                "complete.marker",
                "invalid",
                "a marker stands beside a file in a folder; for url use trailer",
            );
        }
        if report.table.trailer.is_some() && report.format != ReportFormat::Csv {
            reader.fault("complete.trailer", "invalid", "only csv has a trailer");
        }
        Self { place, marker, report }
    }

    /// # Errors
    ///
    /// No file, or one of which nothing can be used.
    pub async fn list(
        &self,
        upstream: &Upstream,
        folder: Option<&Path>,
        schema: &TypeSchema,
    ) -> Result<Listing, Trouble> {
        match &self.place {
            Place::Web { url, headers } => {
                let mut ask = Ask::get(url);
                ask.headers.extend(headers.iter().cloned());
                let answer = upstream.ask("url", &ask, is_busy).await?;
                check_status("url", url, &answer)?;
                self.report.list(&answer.body, schema)
            }
            Place::Folder { path, name } => {
                let root = folder.ok_or_else(no_folder)?.to_owned();
                let (path, name, marker) = (path.clone(), name.clone(), self.marker.clone());
                let newest = move || newest(&root, &path, &name, marker.as_deref());
                let gone = |_| Trouble::own("the file could not be read", "try again");
                let file = tokio::task::spawn_blocking(newest).await.map_err(gone)??;
                let before = seen(&file)?;
                let reading = file.clone();
                let bytes = tokio::task::spawn_blocking(move || read(&reading)).await.map_err(gone)??;
                tokio::time::sleep(STABLE).await;
                if seen(&file)? != before || u64::try_from(bytes.len()) != Ok(before.0) {
                    return Err(Trouble::content(
                        "the file is being written",
                        "let it be written under a name that ends in .part, and renamed when it is finished",
                    ));
                }
                self.report.list(&bytes, schema)
            }
        }
    }
}

/// The headers that prove who asks.
fn headers(reader: &mut Reader<'_>) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = Vec::new();
    let basic = reader.section("basic", |section| {
        let username = section.required_text("username", "the name to log in with");
        basic(&username, &section.required_secret("password"))
    });
    let token = reader.secret("bearer").map(|token| bearer(&token));
    if basic.is_some() && token.is_some() {
        reader.fault("bearer", "conflict", "basic and bearer are both there: keep one of them");
    }
    for authorization in [basic, token].into_iter().flatten() {
        match authorization {
            Some(value) => headers.push((header::AUTHORIZATION, value)),
            None => {
                reader.fault("bearer", "invalid", "credentials can't hold line breaks or control characters")
            }
        }
    }
    for (name, value) in reader.pairs("headers") {
        let forbidden = ["host", "content-length", "transfer-encoding", "connection"];
        let parsed = name.parse::<HeaderName>().ok().filter(|name| !forbidden.contains(&name.as_str()));
        match (parsed, secret_header(&Secret::new(value))) {
            (Some(name), Some(value)) => headers.push((name, value)),
            _ => reader.fault("headers", "invalid", format!("{name:?} is no header that can be sent")),
        }
    }
    headers
}

/// A path that stays below the operator's folder.
fn folder_path(reader: &mut Reader<'_>, text: &str) -> PathBuf {
    let path = PathBuf::from(text);
    let stays = path
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir));
    if !stays {
        reader.fault(
            "folder",
            "invalid",
            "write a path below connect.folder, without .. and without a / at its start",
        );
    }
    path
}

fn no_folder() -> Trouble {
    Trouble::settings(
        "folder",
        "files are not read from this machine",
        "let the operator set connect.folder in the configuration, or use url",
    )
}

/// The newest finished file of that name in the folder.
fn newest(root: &Path, path: &Path, name: &str, marker: Option<&str>) -> Result<PathBuf, Trouble> {
    let absent = |_| {
        Trouble::settings(
            "folder",
            format!("there is no folder {}", path.display()),
            "make it below connect.folder",
        )
    };
    let root = root.canonicalize().map_err(absent)?;
    let folder = root.join(path).canonicalize().map_err(absent)?;
    if !folder.starts_with(&root) {
        return Err(Trouble::settings(
            "folder",
            "the folder leads out of connect.folder",
            "name one that is below it",
        ));
    }
    let entries = fs::read_dir(&folder).map_err(absent)?;
    let mut newest = None;
    for entry in entries.flatten() {
        let Ok(file) = entry.file_name().into_string() else { continue };
        // Links are not followed: they could lead anywhere.
        let Ok(metadata) = entry.metadata() else { continue };
        let is_finished = !file.starts_with('.') && !UNFINISHED.iter().any(|ending| file.ends_with(ending));
        let is_marked = marker.is_none_or(|ending| folder.join(format!("{file}{ending}")).exists());
        if !metadata.is_file() || !is_finished || !is_marked || !matches(name, &file) {
            continue;
        }
        let Ok(modified) = metadata.modified() else { continue };
        // Of two of one moment the later name: dates stand in names.
        newest = newest.max(Some((modified, file)));
    }
    match newest {
        Some((_, file)) => Ok(folder.join(file)),
        None => Err(Trouble::new(
            TroubleKind::Upstream,
            "folder",
            format!("there is no finished file {name} in {}", path.display()),
            "check the name, and whether the file has been dropped",
        )),
    }
}

/// Whether a name fits a pattern with stars.
fn matches(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Size and moment of the last change.
fn seen(file: &Path) -> Result<(u64, std::time::SystemTime), Trouble> {
    let metadata = fs::metadata(file).map_err(|_| unreadable())?;
    Ok((metadata.len(), metadata.modified().map_err(|_| unreadable())?))
}

fn unreadable() -> Trouble {
    Trouble::new(TroubleKind::Upstream, "folder", "the file can't be read", "let the daemon's user read it")
}

fn read(file: &Path) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    let max = u64::try_from(limits::CONNECTOR_PAGE_BYTES_MAX).unwrap_or(u64::MAX);
    let opened = fs::File::open(file).map_err(|_| unreadable())?;
    opened.take(max + 1).read_to_end(&mut bytes).map_err(|_| unreadable())?;
    match limits::CONNECTOR_PAGE_BYTES_MAX < bytes.len() {
        true => Err(Trouble::content(
            format!("the file is longer than {max} bytes"),
            "leave out columns that nobody needs",
        )),
        false => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_patterns_with_stars() {
        for (pattern, name, fits) in [
            ("*.csv", "users.csv", true),
            ("*.csv", "users.csv.bak", false),
            ("users-*.csv", "users-2026-11-24.csv", true),
            ("users-*.csv", "groups-1.csv", false),
            ("users.csv", "users.csv", true),
            ("users.csv", "users.csv2", false),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "acb", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn the_newest_finished_file_is_taken_and_no_other_folder_read() {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir(root.path().join("hr")).expect("made");
        for name in ["1.csv", "2.csv", "3.csv.part", ".4.csv", "5.txt"] {
            fs::write(root.path().join("hr").join(name), name).expect("written");
        }
        std::os::unix::fs::symlink("/etc/passwd", root.path().join("hr/9.csv")).expect("a link");
        std::os::unix::fs::symlink("/etc", root.path().join("out")).expect("a link");
        let found = newest(root.path(), Path::new("hr"), "*.csv", None).expect("a file");
        assert_eq!(found.file_name().and_then(|name| name.to_str()), Some("2.csv"));
        assert!(newest(root.path(), Path::new("hr"), "*.csv", Some(".done")).is_err());
        fs::write(root.path().join("hr/1.csv.done"), "").expect("written");
        let marked = newest(root.path(), Path::new("hr"), "*.csv", Some(".done")).expect("a file");
        assert!(marked.ends_with("1.csv"));
        assert_eq!(newest(root.path(), Path::new("out"), "*", None).expect_err("refused").field, "folder");
        assert!(newest(root.path(), Path::new("none"), "*", None).is_err());
    }
}
