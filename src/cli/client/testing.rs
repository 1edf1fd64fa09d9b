//! A scripted daemon on a Unix socket.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::thread::{self, JoinHandle};

use serde_json::Value;
use tempfile::TempDir;

use super::{Client, Target};

/// Answers each connection with the next answer and keeps what was asked.
pub struct Daemon {
    folder: TempDir,
    asked: JoinHandle<Vec<String>>,
}

impl Daemon {
    pub fn scripted(answers: Vec<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("d.sock")).unwrap();
        let asked = thread::spawn(move || answers.iter().map(|answer| serve(&listener, answer)).collect());
        Self { folder, asked }
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("d.sock")
    }

    pub fn client(&self) -> Client {
        Client::new(Target::Operator { path: self.socket() }).unwrap()
    }

    pub fn asked(self) -> Vec<String> {
        self.asked.join().unwrap()
    }
}

fn serve(listener: &UnixListener, answer: &str) -> String {
    let (stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).unwrap() > 0, "the request ended early: {head}");
    }
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    // A client that read enough may be gone already.
    let _ = (&stream).write_all(answer.as_bytes());
    head + &String::from_utf8(body).unwrap()
}

pub fn answer(status: &str, body: &Value) -> String {
    let body = body.to_string();
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

pub fn request_lines(asked: &[String]) -> Vec<&str> {
    asked.iter().filter_map(|request| request.lines().next()).collect()
}
