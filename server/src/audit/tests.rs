use std::{
    io::{self, Write},
    net::Ipv4Addr,
    sync::{Mutex, PoisonError},
};

use engine::ApiError;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _};
use uuid::Uuid;

use super::*;
use crate::telemetry;

/// Collects log output.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The output for a filter, by the server's own subscriber, as text or as JSON.
fn logged(filter: &str, json: bool, act: impl FnOnce()) -> String {
    let sink = Sink::default();
    let out = sink.clone();
    let registry = tracing_subscriber::registry().with(EnvFilter::try_new(telemetry::directives(filter)).unwrap());
    let writer = move || out.clone();
    if json {
        tracing::subscriber::with_default(
            registry.with(fmt::layer().json().flatten_event(true).with_writer(writer)),
            act,
        );
    } else {
        tracing::subscriber::with_default(registry.with(fmt::layer().with_ansi(false).with_writer(writer)), act);
    }
    let bytes = sink.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    String::from_utf8(bytes).unwrap()
}

/// The line without its timestamp.
fn line(entry: AuditEntry) -> String {
    let text = logged("warn", false, || entry.write());
    text.split_once("Z  INFO ").expect("a time and a level").1.to_owned()
}

fn ann() -> User {
    User { id: UserId::new(Uuid::from_u128(1)), email: "ann@example.org".into(), name: "Ann".into() }
}

#[test]
fn a_line_has_its_fields_in_a_fixed_order() {
    let client = Client { address: Ipv4Addr::new(203, 0, 113, 7).into(), request: Some(RequestId::new("r1")) };
    let entry = || AuditEntry::new(AuditEvent::RoleChanged).user(&ann()).project(ProjectId::new(Uuid::nil()));
    let text = CLIENT.sync_scope(client, || line(entry().subject("somebody").detail("owner")));
    assert_eq!(
        text,
        "audit: event=role_changed outcome=ok via=http address=203.0.113.7 user=00000000-0000-0000-0000-000000000001 \
         project=00000000-0000-0000-0000-000000000000 request=r1 account=\"ann@example.org\" subject=\"somebody\" \
         detail=\"owner\"\n"
    );
    assert_eq!(line(AuditEntry::by_operator(AuditEvent::Migrated)), "audit: event=migrated outcome=ok via=cli\n");
}

#[test]
fn it_is_written_whatever_the_log_filter() {
    for filter in ["off", "error", "warn", "server=debug", ""] {
        assert!(
            logged(filter, false, || AuditEntry::new(AuditEvent::SignOut).write()).contains("event=sign_out"),
            "{filter}"
        );
    }
    assert_eq!(logged("info,audit=off", false, || AuditEntry::new(AuditEvent::SignOut).write()), "");
}

#[test]
fn no_input_can_look_like_another_line_or_field() {
    let forged = "x@y\"\n2026-11-30T00:00:00Z  INFO audit: event=sign_in\r\u{1b}[2K\u{202e}\u{2028}\u{85}\0";
    let text = line(AuditEntry::new(AuditEvent::MemberAdded).subject(forged).detail("a\" outcome=\"ok"));
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.trim_end().chars().all(|letter| !letter.is_control() && letter.is_ascii()), "{text}");
    assert!(text.contains(r#"detail="a\" outcome=\"ok""#), "{text}");
    // In JSON too.
    let text = logged("info", true, || AuditEntry::new(AuditEvent::MemberAdded).subject(forged).write());
    assert_eq!(text.lines().count(), 1, "{text}");
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&value["event"], &value["target"]), (&"member_added".into(), &"audit".into()));
    assert_eq!(value["subject"], forged);
}

#[test]
fn input_that_is_no_address_is_left_out() {
    for typed in ["hunter2", "correct horse@staple", &format!("{}@example.org", "a".repeat(400)), ""] {
        assert_eq!(
            line(AuditEntry::new(AuditEvent::SignIn).account(typed)),
            "audit: event=sign_in outcome=ok via=server account=\"(no address)\"\n"
        );
    }
    assert!(
        line(AuditEntry::new(AuditEvent::SignIn).account(" Ann@Example.org ")).contains("account=\"ann@example.org\"")
    );
}

#[test]
fn the_outcome_is_that_of_the_action() {
    let line = |result: Result<(), ServiceError>| {
        logged("", false, || AuditEntry::new(AuditEvent::SignIn).write_result(&result))
    };
    assert!(line(Ok(())).contains("outcome=ok "));
    let wrong = ApiError::new(401, "wrong_credentials", "Wrong.");
    assert!(line(Err(wrong.into())).contains("outcome=refused reason=wrong_credentials "));
    assert!(line(Err(ServiceError::TooMany(Default::default()))).contains("outcome=refused reason=too_many_attempts "));
    assert!(line(Err(ServiceError::Internal("x"))).contains("outcome=failed "));
    assert_eq!(line(Err(ServiceError::Answered(crate::service::OpResponse { status: 200, body: String::new() }))), "");
}
