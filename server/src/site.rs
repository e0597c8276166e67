//! What the sign-in page has to know before anybody is signed in.

use app::backend::Site;

use crate::{config::Config, service::demo};

/// What this server offers to strangers.
pub fn describe(config: &Config) -> Site {
    Site {
        registration_open: config.accounts.registration_open(),
        email_available: config.mail().is_some(),
        demo: if config.demo { demo::accounts() } else { Vec::new() },
    }
}
