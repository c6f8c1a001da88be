//! Score reports in HTML, JSON and CSV.
