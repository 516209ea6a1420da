//! A letter box: the folder into which the service writes letters, and what people find in it.

use crate::house::House;
use std::time::Duration;
use tempfile::TempDir;
use workspace::Letters;

pub struct Post(TempDir);

/// A letter as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub to: String,
    pub subject: String,
    /// Of its link.
    pub token: String,
    /// All of it, with line ends and soft breaks taken out.
    pub text: String,
}

impl Post {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub fn letters(&self) -> Letters {
        let mailer = mail::Mailer::folder(&mail::Config::default(), self.folder()).expect("a folder");
        Letters { mailer, link_base: "https://app.example.com".to_owned() }
    }

    /// From now on nothing arrives: there is a file where the folder was.
    pub fn lose(&self) {
        std::fs::remove_dir_all(self.folder()).ok();
        std::fs::write(self.folder(), "").expect("a file");
    }

    /// It is there again.
    pub fn find(&self) {
        std::fs::remove_file(self.folder()).expect("the file");
        std::fs::create_dir(self.folder()).expect("a folder");
    }

    fn folder(&self) -> std::path::PathBuf {
        self.0.path().join("mail")
    }

    /// Takes out what has arrived.
    pub fn read(&self) -> Vec<Arrived> {
        let Ok(folder) = std::fs::read_dir(self.folder()) else { return vec![] };
        let files = folder.flatten().map(|entry| entry.path());
        let read = |path: std::path::PathBuf| {
            let raw = std::fs::read_to_string(&path).expect("a letter");
            std::fs::remove_file(&path).expect("it was there");
            arrived(&raw)
        };
        files.filter(|path| path.extension().is_some_and(|ending| ending == "eml")).map(read).collect()
    }
}

impl House {
    /// The next letter. The service sends by itself every second; here nobody waits for that.
    pub async fn letter(&self) -> Arrived {
        for _ in 0..100 {
            self.service.send_letters().await.expect("a round");
            if let Some(letter) = self.post.read().pop() {
                return letter;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no letter came");
    }
}

fn arrived(raw: &str) -> Arrived {
    let text = raw.replace("=\r\n", "").replace("=3D", "=");
    let header = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_default().trim().to_owned()
    };
    let token = text.split("?token=").nth(1).unwrap_or_default();
    let token = token.chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect();
    Arrived { to: header("To"), subject: header("Subject"), token, text }
}
