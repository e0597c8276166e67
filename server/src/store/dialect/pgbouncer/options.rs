//! Connection options for PgBouncer, from a URL.

use std::{str::FromStr, time::Duration};

use sqlx::{ConnectOptions, Error, any::AnyConnectOptions, postgres::PgConnectOptions};
use sqlx_core::Url;

use super::{BouncerConnection, SCHEME};

/// How to connect to PgBouncer.
#[derive(Clone, Debug)]
pub(in crate::store::dialect) struct BouncerOptions {
    inner: PgConnectOptions,
    settings: String,
}

impl<'a> TryFrom<&'a AnyConnectOptions> for BouncerOptions {
    type Error = Error;

    fn try_from(options: &'a AnyConnectOptions) -> Result<Self, Error> {
        Self::from_url(&options.database_url)
    }
}

impl FromStr for BouncerOptions {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self, Error> {
        Self::from_url(&url.parse::<Url>().map_err(|error| Error::Configuration(error.into()))?)
    }
}

impl ConnectOptions for BouncerOptions {
    type Connection = BouncerConnection;

    fn from_url(url: &Url) -> Result<Self, Error> {
        let (mut settings, mut others) = (String::new(), Vec::new());
        for (key, value) in url.query_pairs() {
            match key.strip_prefix("options[").and_then(|name| name.strip_suffix(']')) {
                Some(name) => settings.push_str(&format!("; SET LOCAL {name} = '{}'", value.replace('\'', "''"))),
                None => others.push((key.into_owned(), value.into_owned())),
            }
        }
        let mut url: Url = url
            .as_str()
            .replacen(SCHEME, "postgres", 1)
            .parse()
            .map_err(|_| Error::Configuration("a bad URL".into()))?;
        url.query_pairs_mut().clear().extend_pairs(others);
        // PgBouncer refuses the first unless configured to ignore it, and cannot keep the second.
        let inner = PgConnectOptions::from_url(&url)?.extra_float_digits(None).statement_cache_capacity(0);
        Ok(Self { inner, settings })
    }

    async fn connect(&self) -> Result<BouncerConnection, Error> {
        let inner = self.inner.connect().await?;
        Ok(BouncerConnection { inner, settings: self.settings.clone(), open: false })
    }

    fn log_statements(self, level: log::LevelFilter) -> Self {
        Self { inner: self.inner.log_statements(level), ..self }
    }

    fn log_slow_statements(self, level: log::LevelFilter, duration: Duration) -> Self {
        Self { inner: self.inner.log_slow_statements(level, duration), ..self }
    }
}
