//! The server's secret key: configured, or generated once and stored where only the owner can read it.

use std::{
    fmt, fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::Arc,
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::{TryRngCore as _, rngs::OsRng};

use crate::config::Config;

/// The server's secret key. Never printed.
#[derive(Clone)]
pub struct Secret(Arc<[u8]>);

impl Secret {
    /// The configured secret, or the one in the file `secret` in the data folder, which is generated on the first
    /// start.
    ///
    /// # Errors
    /// When the data folder cannot be read or written.
    pub fn load(config: &Config) -> io::Result<Self> {
        let text = match &config.secret {
            Some(text) => text.clone(),
            None => stored(&config.data_dir.join("secret"))?,
        };
        Ok(Self(text.trim().as_bytes().into()))
    }

    /// The key's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

fn stored(path: &Path) -> io::Result<String> {
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            let mut key = [0; 32];
            OsRng.try_fill_bytes(&mut key).map_err(io::Error::other)?;
            let text = BASE64_URL_SAFE_NO_PAD.encode(key);
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            Ok(text)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let text = fs::read_to_string(path)?;
            // A crash between creating and filling the file must not leave an empty key.
            if text.trim().len() < 32 {
                let message = format!("{} holds no secret: delete it, and a new one is made", path.display());
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            Ok(text)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn it_is_generated_once_and_private_to_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { secret: None, ..Config::isolated(folder.path()) };
        let first = Secret::load(&config).unwrap();
        assert!(first.bytes().len() >= 32);
        assert_eq!(Secret::load(&config).unwrap().bytes(), first.bytes());
        let mode = fs::metadata(config.data_dir.join("secret")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!format!("{first:?}").contains(std::str::from_utf8(first.bytes()).unwrap()));
    }

    #[test]
    fn an_empty_file_is_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), "").unwrap();
        let config = Config { secret: None, ..Config::isolated(folder.path()) };
        assert_eq!(Secret::load(&config).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
