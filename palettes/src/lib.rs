//! Classes, colours and label ids.
