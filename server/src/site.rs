//! What the sign-in page needs before sign-in.

use app::backend::Site;

use crate::{config::Config, service::demo};

/// The features that this server offers before sign-in.
pub fn describe(config: &Config) -> Site {
    Site {
        registration_open: config.accounts.registration_open(),
        email_available: config.mail().is_some(),
        demo: if config.demo { demo::accounts() } else { Vec::new() },
    }
}
