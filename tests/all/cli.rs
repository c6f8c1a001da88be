//! Journeys through the command line.
