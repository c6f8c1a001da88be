//! The film strip: what it lists, filter, order, selection, small copies.

use std::ops::Range;

use atrous_engine::project::{FileMark, ImageId, ImageRecord, Revision, Status};
use atrous_widgets::toasts::Level;

use super::{App, images};
use crate::background::Listing;
use crate::state::{Choosing, OpenProject, Order, Thumbnail};

/// Takes over what is known of all images now.
pub(super) fn listed(app: &mut App, listing: Listing) {
    let order = app.state.settings.order;
    let unwritten = unwritten(app);
    let Some(open) = &mut app.state.project else {
        return;
    };
    let before = open.current.and_then(|id| open.image(id)).cloned();
    let former = open.replace(listing.images, order);
    open.revision = listing.revision;
    if let Some(before) = before.as_ref().filter(|image| unwritten == Some(image.id)) {
        // The disk does not know yet what the person has just done.
        open.change(before.id, |image| image.status = before.status);
    }
    app.background.drop_later(former);
    match open.current.and_then(|id| open.image(id)) {
        Some(now) => {
            let now = now.clone();
            current_changed(app, before.as_ref(), &now);
        }
        None if before.is_none() => {
            if let Some(first) = open.at(0).map(|image| image.id) {
                images::show(app, first);
            }
        }
        None => {}
    }
}

/// Takes over what changed of some images.
pub(super) fn changed(app: &mut App, changes: Vec<ImageRecord>, revision: Revision) {
    let order = app.state.settings.order;
    let unwritten = unwritten(app);
    let Some(open) = &mut app.state.project else {
        return;
    };
    if revision < open.revision || changes.is_empty() {
        return;
    }
    open.revision = revision;
    let before = open.current.and_then(|id| open.image(id)).cloned();
    for new in changes {
        open.change(new.id, |image| {
            let status = image.status;
            *image = new;
            if unwritten == Some(image.id) {
                image.status = status;
            }
        });
    }
    if open.strip.depends_on_images() {
        open.settle(order);
    }
    let now = open.current.and_then(|id| open.image(id)).cloned();
    if let Some(now) = now {
        current_changed(app, before.as_ref(), &now);
    }
}

/// The image on the canvas, if what was done to it is still on its way to the disk.
fn unwritten(app: &App) -> Option<ImageId> {
    let document = app.state.document.as_ref();
    let document = document.filter(|document| document.unwritten > 0);
    document.map(|document| document.id)
}

/// Reads the open image anew where the folder is being predicted and it had its turn, where its file
/// was replaced, or where it can be read after all.
fn current_changed(app: &mut App, before: Option<&ImageRecord>, now: &ImageRecord) {
    let predicted = before.is_some_and(|before| {
        now.status == Status::Predicted && now.uncertainty != before.uncertainty
    });
    let document = app.state.document.as_ref();
    let document = document.filter(|document| document.id == now.id);
    let replaced = document.is_some_and(|document| document.file != now.file);
    let mended = now.error.is_none() && before.is_some_and(|before| before.error.is_some());
    if predicted || replaced || mended {
        images::reload(app);
    }
}

/// Asks what changed since the list was last brought up to date.
pub(super) fn list(app: &App) {
    if let Some(open) = &app.state.project {
        app.background.list(&open.project, open.revision);
    }
}

/// Shows the images that a filter lets pass.
pub(super) fn filter(app: &mut App, query: String) {
    let order = app.state.settings.order;
    let Some(open) = &mut app.state.project else {
        return;
    };
    let palette = open.palette.clone();
    if open.strip.ask(query, &palette) {
        open.arrange_freely(order);
        app.surface.strip.show_current();
    }
}

/// Orders the film strip.
pub(super) fn sort(app: &mut App, order: Order) {
    app.state.settings.order = order;
    if let Some(open) = &mut app.state.project {
        open.arrange(order);
        app.surface.strip.show_current();
    }
    app.save_settings();
}

/// Chooses an image besides the one on the canvas, or that one alone.
pub(super) fn choose(app: &mut App, id: ImageId, choosing: Choosing) {
    if choosing == Choosing::Only {
        return go_to(app, id);
    }
    if let Some(open) = &mut app.state.project {
        open.choose(id, choosing);
    }
}

/// Chooses every image of the film strip.
pub(super) fn select_all(app: &mut App) {
    if let Some(open) = &mut app.state.project {
        open.choose_all();
    }
}

/// Makes the range of chosen images one longer or shorter.
pub(super) fn extend(app: &mut App, step: isize) {
    let end = app
        .state
        .project
        .as_mut()
        .and_then(|open| open.extend(step));
    if let Some(end) = end {
        app.surface.strip.show_image(end);
    }
}

/// Lets go of the chosen images, if there are any; says whether.
pub(super) fn clear_selection(app: &mut App) -> bool {
    let open = app.state.project.as_mut();
    let Some(open) = open.filter(|open| !open.selection.is_empty()) else {
        return false;
    };
    open.selection.clear(open.current);
    true
}

/// These rows of the film strip are in view: asks for the small copies that are missing, then for
/// those of a page behind and before.
pub(super) fn want_thumbnails(app: &mut App, rows: Range<usize>) {
    let Some(open) = &mut app.state.project else {
        return;
    };
    let page = rows.len();
    let behind = rows.end..rows.end + page;
    let before = rows.start.saturating_sub(page)..rows.start;
    let places = rows.chain(behind).chain(before);
    let (images, strip) = (&open.images, &open.strip);
    let looked_at = places.filter_map(|row| images.get(strip.position(row)?));
    let missing = open.thumbnails.look_at(looked_at);
    app.background.want_thumbnails(&open.project, missing);
}

/// Keeps a small copy.
pub(super) fn thumbnail(
    app: &mut App,
    context: &egui::Context,
    (id, file): (ImageId, FileMark),
    result: Result<egui::ColorImage, String>,
) {
    let Some(open) = &mut app.state.project else {
        return;
    };
    let thumbnail = match result {
        Ok(image) => {
            let name = format!("thumbnail {id}");
            Thumbnail::Ready(context.load_texture(name, image, egui::TextureOptions::LINEAR))
        }
        Err(_) => Thumbnail::Failed,
    };
    open.thumbnails.put(id, file, thumbnail);
}

/// The image beside the current one in the film strip.
pub(super) fn step(app: &mut App, step: isize) {
    go_on(app, |open| open.neighbour(step));
}

/// Goes on in the queue of uncertain images.
pub(super) fn step_uncertain(app: &mut App, step: isize) {
    if !go_on(app, |open| open.next_uncertain(step)) {
        app.toasts.add(Level::Info, "No more images in the queue");
    }
}

/// Shows another image; says whether there is one.
fn go_on(app: &mut App, next: impl FnOnce(&OpenProject) -> Option<ImageId>) -> bool {
    let next = app.state.project.as_ref().and_then(next);
    if let Some(id) = next {
        go_to(app, id);
    }
    next.is_some()
}

/// Shows another image, chosen alone. The one before goes from the film strip now, if it does not
/// pass the filter any more.
fn go_to(app: &mut App, id: ImageId) {
    images::show(app, id);
    let order = app.state.settings.order;
    if let Some(open) = &mut app.state.project {
        open.choose(id, Choosing::Only);
        if open.strip.depends_on_images() {
            open.settle(order);
        }
    }
}

/// Marks the open image as reviewed and goes on with the next in the queue.
pub(super) fn mark_reviewed(app: &mut App) {
    super::editing::abort(app);
    let Some(id) = app.state.document.as_ref().map(|document| document.id) else {
        return;
    };
    let next = app
        .state
        .project
        .as_ref()
        .and_then(OpenProject::next_to_review);
    app.background.set_status(id, Status::Reviewed);
    images::set_status(app, id, Status::Reviewed);
    if !go_on(app, |_| next) {
        app.toasts
            .add(Level::Success, "Every image here is reviewed");
    }
}
