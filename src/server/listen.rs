//! Binds TCP addresses and Unix sockets.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::{TcpListener, TcpSocket, UnixListener};

use super::BindError;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Makes the data folder, for the daemon's own user alone, when it isn't there.
pub fn make_data_folder(path: &Path) -> Result<(), BindError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| BindError::Folder { path: path.to_owned(), error })
}

/// Binds a TCP address, or takes the socket that systemd has bound.
pub fn tcp(
    key: &'static str,
    address: SocketAddr,
    inherited: Option<std::net::TcpListener>,
) -> Result<(TcpListener, SocketAddr), BindError> {
    let bind = || {
        let listener = match inherited {
            Some(listener) => {
                listener.set_nonblocking(true)?;
                TcpListener::from_std(listener)?
            }
            None => {
                let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
                // Else a restart would fail while old connections linger in TIME_WAIT.
                socket.set_reuseaddr(true)?;
                socket.bind(address)?;
                socket.listen(BACKLOG)?
            }
        };
        let bound = listener.local_addr()?;
        Ok((listener, bound))
    };
    bind().map_err(|error| BindError::Address { key, address, error })
}

/// Takes a Unix socket that systemd has bound.
pub fn adopt_unix(listener: std::os::unix::net::UnixListener) -> Result<UnixListener, BindError> {
    let failed = |error| BindError::Socket { path: PathBuf::from("app.sock"), error };
    listener.set_nonblocking(true).map_err(failed)?;
    UnixListener::from_std(listener).map_err(failed)
}

/// A socket's file, which is removed at the end when it is still ours.
#[derive(Debug)]
pub struct SocketFile {
    path: PathBuf,
    inode: u64,
    /// Who made it: the user we run as.
    pub owner: u32,
}

impl SocketFile {
    /// Removes the file, unless another daemon has put its own there by now.
    pub fn remove(&self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|metadata| metadata.ino() == self.inode) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Binds a Unix socket with these permissions. A file left by a daemon that died is replaced, a
/// socket on which someone answers is not.
pub fn unix(path: &Path, mode: u32, group: &str) -> Result<(UnixListener, SocketFile), BindError> {
    let failed = |error| BindError::Socket { path: path.to_owned(), error };
    if UnixStream::connect(path).is_ok() {
        return Err(BindError::InUse { path: path.to_owned() });
    }
    let group_id = if group.is_empty() { None } else { Some(group_id(group)?) };
    // Bound beside its place and moved there when owner and mode are right: nobody can reach it in
    // between, and the move replaces what a dead daemon left.
    let mut temporary = path.as_os_str().to_owned();
    temporary.push("~");
    let temporary = PathBuf::from(temporary);
    remove_if_there(&temporary).map_err(failed)?;
    let listener = UnixListener::bind(&temporary).map_err(failed)?;
    let finish = || -> io::Result<SocketFile> {
        if group_id.is_some() {
            chown(&temporary, None, group_id)?;
        }
        fs::set_permissions(&temporary, Permissions::from_mode(mode))?;
        fs::rename(&temporary, path)?;
        let metadata = fs::symlink_metadata(path)?;
        Ok(SocketFile { path: path.to_owned(), inode: metadata.ino(), owner: metadata.uid() })
    };
    let file = finish().map_err(failed)?;
    Ok((listener, file))
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A group's number. /etc/group is read by ourselves: the system's look-up would load its modules
/// into a static program.
fn group_id(name: &str) -> Result<u32, BindError> {
    if let Ok(number) = name.parse() {
        return Ok(number);
    }
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    groups
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let (group, _password, number) = (fields.next()?, fields.next()?, fields.next()?);
            (group == name).then(|| number.parse().ok()).flatten()
        })
        .next()
        .ok_or_else(|| BindError::UnknownGroup { name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn a_socket_has_its_mode_replaces_a_dead_one_and_spares_a_living_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sock");
        let (listener, file) = unix(&path, 0o660, "").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o660);
        assert!(matches!(unix(&path, 0o660, ""), Err(BindError::InUse { .. })));
        drop(listener);
        let (_second, second_file) = unix(&path, 0o600, "").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        file.remove();
        assert!(path.exists(), "the first daemon must leave the second's socket alone");
        second_file.remove();
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_socket_takes_its_group_by_name_or_number() {
        let folder = tempfile::tempdir().unwrap();
        let own = fs::metadata(folder.path()).unwrap().gid().to_string();
        assert!(unix(&folder.path().join("a.sock"), 0o660, &own).is_ok());
        assert_eq!(group_id("root").unwrap(), 0);
        let error = unix(&folder.path().join("b.sock"), 0o660, "no such group").unwrap_err();
        assert_eq!(
            error.to_string(),
            "app.socket_group: there is no group \"no such group\" in /etc/group; its number works too"
        );
    }
}
