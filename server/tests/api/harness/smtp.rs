//! A mail server that stores what it receives.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use server::config::Config;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

/// Timeout of a letter.
const PATIENCE: Duration = Duration::from_secs(30);

/// A mail server.
pub(crate) struct SmtpServer {
    addr: SocketAddr,
    refusals: Arc<AtomicUsize>,
    manners: Arc<Mutex<Manners>>,
    letters: UnboundedReceiver<Letter>,
}

/// How it treats its clients.
#[derive(Debug, Default)]
struct Manners {
    /// Refused recipients, with the reply code.
    refused: HashMap<String, u16>,
    /// Whether it supports SMTPUTF8.
    utf8: bool,
    /// Whether it refuses everything.
    closed: bool,
    /// How often each recipient was named.
    asked: usize,
}

/// A received letter.
#[derive(Debug)]
pub(crate) struct Letter {
    /// The recipient of the envelope.
    pub(crate) to: String,
    /// Headers and text, unfolded and decoded.
    pub(crate) text: String,
}

impl SmtpServer {
    /// Starts one.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let (sender, letters) = unbounded_channel();
        let refusals = Arc::new(AtomicUsize::new(0));
        let (left, manners) = (Arc::clone(&refusals), Arc::<Mutex<Manners>>::default());
        let known = Arc::clone(&manners);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, sender.clone(), Arc::clone(&left), Arc::clone(&known)));
            }
        });
        Self { addr, refusals, manners, letters }
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("smtp://{}", self.addr)
    }

    /// The settings of a server that sends through it.
    pub(crate) fn settings(&self) -> impl Fn(&mut Config) + use<> {
        let url = self.url();
        move |config| {
            config.mail.smtp_url = Some(url.clone());
            config.mail.from = Some("Lockstep <lockstep@example.org>".into());
            config.public_url = Some("http://board.example.org".into());
        }
    }

    /// Refuses the next letters temporarily.
    pub(crate) fn refuse(&self, letters: usize) {
        self.refusals.store(letters, Ordering::Relaxed);
    }

    /// Refuses a recipient with this code, or accepts it again.
    pub(crate) fn refuse_recipient(&self, address: &str, code: Option<u16>) {
        let mut manners = self.manners.lock().expect("nobody panicked with it");
        match code {
            Some(code) => drop(manners.refused.insert(address.to_owned(), code)),
            None => drop(manners.refused.remove(address)),
        }
    }

    /// Supports SMTPUTF8 from now on.
    pub(crate) fn know_utf8(&self) {
        self.manners.lock().expect("nobody panicked with it").utf8 = true;
    }

    /// Refuses everything, or accepts again.
    pub(crate) fn close(&self, closed: bool) {
        self.manners.lock().expect("nobody panicked with it").closed = closed;
    }

    /// How often a recipient was named.
    pub(crate) fn asked(&self) -> usize {
        self.manners.lock().expect("nobody panicked with it").asked
    }

    /// The next letter.
    pub(crate) async fn letter(&mut self) -> Letter {
        timeout(PATIENCE, self.letters.recv()).await.expect("a letter comes in time").expect("it runs")
    }

    /// Whether no unread letter is left.
    pub(crate) fn is_empty(&mut self) -> bool {
        self.letters.is_empty()
    }
}

impl Letter {
    /// The token in a link to a page.
    pub(crate) fn token(&self, page: &str) -> String {
        let link = format!("/{page}#");
        let (_, rest) = self.text.split_once(&link).unwrap_or_else(|| panic!("no link to {page}: {}", self.text));
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = self.text.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name}: {}", self.text))
    }
}

async fn talk(
    stream: TcpStream,
    letters: UnboundedSender<Letter>,
    refusals: Arc<AtomicUsize>,
    manners: Arc<Mutex<Manners>>,
) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    // A client that disconnects half-way sent no letter.
    let _ = converse(&mut lines, &mut writer, &letters, &refusals, &manners).await;
}

async fn converse(
    lines: &mut Lines<BufReader<OwnedReadHalf>>,
    writer: &mut OwnedWriteHalf,
    letters: &UnboundedSender<Letter>,
    refusals: &AtomicUsize,
    manners: &Mutex<Manners>,
) -> std::io::Result<()> {
    let mut to = String::new();
    let Manners { utf8, closed, .. } = *manners.lock().expect("nobody panicked with it");
    if closed {
        return writer.write_all(b"554 no service here\r\n").await;
    }
    writer.write_all(b"220 test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer: &[u8] = match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" if utf8 => b"250-test\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n",
            "EHLO" => b"250-test\r\n250 8BITMIME\r\n",
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                let code = {
                    let mut manners = manners.lock().expect("nobody panicked with it");
                    manners.asked += 1;
                    manners.refused.get(&to).copied()
                };
                if let Some(code) = code {
                    writer.write_all(format!("{code} not that one\r\n").as_bytes()).await?;
                    continue;
                }
                b"250 ok\r\n"
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    text.push_str(&line);
                    text.push('\n');
                }
                let refused = refusals.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
                if refused.is_ok() {
                    b"451 later\r\n"
                } else {
                    // The receiver is gone once the test is over.
                    let _ = letters.send(Letter { to: to.clone(), text: decode(&text) });
                    b"250 ok\r\n"
                }
            }
            "QUIT" => return writer.write_all(b"221 bye\r\n").await,
            _ => b"250 ok\r\n",
        };
        writer.write_all(answer).await?;
    }
    Ok(())
}

/// Unfolds headers and decodes quoted-printable text, as far as the tests need it.
fn decode(text: &str) -> String {
    text.replace("\n ", " ").replace("=\n", "").replace("=3D", "=").replace("=C2=B7", "·")
}
