//! The audited actions.

/// An audited action. Its name in the log is [`AuditEvent::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditEvent {
    /// A sign-in, or an attempt.
    SignIn,
    /// A sign-out.
    SignOut,
    /// A registration, or an attempt.
    Registration,
    /// An e-mail address was verified.
    EmailVerified,
    /// An account's address changed, or a change was requested.
    EmailChanged,
    /// A user changed their password.
    PasswordChanged,
    /// A link to reset a password was requested.
    PasswordResetRequested,
    /// A password was reset, by a link or by the operator.
    PasswordReset,
    /// Sessions ended other than by signing out.
    SessionsEnded,
    /// The operator created an account.
    AccountCreated,
    /// The operator disabled an account.
    AccountDisabled,
    /// The operator enabled a disabled account.
    AccountEnabled,
    /// An account was deleted.
    AccountDeleted,
    /// A member joined a project.
    MemberAdded,
    /// A member was removed, or left.
    MemberRemoved,
    /// The removal of a member was undone.
    MemberRestored,
    /// A member's role changed.
    RoleChanged,
    /// Someone was invited to a project.
    InvitationCreated,
    /// An invitation was revoked.
    InvitationRevoked,
    /// An invitation was accepted.
    InvitationAccepted,
    /// An invitation was declined.
    InvitationDeclined,
    /// A project was deleted.
    ProjectDeleted,
    /// Data was downloaded as a file.
    Export,
    /// The operator rotated the epoch of every log.
    EpochsRotated,
    /// The operator ran the migrations.
    Migrated,
}

impl AuditEvent {
    /// The stable name in the log.
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
