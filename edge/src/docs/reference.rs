//! The reference: every operation of the API description, by tag, with an example for the command line.

use super::{
    html::{self, Escaped, Prose},
    schema::{self, Schemas},
};
use crate::openapi::METHODS;
use serde_json::Value;
use std::fmt::Write as _;
use utoipa::openapi::OpenApi as Document;

/// An operation with where it is.
struct Operation<'a> {
    method: &'static str,
    path: &'a str,
    it: &'a Value,
}

/// The page.
pub(crate) fn reference(document: &Document) -> String {
    let document = serde_json::to_value(document).unwrap_or_default();
    let (schemas, operations) = (Schemas::of(&document), operations(&document));
    let (mut menu, mut content) = (String::new(), String::new());
    for tag in document["tags"].as_array().into_iter().flatten() {
        let name = text(tag, "name");
        let tagged: Vec<_> = operations.iter().filter(|operation| operation.it["tags"][0] == name).collect();
        let (id, about) = (anchor(name), Prose(text(tag, "description")));
        write!(menu, "<li><a href=\"#{id}\">{}</a><ul>", Escaped(name)).expect("writing to a string");
        writeln!(content, "<h2 id=\"{id}\">{}</h2><p>{about}</p>", Escaped(name)).expect("writing to a string");
        for operation in tagged {
            let (id, summary) = (text(operation.it, "operationId"), Prose(text(operation.it, "summary")));
            write!(menu, "<li><a href=\"#{id}\">{summary}</a></li>").expect("writing to a string");
            operation.write(&schemas, &mut content);
        }
        menu.push_str("</ul></li>\n");
    }
    let (title, about) = (text(&document["info"], "title"), Prose(text(&document["info"], "description")));
    html::page("Reference", &format!("<h1>{title}</h1><p>{about}</p>\n<ul>\n{menu}</ul>\n{content}"))
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            METHODS.iter().filter_map(move |(_, method)| Some(Operation { method, path, it: item.get(method)? }))
        })
        .collect()
}

impl Operation<'_> {
    fn write(&self, schemas: &Schemas<'_>, out: &mut String) {
        let (id, summary) = (text(self.it, "operationId"), Prose(text(self.it, "summary")));
        let (method, path) = (self.method.to_uppercase(), Escaped(self.path));
        writeln!(
            out,
            "<h3 id=\"{id}\">{summary}</h3>\n<p><span class=\"method\">{method}</span> <code>{path}</code></p>\n\
             <p>{}</p>",
            Prose(text(self.it, "description"))
        )
        .expect("writing to a string");
        self.parameters(out);
        let body = &self.it["requestBody"]["content"]["application/json"]["schema"];
        if !body.is_null() {
            out.push_str("<h4>Body</h4>\n");
            schemas.fields(body, "optional", out);
        }
        self.answers(schemas, out);
        writeln!(out, "<h4>Example</h4>\n<pre><code>{}</code></pre>", Escaped(&self.curl(schemas)))
            .expect("writing to a string");
    }

    fn parameters(&self, out: &mut String) {
        let Some(parameters) = self.it["parameters"].as_array().filter(|list| !list.is_empty()) else { return };
        out.push_str("<h4>Parameters</h4>\n<table><tr><th>Name</th><th>In</th><th>Type</th><th></th></tr>\n");
        for parameter in parameters {
            writeln!(
                out,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                Escaped(text(parameter, "name")),
                Escaped(text(parameter, "in")),
                Escaped(&schema::kind(&parameter["schema"])),
                Prose(text(parameter, "description"))
            )
            .expect("writing to a string");
        }
        out.push_str("</table>\n");
    }

    fn answers(&self, schemas: &Schemas<'_>, out: &mut String) {
        out.push_str("<h4>Answers</h4>\n<table>\n");
        let responses = self.it["responses"].as_object().into_iter().flatten();
        for (status, response) in responses.clone() {
            let about = Prose(text(response, "description"));
            writeln!(out, "<tr><td>{}</td><td>{about}</td></tr>", Escaped(status)).expect("writing to a string");
        }
        out.push_str("</table>\n");
        for (_, response) in responses.filter(|(status, _)| status.starts_with('2')) {
            let body = &response["content"]["application/json"]["schema"];
            if !body.is_null() {
                schemas.fields(body, "or null", out);
            }
        }
    }

    /// A command that works once its capital words are replaced.
    fn curl(&self, schemas: &Schemas<'_>) -> String {
        let path = with_variables(self.path);
        let mut curl = match self.method {
            "get" => format!("curl http://127.0.0.1:8080{path}"),
            method => format!("curl -X {} http://127.0.0.1:8080{path}", method.to_uppercase()),
        };
        let public = self.it["security"].as_array().is_some_and(|any| any.iter().any(|s| s == &serde_json::json!({})));
        if !public {
            curl.push_str(" \\\n  -H \"Authorization: Bearer $TOKEN\"");
        }
        let body = &self.it["requestBody"]["content"]["application/json"]["schema"];
        if !body.is_null() {
            let example = schemas.example(body);
            write!(curl, " \\\n  -H 'Content-Type: application/json' \\\n  -d '{example}'")
                .expect("writing to a string");
        }
        curl
    }
}

/// Parameters of a path as variables of the shell: `{workspace_id}` becomes `$WORKSPACE_ID`.
fn with_variables(path: &str) -> String {
    let mut parts = path.split('{');
    let begin = parts.next().unwrap_or_default().to_owned();
    parts.fold(begin, |path, part| {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        format!("{path}${}{rest}", name.to_uppercase())
    })
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn anchor(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}
