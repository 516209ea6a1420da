//! A letter box: the folder into which the service writes letters, and what people do with them.

use identity::Letters;
use mail::Mailer;
use tempfile::TempDir;

pub struct Post(TempDir);

/// A letter as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub to: String,
    pub subject: String,
    /// Of its link; empty without one.
    pub token: String,
    /// All of it, with line ends and soft breaks taken out.
    pub text: String,
}

impl Post {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub fn letters(&self) -> Letters {
        let mailer = Mailer::folder(&mail::Config::default(), self.0.path().to_owned()).expect("a folder");
        Letters { mailer, link_base: "https://app.example.com".to_owned() }
    }

    /// All letters that have arrived and were not read before.
    fn read(&self) -> Vec<Arrived> {
        let mut files: Vec<_> =
            std::fs::read_dir(self.0.path()).expect("a folder").flatten().map(|e| e.path()).collect();
        // Named by uuids v7: the order of their names is that of time.
        files.sort();
        let read = |path: std::path::PathBuf| {
            let raw = std::fs::read_to_string(&path).expect("a letter");
            std::fs::remove_file(&path).expect("it was there");
            arrived(&raw)
        };
        files.into_iter().map(read).collect()
    }

    /// The letters that a round of the service brings.
    pub async fn round(&self, service: &identity::Identity) -> Vec<Arrived> {
        service.send_letters().await.expect("a round");
        self.read()
    }
}

fn arrived(raw: &str) -> Arrived {
    let text = raw.replace("=\r\n", "").replace("=3D", "=");
    let header = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_default().trim().to_owned()
    };
    let token = text.split("?token=").nth(1).or_else(|| text.split("?invitation=").nth(1)).unwrap_or_default();
    let token = token.chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect();
    Arrived { to: header("To"), subject: header("Subject"), token, text }
}
