//! `lockstep invite …`: invitations by the operator. Like those of owners, each is for one person and expires after 7
//! days.

use std::io::{self, Write as _};

use clap::{Subcommand, ValueEnum};
use engine::{ApiError, Invitation, InvitationId, ProjectId, Role};

use crate::{
    config::Config,
    secret::Secret,
    service::{
        ServiceError,
        invitation::{self, InvitationDraft},
    },
    startup::{self, StartError},
    store::{Store, StoreError},
};

#[derive(Debug, Subcommand)]
pub(super) enum InviteCommand {
    /// Invite a person to a project, and print the link
    Add {
        /// Project, as in the address of its board
        project: ProjectId,
        /// Address that the invitation is for, and is sent to if e-mail is set up; without it, the first person who
        /// uses the link
        #[arg(long)]
        email: Option<String>,
        /// Role of the new member
        #[arg(long, value_enum, default_value_t = RoleName::Editor)]
        role: RoleName,
    },
    /// Print the open invitations to a project
    List {
        /// Project, as in the address of its board
        project: ProjectId,
    },
    /// Revoke an invitation
    Revoke {
        /// Invitation, as printed by add and list
        id: InvitationId,
    },
}

/// The role of a member.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum RoleName {
    Viewer,
    Editor,
    Owner,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum InviteError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{}", .0.message)]
    Refused(ApiError),
    #[error("cannot use the secret: {0}")]
    Secret(io::Error),
    #[error("cannot use the database: {0}")]
    Store(#[from] StoreError),
    #[error("there is no such open invitation")]
    NotOpen,
    #[error("cannot print the answer: {0}")]
    Print(io::Error),
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Viewer => Self::Viewer,
            RoleName::Editor => Self::Editor,
            RoleName::Owner => Self::Owner,
        }
    }
}

impl InviteCommand {
    pub(super) async fn run(self, config: Config) -> Result<(), InviteError> {
        let store = startup::open_store(&config).await?;
        let done = self.execute(&config, &store).await;
        store.close().await;
        let mut out = io::stdout().lock();
        done?.iter().try_for_each(|line| writeln!(out, "{line}")).map_err(InviteError::Print)
    }

    /// Runs the command. Returns the lines to print.
    async fn execute(self, config: &Config, store: &Store) -> Result<Vec<String>, InviteError> {
        let secret = Secret::load(config).map_err(InviteError::Secret)?;
        let site = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.addr));
        match self {
            Self::Add { project, email, role } => {
                let (draft, mails) = (InvitationDraft { email, role: role.into() }, config.mail().is_some());
                let made = invitation::create_by_operator(store, &secret, project, draft, mails, &site).await;
                let made = made.map_err(|error: ServiceError| InviteError::Refused(error.into_error()))?;
                Ok(vec![format!("made the invitation {}", described(&made)), link(&made)])
            }
            Self::List { project } => {
                let open = invitation::open(store, &secret, project, &site).await?;
                Ok(open.iter().flat_map(|invitation| [described(invitation), link(invitation)]).collect())
            }
            Self::Revoke { id } => match invitation::revoke_by_operator(store, id).await? {
                true => Ok(vec![format!("revoked the invitation {id}")]),
                false => Err(InviteError::NotOpen),
            },
        }
    }
}

fn described(invitation: &Invitation) -> String {
    let Invitation { id, email, role, expires_at, mailed, declined_at, .. } = invitation;
    let whom = email.as_deref().unwrap_or("whoever uses the link first");
    let role = format!("{role:?}").to_lowercase();
    let mailed = if *mailed { ", by e-mail" } else { "" };
    let declined = if declined_at.is_some() { ", declined" } else { "" };
    format!("{id} for {whom} as {role}{mailed}, until {expires_at}{declined}")
}

fn link(invitation: &Invitation) -> String {
    match &invitation.url {
        Some(url) => format!("link: {url}"),
        None if invitation.declined_at.is_some() => "link: none".to_owned(),
        None => "link: made under another LOCKSTEP_SECRET".to_owned(),
    }
}
