//! TLS of the stubs, with a certificate that the subjects are told to trust.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tempfile::TempDir;

/// Where Linux distributions have all certificates that they trust, in one file.
const BUNDLES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
];

/// A certificate for the loopback address, with its key.
pub(super) struct Certificate {
    config: Arc<ServerConfig>,
    /// The files that the environment names.
    folder: TempDir,
}

impl Certificate {
    /// Creates a certificate that signs itself.
    pub(super) fn create() -> anyhow::Result<Self> {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::Pkcs8(key))?;
        let folder = TempDir::new()?;
        let pem = made.cert.pem();
        std::fs::write(folder.path().join("own.pem"), &pem)?;
        // A function on AWS reads all certificates that the system trusts.
        let trusted = BUNDLES
            .iter()
            .find_map(|bundle| std::fs::read_to_string(bundle).ok())
            .unwrap_or_default();
        std::fs::write(folder.path().join("all.pem"), trusted + &pem)?;
        Ok(Self {
            config: Arc::new(config),
            folder,
        })
    }

    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    /// Returns the environment in which a subject trusts the certificate.
    pub(super) fn environment(&self) -> BTreeMap<String, String> {
        let path = |name: &str| -> PathBuf { self.folder.path().join(name) };
        [
            ("SSL_CERT_FILE", path("all.pem")),
            // Node has the others in its program.
            ("NODE_EXTRA_CA_CERTS", path("own.pem")),
        ]
        .map(|(name, path)| (name.to_owned(), path.display().to_string()))
        .into()
    }
}
