//! Round trips of everything sent over a wire, logged or stored in a browser.

use engine::{
    ApiError, NotificationId,
    comment::{CommentChanged, CommentDraft, Preview, Rendered, Thread, Watching},
    error::ErrorBody,
    notification::NotificationPage,
    session::{PendingOp, PersistedQueue, RejectedOp},
    wire::{Batch, ClientFrame, EventPage, NotificationRead, ResyncReason, ServerFrame, Subscribed, Sync},
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{again, arbitrary as any_, same};

pub(crate) fn pending_op() -> impl Strategy<Value = PendingOp> {
    (any_::op_id(), any_::op(), any_::moment()).prop_map(|(op_id, op, at)| PendingOp { op_id, op, at })
}

pub(crate) fn error() -> impl Strategy<Value = ApiError> {
    (any_::text(), any_::text(), option::of(any_::text())).prop_map(|(code, message, field)| {
        // The status belongs to the answer and is not in the body.
        ApiError { field: field.map(Into::into), ..ApiError::new(0, code, message) }
    })
}

fn server_frame() -> impl Strategy<Value = ServerFrame> {
    let events = || vec(any_::event(), 0..3);
    let people = || vec(any_::presence(), 0..3);
    let ids = (option::of(any_::event_id()), option::of(any_::event_id()));
    let sync = (any_::epoch(), any::<u64>(), ids, any::<bool>(), events(), people()).prop_map(
        |(epoch, seq, (last, after), recovered, events, presence)| {
            ServerFrame::Sync(Sync { epoch, seq, last, after, recovered, events, presence })
        },
    );
    let batch = (any_::epoch(), any::<u64>(), any::<u64>(), option::of(any_::op_id()), events())
        .prop_map(|(epoch, from, to, op_id, events)| ServerFrame::Batch(Batch { epoch, from, to, op_id, events }));
    let reason = select(vec![ResyncReason::LogPruned, ResyncReason::Epoch, ResyncReason::Slow]);
    let resync = (reason, any_::epoch(), any::<u64>()).prop_map(|(reason, epoch, seq)| ServerFrame::Resync {
        reason,
        epoch,
        seq,
    });
    let presence = (people(), vec(any_::user_id(), 0..3), people())
        .prop_map(|(join, leave, editing)| ServerFrame::Presence { join, leave, editing });
    let unread = (vec(any_::notification(), 0..3), any::<u64>())
        .prop_map(|(notifications, unread)| ServerFrame::UnreadSync { notifications, unread });
    let subscribed = (any_::text(), option::of(any::<u64>()), any::<u64>(), vec(any_::comment(), 0..3), any::<bool>())
        .prop_map(|(scope, since, seq, comments, complete)| {
            ServerFrame::Subscribed(Subscribed { scope, since, seq, comments, complete })
        });
    let bye = (any::<u16>(), any_::text(), any::<u64>()).prop_map(|(code, reason, retry_ms)| ServerFrame::Bye {
        code,
        reason,
        retry_ms,
    });
    let log =
        prop_oneof![sync, batch, resync, presence, any_::event().prop_map(|event| ServerFrame::Event(event.into()))];
    let others = prop_oneof![
        unread,
        any_::notification().prop_map(|told| ServerFrame::Notification { data: told.into() }),
        (any_::notification(), any_::notification_id())
            .prop_map(|(told, replaces)| ServerFrame::NotificationChanged { data: told.into(), replaces }),
        read().prop_map(ServerFrame::NotificationRead),
        subscribed,
        any_::text().prop_map(|scope| ServerFrame::Denied { scope }),
        any_::comment().prop_map(|comment| ServerFrame::Comment { comment: comment.into() }),
        any_::text().prop_map(|scope| ServerFrame::Changed { scope }),
        Just(ServerFrame::Ping),
        Just(ServerFrame::Pong),
        bye,
    ];
    prop_oneof![log.boxed(), others.boxed()]
}

fn read() -> impl Strategy<Value = NotificationRead> {
    let ids = vec(any_::notification_id(), 0..3);
    (ids, option::of(any_::notification_id()), any::<u64>())
        .prop_map(|(ids, up_to, unread): (Vec<NotificationId>, _, _)| NotificationRead { ids, up_to, unread })
}

fn client_frame() -> impl Strategy<Value = ClientFrame> {
    prop_oneof![
        Just(ClientFrame::Pong),
        Just(ClientFrame::Ping),
        any_::text().prop_map(|token| ClientFrame::Auth { token }),
        any_::text().prop_map(|notification_id| ClientFrame::MarkRead { notification_id }),
        (any_::text(), option::of(any_::epoch()), option::of(any::<u64>()))
            .prop_map(|(scope, epoch, since)| ClientFrame::Subscribe { scope, epoch, since }),
        any_::text().prop_map(|scope| ClientFrame::Unsubscribe { scope }),
        (option::of(any_::task_id()), any_::mode()).prop_map(|(task_id, mode)| ClientFrame::Presence { task_id, mode }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_a_board_holds(
        task in any_::task(), project in any_::project(), status in any_::status(), member in any_::member(),
        user in any_::user(), label in any_::label(), rank in any_::rank(),
    ) {
        same(&task);
        same(&project);
        same(&status);
        same(&member);
        same(&user);
        same(&label);
        same(&rank);
    }

    #[test]
    fn snapshots(snapshot in any_::snapshot()) {
        same(&snapshot);
    }

    #[test]
    fn events(event in any_::event()) {
        same(&event);
        // The log stores kind and data separately.
        let written = serde_json::to_value(&event.change).expect("JSON");
        let read = engine::Change::parse(event.change.kind(), &written["data"].to_string()).expect("a change");
        prop_assert_eq!(read, event.change);
    }

    #[test]
    fn server_frames(frame in server_frame()) {
        let text = serde_json::to_string(&frame).expect("it can be written");
        prop_assert_eq!(ServerFrame::parse(&text).expect("it can be read"), frame);
    }

    #[test]
    fn client_frames(frame in client_frame()) {
        same(&frame);
    }

    #[test]
    fn pages_of_the_log(
        epoch in any_::epoch(), seq in any::<u64>(), at in any_::moment(), events in vec(any_::event(), 0..4),
    ) {
        same(&EventPage { epoch, seq, at, events });
    }

    #[test]
    fn requests(
        op in any_::op(), draft in any_::draft(), patch in any_::patch(), bulk in any_::bulk(), to in any_::placement(),
    ) {
        same(&op);
        same(&draft);
        same(&patch);
        same(&bulk);
        same(&to);
    }

    #[test]
    fn queues_that_outlive_a_page(
        pending_ops in vec(pending_op(), 0..3), rejected in vec((pending_op(), error(), option::of(any_::text())), 0..3),
    ) {
        let rejected = rejected.into_iter().map(|(pending_op, error, title)| RejectedOp { pending_op, error, title }).collect();
        same(&PersistedQueue { pending_ops, rejected, unreadable: Vec::new() });
    }

    #[test]
    fn refusals(error in error()) {
        same(&ErrorBody { error });
    }

    #[test]
    fn notifications(told in vec(any_::notification(), 0..4), more in any::<bool>(), unread in any::<u64>(), read in read()) {
        told.iter().for_each(same);
        same(&NotificationPage { notifications: told, more, unread });
        same(&read);
    }

    #[test]
    fn comments(
        comments in vec(any_::comment(), 0..4), ids in (option::of(any_::comment_id()), vec(any_::user_id(), 0..3)),
        text in any_::text(), flag in any::<bool>(), seq in any::<u64>(),
    ) {
        if let Some(comment) = comments.first() {
            same(comment);
            same(&CommentChanged { seq, comment: comment.clone(), watching: flag });
        }
        same(&Thread { comments, more: flag, newer: !flag, watching: !flag, seq });
        same(&CommentDraft { id: ids.0, body: text.clone(), mentions: ids.1 });
        same(&Preview { body: text.clone() });
        same(&Rendered { html: text });
        same(&Watching { watching: flag });
    }
}

#[test]
fn a_refusal_keeps_what_it_shows() {
    let error =
        ApiError::new(0, "description_conflict", "It changed.").with_current(serde_json::json!({ "a": [1, null] }));
    assert_eq!(again(&error), error);
}
