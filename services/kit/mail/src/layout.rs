//! How does a letter look?

use crate::letter::{Letter, Paragraph};

/// Width at which text is broken.
const WIDTH: usize = 72;

/// As plain text, with the link on a line of its own.
pub(crate) fn text(letter: &Letter, link: Option<&str>) -> String {
    let mut out = String::new();
    for paragraph in &letter.paragraphs {
        match paragraph {
            Paragraph::Text(text) => out.push_str(&wrapped(text)),
            Paragraph::Link(label) => {
                out.push_str(label);
                out.push_str(":\n");
                out.push_str(link.unwrap_or_default());
                out.push('\n');
            }
        }
        out.push('\n');
    }
    out
}

/// As HTML that needs nothing from elsewhere: no image, script or font tells anybody that it was opened.
pub(crate) fn html(letter: &Letter, link: Option<&str>) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\n\
         <body style=\"margin:0;padding:24px;background:#f5f5f4;color:#1c1917;font:16px/1.5 sans-serif\">\n\
         <div style=\"max-width:560px;margin:0 auto;padding:32px;background:#fff;border-radius:8px\">\n",
        escaped(&letter.locale),
        escaped(&letter.subject)
    );
    for paragraph in &letter.paragraphs {
        match paragraph {
            Paragraph::Text(text) => out.push_str(&format!("<p>{}</p>\n", escaped(text))),
            Paragraph::Link(label) => {
                let link = escaped(link.unwrap_or_default());
                out.push_str(&format!(
                    "<p><a href=\"{link}\" style=\"display:inline-block;padding:12px 20px;background:#1d4ed8;color:#fff;\
                     text-decoration:none;border-radius:6px\">{}</a></p>\n\
                     <p style=\"font-size:13px;color:#57534e;word-break:break-all\">{link}</p>\n",
                    escaped(label)
                ));
            }
        }
    }
    out.push_str("</div></body></html>\n");
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn wrapped(text: &str) -> String {
    let (mut out, mut column) = (String::new(), 0);
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        let long = "word ".repeat(40);
        Letter {
            locale: "en".to_owned(),
            subject: "Hi".to_owned(),
            paragraphs: vec![
                Paragraph::Text(format!("<b>Ana</b> & {}", long.trim())),
                Paragraph::Link("Confirm".to_owned()),
            ],
        }
    }

    #[test]
    fn what_people_chose_is_shown_and_not_obeyed() {
        let html = html(&letter(), Some("https://x.example/?a=1&b=\"2\""));
        assert!(html.contains("&lt;b&gt;Ana&lt;/b&gt; &amp;") && !html.contains("<b>"), "{html}");
        assert!(html.contains("href=\"https://x.example/?a=1&amp;b=&quot;2&quot;\""), "{html}");
        assert!(!html.contains("src=") && !html.contains("<script"), "{html}");
    }

    #[test]
    fn text_is_broken_and_the_link_is_not() {
        let link = format!("https://x.example/{}", "a".repeat(100));
        let text = text(&letter(), Some(&link));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH || line == link), "{text}");
        assert!(text.contains(&format!("Confirm:\n{link}\n")), "{text}");
    }
}
