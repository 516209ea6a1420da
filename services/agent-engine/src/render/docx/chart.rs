//! How is a chart written that the word processor draws?

use super::{
    super::block::{Course, Line, LineChart},
    drawing,
    styles::{ACCENT, MIDDLE, PALE},
    xml::Xml,
};
use crate::domain::locale::Locale;

/// Beyond this nothing is drawn to scale.
const LARGEST: f64 = 1e15;
const GREY: &str = "6B6561";

/// The part of a chart: its values are in it, so that no workbook has to be.
pub(super) fn part(chart: &LineChart, locale: Locale) -> String {
    Xml::part("c:chartSpace", &drawing::PART_SPACES, |xml| {
        xml.set("c:lang", locale.pick("en-US", "pt-BR"));
        xml.set("c:roundedCorners", "0");
        xml.within("c:chart", &[], |xml| {
            xml.set("c:autoTitleDeleted", "1");
            xml.within("c:plotArea", &[], |xml| {
                xml.leaf("c:layout", &[]);
                lines(xml, chart);
                months(xml, chart.month);
                values(xml, is_above_nothing(chart));
            });
            xml.within("c:legend", &[], |xml| {
                xml.set("c:legendPos", "t");
                xml.set("c:overlay", "0");
            });
            xml.set("c:plotVisOnly", "1");
            xml.set("c:dispBlanksAs", "gap");
        });
        xml.within("c:spPr", &[], |xml| {
            xml.leaf("a:noFill", &[]);
            xml.within("a:ln", &[], |xml| xml.leaf("a:noFill", &[]));
        });
        letters(xml);
    })
}

fn lines(xml: &mut Xml, chart: &LineChart) {
    xml.within("c:lineChart", &[], |xml| {
        xml.set("c:grouping", "standard");
        xml.set("c:varyColors", "0");
        for (n, line) in chart.lines.iter().enumerate() {
            series(xml, chart, line, &n.to_string());
        }
        xml.set("c:marker", "1");
        xml.set("c:axId", "1001");
        xml.set("c:axId", "1002");
    });
}

fn series(xml: &mut Xml, chart: &LineChart, line: &Line, n: &str) {
    xml.within("c:ser", &[], |xml| {
        xml.set("c:idx", n);
        xml.set("c:order", n);
        xml.within("c:tx", &[], |xml| xml.texts("c:v", &[], line.name));
        xml.within("c:spPr", &[], |xml| stroke(xml, line.course));
        xml.within("c:marker", &[], |xml| xml.set("c:symbol", if chart.months.len() > 1 { "none" } else { "circle" }));
        let months = chart.months.iter().map(|month| Some(month.to_string()));
        literal(xml, ["c:cat", "General"], chart.months.len(), months);
        let values = line.values.iter().map(|value| value.is_finite().then(|| number(*value)));
        literal(xml, ["c:val", "#,##0"], line.values.len(), values);
        xml.set("c:smooth", "0");
    });
}

/// Values by their places; of what is no number there is none.
fn literal(xml: &mut Xml, [name, form]: [&str; 2], count: usize, values: impl Iterator<Item = Option<String>>) {
    xml.within(name, &[], |xml| {
        xml.within("c:numLit", &[], |xml| {
            xml.texts("c:formatCode", &[], form);
            xml.set("c:ptCount", &count.to_string());
            for (n, value) in values.enumerate() {
                if let Some(value) = value {
                    point(xml, n, &value);
                }
            }
        });
    });
}

fn point(xml: &mut Xml, n: usize, value: &str) {
    xml.within("c:pt", &[("idx", &n.to_string())], |xml| xml.texts("c:v", &[], value));
}

fn number(value: f64) -> String {
    format!("{:.2}", value.clamp(-LARGEST, LARGEST))
}

fn stroke(xml: &mut Xml, course: Course) {
    let (color, width, dash) = match course {
        Course::Base => (ACCENT, "28575", "solid"),
        Course::Unchanged => (GREY, "15875", "solid"),
        Course::Optimistic => (MIDDLE, "15875", "dash"),
        Course::Pessimistic => (MIDDLE, "15875", "sysDot"),
    };
    outline(xml, color, width, dash);
}

fn outline(xml: &mut Xml, color: &str, width: &str, dash: &str) {
    xml.within("a:ln", &[("w", width)], |xml| {
        xml.within("a:solidFill", &[], |xml| xml.set("a:srgbClr", color));
        xml.set("a:prstDash", dash);
    });
}

fn months(xml: &mut Xml, title: &str) {
    xml.within("c:catAx", &[], |xml| {
        xml.set("c:axId", "1001");
        xml.within("c:scaling", &[], |xml| xml.set("c:orientation", "minMax"));
        xml.set("c:delete", "0");
        xml.set("c:axPos", "b");
        axis_title(xml, title);
        xml.set("c:majorTickMark", "none");
        xml.set("c:minorTickMark", "none");
        // Below everything, also where values are below nothing.
        xml.set("c:tickLblPos", "low");
        xml.within("c:spPr", &[], |xml| outline(xml, GREY, "9525", "solid"));
        xml.set("c:crossAx", "1002");
        xml.set("c:crosses", "autoZero");
    });
}

fn axis_title(xml: &mut Xml, title: &str) {
    xml.within("c:title", &[], |xml| {
        xml.within("c:tx", &[], |xml| {
            xml.within("c:rich", &[], |xml| {
                xml.leaf("a:bodyPr", &[]);
                xml.within("a:p", &[], |xml| {
                    xml.within("a:pPr", &[], |xml| xml.leaf("a:defRPr", &[("sz", "750"), ("b", "0")]));
                    xml.within("a:r", &[], |xml| {
                        xml.leaf("a:rPr", &[("sz", "750"), ("b", "0")]);
                        xml.texts("a:t", &[], title);
                    });
                });
            });
        });
        xml.set("c:overlay", "0");
    });
}

/// Whether no value is below nothing: the chart begins there then, so that it shows how much is much.
fn is_above_nothing(chart: &LineChart) -> bool {
    chart.lines.iter().flat_map(|line| &line.values).all(|value| value.is_nan() || *value >= 0.0)
}

fn values(xml: &mut Xml, is_from_nothing: bool) {
    xml.within("c:valAx", &[], |xml| {
        xml.set("c:axId", "1002");
        xml.within("c:scaling", &[], |xml| {
            xml.set("c:orientation", "minMax");
            if is_from_nothing {
                xml.set("c:min", "0");
            }
        });
        xml.set("c:delete", "0");
        xml.set("c:axPos", "l");
        xml.within("c:majorGridlines", &[], |xml| xml.within("c:spPr", &[], |xml| outline(xml, PALE, "6350", "solid")));
        xml.leaf("c:numFmt", &[("formatCode", "#,##0"), ("sourceLinked", "0")]);
        xml.set("c:majorTickMark", "none");
        xml.set("c:minorTickMark", "none");
        xml.set("c:tickLblPos", "low");
        xml.within("c:spPr", &[], |xml| xml.within("a:ln", &[], |xml| xml.leaf("a:noFill", &[])));
        xml.set("c:crossAx", "1001");
        xml.set("c:crosses", "autoZero");
        xml.set("c:crossBetween", "between");
    });
}

/// Of everything in the chart.
fn letters(xml: &mut Xml) {
    xml.within("c:txPr", &[], |xml| {
        xml.leaf("a:bodyPr", &[]);
        xml.within("a:p", &[], |xml| {
            xml.within("a:pPr", &[], |xml| {
                xml.within("a:defRPr", &[("sz", "750")], |xml| {
                    xml.within("a:solidFill", &[], |xml| xml.set("a:srgbClr", GREY));
                    xml.leaf("a:latin", &[("typeface", "Arial")]);
                });
            });
            xml.leaf("a:endParaRPr", &[("lang", "en-US")]);
        });
    });
}
