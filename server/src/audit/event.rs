//! The acts that have a line.

/// What happened. The name in the log is that of [`AuditEvent::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditEvent {
    /// Signed in, or tried to.
    SignIn,
    /// Signed out.
    SignOut,
    /// Made an account for oneself, or tried to.
    Registration,
    /// Proved that an e-mail address is one's own.
    EmailVerified,
    /// An account has another address, or asks for one.
    EmailChanged,
    /// Changed one's own password.
    PasswordChanged,
    /// Asked for a link that sets another password.
    PasswordResetRequested,
    /// Set another password by a link, or the operator did.
    PasswordReset,
    /// Sessions ended otherwise than by signing out.
    SessionsEnded,
    /// The operator made an account.
    AccountCreated,
    /// The operator disabled an account.
    AccountDisabled,
    /// The operator enabled an account again.
    AccountEnabled,
    /// An account was deleted.
    AccountDeleted,
    /// Somebody was taken into a project.
    MemberAdded,
    /// A member was removed, or left.
    MemberRemoved,
    /// A member is back whose removal was undone.
    MemberRestored,
    /// A member was given another role.
    RoleChanged,
    /// Somebody was invited to a project.
    InvitationCreated,
    /// An invitation was taken back.
    InvitationRevoked,
    /// An invitation was accepted.
    InvitationAccepted,
    /// An invitation was declined.
    InvitationDeclined,
    /// A project was deleted.
    ProjectDeleted,
    /// Data was downloaded as a file.
    Export,
    /// The operator gave every log another epoch.
    EpochsRotated,
    /// The operator brought the database up to date.
    Migrated,
}

impl AuditEvent {
    /// The name in the log: stable.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::Registration => "registration",
            Self::EmailVerified => "email_verified",
            Self::EmailChanged => "email_changed",
            Self::PasswordChanged => "password_changed",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::PasswordReset => "password_reset",
            Self::SessionsEnded => "sessions_ended",
            Self::AccountCreated => "account_created",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
            Self::AccountDeleted => "account_deleted",
            Self::MemberAdded => "member_added",
            Self::MemberRemoved => "member_removed",
            Self::MemberRestored => "member_restored",
            Self::RoleChanged => "role_changed",
            Self::InvitationCreated => "invitation_created",
            Self::InvitationRevoked => "invitation_revoked",
            Self::InvitationAccepted => "invitation_accepted",
            Self::InvitationDeclined => "invitation_declined",
            Self::ProjectDeleted => "project_deleted",
            Self::Export => "export",
            Self::EpochsRotated => "epochs_rotated",
            Self::Migrated => "migrated",
        }
    }
}
