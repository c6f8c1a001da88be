//! The report's classes as a table for spreadsheets.

use std::borrow::Cow;
use std::path::Path;

use super::ScoreReport;
use crate::atomic_file::write_bytes;
use crate::error::Result;

impl ScoreReport {
    /// One line a class: index, name, IoU (empty without evidence), pixels; then what else was
    /// measured of classes. The mean comes last.
    pub fn to_csv(&self) -> String {
        let matrix = &self.matrix;
        let mut columns = vec!["index", "name", "iou", "truth_pixels", "predicted_pixels"];
        if self.measured.boundary.is_some() {
            columns.push("boundary_iou");
        }
        if self.measured.panoptic.is_some() {
            columns.extend(["pq", "sq", "rq", "parsing_covering"]);
        }
        let mut lines = vec![columns.join(",")];
        let mut predicted_in_all = 0;
        for (index, class) in self.palette.classes.iter().enumerate() {
            let predicted = matrix.predicted_pixels(index);
            predicted_in_all += predicted;
            let mut fields = vec![
                index.to_string(),
                quoted(&class.name).into_owned(),
                number(matrix.iou(index)),
                matrix.truth_pixels(index).to_string(),
                predicted.to_string(),
            ];
            fields.extend(self.measured.of_class(index).into_iter().map(number));
            lines.push(fields.join(","));
        }
        let mut fields = vec![
            String::new(),
            "mean".to_owned(),
            number(matrix.miou()),
            matrix.scored_pixels().to_string(),
            predicted_in_all.to_string(),
        ];
        fields.extend(self.measured.means().into_iter().map(number));
        lines.push(fields.join(","));
        lines.join("\n") + "\n"
    }

    /// Writes [`ScoreReport::to_csv`] to `path`, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the file can't be written.
    pub fn write_csv(&self, path: &Path) -> Result<()> {
        write_bytes(path, self.to_csv().as_bytes())
    }
}

/// A score, empty without evidence.
fn number(score: Option<f64>) -> String {
    score.map(|score| score.to_string()).unwrap_or_default()
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
