use super::*;

fn draft(id: &str, text: &str) -> StoredDraft {
    StoredDraft { id: id.to_owned(), at: 5, text: text.to_owned(), note: Some("7".to_owned()) }
}

#[test]
fn drafts_round_trip() {
    let mut list = DraftList::default();
    list.upsert(draft("a", "One “quoted”\nline 🂡"));
    list.upsert(StoredDraft { note: None, ..draft("b", "Two") });
    let text = list.to_text().expect("two drafts");
    assert_eq!(DraftList::parse(&text), list);
    for broken in ["", "{", "7", "[1, {\"id\": 2}]", "null"] {
        assert_eq!(DraftList::parse(broken), DraftList::default(), "{broken}");
    }
}

#[test]
fn an_editing_has_one_draft_and_an_empty_text_has_none() {
    let mut list = DraftList::default();
    list.upsert(draft("a", "O"));
    list.upsert(draft("b", "Other"));
    list.upsert(draft("a", "One"));
    assert_eq!(list.0, [draft("b", "Other"), draft("a", "One")]);
    list.upsert(draft("a", " "));
    list.remove("b");
    assert_eq!(list.to_text(), None);
    for n in 0..=MOST {
        list.upsert(draft(&n.to_string(), "text"));
    }
    assert_eq!((list.0.len(), list.0[0].id.as_str()), (MOST, "1"));
}

#[test]
fn drafts_that_are_shown_or_being_typed_are_not_offered() {
    let mut list = DraftList::default();
    list.upsert(draft("a", "Older"));
    list.upsert(draft("b", "Newer"));
    assert_eq!(list.offer(None, "Saved"), Some(&draft("b", "Newer")));
    assert_eq!(list.offer(Some("b"), "Newer"), Some(&draft("a", "Older")));
    assert_eq!(list.offer(Some("a"), " Newer\n"), None);
}

#[test]
fn a_key_names_the_user_the_field_and_the_card() {
    let user = UserId::new(uuid::Uuid::nil());
    assert_eq!(key(user, "title", "7"), format!("draft:{user}:title:7"));
}
