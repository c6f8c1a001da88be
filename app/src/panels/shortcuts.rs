//! The shortcut sheet: every command that has keys, and what else the keyboard does.

use atrous_widgets::theme;
use egui::{Grid, ScrollArea, Ui};

use crate::action::{Action, Actions};
use crate::command::{Command, Group};

/// The groups, column by column.
const COLUMNS: [&[Group]; 3] = [
    &[Group::File, Group::Image, Group::Help],
    &[Group::Edit, Group::Tool],
    &[Group::View, Group::Model],
];

/// What is no command.
const MORE: &str = "1 to 9 and 0 take the first ten classes, with Shift the next ten; with Alt they \
                    give the current class that key. Hold C to see the prediction, Space to move \
                    the view.";

pub(super) fn show(ui: &mut Ui, actions: &mut Actions) {
    super::dialogs::title(ui, "Keyboard shortcuts");
    ScrollArea::vertical()
        .max_height(ui.ctx().content_rect().height() * 0.7)
        .show(ui, |ui| {
            ui.horizontal_top(|ui| {
                for groups in COLUMNS {
                    ui.vertical(|ui| {
                        ui.set_width(230.0);
                        for group in groups {
                            show_group(ui, *group);
                        }
                    });
                }
            });
        });
    ui.weak(MORE);
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        if ui.button("Close").clicked() {
            actions.send(Action::CloseDialog);
        }
        if ui.button(Command::CustomiseKeys.text()).clicked() {
            actions.run(Command::CustomiseKeys);
        }
    });
}

fn show_group(ui: &mut Ui, group: Group) {
    ui.label(theme::strong(group.title()));
    Grid::new(group.title())
        .num_columns(2)
        .min_col_width(100.0)
        .show(ui, |ui| {
            for command in group.commands() {
                let keys = command.all_keys(ui.ctx());
                if !keys.is_empty() {
                    ui.label(command.title());
                    ui.weak(keys.join(", "));
                    ui.end_row();
                }
            }
        });
    ui.add_space(8.0);
}
