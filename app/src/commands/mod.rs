//! Where state changes, one file a subject. Panels send actions, threads send messages; both end
//! here, on the window's thread, and nothing here waits.

mod batch;
mod classes;
mod editing;
mod exporting;
mod files;
mod film_strip;
mod finetuning;
mod images;
mod jobs;
mod keys;
mod masks;
mod model;
mod predicting;
mod relabelling;
mod sight;
mod snapping;
mod tour;
mod view;
mod zoo;

use std::path::PathBuf;

use atrous_widgets::canvas::Tone;
use atrous_widgets::toasts::Level;

use crate::action::Action;
use crate::background::{Message, Purpose};
use crate::command::Command;
use crate::state::{Dialog, Order, Peek, Task, TourStep};
use crate::tools::{Input, Relabels, ToolKind};
use crate::window::App;

/// One press of an arrow moves the view by this part of it.
const PAN_STEP: f32 = 0.15;

/// What a window does first.
pub fn start(app: &mut App, context: &egui::Context, folder: Option<PathBuf>) {
    view::apply_theme(app, context);
    keys::apply(app, context);
    model::read(app);
    match folder {
        Some(folder) => files::open(app, context, folder),
        None => tour::start_once(app),
    }
}

/// What a window does last: stops what runs and has everything written.
pub fn finish(app: &mut App) {
    editing::abort(app);
    app.state.jobs.cancel_all();
    app.background.close();
    let settings = app.state.settings.clone();
    let written = app
        .background
        .write_settings_now(settings, &app.places.settings);
    if let Err(error) = written {
        tracing::error!("{error}");
    }
}

/// What is worth a look at each frame: the device opens when it will.
pub fn refresh(app: &mut App) {
    if app.state.device.is_none() {
        app.state.device = app.background.device();
    }
    sight::refresh(app);
    masks::follow(app);
    relabelling::land(app);
    tour::follow(app);
    snapping::land(app);
}

/// Whether the image that was asked for has been read and is not shown yet.
pub fn has_image_come(app: &App) -> bool {
    let open = app.state.project.as_ref();
    open.is_some_and(|open| open.granted != open.wish && app.background.has_loaded(open.wish))
}

/// Does what the person asks for.
pub fn perform(app: &mut App, context: &egui::Context, action: Action) {
    match action {
        Action::Run(command) => {
            if app.state.allows(command) {
                run(app, context, command);
            }
        }
        Action::Open(path) => files::open(app, context, path),
        Action::Choose(id, choosing) => film_strip::choose(app, id, choosing),
        Action::Filter(query) => film_strip::filter(app, query),
        Action::Thumbnails(rows) => film_strip::want_thumbnails(app, rows),
        Action::Tool(inputs, reach) => editing::tool(app, &inputs, reach),
        Action::Hover { pixel, zoom } => view::hover(app, pixel, zoom),
        Action::Peek(peek) => view::peek(app, peek),
        Action::LabelsKeyPressed => view::labels_key_pressed(app, context),
        Action::LabelsKeyReleased => view::labels_key_released(app, context),
        Action::Tone(tone) => app.state.view.tone = tone,
        Action::ClassOpacity(class, opacity) => view::class_opacity(app, class, opacity),
        Action::Class(class) => classes::take(app, class),
        Action::ToggleHidden(class) => app.state.classes.toggle_hidden(class),
        Action::Solo(class) => app.state.classes.solo(class),
        Action::ToggleLocked(class) => app.state.classes.toggle_locked(class),
        Action::ToggleOnlyOver(class) => classes::toggle_only_over(app, class),
        Action::OverEverything => app.state.classes.only_over = None,
        Action::Operation(form) => masks::fill_in(app, form),
        Action::Opacity(opacity) => view::opacity(app, opacity),
        Action::BrushSize(size) => editing::brush_size(app, size),
        Action::WandTolerance(tolerance) => sight::tolerance(app, tolerance),
        Action::WandContiguous(contiguous) => sight::contiguous(app, contiguous),
        Action::SuperpixelSide(side) => sight::superpixel_side(app, side),
        Action::ToolOptions(options) => editing::tool_options(app, options),
        Action::Edit(dialog) => app.state.dialog = Some(dialog),
        Action::CloseDialog => close_dialog(app),
        Action::KeysPressed(shortcut) => keys::pressed(app, context, shortcut),
        Action::Keys(change) => keys::change(app, context, change),
        Action::Found(command) => found(app, context, command),
        Action::ClassKey { class, slot } => classes::give_key(app, class, slot),
        Action::ClassKeyOf { class, other } => classes::give_key_of(app, class, other),
        Action::Tour(step) => tour::step(app, step),
        Action::EndTour => app.state.tour = None,
        Action::Jump(depth) => editing::jump(app, depth),
        Action::Export(form) => exporting::export(app, form),
        Action::ChooseExportFolder => exporting::choose_folder(app),
        Action::FineTune(form) => finetuning::start(app, form),
        Action::GoOnTraining(form) => finetuning::go_on(app, form),
        Action::GetModel(name) => zoo::get(app, &name),
        Action::StopDownload => zoo::stop(app),
        Action::UseModel(name) => zoo::take(app, &name),
        Action::RemoveModel(name) => zoo::remove(app, &name),
        Action::Reveal(path) => files::reveal(app, &path),
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "a table: one line a command, none left out"
)]
fn run(app: &mut App, context: &egui::Context, command: Command) {
    match command {
        Command::OpenFolder => files::choose(app),
        Command::OpenDemo => files::open_demo(app),
        Command::CloseProject => files::close(app, context),
        Command::Save => files::save(app),
        Command::Export => exporting::open_dialog(app),
        Command::Report => exporting::report(app),
        Command::Quit => context.send_viewport_cmd(egui::ViewportCommand::Close),
        Command::Undo => editing::undo(app),
        Command::Redo => editing::redo(app),
        Command::Confirm => confirm(app),
        Command::DropVertex => editing::tool(app, &[Input::Back], 0.0),
        Command::Cancel => cancel(app),
        Command::BrushSmaller => editing::brush_step(app, -1),
        Command::BrushLarger => editing::brush_step(app, 1),
        Command::BrushMuchSmaller => editing::brush_by(app, -10),
        Command::BrushMuchLarger => editing::brush_by(app, 10),
        Command::SnapToEdges => snapping::start(app),
        Command::SwapClass => classes::swap(app),
        Command::PickClass => classes::pick(app),
        Command::LockClass => classes::lock(app),
        Command::HideClass => app.state.classes.toggle_hidden(app.state.classes.current),
        Command::SoloClass => app.state.classes.solo(app.state.classes.current),
        Command::LockOthers => app.state.classes.toggle_others_locked(),
        Command::FindClass => app.surface.classes.toggle(),
        Command::Select => editing::take_tool(app, ToolKind::Select),
        Command::Brush => editing::take_tool(app, ToolKind::Brush),
        Command::Eraser => editing::take_tool(app, ToolKind::Eraser),
        Command::Polygon => editing::take_tool(app, ToolKind::Polygon),
        Command::Wand => editing::take_tool(app, ToolKind::Wand),
        Command::Superpixels => editing::take_tool(app, ToolKind::Superpixels),
        Command::SmartClick => editing::take_tool(app, ToolKind::SmartClick),
        Command::GrabCut => editing::take_tool(app, ToolKind::GrabCut),
        Command::Magnetic => editing::toggle_magnetic(app),
        Command::Lasso => editing::take_tool(app, ToolKind::Lasso),
        Command::Rectangle => editing::take_tool(app, ToolKind::Rectangle),
        Command::Fill => editing::take_tool(app, ToolKind::Fill),
        Command::OnlyOver => classes::only_over(app),
        Command::RelabelClass => editing::relabel(app, command, Relabels::Class),
        Command::RelabelSelection => editing::relabel(app, command, Relabels::Selection),
        Command::Deselect => editing::deselect(app),
        Command::CopyPrevious => masks::copy_previous(app),
        Command::MaskOperations => masks::toggle(app),
        Command::NextImage => film_strip::step(app, 1),
        Command::PreviousImage => film_strip::step(app, -1),
        Command::NextUncertain => film_strip::step_uncertain(app, 1),
        Command::PreviousUncertain => film_strip::step_uncertain(app, -1),
        Command::MarkReviewed => film_strip::mark_reviewed(app),
        Command::FilterImages => view::find_images(app),
        Command::SelectAll => film_strip::select_all(app),
        Command::ExtendDown => film_strip::extend(app, 1),
        Command::ExtendUp => film_strip::extend(app, -1),
        Command::ReviewSelected => batch::mark_reviewed(app, true),
        Command::UnreviewSelected => batch::mark_reviewed(app, false),
        Command::ExcludeSelected => batch::exclude(app, true),
        Command::IncludeSelected => batch::exclude(app, false),
        Command::UndoExclusion => batch::undo_exclusion(app),
        Command::PredictSelected => batch::predict(app),
        Command::DeleteLabels => batch::delete_labels(app),
        Command::RestoreLabels => batch::restore_labels(app),
        Command::SortByName => film_strip::sort(app, Order::Name),
        Command::SortByUncertainty => film_strip::sort(app, Order::Uncertainty),
        Command::SortByDisagreement => film_strip::sort(app, Order::Disagreement),
        Command::SortByChange => film_strip::sort(app, Order::Changed),
        Command::Fit => app.surface.canvas.fit(),
        Command::ActualSize => app.surface.canvas.set_zoom(1.0),
        Command::ZoomIn => view::zoom_step(app, 1),
        Command::ZoomOut => view::zoom_step(app, -1),
        Command::PanLeft => app.surface.canvas.pan_by(egui::vec2(-PAN_STEP, 0.0)),
        Command::PanRight => app.surface.canvas.pan_by(egui::vec2(PAN_STEP, 0.0)),
        Command::PanUp => app.surface.canvas.pan_by(egui::vec2(0.0, -PAN_STEP)),
        Command::PanDown => app.surface.canvas.pan_by(egui::vec2(0.0, PAN_STEP)),
        Command::ToggleLabels => view::toggle_labels(app),
        Command::ToggleOutline => view::toggle_outline(app),
        Command::LessOpacity => view::opacity_step(app, -1.0),
        Command::MoreOpacity => view::opacity_step(app, 1.0),
        Command::LessClassOpacity => view::class_opacity_step(app, -1.0),
        Command::MoreClassOpacity => view::class_opacity_step(app, 1.0),
        Command::ToggleConfidence => view::toggle_confidence(app),
        Command::ToggleDisagreement => view::toggle_disagreement(app),
        Command::PeekPrediction => view::toggle_peek(app, Peek::Prediction),
        Command::PeekBefore => view::toggle_peek(app, Peek::Before),
        Command::TogglePixelGrid => view::toggle_pixel_grid(app),
        Command::ToggleMinimap => view::toggle_minimap(app),
        Command::Tones => app.state.view.tones_shown ^= true,
        Command::ResetTones => app.state.view.tone = Tone::default(),
        Command::ToggleImages => view::toggle_images(app),
        Command::ToggleSide => view::toggle_side(app),
        Command::ToggleHistory => view::toggle_history(app),
        Command::ToggleTheme => view::toggle_theme(app, context),
        Command::PredictImage => predicting::image(app),
        Command::PredictFolder => predicting::folder(app),
        Command::ToggleCrf => predicting::toggle_crf(app),
        Command::FineTune => finetuning::open_dialog(app),
        Command::Stop => jobs::stop(app),
        Command::Models => zoo::open_panel(app),
        Command::ChooseModel => model::choose(app),
        Command::EmbeddedModel => model::take_embedded(app),
        Command::Palette => app.surface.commands.toggle(),
        Command::Shortcuts => app.state.dialog = Some(Dialog::Shortcuts),
        Command::Tour => tour::go(app, TourStep::Open),
        Command::CustomiseKeys => keys::open_dialog(app),
    }
}

/// Runs a command of the palette, which shows it first the next time.
fn found(app: &mut App, context: &egui::Context, command: Command) {
    app.state.settings.remember_command(command);
    app.save_settings();
    perform(app, context, Action::Run(command));
}

/// Esc: leaves the dialog, else the peek, else the mask operation, else what is still to be
/// relabelled, else the gesture, else the tour,
/// else the selection of images, else what is selected in the image.
fn cancel(app: &mut App) {
    if keys::leave_question(app) {
        return;
    }
    if app.state.dialog.is_some() {
        close_dialog(app);
    } else if app.state.view.peek.is_some() {
        view::peek(app, None);
    } else if app.state.operation.is_some() {
        masks::leave(app);
    } else if relabelling::stop(app) {
        app.toasts.add(Level::Info, relabelling::STOPPED);
    } else if app.state.tool.is_open() {
        editing::tool(app, &[Input::Abort], 0.0);
    } else if !(tour::end(app) || film_strip::clear_selection(app)) {
        editing::abort(app);
        editing::deselect(app);
    }
}

/// Enter: applies the mask operation, else tells the tool.
fn confirm(app: &mut App) {
    if app.state.operation.is_some() {
        masks::apply(app);
    } else {
        editing::tool(app, &[Input::Confirm], 0.0);
    }
}

fn close_dialog(app: &mut App) {
    zoo::close_panel(app);
    app.state.dialog = None;
}

/// Takes over what a thread behind the window found or did.
pub fn receive(app: &mut App, context: &egui::Context, message: Message) {
    match message {
        Message::Job(event) => jobs::event(app, context, &event),
        Message::Progress(task, progress) => app.state.jobs.report(task, progress),
        Message::Problem(text) => app.toasts.add(Level::Error, text),
        Message::Chosen(Purpose::OpenFolder, path) => {
            if let Some(path) = path {
                files::open(app, context, path);
            }
        }
        Message::Chosen(Purpose::ExportFolder, path) => exporting::chosen(app, path),
        Message::Chosen(Purpose::Model, path) => model::chosen(app, path),
        Message::DemoDrawn(result) => files::demo_drawn(app, context, result),
        Message::Opened(result) => files::opened(app, context, result),
        Message::Listed(listing) => film_strip::listed(app, *listing),
        Message::Changed(images, revision) => film_strip::changed(app, images, revision),
        Message::Stale => film_strip::list(app),
        Message::Surveyed => {
            app.state.jobs.end(Task::Survey);
            film_strip::list(app);
        }
        Message::BatchDone(result) => batch::done(app, result),
        Message::Loaded(id, ticket, result) => images::loaded(app, (id, ticket), result),
        Message::Thumbnail(id, file, result) => {
            film_strip::thumbnail(app, context, (id, file), result);
        }
        Message::Counted(ticket, pixels) => app.state.classes.counts.arrived(ticket, pixels),
        Message::Recorded(id, result) => editing::recorded(app, id, result),
        Message::Model(choice, card) => model::arrived(app, choice, card),
        Message::ZooLooked(presence) => zoo::looked(app, presence),
        Message::ModelFetched(name, fetched) => zoo::fetched(app, name, fetched),
        Message::Predicted(id, prediction) => predicting::predicted(app, id, prediction),
        Message::Found(gesture, spans) => sight::found(app, gesture, spans),
        Message::Superpixels(key, result) => sight::cut(app, context, key, result),
        Message::Probabilities(id, answer) => sight::network_answered(app, id, answer),
        Message::Snapped(id, result) => snapping::arrived(app, id, result),
        Message::FolderPredicted(report) => predicting::folder_done(app, &report),
        Message::Curve(point) => finetuning::point(app, &point),
        Message::StoppedRun(stopped) => app.state.stopped_run = stopped,
        Message::Tuned(outcome) => finetuning::finished(app, *outcome),
        Message::Operating(ticket, progress) => masks::goes_on(app, ticket, progress),
        Message::Operated(ticket, result) => masks::operated(app, ticket, result),
        Message::Relabelled(ticket, answer) => relabelling::arrived(app, ticket, answer),
        Message::Copied(id, result) => masks::copied(app, id, result),
        Message::Exported(result) => exporting::exported(app, result),
        Message::Reported(reported) => exporting::reported(app, *reported),
    }
}

impl App {
    /// Keeps the settings for the next start. They are small, so this is done at once.
    pub(crate) fn save_settings(&self) {
        self.background
            .write_settings(self.state.settings.clone(), &self.places.settings);
    }

    /// Says something with a button that runs a command.
    fn offer(&mut self, text: String, button: &'static str, command: Command) {
        let place = Command::ALL.iter().position(|other| *other == command);
        if let Some(place) = place {
            self.toasts.offer(Level::Success, text, button, place);
        }
    }

    /// Whether a task can start; says why not otherwise.
    fn is_free(&mut self, task: Task) -> bool {
        if self.state.jobs.is_running(task) {
            self.toasts
                .add(Level::Info, format!("{} is running already", task.name()));
            return false;
        }
        true
    }
}
