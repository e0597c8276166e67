//! How the reader writes numbers and dates.
//!
//! The server does not know, and the browser's first render has to match the server's: both write as in English until
//! events are handled.

use std::sync::Arc;

use engine::day::FirstWeekday;
use js_sys::Number;
use leptos::{prelude::*, task::spawn_local};

use crate::{backend::Backend, date::local_words, language::language};

/// How dates are typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DateSpelling {
    /// The names of the months in the reader's language, in lower case, January first. Empty if unknown.
    pub(crate) months: Vec<String>,
    /// Whether the month comes first: `12/1` is the first of December.
    pub(crate) month_first: bool,
}

/// The reader's spelling, for every page. Provided in the context.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    decimal: RwSignal<char>,
    first_weekday: RwSignal<FirstWeekday>,
    dates: StoredValue<Option<DateSpelling>>,
    is_weekday_requested: StoredValue<bool>,
    /// Looked up here, because event handlers have no context. `None` while the server lists the routes.
    backend: StoredValue<Option<Arc<dyn Backend>>>,
}

impl Reader {
    /// Provides it in the context.
    pub(crate) fn provide() {
        let reader = Self {
            decimal: RwSignal::new('.'),
            first_weekday: RwSignal::new(FirstWeekday::default()),
            dates: StoredValue::new(None),
            is_weekday_requested: StoredValue::new(false),
            backend: StoredValue::new(use_context()),
        };
        // Effects run in the browser only, after the first render.
        Effect::new(move |_| {
            let half = Number::from(1.5).to_locale_string(&language());
            reader.decimal.set(String::from(half).chars().nth(1).filter(|c| !c.is_numeric()).unwrap_or('.'));
        });
        provide_context(reader);
    }

    /// The spelling of this page's reader.
    ///
    /// # Panics
    /// Outside of [`crate::App`].
    pub(crate) fn expect() -> Self {
        expect_context()
    }

    /// Tracks the decimal sign.
    pub(crate) fn decimal(self) -> char {
        self.decimal.get()
    }

    /// Tracks the first day of the week.
    pub(crate) fn first_weekday(self) -> FirstWeekday {
        self.first_weekday.get()
    }

    /// Fetches the first day of the reader's weeks, once per page.
    pub(crate) fn ask_first_weekday(self) {
        if self
            .is_weekday_requested
            .try_update_value(|is_weekday_requested| std::mem::replace(is_weekday_requested, true))
            != Some(false)
        {
            return;
        }
        let Some(backend) = self.backend.get_value() else { return };
        let reply = backend.preferences();
        spawn_local(async move {
            // If that fails, weeks begin on Monday, the default of the preferences.
            if let Ok(preferences) = reply.await {
                self.first_weekday.try_set(preferences.first_weekday);
            }
        });
    }

    /// The spelling of dates in the reader's language. In the browser only.
    pub(crate) fn dates(self) -> DateSpelling {
        if let Some(known) = self.dates.get_value() {
            return known;
        }
        let day = |text: &str| text.parse::<engine::Day>().unwrap_or(engine::Day::EARLIEST);
        let month = |number: i64| {
            let middle = day("2026-01-15").plus(number * 30);
            local_words(middle, &[("month", "long")]).to_lowercase()
        };
        let written = local_words(day("2026-12-31"), &[("day", "numeric"), ("month", "numeric")]);
        let dates = DateSpelling {
            months: (0..12).map(month).collect(),
            month_first: matches!((written.find("12"), written.find("31")), (Some(month), Some(day)) if month < day),
        };
        self.dates.set_value(Some(dates.clone()));
        dates
    }
}

/// Folds a text for comparison: compatibility forms, and both cases as the reader's language pairs them, become equal.
/// Both sides of a comparison are folded.
#[cfg(target_arch = "wasm32")]
pub(crate) fn folded(text: &str) -> String {
    // By the browser: tables of every script's letters would be downloaded for this alone. To upper case, which has one
    // form where lower case has several: ß and ss, σ and ς. Twice: the first pass splits ligatures.
    let upper = js_sys::JsString::from(text).normalize("NFKC").to_locale_upper_case(Some(&language()));
    upper.normalize("NFKC").into()
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn folded(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    text.nfkc().collect::<String>().to_uppercase().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn letters_that_look_the_same_are_equal_when_folded() {
        for (one, other) in [
            ("Straße", "STRASSE"),
            ("ﬁle", "FILE"),
            ("Ｌｏｃｋ", "lock"),
            ("e\u{301}tude", "ÉTUDE"),
            ("ΟΔΟΣ", "οδος"),
            ("①", "1"),
            ("ｶﾞ", "ガ"),
        ] {
            assert_eq!(folded(one), folded(other), "{one}");
        }
        assert!(folded("Große Straße").contains(&folded("strass")));
        assert_ne!(folded("a"), folded("ä"));
    }
}
