//! Widgets, driven without a display.
