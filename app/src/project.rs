//! Projects: their list, one project's settings, and invitations to one.
//!
//! ```text
//! list        /                           settings       /projects/:id/settings
//! invitation  /invitations/:token         left_projects  projects that the list no longer shows
//! ```

mod invitation;
mod left_projects;
mod list;
mod settings;

pub(crate) use invitation::invitation;
pub(crate) use left_projects::LeftProjects;
pub(crate) use list::list;
pub(crate) use settings::settings;
