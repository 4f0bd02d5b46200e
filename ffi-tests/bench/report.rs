//! The rows of a run, as a table for the terminal and as one for the README.

use std::fmt::Write;

#[derive(Clone, Copy, PartialEq)]
pub enum Better {
    More,
    Less,
    /// A figure that stands for itself and is not compared.
    Scaling,
}

pub struct Row {
    pub group: String,
    pub id: String,
    pub name: String,
    pub better: Better,
    /// One value for each column; OpenSSL's is the last.
    pub values: Vec<Option<f64>>,
}

impl Row {
    pub fn new(group: &str, id: &str, name: &str, better: Better, values: Vec<Option<f64>>) -> Self {
        Self { group: group.to_owned(), id: id.to_owned(), name: name.to_owned(), better, values }
    }

    /// The name, with the direction that is better.
    fn title(&self) -> String {
        let mark = match self.better {
            Better::More => " \u{2191}",
            Better::Less => " \u{2193}",
            Better::Scaling => "",
        };
        format!("{}{mark}", self.name)
    }
}

/// Rows with the same columns.
pub struct Table {
    /// Names of the columns, the library whose ratios are told first.
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
}

/// What a run found, and where.
pub struct Report {
    /// "name version" of all that took part.
    pub subjects: Vec<String>,
    pub machine: String,
    pub date: String,
    pub tables: Vec<Table>,
    /// Why a peer is missing.
    pub skipped: Vec<String>,
}

impl Report {
    pub fn text(&self) -> String {
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().unwrap_or("?");
        let mut out = format!("{}, load {load}\n{}\n", self.heading(), self.subjects.join(", "));
        for line in &self.skipped {
            let _ = writeln!(out, "{line}");
        }
        for table in &self.tables {
            table.print(&mut out);
        }
        out + &self.footing() + "\n"
    }

    pub fn markdown(&self) -> String {
        let mut out = String::new();
        for table in &self.tables {
            table.mark_down(&mut out);
        }
        let _ = writeln!(out, "{}: {}. {}", self.heading(), self.subjects.join(", "), self.footing());
        for line in &self.skipped {
            let _ = writeln!(out, "\n{line}");
        }
        out
    }

    pub fn heading(&self) -> String {
        format!("{}, {}", self.machine, self.date)
    }

    fn footing(&self) -> String {
        let table = self.tables.first();
        let first = table.and_then(|table| table.columns.first()).map_or("", String::as_str);
        format!("{first}/X: figure of {first} over figure of X; \u{2191} more is better, \u{2193} less.")
    }
}

impl Table {
    fn print(&self, out: &mut String) {
        let heads = self.heads();
        let mut header = " ".repeat(NAME_WIDTH);
        for head in &heads {
            let _ = write!(header, "{head:>width$}", width = column_width(head));
        }
        let _ = writeln!(out, "\n{header}");
        let mut group = "";
        for row in &self.rows {
            if row.group != group {
                group = &row.group;
                let _ = writeln!(out, "{group}");
            }
            let _ = write!(out, "{:<NAME_WIDTH$}", format!("  {}", row.title()));
            for (cell, head) in self.cells(row).iter().zip(&heads) {
                let _ = write!(out, "{cell:>width$}", width = column_width(head));
            }
            let _ = writeln!(out);
        }
    }

    fn mark_down(&self, out: &mut String) {
        let heads = self.heads();
        let _ = writeln!(out, "| | {} |", heads.join(" | "));
        let _ = writeln!(out, "|---|{}", "---:|".repeat(heads.len()));
        let mut group = "";
        for row in &self.rows {
            if row.group != group {
                group = &row.group;
                let _ = writeln!(out, "| **{group}** |{}", " |".repeat(heads.len()));
            }
            let _ = writeln!(out, "| {} | {} |", row.title(), self.cells(row).join(" | "));
        }
        let _ = writeln!(out);
    }

    /// The columns, and then a ratio for each but the first.
    fn heads(&self) -> Vec<String> {
        let first = self.columns.first().map_or("", String::as_str);
        let ratios = self.columns.iter().skip(1).map(|name| format!("{}/{name}", short(first)));
        self.columns.iter().cloned().chain(ratios).collect()
    }

    fn cells(&self, row: &Row) -> Vec<String> {
        let first = row.values.first().copied().flatten();
        let values = row.values.iter().map(|value| value.map_or("-".to_owned(), figure));
        let ratios = row.values.iter().skip(1).map(|value| match (first, value) {
            (Some(first), Some(value)) if row.better != Better::Scaling => {
                format!("{:.2}x", first / value)
            }
            _ => String::new(),
        });
        values.chain(ratios).collect()
    }
}

const NAME_WIDTH: usize = 60;

fn column_width(head: &str) -> usize {
    head.len().max(10) + 2
}

/// "ours" for the long name of a subject.
fn short(name: &str) -> &str {
    if name == "libsspi" { "ours" } else { name }
}

/// Three digits that count, thousands set apart.
pub fn figure(value: f64) -> String {
    match value {
        _ if value < 10.0 => format!("{value:.2}"),
        _ if value < 100.0 => format!("{value:.1}"),
        _ => grouped(value.round() as u64),
    }
}

pub fn grouped(count: u64) -> String {
    let text = count.to_string();
    let mut out = String::new();
    for (at, digit) in text.chars().enumerate() {
        if at > 0 && (text.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{figure, grouped};

    #[test]
    fn figures_keep_three_digits() {
        assert_eq!(figure(1.234), "1.23");
        assert_eq!(figure(12.34), "12.3");
        assert_eq!(figure(1234.5), "1,235");
        assert_eq!(grouped(1_000_000), "1,000,000");
    }
}
