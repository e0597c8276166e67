//! Who asks, of what, and where its logs end.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use engine::{
    ProjectId, Timestamp, User,
    day::{Day, FirstWeekday},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{
    service::{ServiceError, access::project_not_found, zone::Zone},
    store::{OversightReader, Store, Visible},
};

/// Bytes of a version: as good as never the same for two answers of one question.
const VERSION: usize = 12;

/// What a question is about.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// Where the reader is.
    pub(crate) zone: Zone,
    /// The day that their weeks begin with.
    pub(crate) first_weekday: FirstWeekday,
    /// Today, where they are.
    pub(crate) today: Day,
    /// The projects, oldest first.
    pub(crate) projects: Vec<Visible>,
}

impl Scope {
    /// Reads it: one project, or all that the reader is in.
    ///
    /// # Errors
    /// `project_not_found`.
    pub(crate) async fn read(
        store: &Store,
        user: &User,
        project: Option<ProjectId>,
        now: Timestamp,
    ) -> Result<Self, ServiceError> {
        let reader =
            store.oversight_reader(user.id).await?.ok_or(ServiceError::Internal("a reader without an account"))?;
        let OversightReader { time_zone, first_weekday, mut projects } = reader;
        if let Some(project) = project {
            projects.retain(|visible| visible.id == project);
            if projects.is_empty() {
                return Err(project_not_found().into());
            }
        }
        let zone = Zone::stored(&time_zone);
        let today = zone.day(now);
        Ok(Self { zone, first_weekday, today, projects })
    }

    /// What changes when an answer may have: its question, the reader's clock, where each log ends, and whatever else it was made
    /// of. Each caller names all that its own answer depends on besides the boards.
    ///
    /// # Errors
    /// When `parts` cannot be written as JSON.
    pub(crate) fn version(&self, question: &impl Serialize, parts: &impl Serialize) -> Result<String, ServiceError> {
        let projects: Vec<_> = self.projects.iter().map(|project| (project.id, &project.name, project.role)).collect();
        let places: Vec<_> = self.projects.iter().map(|project| (project.at.epoch, project.at.seq)).collect();
        let text =
            serde_json::to_vec(&(question, self.zone.name(), self.today, self.first_weekday, projects, places, parts))?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..VERSION]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_of_one_day_and_one_clock() {
        let scope = |zone: &str, first_weekday, today: &str| {
            let today = today.parse().expect("a date");
            Scope { zone: Zone::stored(zone), first_weekday, today, projects: Vec::new() }
        };
        let version = |scope: &Scope| scope.version(&"question", &"parts").expect("text");
        let berlin = version(&scope("Europe/Berlin", FirstWeekday::Monday, "2026-11-21"));
        assert_eq!(version(&scope("Europe/Berlin", FirstWeekday::Monday, "2026-11-21")), berlin);
        assert_ne!(version(&scope("Europe/Berlin", FirstWeekday::Monday, "2026-11-22")), berlin);
        assert_ne!(version(&scope("Europe/Berlin", FirstWeekday::Sunday, "2026-11-21")), berlin);
        assert_ne!(version(&scope("Europe/Paris", FirstWeekday::Monday, "2026-11-21")), berlin);
    }
}
