//! How does a chart stand in a paragraph?

use super::{super::block::LineChart, parts, xml::Xml};

const CHART: &str = "http://schemas.openxmlformats.org/drawingml/2006/chart";
const MAIN: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
/// What the main part needs for drawings.
pub(super) const SPACES: [(&str, &str); 3] = [
    ("xmlns:wp", "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"),
    ("xmlns:a", MAIN),
    ("xmlns:c", CHART),
];
/// Width and height in 12,700ths of a point.
const SIZE: [(&str, &str); 2] = [("cx", "6137000"), ("cy", "2500000")];

/// The chart of this number, from 1.
pub(super) fn chart(xml: &mut Xml, chart: &LineChart, n: usize) {
    xml.within("w:r", &[], |xml| {
        xml.within("w:drawing", &[], |xml| {
            xml.within("wp:inline", &[("distT", "0"), ("distB", "0"), ("distL", "0"), ("distR", "0")], |xml| {
                xml.leaf("wp:extent", &SIZE);
                let (id, name) = (n.to_string(), format!("Chart {n}"));
                xml.leaf("wp:docPr", &[("id", &id), ("name", &name), ("descr", &chart.title)]);
                xml.leaf("wp:cNvGraphicFramePr", &[]);
                xml.within("a:graphic", &[], |xml| {
                    xml.within("a:graphicData", &[("uri", CHART)], |xml| {
                        xml.leaf("c:chart", &[("r:id", &parts::chart_id(n))]);
                    });
                });
            });
        });
    });
}

/// What a part with a chart needs.
pub(super) const PART_SPACES: [(&str, &str); 3] = [("xmlns:c", CHART), ("xmlns:a", MAIN), parts::R];
