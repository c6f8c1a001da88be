//! The tour: starts by itself once, goes on with the person, and ends.

use super::App;
use crate::state::{Tour, TourStep};

/// Starts the tour at the first start of all, and remembers that there was one.
pub(super) fn start_once(app: &mut App) {
    if !app.state.settings.tour_seen {
        app.state.settings.tour_seen = true;
        app.save_settings();
        go(app, TourStep::Open);
    }
}

/// Goes to a stop.
pub(super) fn go(app: &mut App, step: TourStep) {
    app.state.tour = Some(Tour::at(step, &app.state));
}

/// Goes so many stops on; past the last one it is over.
pub(super) fn step(app: &mut App, step: isize) {
    let next = app.state.tour.and_then(|tour| tour.step.neighbour(step));
    app.state.tour = next.map(|step| Tour::at(step, &app.state));
}

/// Goes on where the person has done what the stop shows.
pub(super) fn follow(app: &mut App) {
    let followed = app.state.tour.and_then(|tour| tour.followed(&app.state));
    if let Some(next) = followed {
        go(app, next);
    }
}

/// Ends it. Returns whether it was under way.
pub(super) fn end(app: &mut App) -> bool {
    app.state.tour.take().is_some()
}
