//! Queries about oversight: one definition for the addresses that a page requests, and for the server that reads them.

use serde::{Deserialize, Serialize};

use super::workload::{TaskFilterKind, Unit};
use crate::{ProjectId, UserId, day::Day, request::escape};

/// The query of `GET /api/oversight/workload`, and `workload.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct WorkloadQuery {
    /// One project; without it, all that one sees.
    pub project: Option<ProjectId>,
    /// How long a period is.
    #[serde(default)]
    pub unit: Unit,
    /// A day of the first period; without it, today.
    pub from: Option<Day>,
    /// How many periods, 1 to 60; without it 8 weeks, or 28 days.
    pub count: Option<u32>,
}

/// The query of `GET /api/oversight/tasks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct TasksQuery {
    /// One project; without it, all that one sees.
    pub project: Option<ProjectId>,
    /// The assignee.
    pub user: AssigneeFilter,
    /// Which of theirs.
    pub which: TaskFilterKind,
    /// The first day, for [`TaskFilterKind::Period`].
    pub from: Option<Day>,
    /// The last day, for [`TaskFilterKind::Period`].
    pub to: Option<Day>,
    /// Where the page begins: `next` of the one before.
    pub after: Option<String>,
}

/// An assignee, or nobody: an id or `none` on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct AssigneeFilter(pub Option<UserId>);

/// The query of `GET /api/oversight/report`, `report.csv` and `report.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct ReportQuery {
    /// One project; without it, all that one sees.
    pub project: Option<ProjectId>,
    /// A day of the week; without it, today.
    pub week: Option<Day>,
}

/// The query of `GET /api/oversight/flow`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct FlowQuery {
    /// One project; without it, all that one sees.
    pub project: Option<ProjectId>,
    /// The first day; without it, as many as `days` says.
    pub from: Option<Day>,
    /// How many days, 1 to 366, where there is no first one; without it, 56.
    pub days: Option<u32>,
    /// The last day; without it, today.
    pub to: Option<Day>,
}

impl TryFrom<String> for AssigneeFilter {
    type Error = uuid::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Ok(Self(if text == "none" { None } else { Some(text.parse()?) }))
    }
}

impl From<AssigneeFilter> for String {
    fn from(whose: AssigneeFilter) -> Self {
        whose.0.map_or_else(|| "none".to_owned(), |user| user.to_string())
    }
}

impl WorkloadQuery {
    /// The address under which `resource` (`workload`, `workload.csv`) answers this.
    pub fn address(&self, resource: &str) -> String {
        let mut address = Address::new(resource);
        address.add("project", self.project.map(|id| id.to_string()));
        address.add("unit", (self.unit == Unit::Day).then(|| "day".to_owned()));
        address.add("from", self.from.map(|day| day.to_string()));
        address.add("count", self.count.map(|count| count.to_string()));
        address.text
    }
}

impl TasksQuery {
    /// The address that answers this.
    pub fn address(&self) -> String {
        let which = match self.which {
            TaskFilterKind::Period => "period",
            TaskFilterKind::Open => "open",
            TaskFilterKind::Overdue => "overdue",
            TaskFilterKind::Blocked => "blocked",
            TaskFilterKind::Undated => "undated",
        };
        let mut address = Address::new("tasks");
        address.add("project", self.project.map(|id| id.to_string()));
        address.add("user", Some(self.user.into()));
        address.add("which", Some(which.to_owned()));
        address.add("from", self.from.map(|day| day.to_string()));
        address.add("to", self.to.map(|day| day.to_string()));
        address.add("after", self.after.clone());
        address.text
    }
}

impl ReportQuery {
    /// The address under which `resource` (`report`, `report.csv`, `report.md`) answers this.
    pub fn address(&self, resource: &str) -> String {
        let mut address = Address::new(resource);
        address.add("project", self.project.map(|id| id.to_string()));
        address.add("week", self.week.map(|day| day.to_string()));
        address.text
    }
}

impl FlowQuery {
    /// The address that answers this.
    pub fn address(&self) -> String {
        let mut address = Address::new("flow");
        address.add("project", self.project.map(|id| id.to_string()));
        address.add("from", self.from.map(|day| day.to_string()));
        address.add("days", self.days.map(|days| days.to_string()));
        address.add("to", self.to.map(|day| day.to_string()));
        address.text
    }
}

/// An address under construction.
struct Address {
    text: String,
}

impl Address {
    fn new(resource: &str) -> Self {
        Self { text: format!("/api/oversight/{resource}") }
    }

    fn add(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.text.push(if self.text.contains('?') { '&' } else { '?' });
            self.text.push_str(name);
            self.text.push('=');
            self.text.push_str(&escape(&value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_only_the_given_parameters() {
        assert_eq!(WorkloadQuery::default().address("workload"), "/api/oversight/workload");
        let query = WorkloadQuery {
            unit: Unit::Day,
            from: "2026-11-16".parse().ok(),
            count: Some(14),
            ..WorkloadQuery::default()
        };
        let address = "/api/oversight/workload.csv?unit=day&from=2026-11-16&count=14";
        assert_eq!(query.address("workload.csv"), address);
    }

    #[test]
    fn nobody_is_written_as_none() {
        let query = |user| TasksQuery {
            project: None,
            user: AssigneeFilter(user),
            which: TaskFilterKind::Undated,
            from: None,
            to: None,
            after: None,
        };
        assert_eq!(query(None).address(), "/api/oversight/tasks?user=none&which=undated");
        let ada = UserId::new(uuid::Uuid::from_u128(7));
        assert_eq!(query(Some(ada)).address(), format!("/api/oversight/tasks?user={ada}&which=undated"));
        for whose in [AssigneeFilter(None), AssigneeFilter(Some(ada))] {
            let text = serde_json::to_string(&whose).expect("text");
            assert_eq!(serde_json::from_str::<AssigneeFilter>(&text).expect("whose"), whose);
        }
        assert!(serde_json::from_str::<AssigneeFilter>("\"somebody\"").is_err());
    }
}
