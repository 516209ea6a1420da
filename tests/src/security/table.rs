//! The rows: read strictly, and compared with the requirements that there are.

use serde::Deserialize;
use std::{collections::BTreeMap, path::Path};

/// A requirement and what the product has for it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Which requirement, as its publisher numbers it.
    pub id: String,
    /// From which level of the ASVS on it is asked for. The API Top 10 has no levels.
    pub level: Option<u8>,
    /// How the product fulfils it.
    pub holds: Option<String>,
    /// The feature that the requirement is about and that the product does not have.
    pub absent: Option<String>,
    /// Tests that show it: `path::function`, with modules in between where they are needed.
    #[serde(default)]
    pub tests: Vec<String>,
}

/// A table, and the requirements of which it must have one row each.
#[derive(Debug)]
pub struct Table {
    /// The rows of all its files.
    pub rows: Vec<Row>,
    /// Each requirement with its level.
    pub asked: BTreeMap<String, Option<u8>>,
}

/// Words that say that somebody else fulfils a requirement, or nobody.
const EXCUSES: &[&str] =
    &["documented", "operator", "deployment", "n/a", "not applicable", "out of scope", "accepted", "later"];

/// The rows of one file.
pub fn read(path: &Path) -> Result<Vec<Row>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    yaml_serde::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}

impl Table {
    /// The ASVS: a file for each chapter, and the list of ids.
    pub fn asvs(folder: &Path) -> Result<Self, String> {
        let list = std::fs::read_to_string(folder.join("ids.csv")).map_err(|e| format!("ids.csv: {e}"))?;
        let asked = list.lines().skip(1).map(|line| {
            let (id, level) = line.split_once(',').ok_or_else(|| format!("ids.csv: {line}"))?;
            Ok((id.to_owned(), Some(level.parse().map_err(|_| format!("ids.csv: {line}"))?)))
        });
        let asked = asked.collect::<Result<_, String>>()?;
        let mut files: Vec<_> = std::fs::read_dir(folder.join("asvs")).map_err(|e| e.to_string())?.flatten().collect();
        files.sort_by_key(std::fs::DirEntry::path);
        let mut rows = vec![];
        for file in files {
            let path = file.path();
            let chapter = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().replacen("V0", "V", 1);
            let own = read(&path)?;
            if let Some(stray) = own.iter().find(|row| !row.id.starts_with(&format!("{chapter}."))) {
                return Err(format!("{} stands in the file of {chapter}", stray.id));
            }
            rows.extend(own);
        }
        Ok(Self { rows, asked })
    }

    /// The API Security Top 10 of 2023.
    pub fn api(folder: &Path) -> Result<Self, String> {
        let asked = (1..=10).map(|n| (format!("API{n}:2023"), None)).collect();
        Ok(Self { rows: read(&folder.join("api-top-10.yaml"))?, asked })
    }

    /// What is wrong with the rows as such. Of the requirements in `open` it is known that they do not hold yet.
    pub fn faults(&self, open: &[&str]) -> Vec<String> {
        let mut faults = vec![];
        for id in self.asked.keys() {
            let rows = self.rows.iter().filter(|row| row.id == *id).count();
            match (rows, open.contains(&id.as_str())) {
                (0, false) => faults.push(format!("{id} has no row")),
                (2.., _) => faults.push(format!("{id} has {rows} rows")),
                (1, true) => faults.push(format!("{id} has a row and is said to be open")),
                _ => {}
            }
        }
        faults.extend(
            open.iter().filter(|id| !self.asked.contains_key(**id)).map(|id| format!("{id} is no requirement")),
        );
        let out_of_order = self.rows.windows(2).filter(|pair| place(&pair[0].id) >= place(&pair[1].id));
        faults.extend(out_of_order.map(|pair| format!("{} comes before {}", pair[0].id, pair[1].id)));
        faults.extend(self.rows.iter().filter_map(|row| Some(format!("{}: {}", row.id, self.fault(row)?))));
        faults
    }

    fn fault(&self, row: &Row) -> Option<String> {
        let Some(level) = self.asked.get(&row.id) else { return Some("is no requirement".to_owned()) };
        if row.level != *level {
            return Some(format!("is of level {level:?} and not {:?}", row.level));
        }
        match (&row.holds, &row.absent, row.tests.as_slice()) {
            (Some(how), None, [_, ..]) if how.len() >= 15 => None,
            (Some(_), None, [_, ..]) => Some("says next to nothing about how it holds".to_owned()),
            (Some(_), None, []) => Some("holds without a test".to_owned()),
            (None, Some(what), []) => {
                let what = what.to_lowercase();
                let excuse = EXCUSES.iter().find(|excuse| what.contains(**excuse));
                let excuse =
                    excuse.map(|excuse| format!("only a feature that is not there excuses it, and not “{excuse}”"));
                excuse.or_else(|| (!what.starts_with("no ")).then(|| "an absent feature is told as “no …”".to_owned()))
            }
            _ => Some("has either `holds` and `tests`, or `absent`".to_owned()),
        }
    }
}

/// `V10.4.11` behind `V10.4.2`.
fn place(id: &str) -> Vec<u32> {
    id.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &str) -> Table {
        let asked = [("V1.2.1".to_owned(), Some(1)), ("V1.2.10".to_owned(), Some(2))].into();
        Table { rows: yaml_serde::from_str(rows).unwrap(), asked }
    }

    const FIRST: &str = "- {id: V1.2.1, level: 1, holds: Somebody looks at each., tests: [a.rs::b]}\n";

    #[test]
    fn a_whole_table_has_no_faults() {
        let whole = table(&format!("{FIRST}- {{id: V1.2.10, level: 2, absent: no wings}}"));
        assert_eq!(whole.faults(&[]), Vec::<String>::new());
        assert_eq!(table(FIRST).faults(&["V1.2.10"]), Vec::<String>::new());
    }

    #[test]
    fn each_fault_is_found() {
        let cases = [
            ("[]", "V1.2.1 has no row"),
            (
                "- {id: V1.2.1, level: 1, absent: no wings}\n- {id: V1.2.1, level: 1, absent: no wings}",
                "V1.2.1 has 2 rows",
            ),
            ("- {id: V9.9.9, level: 1, absent: no wings}", "V9.9.9: is no requirement"),
            ("- {id: V1.2.1, level: 2, absent: no wings}", "V1.2.1: is of level Some(1) and not Some(2)"),
            ("- {id: V1.2.1, level: 1, holds: Somebody looks at each.}", "V1.2.1: holds without a test"),
            (
                "- {id: V1.2.1, level: 1, holds: Yes., tests: [a.rs::b]}",
                "V1.2.1: says next to nothing about how it holds",
            ),
            (
                "- {id: V1.2.1, level: 1, absent: no wings, tests: [a.rs::b]}",
                "V1.2.1: has either `holds` and `tests`, or `absent`",
            ),
            ("- {id: V1.2.1, level: 1}", "V1.2.1: has either `holds` and `tests`, or `absent`"),
            ("- {id: V1.2.1, level: 1, absent: no matter}", "V1.2.10 has no row"),
            ("- {id: V1.2.1, level: 1, absent: wings}", "V1.2.1: an absent feature is told as “no …”"),
            (
                "- {id: V1.2.1, level: 1, absent: no need as it is Documented}",
                "V1.2.1: only a feature that is not there excuses it, and not “documented”",
            ),
            (
                "- {id: V1.2.10, level: 2, absent: no wings}\n- {id: V1.2.1, level: 1, absent: no wings}",
                "V1.2.10 comes before V1.2.1",
            ),
        ];
        for (rows, fault) in cases {
            let faults = table(rows).faults(&[]);
            assert!(faults.iter().any(|found| found == fault), "{rows}: {faults:?}");
        }
        assert!(table(FIRST).faults(&["V1.2.1"]).contains(&"V1.2.1 has a row and is said to be open".to_owned()));
        assert!(table(FIRST).faults(&["V7"]).contains(&"V7 is no requirement".to_owned()));
    }

    #[test]
    fn an_unknown_field_is_no_row() {
        assert!(yaml_serde::from_str::<Vec<Row>>("- {id: V1.2.1, level: 1, reason: none}").is_err());
    }
}
