//! Prediction: from an image file to a label map and a confidence map.
