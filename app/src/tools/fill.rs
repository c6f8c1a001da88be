//! Fill: a click relabels what lies under it. There is no gesture to be in the middle of.

use std::borrow::Cow;

use atrous_engine::jobs::Cancel;
use atrous_engine::mask::{Edit, Gesture, Operation, Point, Scope, fill};
use serde::{Deserialize, Serialize};

use super::select::class_at;
use super::{Bench, Cursor, Input, Machine, Outcome, shape};

/// What a click relabels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relabels {
    /// The pixels of one class that hang together.
    #[default]
    Component,
    /// Every pixel of the class, in the selection where there is one.
    Class,
    /// Every pixel of the selection.
    Selection,
}

/// Waits for clicks.
#[derive(Debug, Default)]
pub struct Fill;

impl Machine for Fill {
    fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        let Input::Press {
            at, button, held, ..
        } = input
        else {
            return Outcome::default();
        };
        if held.alt {
            return Outcome::picked(class_at(bench, at));
        }
        let value = shape::value(bench, button);
        relabel(bench, bench.options.relabels, at, value)
    }

    fn hint(&self) -> Cow<'static, str> {
        "Click to give an area the current class, right button erases it, Alt+click takes a class"
            .into()
    }

    fn cursor(&self) -> Cursor {
        Cursor::Cross
    }
}

/// Gives what lies under `at` another class, as one edit.
pub fn relabel(bench: &mut Bench<'_>, what: Relabels, at: Point, value: u8) -> Outcome {
    let Some(class) = class_at(bench, at) else {
        return Outcome::default();
    };
    let region = bench.selection.map(|selection| selection.region.clone());
    let scope = |class| Scope {
        class,
        region,
        connectivity: bench.options.connectivity(),
    };
    match what {
        Relabels::Component => component(bench, at, value),
        Relabels::Class => everything(bench, &scope(Some(class)), value),
        Relabels::Selection if bench.selection.is_none() => Outcome::default(),
        Relabels::Selection => everything(bench, &scope(None), value),
    }
}

fn component(bench: &mut Bench<'_>, [x, y]: Point, value: u8) -> Outcome {
    let connectivity = bench.options.connectivity();
    let spans = fill::component(bench.labels, x as u32, y as u32, connectivity);
    let mut gesture = Gesture::start(bench.labels, bench.protection.clone());
    let dirty = gesture.paint(bench.labels, &spans, value);
    Outcome {
        dirty,
        edit: gesture.commit(bench.labels),
        ..Outcome::default()
    }
}

fn everything(bench: &mut Bench<'_>, scope: &Scope, value: u8) -> Outcome {
    let relabel = Operation::Relabel { to: value };
    // Nobody can ask it to stop, so that it does not fail.
    let edit = relabel.edit(bench.labels, scope, bench.protection, &Cancel::default());
    made(bench, edit.ok().flatten())
}

/// Makes an edit and hands it on.
fn made(bench: &mut Bench<'_>, edit: Option<Edit>) -> Outcome {
    let dirty = edit.as_ref().map(|edit| edit.apply(bench.labels));
    Outcome {
        dirty: dirty.unwrap_or_default(),
        edit,
        ..Outcome::default()
    }
}
