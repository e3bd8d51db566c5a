//! Tables for the eye, and the same as Markdown and JSON.

use std::fmt::Write;

/// Figures of contenders (lines) under questions (columns).
pub struct Table {
    pub title: String,
    pub columns: Vec<Column>,
    pub lines: Vec<Line>,
    pub note: String,
}

pub struct Column {
    pub name: String,
    pub decimals: usize,
}

pub struct Line {
    pub name: String,
    pub figures: Vec<Option<f64>>,
}

impl Table {
    pub fn new(title: &str, note: &str) -> Self {
        Table { title: title.into(), columns: Vec::new(), lines: Vec::new(), note: note.into() }
    }

    /// A column, with a figure for each contender that has one. A figure that is no number stands
    /// for one that could not be taken.
    pub fn add(&mut self, name: &str, decimals: usize, figures: Vec<(String, f64)>) {
        for (contender, figure) in figures {
            if !self.lines.iter().any(|line| line.name == contender) {
                self.lines.push(Line { name: contender.clone(), figures: Vec::new() });
            }
            for line in self.lines.iter_mut().filter(|line| line.name == contender) {
                line.figures.resize(self.columns.len(), None);
                line.figures.push(figure.is_finite().then_some(figure));
            }
        }
        self.columns.push(Column { name: name.into(), decimals });
        for line in &mut self.lines {
            line.figures.resize(self.columns.len(), None);
        }
    }

    pub fn figure(&self, contender: &str, column: &str) -> Option<f64> {
        let column = self.columns.iter().position(|it| it.name == column)?;
        self.lines.iter().find(|line| line.name == contender)?.figures[column]
    }

    fn cells(&self) -> Vec<Vec<String>> {
        let head = std::iter::once(String::new());
        let mut cells = vec![head.chain(self.columns.iter().map(|it| it.name.clone())).collect()];
        for line in &self.lines {
            let figures = line.figures.iter().zip(&self.columns).map(|(figure, column)| {
                figure.map_or("-".into(), |figure| format!("{figure:.*}", column.decimals))
            });
            cells.push(std::iter::once(line.name.clone()).chain(figures).collect());
        }
        cells
    }

    pub fn as_text(&self) -> String {
        let cells = self.cells();
        let width = |column: usize| cells.iter().map(|line| line[column].len()).max().unwrap_or(0);
        let mut text = format!("{}\n", self.title);
        for line in &cells {
            let _ = write!(text, "  {:<1$}", line[0], width(0));
            for (column, cell) in line.iter().enumerate().skip(1) {
                let _ = write!(text, "  {:>1$}", cell, width(column));
            }
            text.push('\n');
        }
        if !self.note.is_empty() {
            let _ = writeln!(text, "  {}", self.note);
        }
        text
    }

    pub fn as_markdown(&self) -> String {
        let mut text = format!("### {}\n\n", self.title);
        for (number, line) in self.cells().iter().enumerate() {
            let cells: Vec<_> = line.iter().map(|cell| markdown(cell)).collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
            if number == 0 {
                let _ = writeln!(text, "|---{}|", "|--:".repeat(self.columns.len()));
            }
        }
        if !self.note.is_empty() {
            let _ = writeln!(text, "\n{}", self.note);
        }
        text
    }

    /// `{:?}` of a string is JSON's for what our labels hold.
    pub fn as_json(&self) -> String {
        let columns: Vec<_> = self.columns.iter().map(|it| format!("{:?}", it.name)).collect();
        let lines: Vec<_> = self.lines.iter().map(json_line).collect();
        format!(
            "  {{\n   \"title\": {:?},\n   \"note\": {:?},\n   \"columns\": [{}],\n   \
             \"lines\": {{\n{}\n   }}\n  }}",
            self.title,
            self.note,
            columns.join(", "),
            lines.join(",\n"),
        )
    }
}

fn json_line(line: &Line) -> String {
    let figures =
        line.figures.iter().map(|figure| figure.map_or("null".into(), |it| it.to_string()));
    format!("    {:?}: [{}]", line.name, figures.collect::<Vec<_>>().join(", "))
}

/// An attribute or a type is code, or its `#` and `<` would be markup.
fn markdown(cell: &str) -> String {
    if cell.contains(['#', '<', '&']) { format!("`{cell}`") } else { cell.into() }
}
