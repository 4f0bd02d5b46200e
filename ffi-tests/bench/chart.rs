//! The chart of a run: plain SVG on a card of its own colour, so that it reads
//! on a light page and on a dark one.

use std::fmt::Write;

use crate::parts::MESSAGE_SIZES;
use crate::report::{Report, Row, Table, figure};

const WIDTH: f64 = 960.0;
const LEFT: f64 = 32.0;
const RIGHT: f64 = 500.0;
const PANEL: f64 = 428.0;
const VALUE: f64 = 92.0;
const TOP: f64 = 92.0;
const LINE: f64 = 21.0;
const BAR: f64 = 14.0;
const COLOURS: [&str; 5] = ["#2563eb", "#94a3b8", "#b08968", "#7c9a92", "#a78bfa"];
const OPENSSL: &str = "#475569";

struct Chart<'a> {
    table: &'a Table,
    body: String,
    /// Width of the names in front of the bars.
    label: f64,
}

/// Draws one table of the run.
pub fn svg(report: &Report, table: &Table) -> String {
    let longest = table.columns.iter().map(String::len).max().unwrap_or(0);
    let mut chart = Chart { table, body: String::new(), label: longest as f64 * 8.0 + 18.0 };
    let left = chart.left_column();
    let right = chart.right_column();
    let height = left.max(right) + 44.0;
    let body = std::mem::take(&mut chart.body);
    let title = "NTLM through the SSPI functions, side by side";
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-label=\"{title}\" \
         font-family=\"-apple-system, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif\">\n\
         <rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"10\" fill=\"#ffffff\" stroke=\"#cbd5e1\"/>\n",
        WIDTH - 1.0,
        height - 1.0,
    );
    text(&mut out, LEFT, 38.0, 19, "#0f172a", "600", title);
    text(&mut out, LEFT, 60.0, 12, "#475569", "400", &report.heading());
    out += &body;
    text(&mut out, LEFT, height - 18.0, 11, "#64748b", "400", &report.subjects.join("  ·  "));
    out + "</svg>\n"
}

impl Chart<'_> {
    fn left_column(&mut self) -> f64 {
        let mut y = TOP;
        for (id, title, note) in [
            ("handshake", "Handshakes per second", "of CPU, client and server, one thread; longer is better"),
            (
                "memory",
                "Bytes per live pair of contexts",
                "client and server, after a message each way; shorter is better",
            ),
            ("lookup", "Handle lookup, ns", "one query of the sizes; shorter is better"),
            ("first-leg", "Context made and deleted, ns", "first leg of the client; shorter is better"),
        ] {
            let table = self.table;
            let Some(row) = find(table, id) else {
                continue;
            };
            y = self.head(LEFT, y, title, note);
            let longest = row.values.iter().flatten().copied().fold(0.0, f64::max);
            y = self.bars(LEFT, y, row, longest, |value, _| figure(value)) + 20.0;
        }
        y
    }

    /// Messages, each size on a scale of its own.
    fn right_column(&mut self) -> f64 {
        let table = self.table;
        let note = "MB/s of CPU (times OpenSSL's RC4, then HMAC-MD5); longer is better";
        let mut y = self.head(RIGHT, TOP, "Sealing and unsealing a message", note);
        for (size, label) in MESSAGE_SIZES {
            let Some(row) = find(table, &format!("seal-{size}")) else {
                continue;
            };
            text(&mut self.body, RIGHT, y + 11.0, 12, "#0f172a", "600", label);
            let longest = row.values.iter().flatten().copied().fold(0.0, f64::max);
            let yardstick = row.values.last().copied().flatten();
            y = self.bars(RIGHT, y + 20.0, row, longest, |value, last| match yardstick {
                Some(openssl) if !last => {
                    format!("{} ({:.2}×)", figure(value), value / openssl)
                }
                _ => figure(value),
            });
            y += 14.0;
        }
        y
    }

    fn head(&mut self, x: f64, y: f64, title: &str, note: &str) -> f64 {
        text(&mut self.body, x, y + 12.0, 14, "#0f172a", "600", title);
        text(&mut self.body, x, y + 28.0, 11, "#64748b", "400", note);
        y + 40.0
    }

    /// One bar for each column that has a value.
    fn bars(
        &mut self,
        x: f64,
        mut y: f64,
        row: &Row,
        longest: f64,
        say: impl Fn(f64, bool) -> String,
    ) -> f64 {
        let room = PANEL - self.label - VALUE;
        let last = row.values.len() - 1;
        for (column, value) in row.values.iter().enumerate() {
            let Some(value) = *value else { continue };
            let colour = if column == last { OPENSSL } else { COLOURS[column % COLOURS.len()] };
            let weight = if column == 0 { "600" } else { "400" };
            let length = (room * value / longest).max(1.5);
            text(&mut self.body, x, y + 11.0, 12, "#334155", weight, &self.table.columns[column]);
            let _ = writeln!(
                self.body,
                "<rect x=\"{:.1}\" y=\"{y:.1}\" width=\"{length:.1}\" height=\"{BAR}\" rx=\"2\" fill=\"{colour}\"/>",
                x + self.label,
            );
            let end = x + self.label + length + 6.0;
            text(&mut self.body, end, y + 11.0, 12, "#0f172a", weight, &say(value, column == last));
            y += LINE;
        }
        y
    }
}

fn find<'a>(table: &'a Table, id: &str) -> Option<&'a Row> {
    table.rows.iter().find(|row| row.id == id && row.values.iter().any(Option::is_some))
}

fn text(out: &mut String, x: f64, y: f64, size: u32, colour: &str, weight: &str, content: &str) {
    let content = content.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" font-weight=\"{weight}\" fill=\"{colour}\">{content}</text>",
    );
}
