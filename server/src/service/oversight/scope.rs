//! The scope of a question: the reader, their projects, and the ends of the logs.

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

/// Bytes of a version: collisions are negligible.
const VERSION: usize = 12;

/// The scope of a question.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// The reader's time zone.
    pub(crate) zone: Zone,
    /// The first day of their weeks.
    pub(crate) first_weekday: FirstWeekday,
    /// Today in their time zone.
    pub(crate) today: Day,
    /// The projects, oldest first.
    pub(crate) projects: Vec<Visible>,
}

impl Scope {
    /// Reads the scope: one project, or all projects of the reader.
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

    /// A version that changes whenever a response may: it hashes the question, the reader's date and zone, the log
    /// positions, and `parts`. Callers pass everything else that their response depends on.
    ///
    /// # Errors
    /// When `parts` cannot be serialised.
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
    fn a_version_depends_on_the_day_and_the_time_zone() {
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
