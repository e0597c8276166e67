//! Connects to Redis, with or without TLS.

use std::{fs, path::Path};

use redis::{Client, ClientTlsConfig, ConnectionAddr, IntoConnectionInfo as _, TlsCertificates, io::tcp::TcpSettings};

use crate::realtime::RedisConfigError;

/// The first line of a PEM certificate.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";

/// A client for this URL. With `rediss://` it uses TLS, and verifies the certificate against the authorities of the
/// system, or those in the PEM file `ca`.
///
/// # Errors
/// When the URL is invalid, or the file contains no certificates.
pub fn client(url: &str, ca: Option<&Path>) -> Result<Client, RedisConfigError> {
    let bad_url = |error: redis::RedisError| RedisConfigError::RedisUrl(error.to_string());
    let info = url
        .into_connection_info()
        .map(|info| info.set_tcp_settings(TcpSettings::default().set_nodelay(true)))
        .map_err(bad_url)?;
    let encrypted = matches!(info.addr(), ConnectionAddr::TcpTls { .. });
    let Some(path) = ca else { return Client::open(info).map_err(bad_url) };
    let bad_ca = |why: String| RedisConfigError::RedisCa(path.display().to_string(), why);
    if !encrypted {
        return Err(bad_ca("only a rediss:// URL uses it".to_owned()));
    }
    let pem = fs::read(path).map_err(|error| bad_ca(error.to_string()))?;
    if !String::from_utf8_lossy(&pem).contains(CERTIFICATE) {
        return Err(bad_ca("it holds no certificate in PEM format".to_owned()));
    }
    let certificates = TlsCertificates { client_tls: None::<ClientTlsConfig>, root_cert: Some(pem) };
    Client::build_with_tls(info, certificates).map_err(|error| bad_ca(error.to_string()))
}

/// Describes a Redis error for the operator who set it up.
pub(super) fn explain(error: &redis::RedisError) -> String {
    let text = error.to_string();
    match text.contains("invalid peer certificate") {
        true => format!("the certificate of Redis is not trusted, see LOCKSTEP_REDIS_CA: {text}"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str, pem: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        fs::write(&path, pem).unwrap();
        client(url, Some(&path)).map(drop).unwrap_err().to_string()
    }

    #[test]
    fn a_file_without_authorities_is_refused_with_a_reason() {
        assert!(refused("rediss://redis", "").contains("ca.pem: it holds no certificate"));
        let broken = format!("{CERTIFICATE}\nAAAA\n-----END CERTIFICATE-----\n");
        assert!(refused("rediss://redis", &broken).contains("LOCKSTEP_REDIS_CA"));
        assert!(refused("redis://redis", &broken).contains("only a rediss:// URL uses it"));
        let missing = client("rediss://redis", Some(Path::new("/nowhere/ca.pem"))).map(drop).unwrap_err().to_string();
        assert!(missing.contains("/nowhere/ca.pem"), "{missing}");
        assert!(client("rediss://redis", None).is_ok() && client("redis://redis", None).is_ok());
    }
}
