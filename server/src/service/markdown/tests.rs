use engine::Role;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn member(number: u128, name: &str) -> Member {
    let user_id = UserId::new(Uuid::from_u128(number));
    Member {
        user_id,
        name: name.into(),
        email: format!("{number}@example.org"),
        role: Role::Editor,
        former: false,
        place: None,
    }
}

fn html(text: &str) -> String {
    render(text, &[member(1, "Ann")], &[]).unwrap().html.trim().to_owned()
}

#[test]
fn markdown_becomes_html() {
    for (text, wanted) in [
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>"),
        ("a\\\nb\nc", "<p>a<br>b<br>c</p>"),
        ("# a", "<h1>a</h1>"),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("```rust\nlet a = 1 < 2;\n```", "<pre tabindex=\"0\"><code>let a = 1 &lt; 2;\n</code></pre>"),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
    ] {
        assert_eq!(html(text), wanted, "{text}");
    }
    let tasks = html("- [ ] a\n- [x] b");
    assert!(tasks.contains(r#"<input disabled="" type="checkbox" aria-label="a">"#), "{tasks}");
    assert!(tasks.contains(r#"<input disabled="" type="checkbox" checked="" aria-label="b">"#), "{tasks}");
    let table = html("|a|b|\n|-|-:|\n|1|2|");
    assert!(table.contains("<th>a</th>") && table.contains("<td>2</td>") && !table.contains("style"), "{table}");
}

#[test]
fn a_check_box_is_labelled_by_its_text_and_located_in_the_source() {
    let text = "Über *all*:\n\n- [ ] **Buy** `milk` > \"now\"\n  - [x] two\n    lines\n\n  - [X] loose\n\n\
                1. [ ] @Ann\n\n```\n- [ ] code\n```\n\n> - [ ] quoted\n\n[ ] none, - [ ] none";
    let html = html(text);
    let names: Vec<&str> =
        html.split("aria-label=\"").skip(1).filter_map(|rest| rest.split_once('"').map(|(name, _)| name)).collect();
    let marks: Vec<&str> = boxes(text).iter().filter_map(|at| text.get(*at as usize..*at as usize + 3)).collect();
    assert_eq!(names, ["Buy milk &gt; &quot;now&quot;", "two lines", "loose", "@Ann", "quoted"], "{html}");
    assert_eq!(marks, ["[ ]", "[x]", "[X]", "[ ]", "[ ]"]);
}

#[test]
fn a_quotation_has_the_words_without_the_markup() {
    let quoted = |text| words(text).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        quoted("Look at\n\n**this** `--force`, [there](https://example.org) & ~~not~~"),
        "Look at this --force, there & not"
    );
    assert_eq!(quoted("# Plan\n- one\n- two\n\n| a | b |\n|---|---|\n| c | d |"), "Plan one two a b c d");
    assert_eq!(quoted("<b>@Ann</b> 2 * 3 = 6"), "<b>@Ann</b> 2 * 3 = 6");
}

#[test]
fn an_external_link_reveals_nothing_of_this_server() {
    let link = |address: &str, text: &str| {
        format!(r#"<a href="{address}" target="_blank" rel="noopener noreferrer nofollow">{text}</a>"#)
    };
    for (text, wanted) in [
        ("[a](https://example.org)", link("https://example.org", "a")),
        ("<https://example.org>", link("https://example.org", "https://example.org")),
        (
            "see https://example.org/a_b_c?d=1&e=2.",
            format!("see {}.", link("https://example.org/a_b_c?d=1&amp;e=2", "https://example.org/a_b_c?d=1&amp;e=2")),
        ),
        ("[https://one.example](https://two.example)", link("https://two.example", "https://one.example")),
        ("![a cat](https://example.org/cat.png)", link("https://example.org/cat.png", "a cat")),
        ("![](https://example.org/cat.png)", link("https://example.org/cat.png", "https://example.org/cat.png")),
        ("[![a cat](https://example.org/cat.png)](https://example.org)", link("https://example.org", "a cat")),
    ] {
        assert_eq!(html(text), format!("<p>{wanted}</p>"), "{text}");
    }
    assert_eq!(html("`https://example.org`"), "<p><code>https://example.org</code></p>");
}

#[test]
fn html_is_shown_as_text() {
    for text in [
        "<script>alert(1)</script>",
        "a <script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b onclick=alert(1)>b</b>",
        "</textarea><script>alert(1)</script>",
        "<svg/onload=alert(1)>",
        "<!-- a -->",
        "<style>*{display:none}</style>",
        "<iframe src=\"javascript:alert(1)\">",
        "```\n</code></pre><script>alert(1)</script>\n```",
        "`<script>`",
        "[<img src=x onerror=alert(1)>](https://example.org)",
    ] {
        let html = html(text);
        let shown = Builder::empty().clean(&html).to_string();
        assert!(html.contains("&lt;"), "{text}: {html}");
        for tag in ["<script", "<img", "<b ", "<svg", "<style", "<iframe", "</textarea", "<!--"] {
            assert!(!html.contains(tag), "{text}: {html}");
        }
        assert!(shown.contains("&lt;"), "{text}: {shown}");
    }
}

#[test]
fn only_web_addresses_become_links() {
    for text in [
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](java\u{1}script:alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a](vbscript:a)",
        "[a](data:text/html,<script>alert(1)</script>)",
        "[a](file:///etc/passwd)",
        "<javascript:alert(1)>",
        "[a]\n\n[a]: javascript:alert(1)",
        "javascript://example.org/%0aalert(1)",
        "![a](javascript:alert(1))",
    ] {
        assert!(!html(text).contains("href"), "{text}: {}", html(text));
    }
    let quoted = html(r#"[a](https://example.org 'b" onmouseover="alert(1)')"#);
    assert!(quoted.contains(r#"title="b&quot; onmouseover=&quot;alert(1)""#), "{quoted}");
}

#[test]
fn an_address_with_a_host_is_written_in_full() {
    let out =
        |address: &str| format!(r#"<a href="{address}" target="_blank" rel="noopener noreferrer nofollow">a</a>"#);
    for (text, address) in [
        ("[a](//evil.example)", "https://evil.example/"),
        ("[a](///evil.example)", "https://evil.example/"),
        (r"[a](</\evil.example>)", "https://evil.example/"),
        (r"[a](<\\\\evil.example>)", "https://evil.example/"),
        (r"[a](<\\/evil.example>)", "https://evil.example/"),
        ("[a](/&Tab;/evil.example)", "https://evil.example/"),
        ("[a](/&#10;/evil.example)", "https://evil.example/"),
        ("[a]\n\n[a]: //evil.example", "https://evil.example/"),
        ("![a](//evil.example)", "https://evil.example/"),
        ("[a](https:evil.example)", "https://evil.example/"),
        ("[a](/%09/evil.example)", "/%09/evil.example"),
        ("[a](/projects/1)", "/projects/1"),
        ("[a](mailto:ann@example.org)", "mailto:ann@example.org"),
    ] {
        assert_eq!(html(text), format!("<p>{}</p>", out(address)), "{text}");
    }
    assert_eq!(html("[a](/.//evil.example)"), "<p>a</p>");
    assert!(html("<ann@example.org>").contains(r#"href="mailto:ann@example.org""#));
}

#[test]
fn a_mention_is_marked_and_returned() {
    let people = [member(1, "Ann"), member(2, "Bob <b>"), member(3, "Cyd"), member(4, "Cyd")];
    let rendered = |text: &str, chosen: &[UserId]| render(text, &people, chosen).unwrap();
    let ids: Vec<UserId> = people.iter().map(|member| member.user_id).collect();
    let Prose { html, mentioned } = rendered("*@ann*, @Bob <b> and @Ann", &[]);
    assert_eq!(mentioned, ids[..2]);
    let ann = format!(r#"<span class="mention" data-user-id="{}">@Ann</span>"#, ids[0]);
    assert!(html.contains(&format!("<em>{ann}</em>")), "{html}");
    assert!(!html.contains("<b>"), "{html}");

    let both = rendered("@Cyd", &[]);
    assert_eq!(both.mentioned, ids[2..]);
    assert!(both.html.contains(&format!(r#"data-user-id="{} {}""#, ids[2], ids[3])), "{}", both.html);
    assert_eq!(rendered("@Cyd", &ids[3..]).mentioned, ids[3..]);
    for text in ["`@Ann`", "```\n@Ann\n```", "[@Ann](https://example.org)", "https://example.org/@Ann", "a@Ann"] {
        assert!(rendered(text, &[]).mentioned.is_empty(), "{text}");
    }
}

#[test]
fn mentions_and_check_boxes_cannot_be_written_as_html() {
    let html = html(r#"<span class="mention" data-user-id="x">@Boss</span> <input type="checkbox">"#);
    assert!(!html.contains("<span") && !html.contains("<input"), "{html}");
}

/// Texts of maximum length that expand a lot when rendered: rendering stays fast and small.
#[test]
fn deep_or_expanding_markup_is_flattened_or_refused() {
    let full = |piece: &str| piece.repeat(engine::limit::COMMENT / piece.len());
    for piece in [
        ">", "> ", "- ", "1. ", "*a ", "**a", "[", "![", "[a](", "](a)", "`", "``` ", "<", "&", "\\", "_", "~~", "|",
        "@", "@Ann ",
    ] {
        if let Ok(Prose { html, .. }) = render(&full(piece), &[member(1, "Ann")], &[]) {
            let (mut depth, mut deepest) = (0_i32, 0);
            for (at, _) in html.match_indices('<') {
                let void = ["<br", "<hr", "<input"].iter().any(|tag| html[at..].starts_with(tag));
                depth += if html[at..].starts_with("</") { -1 } else { i32::from(!void) };
                deepest = deepest.max(depth);
            }
            assert!(
                html.len() <= BYTES && deepest <= DEPTH as i32 + 4,
                "{piece}: {} bytes, {deepest} deep",
                html.len()
            );
        }
    }
    let table = format!("{}\n{}\n{}", "|a".repeat(1500), "|-".repeat(1500), "|a\n".repeat(1300));
    assert!(render(&table, &[], &[]).is_err(), "a row for each line, with a cell for each column");
    assert!(render(&full("@Ann "), &[member(1, "Ann")], &[]).is_err());
}

proptest! {
    /// Whatever the text, a browser finds only permitted tags in the output, and parses them as intended.
    #[test]
    fn the_html_is_clean(
        text in "([a-z<>/\"'=&;:()\\[\\]!`*_~|@#. \n\t\\\\-]|<script>|</textarea>|javascript:|https://|@Ann|&lt;|onerror=|<!--|\\|-\\||\n- \\[ \\] |\n1\\. \\[x\\] ){0,60}"
    ) {
        if let Ok(Prose { html, .. }) = render(&text, &[member(1, "Ann")], &[]) {
            prop_assert_eq!(CLEANER.clean(&html).to_string(), html.clone());
            prop_assert_eq!(html.matches("<input ").count(), boxes(&text).len(), "each box is found in the source");
            let lower = html.to_lowercase();
            prop_assert!(!lower.contains("<script") && !lower.contains("</textarea") && !lower.contains("href=\"javascript"));
        }
    }
}

#[test]
fn a_chosen_mention_names_its_user_in_any_context() {
    let people = [member(1, "李小龍"), member(2, "Bob"), member(3, "Bob"), member(4, "A [b] *c*")];
    let id = |number: u128| Uuid::from_u128(number);
    let chosen = |name: &str, number: u128| {
        let text = format!("@{name}");
        let place = 0..text.len();
        mention::encode(&text, &[mention::ChosenMention { place, user: UserId::new(id(number)) }])
    };
    let render = |text: &str| render(text, &people, &[]).unwrap();
    let span =
        |name: &str, number: u128| format!(r#"<span class="mention" data-user-id="{}">@{name}</span>"#, id(number));
    for (text, html, mentioned) in [
        (format!("你好{}你好", chosen("李小龍", 1)), format!("<p>你好{}你好</p>", span("李小龍", 1)), vec![1]),
        (
            format!("{} {}", chosen("Bob", 3), chosen("Bob", 2)),
            format!("<p>{} {}</p>", span("Bob", 3), span("Bob", 2)),
            vec![3, 2],
        ),
        // Their current name.
        (chosen("Robert", 2), format!("<p>{}</p>", span("Bob", 2)), vec![2]),
        (
            format!("**{}**", chosen("A [b] *c*", 4)),
            format!("<p><strong>{}</strong></p>", span("A [b] *c*", 4)),
            vec![4],
        ),
        (chosen("Stranger", 9), "<p>@Stranger</p>".to_owned(), vec![]),
        (format!("`{}`", chosen("Bob", 2)), "<p><code>@Bob</code></p>".to_owned(), vec![]),
    ] {
        let shown = render(&text);
        let mentioned: Vec<UserId> = mentioned.into_iter().map(|number| UserId::new(id(number))).collect();
        assert_eq!((shown.html.trim(), shown.mentioned), (html.as_str(), mentioned), "{text}");
    }
    let block = render(&format!("```\n{} {}\n```", chosen("Bob", 2), chosen("A_b", 4)));
    assert!(block.html.contains("@Bob @A_b") && block.mentioned.is_empty(), "{}", block.html);
    assert_eq!(words(&format!("Hi {}, `{}`", chosen("Bob", 2), chosen("A_b", 4))), " Hi @Bob, @A_b");
}

#[test]
fn a_line_break_stays_a_single_one() {
    assert_eq!(html("one\ntwo\n\nthree"), "<p>one<br>two</p>\n<p>three</p>");
    assert_eq!(html("- one\n  two"), "<ul>\n<li>one<br>two</li>\n</ul>");
    assert_eq!(html("`a\nb`"), "<p><code>a b</code></p>");
}
