//! One order: the names are proved by certificates that answer the authority's handshake, then the
//! certificate is asked for and stored.

use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::ClientHello;
use zeroize::Zeroizing;

use crate::server::tls::{Certificates, Pair};

use super::error::{AcmeError, at};
use super::{Acme, Stored, stored};

/// The protocol by which the authority asks for the proof (RFC 8737 §4).
pub const PROOF_PROTOCOL: &[u8] = b"acme-tls/1";

/// Whether a handshake is the authority asking for the proof, and nothing else.
pub fn is_proof(hello: &ClientHello<'_>) -> bool {
    hello.alpn().is_some_and(|mut protocols| {
        protocols.next().is_some_and(|first| first == PROOF_PROTOCOL) && protocols.next().is_none()
    })
}

/// Obtains a certificate, stores it, and takes it into use.
pub async fn obtain(
    acme: &Acme,
    account: &Account,
    certificates: &Certificates,
) -> Result<Stored, AcmeError> {
    let names: Vec<Identifier> = acme.domains.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&names)).await.map_err(at("ordering a certificate"))?;
    let proved = prove(&mut order, certificates).await;
    certificates.forget_proofs();
    proved?;
    let (key, chain) = finish(acme, &mut order).await?;
    let stored = stored::write(&acme.folder, &chain, &key)?;
    certificates.replace(stored.pair()).map_err(AcmeError::Tls)?;
    Ok(stored)
}

/// Lets the authority see that each name leads here.
async fn prove(order: &mut Order, certificates: &Certificates) -> Result<(), AcmeError> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.map_err(at("asking what to prove"))?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let name = authorization.identifier().to_string();
        let mut challenge = authorization
            .challenge(ChallengeType::TlsAlpn01)
            .ok_or_else(|| AcmeError::NoProof { name: name.clone() })?;
        let proof = proof(&name, challenge.key_authorization().digest().as_ref())?;
        certificates.prove(&name, proof).map_err(AcmeError::Tls)?;
        challenge.set_ready().await.map_err(at("telling that the proof is ready"))?;
    }
    match order.poll_ready(&RetryPolicy::default()).await {
        Ok(OrderStatus::Ready) => Ok(()),
        Ok(_) | Err(instant_acme::Error::Api(_)) => Err(not_proved(order).await),
        Err(source) => Err(AcmeError::Authority { doing: "waiting for the authority to look", source }),
    }
}

/// Which name was not proved, and what the authority saw.
async fn not_proved(order: &mut Order) -> AcmeError {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let name = authorization.identifier().to_string();
        let Ok(state) = authorization.refresh().await else { continue };
        let problem = state.challenges.iter().find_map(|challenge| challenge.error.as_ref());
        if let Some(problem) = problem {
            let detail = problem.detail.clone().unwrap_or_else(|| problem.to_string());
            return AcmeError::NotProved { name, detail };
        }
    }
    AcmeError::NotProved { name: "the name".to_owned(), detail: "it gave no reason".to_owned() }
}

/// The certificate that stands for a proof (RFC 8737 §3): self-signed, with the digest in it.
fn proof(name: &str, digest: &[u8]) -> Result<Pair, AcmeError> {
    let key = KeyPair::generate().map_err(AcmeError::Make)?;
    let mut params = CertificateParams::new([name.to_owned()]).map_err(AcmeError::Make)?;
    params.distinguished_name = DistinguishedName::new();
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let certificate = params.self_signed(&key).map_err(AcmeError::Make)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok(Pair { chain: vec![certificate.der().clone()], key })
}

/// Asks for the certificate; its key and its chain, both PEM.
async fn finish(acme: &Acme, order: &mut Order) -> Result<(Zeroizing<String>, String), AcmeError> {
    let key = KeyPair::generate().map_err(AcmeError::Make)?;
    let mut params = CertificateParams::new(acme.domains.clone()).map_err(AcmeError::Make)?;
    params.distinguished_name = DistinguishedName::new();
    let request = params.serialize_request(&key).map_err(AcmeError::Make)?;
    order.finalize_csr(request.der()).await.map_err(at("asking for the certificate"))?;
    let chain =
        order.poll_certificate(&RetryPolicy::default()).await.map_err(at("fetching the certificate"))?;
    Ok((Zeroizing::new(key.serialize_pem()), chain))
}
