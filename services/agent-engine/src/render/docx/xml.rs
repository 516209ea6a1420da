//! How is XML written that is always well-formed?

/// A part that is being written: what is opened is closed, and what is text is never taken for anything else.
pub(super) struct Xml {
    out: String,
}

/// Names and values.
pub(super) type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Xml {
    /// A whole part: one element and what is in it.
    pub fn part(name: &str, attributes: Attributes<'_>, inside: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self { out: "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n".to_owned() };
        xml.within(name, attributes, inside);
        xml.out
    }

    /// An element and what is in it.
    pub fn within(&mut self, name: &str, attributes: Attributes<'_>, inside: impl FnOnce(&mut Self)) {
        self.begin(name, attributes);
        self.out.push('>');
        inside(self);
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// An element with nothing in it.
    pub fn leaf(&mut self, name: &str, attributes: Attributes<'_>) {
        self.begin(name, attributes);
        self.out.push_str("/>");
    }

    /// An element with a value, as most of what is set is written.
    pub fn set(&mut self, name: &str, value: &str) {
        let prefix = name.split(':').next().unwrap_or_default();
        // DrawingML has no prefix before its attributes.
        let attribute = if prefix == "w" { "w:val" } else { "val" };
        self.leaf(name, &[(attribute, value)]);
    }

    /// An element with a text in it.
    pub fn texts(&mut self, name: &str, attributes: Attributes<'_>, text: &str) {
        self.within(name, attributes, |xml| xml.text(text));
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        escape(text, &mut self.out);
    }

    fn begin(&mut self, name: &str, attributes: Attributes<'_>) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            escape(value, &mut self.out);
            self.out.push('"');
        }
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            // XML 1.0 has no way to write these.
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_text_is_never_markup() {
        let part = Xml::part("a", &[("b", "\"<\u{0}")], |xml| {
            xml.set("w:c", "1");
            xml.texts("d", &[], "x & </d>\u{ffff}");
        });
        let wanted = "<a b=\"&quot;&lt;\"><w:c w:val=\"1\"/><d>x &amp; &lt;/d&gt;</d></a>";
        assert_eq!(part.lines().nth(1), Some(wanted));
    }
}
