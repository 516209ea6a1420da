//! How does it look? Nobody but a person can say: `cargo test -- --ignored` writes files to `/tmp/render-out`.

use super::{Format, LOCALES, render, sample};
use crate::domain::locale::Locale;

#[test]
#[ignore = "writes files to look at"]
fn files_to_look_at() {
    let out = std::path::Path::new("/tmp/render-out");
    std::fs::create_dir_all(out).expect("a directory");
    let write = |name: String, report: &_, locale: Locale| {
        for format in Format::ALL {
            let file = render(report, format, locale).expect("a file");
            std::fs::write(out.join(format!("{name}.{}", format.extension())), file.bytes).expect("written");
        }
    };
    for locale in LOCALES {
        write(format!("quick-{}", locale.as_str()), &sample::quick(locale), locale);
        write(format!("deep-{}", locale.as_str()), &sample::deep(locale), locale);
    }
    let long = "palavra|*_#<b>".repeat(360);
    for (name, text) in [("word", long.as_str()), ("empty", ""), ("emoji", "🚀 日本 e\u{301} \u{202e}x\u{0}\n=1+1")]
    {
        write(format!("hostile-{name}"), &sample::hostile(text, f64::NAN), Locale::PtBr);
    }
}
