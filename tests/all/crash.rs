//! Killed at random moments, nothing is lost.
