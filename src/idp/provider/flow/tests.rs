//! Reading lists from servers whose pages never end, or end as they should.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::base::limits;
use crate::base::secret::Secret;
use crate::idp::check::{Findings, Need};
use crate::idp::client::{BaseUrl, Client};
use crate::idp::link::{Line, Link, Traffic};
use crate::idp::memory::Memory;
use crate::idp::provider::okta;
use crate::scim::schema::urn;

use super::read_all;

/// A server with one user on each page and so many of them, and a line to it.
async fn line_to(total: usize) -> Link {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = BaseUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let pages = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            while stream.read(&mut asked).await.is_ok_and(|read| read > 0) {
                let id = pages.fetch_add(1, Ordering::SeqCst).to_string();
                let body = json!({"schemas": [urn::LIST_RESPONSE], "totalResults": total, "Resources": [{"id": id}]});
                let body = body.to_string();
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\nContent-Length:";
                let answer = format!("{head} {}\r\n\r\n{body}", body.len());
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        }
    });
    let line = Line {
        client: Client::new(base, None).unwrap(),
        provider: &okta::OIN,
        token: Secret::new("t"),
        speed: 1.0,
        findings: Findings::default(),
        traffic: Traffic::default(),
        is_connected: AtomicBool::new(true),
        memory: Memory::default(),
    };
    Link::new(&Arc::new(line), "test")
}

#[tokio::test]
async fn pages_are_read_up_to_the_limit_and_no_further() {
    let most = limits::IDP_PAGES_MAX;
    let link = line_to(most).await;
    assert_eq!(read_all(&link, "/Users").await.unwrap().len(), most);
    assert_eq!(link.line.findings.all().0, []);
    let link = line_to(most + 1).await;
    assert_eq!(read_all(&link, "/Users").await.unwrap().len(), most);
    let needs: Vec<Need> = link.line.findings.all().0.iter().map(|finding| finding.need).collect();
    assert_eq!(needs, [Need::StablePages]);
}
