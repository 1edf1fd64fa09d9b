//! The authority is asked over HTTPS alone, with bounded answers.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Limited;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;

use crate::base::limits;

use super::error::AcmeError;

/// How long the authority may take for one answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

pub struct Http {
    client: Client<HttpsConnector<HttpConnector>, BodyWrapper<Bytes>>,
}

impl Http {
    /// Trusts the public roots, and the certificates of `ca_file`.
    pub fn new(ca_file: Option<&Path>) -> Result<Self, AcmeError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(path) = ca_file {
            let bad = || AcmeError::BadCaFile { path: path.to_owned() };
            let before = roots.len();
            for certificate in CertificateDer::pem_file_iter(path).map_err(|_| bad())? {
                roots.add(certificate.map_err(|_| bad())?).map_err(|_| bad())?;
            }
            if roots.len() == before {
                return Err(bad());
            }
        }
        let config =
            ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(|error| AcmeError::Certificate(error.to_string()))?
                .with_root_certificates(roots)
                .with_no_client_auth();
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(config).https_only().enable_http1().build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector) })
    }
}

impl HttpClient for Http {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let answer = self.client.request(request);
        Box::pin(async move {
            match timeout(ANSWER_WITHIN, answer).await {
                Ok(Ok(answer)) => {
                    let bounded = answer.map(|body| Limited::new(body, limits::ACME_ANSWER_BYTES_MAX));
                    Ok(BytesResponse::from(bounded))
                }
                Ok(Err(error)) => Err(Error::Other(Box::new(error))),
                Err(_) => Err(Error::Str("the authority did not answer in time")),
            }
        })
    }
}
