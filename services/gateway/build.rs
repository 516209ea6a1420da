//! Lists the dialects: each that a kind of provider names in `proto/providers/*.json` is the file of its name below
//! `src/provider`. So a new one is registered by being there.

use std::{collections::BTreeSet, env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    #[expect(clippy::disallowed_methods, reason = "this is how cargo tells a build script where it is")]
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).ok_or(format!("cargo sets {name}"));
    let (here, out) = (folder("CARGO_MANIFEST_DIR")?, folder("OUT_DIR")?);
    let kinds = here.join("../../proto/providers");
    println!("cargo::rerun-if-changed={}", kinds.display());
    let mut dialects = BTreeSet::new();
    for entry in fs::read_dir(&kinds)? {
        let path = entry?.path();
        let kind: serde_json::Value = serde_json::from_slice(&fs::read(&path)?)?;
        dialects.insert(kind["dialect"].as_str().ok_or(format!("{}: no dialect", path.display()))?.to_owned());
    }
    let modules: String = dialects.iter().map(|name| format!("    pub(crate) mod {name};\n")).collect();
    let rows: String = dialects.iter().map(|name| format!("        ({name:?}, {name}::open),\n")).collect();
    // A path on the module around them, so that each finds its own modules in the folder of its name.
    let source = format!(
        "#[path = {:?}]\nmod dialects {{\n    use super::*;\n{modules}    pub(super) const DIALECTS: &[(&str, Open)] = &[\n{rows}    ];\n}}\n",
        here.join("src/provider")
    );
    fs::write(out.join("dialects.rs"), source)?;
    Ok(())
}
