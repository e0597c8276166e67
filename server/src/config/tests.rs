//! Settings from flags and variables.

use clap::{CommandFactory as _, Parser};

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    config: Config,
}

fn parse(flags: &[&str]) -> Result<Config, String> {
    Line::try_parse_from(std::iter::once("lockstep").chain(flags.iter().copied()))
        .map(|line| line.config)
        .map_err(|error| error.to_string())
}

#[test]
fn every_variable_is_in_the_example_file_and_in_the_guide() {
    let example = include_str!("../../../.env.example");
    let guide = include_str!("../../../docs/configuration.md");
    let command = Line::command();
    let settings: Vec<_> =
        command.get_arguments().filter_map(|arg| Some((arg, arg.get_env()?.display().to_string()))).collect();
    assert!(settings.len() > 10, "the settings lost their variables");
    for (arg, variable) in &settings {
        let line = format!("{variable}=");
        assert!(
            example.lines().any(|text| text.trim_start_matches("# ").starts_with(&line)),
            "{line} is missing in .env.example"
        );
        let default = arg.get_default_values().iter().map(|value| format!("`{}`", value.display())).next();
        let row = format!("| `{variable}` | {}", default.unwrap_or_default());
        assert!(guide.lines().any(|text| text.starts_with(&row)), "no row of docs/configuration.md begins with {row}");
    }
    for row in guide.lines().filter(|line| line.starts_with("| `")) {
        let variable = row.split('`').nth(1);
        assert!(settings.iter().any(|(_, known)| Some(known.as_str()) == variable), "there is no such setting: {row}");
    }
}

#[test]
fn the_database_defaults_to_a_file_in_the_data_folder() {
    assert_eq!(parse(&["--data-dir", "/x"]).unwrap().database_url(), "sqlite:/x/lockstep.db");
    let url = "postgres://me@db/lockstep";
    assert_eq!(parse(&["--database-url", url]).unwrap().database_url(), url);
}

#[test]
fn an_invalid_value_is_reported_with_what_was_expected() {
    for (flags, expected) in [
        (["--database-url", "mysql://db"], "sqlite:<path> or postgres://"),
        (["--redis-url", "localhost"], "redis://<host>:<port>"),
        (["--metrics-token", "short"], "at least 16 letters"),
        (["--source-url", "javascript:alert(1)"], "https://git.example.org"),
        (["--allowed-origins", "example.org/x"], "https://board.example.org"),
        (["--smtp-url", "mail.example.org"], "smtps://user:password@host"),
        (["--mail-from", "Lockstep"], "Lockstep <lockstep@example.org>"),
        (["--secret", "short"], "at least 32 characters"),
        (["--addr", "3000"], "--addr <IP:PORT>"),
        (["--log-retention-days", "6"], "at least 7 days"),
        (["--auth-limit", "many"], "--auth-limit <COUNT>"),
        (["--durability", "some"], "[possible values: full, normal]"),
        (["--proxy-networks", "10.0.0.0/33"], "10.0.0.0/8"),
        (["--database-readers", "0"], "--database-readers <COUNT>"),
    ] {
        let message = parse(&flags).unwrap_err();
        assert!(message.contains(expected), "{flags:?}: {message}");
    }
}

#[test]
fn origins_are_a_list_without_a_trailing_slash() {
    let config = parse(&["--allowed-origins", "https://A.example/,http://b.example:81"]).unwrap();
    assert_eq!(config.allowed_origins, ["https://a.example", "http://b.example:81"]);
}
