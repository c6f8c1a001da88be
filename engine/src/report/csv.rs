//! The report's classes as a table for spreadsheets.

use std::borrow::Cow;
use std::path::Path;

use super::ScoreReport;
use crate::atomic_file::write_bytes;
use crate::error::Result;

impl ScoreReport {
    /// One line a class: index, name, IoU (empty without evidence), pixels; the mean comes last.
    pub fn to_csv(&self) -> String {
        let matrix = &self.matrix;
        let mut text = "index,name,iou,truth_pixels,predicted_pixels\n".to_owned();
        let mut line = |index: String, name: &str, iou: Option<f64>, truth: u64, predicted: u64| {
            let iou = iou.map(|iou| iou.to_string()).unwrap_or_default();
            let name = quoted(name);
            text.push_str(&format!("{index},{name},{iou},{truth},{predicted}\n"));
        };
        let mut predicted_in_all = 0;
        for (index, class) in self.palette.classes.iter().enumerate() {
            let predicted = matrix.predicted_pixels(index);
            predicted_in_all += predicted;
            line(
                index.to_string(),
                &class.name,
                matrix.iou(index),
                matrix.truth_pixels(index),
                predicted,
            );
        }
        line(
            String::new(),
            "mean",
            matrix.miou(),
            matrix.scored_pixels(),
            predicted_in_all,
        );
        text
    }

    /// Writes [`ScoreReport::to_csv`] to `path`, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the file can't be written.
    pub fn write_csv(&self, path: &Path) -> Result<()> {
        write_bytes(path, self.to_csv().as_bytes())
    }
}

/// A field as RFC 4180 has it: in quotes where it holds a comma, a quote or a line end.
fn quoted(field: &str) -> Cow<'_, str> {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\"")).into()
    } else {
        field.into()
    }
}

#[cfg(test)]
mod tests {
    use atrous_palettes::Palette;

    use crate::report::Scorer;

    #[test]
    fn a_table_by_hand() {
        let palette = Palette::from_names("own", ["road", "a, \"b\"", "sky"]).unwrap();
        let mut scorer = Scorer::new(&palette);
        scorer.add("one", &[0, 0, 1, 255], &[0, 1, 1, 1]).unwrap();
        assert_eq!(
            scorer.finish("").to_csv(),
            "index,name,iou,truth_pixels,predicted_pixels\n\
             0,road,0.5,2,1\n\
             1,\"a, \"\"b\"\"\",0.5,1,2\n\
             2,sky,,0,0\n\
             ,mean,0.5,3,3\n"
        );
    }
}
